using Evenkeel.Banking;
using Evenkeel.CardKeys;
using Evenkeel.Demo.Plan;
using Evenkeel.Payments;
using static Evenkeel.Demo.DemoOutcomes;

namespace Evenkeel.Demo.Building;

/// <summary>
/// Lets a bank live through its period, so that it is no empty one when it is shown: each business day
/// has its wages and payments, and is closed by the bank's own end of day, which takes rents and
/// instalments, bills credit lines and pays interest. Nothing is dated back: the bank's business date
/// was opened in the past, and log time says when it was really done.
/// </summary>
internal sealed class DemoHistory(
    Bank bank,
    DemoPlan plan,
    DemoDirectory directory,
    DemoPeriod period,
    SoftwareCardKeys? cardKeys
)
{
    private const int TriesMax = 20;

    private readonly DemoWages _wages = new(bank, plan, directory);
    private readonly HistoryActs _acts = new(plan, directory, cardKeys);

    /// <exception cref="InvalidOperationException">The bank refused what it must not.</exception>
    public async Task LiveAsync(CancellationToken token)
    {
        await bank.EndOfDay.ResumeAsync(token);
        while (
            await bank.EndOfDay.BusinessDateAsync(token) is { } date
            && date >= period.First
            && date < period.Until
        )
        {
            if (DemoDays.IsPayDay(date))
            {
                await _wages.PayAsync(date, token);
            }
            await DemoBuilder.ForEachAsync(_acts.Of(date), SubmitAsync, token);
            await bank.EndOfDay.CloseAsync(date, next: null, token);
        }
    }

    /// <summary>Too little money is an answer; that nobody can answer now is none.</summary>
    private async ValueTask SubmitAsync(PaymentInstruction instruction, CancellationToken token)
    {
        for (var attempt = 1; attempt <= TriesMax; attempt++)
        {
            switch (await bank.Payments.SubmitAsync(instruction, token))
            {
                case PaymentOutcome.Done:
                case PaymentOutcome.NotDone
                {
                    Reason: OutcomeReason.InsufficientFunds
                        or OutcomeReason.DailyAmountLimitExceeded
                        or OutcomeReason.DailyCountLimitExceeded
                }:
                    return;
                case PaymentOutcome.BeingResolved:
                case PaymentOutcome.NotDone
                {
                    Reason: OutcomeReason.Busy or OutcomeReason.ServiceUnavailable
                }:
                    break;
                case PaymentOutcome.NotDone no:
                    throw NotBuilt(instruction.Movement.GetType().Name, no.Reason);
            }
        }
        throw NotBuilt(instruction.Movement.GetType().Name, OutcomeReason.ServiceUnavailable);
    }
}
