using System.Globalization;
using System.Text.Json;
using Evenkeel.Banking.Accounts;
using Evenkeel.Banking.GeneralLedger;
using Evenkeel.Banking.Orders;
using Evenkeel.Banking.Rails;
using Evenkeel.Banking.Storage;
using Evenkeel.Banking.Work;
using Evenkeel.Journal;
using Evenkeel.Journal.Decisions;
using Evenkeel.Model;
using Evenkeel.Payments;
using static Evenkeel.Payments.OutcomeReason;

namespace Evenkeel.Banking.Bulk;

/// <summary>Told when a file has come to its end.</summary>
internal sealed record BulkNotice(
    string Run,
    BulkState State,
    int PaidCount,
    long PaidMinor,
    int ReturnedCount,
    long ReturnedMinor,
    uint Currency
);

/// <summary>
/// Pays the next lines of a run in one operation: a transfer for each line, to the payee or back to the
/// payer, the line's order, the results, and the run's new position. All of it or nothing.
/// </summary>
internal sealed class BulkPayer(Bank bank, string instance)
{
    /// <summary>Lines that only the ledger refuses (closed a moment ago) are found one at a time.</summary>
    private const int AttemptsMax = BulkLimits.LinesAtOnce + 1;

    public async Task PayAsync(string key, BulkRunDocument run, CancellationToken cancellationToken)
    {
        Check.That(InstructionId.TryParse(key, out var id));
        var chunk = run.NextChunk;
        var lines =
            await BulkKeys.OpenAsync(bank, run, BulkKeys.ChunkOf(key, chunk), cancellationToken)
            ?? throw new InvalidOperationException("The payer of a running file was forgotten.");
        // What the ledger said to earlier attempts. A runner that died hears it again: same ids.
        Dictionary<int, OutcomeReason> refused = [];
        for (var attempt = 0; attempt < AttemptsMax; attempt++)
        {
            var result = await Step.TakeAsync(
                bank,
                id.Derive(string.Create(CultureInfo.InvariantCulture, $"pay/{chunk}/{attempt}")),
                BulkHandler.WorkKind,
                key,
                (reader, draft, token) =>
                    DecideAsync(reader, draft, id, chunk, lines, refused, token),
                cancellationToken
            );
            if (result.Status != OperationStatus.TransferRefused)
            {
                return;
            }
            // One transfer for each line, in their order: the index names the line.
            refused[result.FailedIndex] = (CreateTransferStatus)result.FailedStatus switch
            {
                CreateTransferStatus.CreditAccountAlreadyClosed => CreditorAccountClosed,
                _ => Internal,
            };
        }
        throw new InvalidOperationException("A file's lines were refused without an end.");
    }

    private async ValueTask<Operation?> DecideAsync(
        DecisionReader reader,
        Operation draft,
        InstructionId id,
        int chunk,
        IReadOnlyList<SealedLine> lines,
        Dictionary<int, OutcomeReason> refused,
        CancellationToken cancellationToken
    )
    {
        var key = id.ToString();
        var date = await Step.BusinessDateAsync(reader, cancellationToken);
        var run = await Collections.BulkRuns.ReadAsync(reader, key, cancellationToken);
        if (run is not { State: BulkState.Paying } || run.NextChunk != chunk)
        {
            return null;
        }
        var chunkKey = BulkKeys.ChunkOf(key, chunk);
        var kept = await Collections.BulkChunks.ReadAsync(reader, chunkKey, cancellationToken);
        Check.That(kept is { Results.Count: 0 });
        var payer = await Collections.Accounts.ReadAsync(reader, run.Payer, cancellationToken);
        Batch batch = new(id, run, date, run.ValueDate ?? date, bank.Time.GetUtcNow());
        for (var i = 0; i < lines.Count; i++)
        {
            var item = BulkKeys.ItemOf(run.Payer, run.ExecutionDate, lines[i].EndToEndId);
            var fault = refused.TryGetValue(i, out var said)
                ? said
                : await JudgeAsync(reader, run, item, lines[i], cancellationToken);
            if (fault == None)
            {
                Pay(batch, item, lines[i]);
            }
            else
            {
                GiveBack(
                    batch,
                    item,
                    lines[i],
                    fault,
                    isOpen: payer is { State: not AccountState.Closed }
                );
            }
        }
        return Complete(draft, batch, key, chunkKey, kept!);
    }

    /// <summary>May this line be paid? Everything that is looked at is a guard.</summary>
    private static async ValueTask<OutcomeReason> JudgeAsync(
        DecisionReader reader,
        BulkRunDocument run,
        InstructionId item,
        SealedLine line,
        CancellationToken cancellationToken
    )
    {
        if (
            await Collections.Orders.ReadAsync(reader, item.ToString(), cancellationToken)
            is not null
        )
        {
            return Duplicate;
        }
        if (line.Bank is { } other)
        {
            return
                await Collections.Participants.ReadAsync(reader, other, cancellationToken)
                    is { IsReachable: true }
                ? None
                : CreditorBankUnknown;
        }
        if (string.Equals(line.Account, run.Payer, StringComparison.Ordinal))
        {
            return SameAccount;
        }
        var creditor = await Collections.Accounts.ReadAsync(
            reader,
            line.Account,
            cancellationToken
        );
        return creditor switch
        {
            null => CreditorAccountUnknown,
            { State: AccountState.Closed } or { StateBeforeClosing: not null } =>
                CreditorAccountClosed,
            { State: AccountState.CreditBlocked or AccountState.Frozen } => CreditorAccountBlocked,
            _ when creditor.Currency != run.Currency => CurrencyMismatch,
            _ => None,
        };
    }

    private void Pay(Batch batch, InstructionId item, SealedLine line)
    {
        var isHere = line.Bank is null;
        batch.Transfers.Add(
            batch
                .LegsOf(item)
                .Leg(
                    "main",
                    debit: LedgerIds.Of(GlCode.BulkClearing, batch.Run.Currency),
                    credit: isHere
                        ? LedgerIds.Of(AccountNumber.Parse(line.Account))
                        : SettlementAccounts.OnTheWay(batch.Run.Currency),
                    line.AmountMinor,
                    isHere ? PostingKind.Bulk : PostingKind.OutgoingCredit
                )
        );
        var order = OrderOf(
            batch,
            line,
            isHere ? InstructionState.Done : InstructionState.BeingResolved,
            isHere ? null : ClearingPending
        );
        if (!isHere)
        {
            var uetr = OutgoingCredits.UetrOf(item);
            var (work, write) = WorkQueue.Add(OutgoingCredits.WorkKind, item.ToString(), batch.Now);
            batch.Writes.Add(write);
            batch.Writes.Add(OutgoingCredits.UetrWrite(uetr, item));
            order = order with
            {
                Creditor = line.Bank,
                References = OutgoingCredits.WithUetr(order.References, uetr),
                Due = batch
                    .Now.AddMinutes(RailLimits.AnswerMinutesMax)
                    .UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
                Rail = OutgoingCredits.Part(
                    bank,
                    item,
                    uetr,
                    new CustomerId(batch.Run.Customer),
                    new Creditor.Elsewhere(new BankCode(line.Bank!), line.Account, line.Name),
                    line.Remittance,
                    work
                ),
            };
        }
        batch.Writes.Add(Collections.Orders.Write(item.ToString(), order));
        batch.Results.Add(new BulkResult(item.ToString(), order.State, order.Reason));
    }

    /// <summary>Not paid: the payer has it again in the same operation, with the reason.</summary>
    private static void GiveBack(
        Batch batch,
        InstructionId item,
        SealedLine line,
        OutcomeReason fault,
        bool isOpen
    )
    {
        // Named by run and line: the payment itself may be in another file, and paid there.
        var back = batch.Id.Derive(
            string.Create(CultureInfo.InvariantCulture, $"line/{line.Line}")
        );
        batch.Transfers.Add(
            batch
                .LegsOf(back)
                .Leg(
                    "return",
                    debit: LedgerIds.Of(GlCode.BulkClearing, batch.Run.Currency),
                    credit: isOpen
                        ? LedgerIds.Of(AccountNumber.Parse(batch.Run.Payer))
                        : LedgerIds.Of(GlCode.Suspense, batch.Run.Currency),
                    line.AmountMinor,
                    isOpen ? PostingKind.Return : PostingKind.Suspense
                )
        );
        if (fault != Duplicate)
        {
            batch.Writes.Add(
                Collections.Orders.Write(
                    item.ToString(),
                    OrderOf(batch, line, InstructionState.NotDone, fault)
                )
            );
        }
        batch.Results.Add(new BulkResult(item.ToString(), InstructionState.NotDone, fault));
        batch.ReturnedCount++;
        batch.ReturnedMinor += line.AmountMinor;
    }

    private static OrderDocument OrderOf(
        Batch batch,
        SealedLine line,
        InstructionState state,
        OutcomeReason? reason
    ) =>
        new()
        {
            Kind = "bulk-credit",
            State = state,
            Reason = reason,
            AmountMinor = line.AmountMinor,
            Currency = batch.Run.Currency,
            Channel = Channel.File,
            Debtor = batch.Run.Payer,
            Creditor = line.Bank is null ? line.Account : null,
            Accounts =
                line.Bank is null && reason != CreditorAccountUnknown
                    ? [batch.Run.Payer, line.Account]
                    : [batch.Run.Payer],
            References =
            [
                $"e2e:{line.EndToEndId}",
                string.Create(CultureInfo.InvariantCulture, $"bulk:{batch.Id}/{line.Line}"),
            ],
            BookingDate = batch.BookingDate,
            ValueDate = batch.ValueDate,
            Timeline = [new OrderEvent(batch.Now, state, BulkHandler.WorkKind)],
        };

    private Operation Complete(
        Operation draft,
        Batch batch,
        string key,
        string chunkKey,
        BulkChunkDocument kept
    )
    {
        var run = batch.Run;
        var isLast = run.NextChunk + 1 == run.Chunks;
        var returned = run.ReturnedCount + batch.ReturnedCount;
        var after = run with
        {
            NextChunk = run.NextChunk + 1,
            PaidCount = run.PaidCount + batch.Results.Count - batch.ReturnedCount,
            PaidMinor =
                run.PaidMinor
                + batch.Transfers.Sum(static t => (long)t.Amount)
                - batch.ReturnedMinor,
            ReturnedCount = returned,
            ReturnedMinor = run.ReturnedMinor + batch.ReturnedMinor,
            LockHolder = isLast ? null : instance,
            LockUntil = isLast ? null : batch.Now.AddSeconds(BulkLimits.LockSeconds),
            State =
                !isLast ? BulkState.Paying
                : returned == 0 ? BulkState.Done
                : returned == run.Count ? BulkState.NotDone
                : BulkState.Part,
            Work = isLast ? null : run.Work,
            Reason = null,
        };
        // The tie-out of the file itself: what was taken is what was paid and given back.
        Check.That(!isLast || after.PaidMinor + after.ReturnedMinor == run.SumMinor);
        Check.That(!isLast || after.PaidCount + after.ReturnedCount == run.Count);
        List<RecordWrite> writes =
        [
            .. batch.Writes,
            Collections.BulkChunks.Write(chunkKey, kept with { Results = batch.Results }),
            Collections.BulkRuns.Write(key, after),
        ];
        if (isLast)
        {
            writes.Add(WorkQueue.Remove(run.Work!));
        }
        return draft with
        {
            Transfers = batch.Transfers,
            Writes = writes,
            Messages = isLast
                ?
                [
                    new Message(
                        "bulk",
                        JsonSerializer.SerializeToUtf8Bytes(
                            new BulkNotice(
                                key,
                                after.State,
                                after.PaidCount,
                                after.PaidMinor,
                                after.ReturnedCount,
                                after.ReturnedMinor,
                                after.Currency
                            ),
                            BankingJson.Default.BulkNotice
                        )
                    ),
                ]
                : [],
        };
    }

    /// <summary>What one operation gathers.</summary>
    private sealed class Batch(
        InstructionId id,
        BulkRunDocument run,
        DateOnly bookingDate,
        DateOnly valueDate,
        DateTimeOffset now
    )
    {
        public InstructionId Id => id;

        public BulkRunDocument Run => run;

        public DateOnly BookingDate => bookingDate;

        public DateOnly ValueDate => valueDate;

        public DateTimeOffset Now => now;

        public List<Transfer> Transfers { get; } = [];

        public List<RecordWrite> Writes { get; } = [];

        public List<BulkResult> Results { get; } = [];

        public int ReturnedCount { get; set; }

        public long ReturnedMinor { get; set; }

        public Legs LegsOf(InstructionId item) =>
            new(item, run.Currency, Channel.File, bookingDate, valueDate);
    }
}
