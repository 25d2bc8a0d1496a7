using System.Globalization;
using Evenkeel.Banking;
using Evenkeel.Payments;

namespace Evenkeel.Demo.Month;

/// <summary>Asks the bank of a simulated month until its answer is final.</summary>
internal sealed class MonthSubmission(Bank bank, MonthOptions options)
{
    private const int AttemptsMax = 50;

    public InstructionId IdOf(Channel channel, string reference) =>
        InstructionId.From(
            channel,
            "month",
            string.Create(CultureInfo.InvariantCulture, $"{options.Seed}/{reference}")
        );

    public PaymentInstruction Of(
        string reference,
        Actor actor,
        Channel channel,
        Movement movement,
        long minor,
        DateOnly date,
        uint currency = MonthBank.Cny,
        DateOnly? valueDate = null
    ) =>
        new()
        {
            Id = IdOf(channel, reference),
            Actor = actor,
            Origin = new Origin(
                channel,
                valueDate is null ? OriginMode.Normal : OriginMode.Correction
            ),
            Movement = movement,
            Amount = new Money(minor, currency),
            ValueDate = valueDate,
            AskedAt = new DateTimeOffset(date, new TimeOnly(9, 0), TimeSpan.Zero),
        };

    /// <summary>Done, or a "no" that customers get: not enough money, a limit.</summary>
    /// <exception cref="InvalidOperationException">Another "no", or no answer at all.</exception>
    public async Task<PaymentOutcome> SubmitAsync(
        PaymentInstruction instruction,
        CancellationToken token
    )
    {
        for (var attempt = 1; attempt <= AttemptsMax; attempt++)
        {
            var outcome = await bank.Payments.SubmitAsync(instruction, token);
            switch (outcome)
            {
                case PaymentOutcome.Done:
                case PaymentOutcome.NotDone
                {
                    Reason: OutcomeReason.InsufficientFunds
                        or OutcomeReason.DailyAmountLimitExceeded
                        or OutcomeReason.DailyCountLimitExceeded
                        or OutcomeReason.TransactionLimitExceeded
                }:
                    return outcome;
                case PaymentOutcome.BeingResolved:
                case PaymentOutcome.NotDone
                {
                    Reason: OutcomeReason.Busy or OutcomeReason.ServiceUnavailable
                }:
                    break;
                case PaymentOutcome.NotDone no:
                    throw new InvalidOperationException(
                        $"A {instruction.Movement.GetType().Name} of the simulated month was refused: {no.Reason}."
                    );
            }
        }
        throw new InvalidOperationException($"Instruction {instruction.Id} has no answer.");
    }
}
