using System.Globalization;
using Evenkeel.Banking.Accounts;
using Evenkeel.Banking.Customers;
using Evenkeel.Banking.GeneralLedger;
using Evenkeel.Banking.Storage;
using Evenkeel.Banking.Work;
using Evenkeel.Journal;
using Evenkeel.Model;
using Evenkeel.Payments;

namespace Evenkeel.Banking.Bulk;

/// <summary>
/// Runs a released file: waits for its day, takes the whole sum from the payer, pays line after line in
/// operations of many lines. Each operation moves the run's own position, so that whoever goes on after
/// a death goes on with the next line, and two who run it at once pay it once.
/// </summary>
internal sealed class BulkHandler(Bank bank, string instance) : IWorkHandler
{
    public const string WorkKind = "bulk";

    private readonly BulkPayer _payer = new(bank, instance);

    public string Kind => WorkKind;

    public async Task WorkAsync(WorkItem item, CancellationToken cancellationToken)
    {
        var run = await ReadAsync(item.Subject, cancellationToken);
        if (run is null || !string.Equals(run.Work, item.Key, StringComparison.Ordinal))
        {
            return;
        }
        if (run.State == BulkState.Scheduled)
        {
            run = await BeginAsync(item.Subject, run, cancellationToken);
        }
        while (run is { State: BulkState.Paying })
        {
            if (await WaitForLockAsync(run, cancellationToken))
            {
                await _payer.PayAsync(item.Subject, run, cancellationToken);
            }
            run = await ReadAsync(item.Subject, cancellationToken);
        }
    }

    /// <summary>False when another runs it: it was waited for, and the run has to be looked at anew.</summary>
    private async Task<bool> WaitForLockAsync(
        BulkRunDocument run,
        CancellationToken cancellationToken
    )
    {
        var now = bank.Time.GetUtcNow();
        if (
            run.LockHolder is null
            || string.Equals(run.LockHolder, instance, StringComparison.Ordinal)
            || run.LockUntil <= now
        )
        {
            return true;
        }
        await Task.Delay(run.LockUntil!.Value - now, cancellationToken);
        return false;
    }

    private async Task<BulkRunDocument?> BeginAsync(
        string key,
        BulkRunDocument run,
        CancellationToken cancellationToken
    )
    {
        if (await bank.ReadBusinessDateAsync(cancellationToken) is not { } date)
        {
            return run;
        }
        if (date < run.ExecutionDate)
        {
            var dawn = new DateTimeOffset(
                run.ExecutionDate.ToDateTime(TimeOnly.MinValue),
                TimeSpan.Zero
            );
            await WaitAsync(key, run, dawn, now => now, cancellationToken);
            return null;
        }
        var result = await FundAsync(key, run, cancellationToken);
        if (result.Status == OperationStatus.TransferRefused)
        {
            await UnfundedAsync(key, run, date, cancellationToken);
        }
        return await ReadAsync(key, cancellationToken);
    }

    /// <summary>The whole sum at once: no line is paid on money that is not there.</summary>
    private async Task<OperationResult> FundAsync(
        string key,
        BulkRunDocument run,
        CancellationToken cancellationToken
    )
    {
        var id = IdOf(key);
        return await Step.TakeAsync(
            bank,
            id.Derive(string.Create(CultureInfo.InvariantCulture, $"fund/{run.FundingTries}")),
            WorkKind,
            key,
            async (reader, draft, token) =>
            {
                var date = await Step.BusinessDateAsync(reader, token);
                var now = await Collections.BulkRuns.ReadAsync(reader, key, token);
                if (now is not { State: BulkState.Scheduled })
                {
                    return null;
                }
                var account = await Collections.Accounts.ReadAsync(reader, now.Payer, token);
                var customer = await Collections.Customers.ReadAsync(reader, now.Customer, token);
                var refusal =
                    account is not { State: AccountState.Open } ? OutcomeReason.DebtorAccountBlocked
                    : customer is not { State: CustomerState.Active } ? OutcomeReason.CustomerFrozen
                    : OutcomeReason.None;
                if (refusal != OutcomeReason.None)
                {
                    return draft with { Writes = Ended(key, now, BulkState.NotDone, refusal) };
                }
                var valueDate = now.Promised ?? date;
                Legs legs = new(id, now.Currency, Channel.File, date, valueDate);
                return draft with
                {
                    Transfers =
                    [
                        legs.Leg(
                            "fund",
                            debit: LedgerIds.Of(AccountNumber.Parse(now.Payer)),
                            credit: LedgerIds.Of(GlCode.BulkClearing, now.Currency),
                            now.SumMinor,
                            PostingKind.Bulk
                        ),
                    ],
                    Writes =
                    [
                        Collections.BulkRuns.Write(
                            key,
                            now with
                            {
                                State = BulkState.Paying,
                                BookedOn = date,
                                ValueDate = valueDate,
                                LockHolder = instance,
                                LockUntil = bank
                                    .Time.GetUtcNow()
                                    .AddSeconds(BulkLimits.LockSeconds),
                            }
                        ),
                    ],
                };
            },
            cancellationToken
        );
    }

    /// <summary>
    /// There is too little money. It is looked for again until the day ends; from the execution date on
    /// that is the payer's lateness, and no value date is owed any more.
    /// </summary>
    private async Task UnfundedAsync(
        string key,
        BulkRunDocument run,
        DateOnly date,
        CancellationToken cancellationToken
    )
    {
        if (run.FirstTriedOn is { } first && date > first)
        {
            await Step.TakeAsync(
                bank,
                IdOf(key).Derive("unfunded"),
                WorkKind,
                key,
                async (reader, draft, token) =>
                    await Collections.BulkRuns.ReadAsync(reader, key, token)
                        is { State: BulkState.Scheduled } now
                        ? draft with
                        {
                            Writes = Ended(
                                key,
                                now,
                                BulkState.NotDone,
                                OutcomeReason.InsufficientFunds
                            ),
                        }
                        : null,
                cancellationToken
            );
            return;
        }
        await WaitAsync(
            key,
            run,
            bank.Time.GetUtcNow().AddSeconds(BulkLimits.FundingSeconds),
            now =>
                now with
                {
                    FundingTries = now.FundingTries + 1,
                    FirstTriedOn = now.FirstTriedOn ?? date,
                    Reason = OutcomeReason.InsufficientFunds,
                    Promised = null,
                },
            cancellationToken
        );
    }

    private async Task WaitAsync(
        string key,
        BulkRunDocument run,
        DateTimeOffset until,
        Func<BulkRunDocument, BulkRunDocument> change,
        CancellationToken cancellationToken
    )
    {
        var now = bank.Time.GetUtcNow();
        // Never at once and never for long: the business date may roll before the clock does.
        var soon = now.AddSeconds(BulkLimits.FundingSeconds);
        var due = until < soon ? soon : Min(until, now.AddHours(1));
        await Step.TakeAsync(
            bank,
            IdOf(key).Derive(string.Create(CultureInfo.InvariantCulture, $"wait/{run.Waits}")),
            WorkKind,
            key,
            async (reader, draft, token) =>
            {
                var known = await Collections.BulkRuns.ReadAsync(reader, key, token);
                if (known is not { State: BulkState.Scheduled } || known.Waits != run.Waits)
                {
                    return null;
                }
                var (work, writes) = WorkQueue.Move(known.Work!, WorkKind, key, due);
                return draft with
                {
                    Writes =
                    [
                        .. writes,
                        Collections.BulkRuns.Write(
                            key,
                            change(known) with
                            {
                                Work = work,
                                Waits = known.Waits + 1,
                            }
                        ),
                    ],
                };
            },
            cancellationToken
        );
    }

    private static IReadOnlyList<RecordWrite> Ended(
        string key,
        BulkRunDocument now,
        BulkState state,
        OutcomeReason reason
    ) =>
        [
            WorkQueue.Remove(now.Work!),
            Collections.BulkRuns.Write(
                key,
                now with
                {
                    State = state,
                    Reason = reason,
                    Work = null,
                }
            ),
        ];

    private static DateTimeOffset Min(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;

    private ValueTask<BulkRunDocument?> ReadAsync(string key, CancellationToken token) =>
        Collections.BulkRuns.ReadAsync(bank.Journal, key, token);

    private static InstructionId IdOf(string key)
    {
        Check.That(InstructionId.TryParse(key, out var id));
        return id;
    }
}
