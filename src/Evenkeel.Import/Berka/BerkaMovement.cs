using Evenkeel.Model;

namespace Evenkeel.Import.Berka;

/// <summary>
/// What a movement was, as <c>code</c> of its transfer. The numbers are stored: they only grow.
/// </summary>
public enum MovementKind : ushort
{
    None = 0,
    CashIn = 10,
    CashOut = 11,
    CardCash = 12,
    HouseholdCash = 13,
    TransferIn = 20,
    TransferOut = 21,
    PensionIn = 22,
    HouseholdOut = 23,
    InsuranceOut = 24,
    LoanPaymentOut = 25,
    InterestIn = 30,
    FeeOut = 31,
    PenaltyInterestOut = 32,
}

/// <summary>One row of <c>trans.asc</c>.</summary>
/// <param name="Date">YYYYMMDD.</param>
/// <param name="Amount">Minor units, above zero.</param>
/// <param name="Balance">The source's balance on this row, minor units.</param>
/// <param name="Bank">The other bank's two letters as a number; 0 = none.</param>
/// <param name="CounterAccount">Account number at the other bank; 0 = none.</param>
internal readonly record struct BerkaMovement(
    ulong TransId,
    ulong AccountId,
    uint Date,
    MovementKind Kind,
    long Amount,
    long Balance,
    ushort Bank,
    ulong CounterAccount
)
{
    private const ulong CounterAccountMax = uint.MaxValue;

    /// <summary>True when the customer's account receives.</summary>
    public bool IsCredit => IsCreditKind(Kind);

    public static bool IsCreditKind(MovementKind kind) =>
        kind
            is MovementKind.CashIn
                or MovementKind.TransferIn
                or MovementKind.PensionIn
                or MovementKind.InterestIn;

    /// <summary>
    /// The kind by the source's three columns; <see cref="MovementKind.None"/> for a combination
    /// that the source does not have.
    /// </summary>
    public static MovementKind KindOf(string type, string operation, string symbol) =>
        (type, operation, symbol) switch
        {
            ("PRIJEM", "VKLAD", "") => MovementKind.CashIn,
            ("PRIJEM", "PREVOD Z UCTU", "") => MovementKind.TransferIn,
            ("PRIJEM", "PREVOD Z UCTU", "DUCHOD") => MovementKind.PensionIn,
            ("PRIJEM", "", "UROK") => MovementKind.InterestIn,
            ("VYDAJ" or "VYBER", "VYBER", "") => MovementKind.CashOut,
            ("VYDAJ", "VYBER", "SLUZBY") => MovementKind.FeeOut,
            ("VYDAJ", "VYBER", "SANKC. UROK") => MovementKind.PenaltyInterestOut,
            ("VYDAJ", "VYBER", "SIPO") => MovementKind.HouseholdCash,
            ("VYDAJ", "VYBER KARTOU", "") => MovementKind.CardCash,
            ("VYDAJ", "PREVOD NA UCET", "") => MovementKind.TransferOut,
            ("VYDAJ", "PREVOD NA UCET", "SIPO") => MovementKind.HouseholdOut,
            ("VYDAJ", "PREVOD NA UCET", "POJISTNE") => MovementKind.InsuranceOut,
            ("VYDAJ", "PREVOD NA UCET", "UVER") => MovementKind.LoanPaymentOut,
            _ => MovementKind.None,
        };

    /// <summary>The bank-side account that stands against the customer's.</summary>
    public UInt128 BankSide =>
        Kind switch
        {
            MovementKind.InterestIn => BerkaIds.Bank(AccountCode.InterestExpense),
            MovementKind.FeeOut => BerkaIds.Bank(AccountCode.FeeIncome),
            MovementKind.PenaltyInterestOut => BerkaIds.Bank(AccountCode.PenaltyInterestIncome),
            MovementKind.LoanPaymentOut => BerkaIds.Bank(AccountCode.Loans),
            _ when Bank != 0 => BerkaIds.Bank(AccountCode.Clearing, Bank),
            _ => BerkaIds.Bank(AccountCode.Cash),
        };

    public Transfer ToTransfer()
    {
        Check.That(Amount > 0);
        Check.That(CounterAccount <= CounterAccountMax);
        var customer = BerkaIds.Account(AccountId);
        return new Transfer
        {
            Id = BerkaIds.Movement(TransId),
            DebitAccountId = IsCredit ? BankSide : customer,
            CreditAccountId = IsCredit ? customer : BankSide,
            Amount = (UInt128)Amount,
            UserData128 = TransId,
            // Where it came from or went to: the other bank's letters above its account number.
            UserData64 = ((ulong)Bank << 32) | CounterAccount,
            UserData32 = Date,
            Ledger = BerkaIds.Ledger,
            Code = (ushort)Kind,
        };
    }
}
