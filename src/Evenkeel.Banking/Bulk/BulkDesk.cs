using System.Globalization;
using Evenkeel.Banking.Accounts;
using Evenkeel.Banking.Desk;
using Evenkeel.Banking.Queries;
using Evenkeel.Banking.Storage;
using Evenkeel.Banking.Work;
using Evenkeel.Journal;
using Evenkeel.Journal.Decisions;
using Evenkeel.Model;
using Evenkeel.Payments;

namespace Evenkeel.Banking.Bulk;

/// <summary>
/// Files with many payments: taken whole or not at all, released by a second person, paid line by line
/// by the resolver.
/// </summary>
public sealed class BulkDesk
{
    private readonly Bank _bank;

    internal BulkDesk(Bank bank) => _bank = bank;

    /// <summary>Checks a file and keeps it. Nothing moves before it is released.</summary>
    public async Task<BulkUpload> UploadAsync(
        Actor actor,
        ReadOnlyMemory<byte> content,
        CancellationToken cancellationToken
    )
    {
        var reading = BulkCsv.Read(content.Span);
        if (reading is BulkReading.Bad bad)
        {
            return new BulkUpload.Faulty(bad.Fault, bad.Line);
        }
        var file = ((BulkReading.Good)reading).File;
        try
        {
            return await KeepAsync(actor, file, BulkKeys.HashOf(content.Span), cancellationToken);
        }
        catch (BankUnavailableException)
        {
            return new BulkUpload.NotDone(OutcomeReason.ServiceUnavailable);
        }
    }

    /// <summary>A second person lets it go, on or before its day.</summary>
    /// <param name="acceptOverlap">Also when some of its payments are in other files of the day.</param>
    public async Task<TaskOutcome<BulkRun>> ReleaseAsync(
        Actor actor,
        string run,
        bool acceptOverlap,
        CancellationToken cancellationToken
    ) =>
        await Collections.BulkRuns.ReadAsync(_bank.Journal, run, cancellationToken)
            is { ReleasedBy: { } releaser } released
        && string.Equals(releaser, PersonOf(actor), StringComparison.Ordinal)
            // Said once more, because the first answer did not come.
            ? new TaskOutcome<BulkRun>.Done(ViewOf(run, released))
            : await LetGoAsync(actor, run, acceptOverlap, cancellationToken);

    private Task<TaskOutcome<BulkRun>> LetGoAsync(
        Actor actor,
        string run,
        bool acceptOverlap,
        CancellationToken cancellationToken
    ) =>
        ChangeAsync(
            actor,
            run,
            "release",
            async (reader, now, token) =>
            {
                if (now.State is not (BulkState.AwaitingRelease or BulkState.Held))
                {
                    return (null, OutcomeReason.OriginalNotReversible);
                }
                if (now.State == BulkState.Held && !acceptOverlap)
                {
                    return (null, OutcomeReason.Duplicate);
                }
                if (actor is Actor.Customer { Assurance: < Assurance.Strong })
                {
                    return (null, OutcomeReason.StrongAuthenticationRequired);
                }
                if (MayBe(actor, now.UploadedBy))
                {
                    return (null, OutcomeReason.ApprovalRequired);
                }
                var date = await Step.BusinessDateAsync(reader, token);
                var at = _bank.Time.GetUtcNow();
                return (
                    now with
                    {
                        State = BulkState.Scheduled,
                        ReleasedBy = PersonOf(actor),
                        ReleasedAt = at,
                        // In time: from here on lateness is the bank's, and not the payees' loss.
                        Promised = date <= now.ExecutionDate ? now.ExecutionDate : null,
                        Work = "",
                    },
                    OutcomeReason.None
                );
            },
            cancellationToken
        );

    /// <summary>Takes it back before any of it was paid.</summary>
    public Task<TaskOutcome<BulkRun>> CancelAsync(
        Actor actor,
        string run,
        CancellationToken cancellationToken
    ) =>
        ChangeAsync(
            actor,
            run,
            "cancel",
            (_, now, _) =>
                ValueTask.FromResult(
                    now.State is BulkState.AwaitingRelease or BulkState.Held or BulkState.Scheduled
                        ? (now with { State = BulkState.Cancelled }, OutcomeReason.None)
                        : ((BulkRunDocument?)null, OutcomeReason.OriginalNotReversible)
                ),
            cancellationToken
        );

    /// <summary>Null when there is none, or it is another's.</summary>
    public async ValueTask<BulkRun?> FindAsync(
        Actor actor,
        string run,
        CancellationToken cancellationToken
    ) =>
        await Collections.BulkRuns.ReadAsync(_bank.Journal, run, cancellationToken) is { } document
        && Access.MaySee(actor, document.Customer)
            ? ViewOf(run, document)
            : null;

    /// <summary>What became of each line, in their order.</summary>
    /// <param name="chunk">Page, from 0; each has <see cref="BulkLimits.LinesAtOnce"/> lines.</param>
    /// <returns>Empty after the last page, or when the run is not the actor's.</returns>
    public async ValueTask<IReadOnlyList<BulkRunLine>> ReadLinesAsync(
        Actor actor,
        string run,
        int chunk,
        CancellationToken cancellationToken
    )
    {
        var document = await Collections.BulkRuns.ReadAsync(_bank.Journal, run, cancellationToken);
        if (
            document is null
            || !Access.MaySee(actor, document.Customer)
            || chunk < 0
            || chunk >= document.Chunks
        )
        {
            return [];
        }
        var key = BulkKeys.ChunkOf(run, chunk);
        var kept = await Collections.BulkChunks.ReadAsync(_bank.Journal, key, cancellationToken);
        Check.That(kept is not null);
        var lines = BulkKeys.Open(_bank, document, key, kept!) ?? [];
        List<BulkRunLine> views = new(lines.Count);
        for (var i = 0; i < lines.Count; i++)
        {
            var result = i < kept!.Results.Count ? kept.Results[i] : null;
            var id = BulkKeys.ItemOf(document.Payer, document.ExecutionDate, lines[i].EndToEndId);
            // What went to another bank ends later: its order knows.
            var order =
                result?.State == InstructionState.BeingResolved
                    ? await Collections.Orders.ReadAsync(
                        _bank.Journal,
                        id.ToString(),
                        cancellationToken
                    )
                    : null;
            views.Add(
                new BulkRunLine(
                    lines[i].Line,
                    lines[i].EndToEndId,
                    new Money(lines[i].AmountMinor, document.Currency),
                    order?.State ?? result?.State ?? InstructionState.None,
                    (order is null ? result?.Reason : order.Reason) ?? OutcomeReason.None,
                    id
                )
            );
        }
        return views;
    }

    internal static BulkRun ViewOf(string run, BulkRunDocument document) =>
        new(
            run,
            AccountNumber.Parse(document.Payer),
            document.Reference,
            document.ExecutionDate,
            document.ValueDate,
            new Money(document.SumMinor, document.Currency),
            document.Count,
            document.State,
            document.Reason ?? OutcomeReason.None,
            document.Overlap,
            document.PaidCount,
            new Money(document.PaidMinor, document.Currency),
            document.ReturnedCount,
            new Money(document.ReturnedMinor, document.Currency)
        );

    private async Task<BulkUpload> KeepAsync(
        Actor actor,
        BulkFile file,
        string hash,
        CancellationToken cancellationToken
    )
    {
        var account = await Collections.Accounts.ReadAsync(
            _bank.Journal,
            file.Payer.ToString(),
            cancellationToken
        );
        if (account is null || !Access.MaySee(actor, account.Customer))
        {
            return new BulkUpload.NotDone(OutcomeReason.DebtorAccountUnknown);
        }
        if (account.Currency != file.Sum.Currency)
        {
            return new BulkUpload.NotDone(OutcomeReason.CurrencyMismatch);
        }
        var id = BulkKeys.RunOf(file.Payer, hash);
        var run = id.ToString();
        if (
            await Collections.BulkRuns.ReadAsync(_bank.Journal, run, cancellationToken) is { } known
        )
        {
            return new BulkUpload.Known(ViewOf(run, known));
        }
        await KeepLinesAsync(id, account, file, cancellationToken);
        return await KeepRunAsync(actor, id, account, file, hash, cancellationToken);
    }

    /// <summary>The lines first: a run is there only when all of its lines are.</summary>
    private async Task KeepLinesAsync(
        InstructionId id,
        AccountDocument account,
        BulkFile file,
        CancellationToken cancellationToken
    )
    {
        var chunk = 0;
        foreach (var lines in file.Lines.Chunk(BulkLimits.LinesAtOnce))
        {
            var key = BulkKeys.ChunkOf(id.ToString(), chunk);
            await Step.TakeAsync(
                _bank,
                id.Derive(string.Create(CultureInfo.InvariantCulture, $"lines/{chunk}")),
                "bulk",
                key,
                (_, draft, _) =>
                    ValueTask.FromResult<Operation?>(
                        draft with
                        {
                            Writes =
                            [
                                Collections.BulkChunks.Write(
                                    key,
                                    new BulkChunkDocument(
                                        BulkKeys.Seal(_bank, account.Customer, key, lines),
                                        []
                                    )
                                ),
                            ],
                        }
                    ),
                cancellationToken
            );
            chunk++;
        }
    }

    private async Task<BulkUpload> KeepRunAsync(
        Actor actor,
        InstructionId id,
        AccountDocument account,
        BulkFile file,
        string hash,
        CancellationToken cancellationToken
    )
    {
        var run = id.ToString();
        BulkRunDocument? kept = null;
        var result = await Step.TakeAsync(
            _bank,
            id.Derive("upload"),
            "bulk",
            $"{PersonOf(actor)}\n{hash}",
            async (reader, draft, token) =>
            {
                var payer = file.Payer.ToString();
                var day = BulkKeys.DayOf(payer, file.ExecutionDate);
                var others = await Collections.BulkDays.ReadAsync(reader, day, token);
                if (
                    await Collections.BulkRuns.ReadAsync(reader, run, token) is not null
                    || others?.Runs.Count >= BulkLimits.RunsPerDayMax
                )
                {
                    return null;
                }
                var overlap = await OverlapAsync(file, others?.Runs ?? [], token);
                kept = new BulkRunDocument(
                    payer,
                    account.Customer,
                    file.Reference,
                    file.ExecutionDate,
                    file.Sum.Currency,
                    file.Lines.Count,
                    file.Sum.Minor,
                    file.Purpose,
                    hash,
                    PersonOf(actor),
                    _bank.Time.GetUtcNow(),
                    overlap == 0 ? BulkState.AwaitingRelease : BulkState.Held
                )
                {
                    Overlap = overlap,
                    Reason = overlap == 0 ? null : OutcomeReason.Duplicate,
                };
                return draft with
                {
                    Writes =
                    [
                        Collections.BulkRuns.Write(run, kept),
                        Collections.BulkDays.Write(
                            day,
                            new BulkDayDocument([.. others?.Runs ?? [], run])
                        ),
                    ],
                };
            },
            cancellationToken
        );
        return result switch
        {
            { Status: OperationStatus.Done, Replayed: false } => new BulkUpload.Taken(
                ViewOf(run, kept!)
            ),
            _ when await FindKnownAsync(run, cancellationToken) is { } known =>
                new BulkUpload.Known(known),
            _ => new BulkUpload.NotDone(OutcomeReason.DailyCountLimitExceeded),
        };
    }

    private async ValueTask<BulkRun?> FindKnownAsync(string run, CancellationToken token) =>
        await Collections.BulkRuns.ReadAsync(_bank.Journal, run, token) is { } document
            ? ViewOf(run, document)
            : null;

    /// <summary>How many lines have names that lines of these runs have: lines never change.</summary>
    private async ValueTask<int> OverlapAsync(
        BulkFile file,
        IReadOnlyList<string> runs,
        CancellationToken cancellationToken
    )
    {
        var names = file.Lines.Select(static l => l.EndToEndId).ToHashSet(StringComparer.Ordinal);
        var all = names.Count;
        foreach (var run in runs)
        {
            var document = await Collections.BulkRuns.ReadAsync(
                _bank.Journal,
                run,
                cancellationToken
            );
            if (document is null or { State: BulkState.Cancelled or BulkState.NotDone })
            {
                continue;
            }
            for (var chunk = 0; chunk < document.Chunks; chunk++)
            {
                var lines = await BulkKeys.OpenAsync(
                    _bank,
                    document,
                    BulkKeys.ChunkOf(run, chunk),
                    cancellationToken
                );
                names.ExceptWith((lines ?? []).Select(static l => l.EndToEndId));
            }
        }
        return all - names.Count;
    }

    private Task<TaskOutcome<BulkRun>> ChangeAsync(
        Actor actor,
        string run,
        string what,
        Func<
            DecisionReader,
            BulkRunDocument,
            CancellationToken,
            ValueTask<(BulkRunDocument? Changed, OutcomeReason Refusal)>
        > change,
        CancellationToken cancellationToken
    )
    {
        // Each person's word counts once for a state: a later one is another question.
        var asked = InstructionId.From(
            Channel.File,
            $"bulk-{what}",
            $"{run}/{PersonOf(actor)}/{_bank.Time.GetUtcNow().UtcTicks}"
        );
        return Administration.DecideAsync(
            _bank,
            actor,
            new OperationId(asked.Value),
            $"bulk/{what}",
            run,
            [Collections.BulkRuns.Key(run)],
            async (reader, draft, token) =>
            {
                var now = await Collections.BulkRuns.ReadAsync(reader, run, token);
                if (now is null || !Access.MaySee(actor, now.Customer))
                {
                    return AdminDecision<BulkRun>.Refuse(draft, OutcomeReason.OriginalUnknown);
                }
                var (changed, refusal) = await change(reader, now, token);
                if (changed is null)
                {
                    return AdminDecision<BulkRun>.Refuse(draft, refusal);
                }
                List<RecordWrite> writes = [];
                if (now.Work is { Length: > 0 } work)
                {
                    writes.Add(WorkQueue.Remove(work));
                }
                if (changed.State == BulkState.Scheduled)
                {
                    var (key, write) = WorkQueue.Add(
                        BulkHandler.WorkKind,
                        run,
                        _bank.Time.GetUtcNow()
                    );
                    writes.Add(write);
                    changed = changed with { Work = key };
                    _bank.WorkBell.Ring();
                }
                else
                {
                    changed = changed with { Work = null };
                }
                writes.Add(Collections.BulkRuns.Write(run, changed));
                return AdminDecision<BulkRun>.Accept(
                    draft with
                    {
                        Writes = writes,
                    },
                    ViewOf(run, changed)
                );
            },
            async token => await FindKnownAsync(run, token),
            cancellationToken
        );
    }

    /// <summary>
    /// Who stands behind it, for "another person": logins of one customer are told apart where the
    /// channel knows them.
    /// </summary>
    private static string PersonOf(Actor actor) =>
        actor is Actor.Customer { Login: { } login } ? $"{actor.Name}/{login}" : actor.Name;

    /// <summary>Whose login is not known may be anybody of the customer.</summary>
    private static bool MayBe(Actor actor, string person) =>
        string.Equals(PersonOf(actor), person, StringComparison.Ordinal)
        || (
            actor is Actor.Customer customer
            && (
                string.Equals(customer.Name, person, StringComparison.Ordinal)
                || (
                    customer.Login is null
                    && person.StartsWith($"{customer.Name}/", StringComparison.Ordinal)
                )
            )
        );
}
