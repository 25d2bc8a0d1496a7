using Evenkeel.Banking.Accounts;
using Evenkeel.Banking.CreditLines;
using Evenkeel.Banking.Fees;
using Evenkeel.Banking.GeneralLedger;
using Evenkeel.Banking.Interest;
using Evenkeel.Banking.Loans;
using Evenkeel.Banking.Queries;
using Evenkeel.Banking.StandingOrders;
using Evenkeel.Banking.Sweeps;
using Evenkeel.Model;

namespace Evenkeel.Banking.EndOfDay;

/// <summary>One step of the end of day, done in bounded batches.</summary>
internal interface IEndOfDayStep
{
    /// <summary>Persisted in the day's document.</summary>
    string Name { get; }

    /// <summary>Does the batch after <paramref name="cursor"/>; doing a batch again changes nothing.</summary>
    ValueTask<StepProgress> RunAsync(
        Bank bank,
        BusinessDayDocument day,
        string? cursor,
        CancellationToken cancellationToken
    );
}

/// <param name="Handled">What this batch looked at.</param>
/// <param name="Next">Cursor of the next batch, later in the order of ordinals; null at the end.</param>
internal readonly record struct StepProgress(int Handled, string? Next);

/// <summary>The steps of the end of day, in their order, from wherever a stop left them.</summary>
internal static class EndOfDayRun
{
    /// <summary>
    /// First what belongs to the closed day and its trial balance; then what happens in the new one.
    /// </summary>
    private static readonly IEndOfDayStep[] Steps =
    [
        new InterestStep(),
        new TrialBalanceStep(),
        new CapitalisationStep(),
        new MonthlyFeeStep(),
        new DormancyStep(),
        new LoanStep(),
        new CreditLineStep(),
        new FeeCollectionStep(),
        new StandingOrderStep(),
        new SweepStep(),
        new StatementStep(),
    ];

    public static async ValueTask<BusinessDayDocument> CompleteAsync(
        Bank bank,
        BusinessDayDocument found,
        CancellationToken cancellationToken
    )
    {
        var day = await BusinessDays.StampAsync(bank, found, cancellationToken);
        if (day.IsComplete)
        {
            return day;
        }
        while (!day.IsComplete)
        {
            cancellationToken.ThrowIfCancellationRequested();
            day = await BusinessDays.UpdateAsync(
                bank,
                day,
                await AdvanceAsync(bank, day, cancellationToken),
                cancellationToken
            );
        }
        EndOfDayMonitor.Completed();
        return day;
    }

    /// <summary>The step that is next; null when all are done.</summary>
    public static string? StepAtWork(BusinessDayDocument day) => NextStep(day)?.Name;

    /// <summary>What must be tried once more before the day ends.</summary>
    public static async ValueTask LastCallAsync(
        Bank bank,
        DateOnly date,
        CancellationToken cancellationToken
    ) => await StandingRuns.RetryAsync(bank, date, isLast: true, cancellationToken);

    private static async ValueTask<BusinessDayDocument> AdvanceAsync(
        Bank bank,
        BusinessDayDocument day,
        CancellationToken cancellationToken
    )
    {
        if (NextStep(day) is not { } step)
        {
            return day with { IsComplete = true, Cursor = null, Handled = 0 };
        }
        var began = bank.Time.GetTimestamp();
        var progress = await step.RunAsync(bank, day, day.Cursor, cancellationToken);
        bank.EndOfDay.Monitor.Advanced(
            step.Name,
            progress.Handled,
            bank.Time.GetElapsedTime(began)
        );
        var handled = day.Handled + progress.Handled;
        if (progress.Next is { } next)
        {
            Check.That(string.CompareOrdinal(next, day.Cursor ?? "") > 0);
            return day with { Cursor = next, Handled = handled };
        }
        return day with
        {
            Done = [.. day.Done, new DoneStep(step.Name, handled)],
            Cursor = null,
            Handled = 0,
        };
    }

    private static IEndOfDayStep? NextStep(BusinessDayDocument day) =>
        Array.Find(
            Steps,
            step =>
                !day.Done.Any(done => string.Equals(done.Name, step.Name, StringComparison.Ordinal))
        );
}
