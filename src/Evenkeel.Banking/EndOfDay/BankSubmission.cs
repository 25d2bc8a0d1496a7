using Evenkeel.Banking.Desk;
using Evenkeel.Banking.Storage;
using Evenkeel.Payments;

namespace Evenkeel.Banking.EndOfDay;

/// <summary>How the bank itself submits an instruction: until the answer is final.</summary>
internal static class BankSubmission
{
    private const int AttemptsMax = 8;

    /// <exception cref="EndOfDayException">No final answer now: ask again with the same id.</exception>
    public static async ValueTask<PaymentOutcome> SubmitOnceAsync(
        Bank bank,
        PaymentInstruction instruction,
        CancellationToken cancellationToken
    )
    {
        // What was decided before a stop is decided, even if it would be asked for otherwise today.
        var known = await Collections.Orders.ReadAsync(
            bank.Journal,
            instruction.Id.ToString(),
            cancellationToken
        );
        if (known is not null)
        {
            return PaymentDesk.OutcomeOf(instruction.Id, known);
        }
        for (var attempt = 1; attempt <= AttemptsMax; attempt++)
        {
            var outcome = await bank.Payments.SubmitAsync(instruction, cancellationToken);
            if (
                outcome
                is not PaymentOutcome.NotDone
                    {
                        Reason: OutcomeReason.Busy or OutcomeReason.ServiceUnavailable
                    }
                    and not PaymentOutcome.BeingResolved { Reason: OutcomeReason.ResultUnknown }
            )
            {
                return outcome;
            }
            cancellationToken.ThrowIfCancellationRequested();
        }
        throw new EndOfDayException(
            $"Instruction {instruction.Id} has no final answer yet; it is asked again."
        );
    }
}
