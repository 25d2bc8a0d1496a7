using static Evenkeel.Payments.OutcomeReason;

namespace Evenkeel.Payments;

/// <summary>What can be said of an instruction without knowing the bank: the first fault in a fixed order.</summary>
public static class InstructionRules
{
    /// <summary><see cref="None"/> when it is well formed.</summary>
    public static OutcomeReason Judge(PaymentInstruction instruction)
    {
        ArgumentNullException.ThrowIfNull(instruction);
        if (instruction.Id.Value == 0 || instruction.Id.Value == UInt128.MaxValue)
        {
            return Malformed;
        }
        if (instruction.Origin.Channel == Channel.None)
        {
            return Malformed;
        }
        if (instruction.Amount.Minor is <= 0 or > PaymentLimits.AmountMinorMax)
        {
            return AmountInvalid;
        }
        if (instruction.Amount.Currency == 0)
        {
            return CurrencyMismatch;
        }
        if (
            instruction.Remittance is { } remittance
            && !IsText(remittance, PaymentLimits.RemittanceCharsMax)
        )
        {
            return Malformed;
        }
        if (
            instruction
                .References.Keys()
                .Any(static key =>
                    key[^1] == ':'
                    || !IsText(
                        key[(key.IndexOf(':', StringComparison.Ordinal) + 1)..],
                        PaymentLimits.NameCharsMax
                    )
                )
        )
        {
            return Malformed;
        }
        return Judge(instruction.Movement, instruction.Amount);
    }

    /// <summary>Whether a payee is well formed.</summary>
    public static bool IsSound(Creditor creditor) =>
        creditor switch
        {
            Creditor.Here { Name: { } name } => IsText(name, PaymentLimits.NameCharsMax),
            Creditor.Elsewhere elsewhere => IsText(
                elsewhere.Bank.Value,
                PaymentLimits.ReferenceCharsMax
            )
                && IsText(elsewhere.Account, PaymentLimits.OutsideAccountCharsMax)
                && IsText(elsewhere.Name, PaymentLimits.NameCharsMax),
            _ => creditor is Creditor.Here,
        };

    private static OutcomeReason Judge(Movement movement, Money amount) =>
        movement switch
        {
            Movement.CreditTransfer { Creditor: Creditor.Here here } transfer
                when here.Account == transfer.Debtor => SameAccount,
            Movement.CreditTransfer { Creditor: var creditor } when !IsSound(creditor) => Malformed,
            Movement.BillPayment bill
                when !IsText(bill.Biller.Value, PaymentLimits.ReferenceCharsMax)
                    || !IsText(bill.BillNumber, PaymentLimits.ReferenceCharsMax) => Malformed,
            Movement.Reversal { Completed: { } completed }
                when completed.Currency != amount.Currency => CurrencyMismatch,
            Movement.Reversal { Completed.Minor: < 0 } => AmountInvalid,
            Movement.Reversal { Completed: { } completed } when completed > amount =>
                AmountAboveOriginal,
            _ => None,
        };

    /// <summary>Not empty, not too long, no control characters: it goes on to other banks and screens.</summary>
    private static bool IsText(string text, int charsMax) =>
        text.Length > 0 && text.Length <= charsMax && !text.Any(char.IsControl);
}
