using Evenkeel.Banking.CreditLines;

namespace Evenkeel.Demo.Plan;

/// <summary>What a demonstration bank shall be: everything follows from the seed.</summary>
/// <param name="Language">Of the names: "en", "zh-Hans", "zh-Hant".</param>
/// <param name="Persons">People with an account.</param>
public sealed record DemoOptions(int Seed = 1, string Language = "en", int Persons = 200)
{
    public const int PersonsMax = 100_000;
}

/// <summary>The whole bank on paper: customers, accounts, cards, machines, and who pays whom when.</summary>
public sealed record DemoPlan(
    DemoOptions Options,
    IReadOnlyList<DemoCustomer> Customers,
    IReadOnlyList<DemoTerminal> Terminals,
    IReadOnlyList<DemoTeller> Tellers,
    IReadOnlyList<DemoBiller> Billers,
    IReadOnlyList<DemoRoutine> Routines
)
{
    /// <exception cref="KeyNotFoundException">Nobody of that name.</exception>
    public DemoCustomer Find(string reference) =>
        Customers.FirstOrDefault(c =>
            string.Equals(c.Reference, reference, StringComparison.Ordinal)
        ) ?? throw new KeyNotFoundException(reference);
}

/// <summary>Part that a customer plays.</summary>
public enum DemoRole
{
    None = 0,
    Person = 1,
    Landlord = 2,
    Shop = 3,
    Factory = 4,
    Supplier = 5,
    Insurer = 6,
}

/// <summary>How a customer likes to bank.</summary>
public enum DemoHabit
{
    None = 0,

    /// <summary>Signs in: password, and an authenticator for what needs one.</summary>
    Online = 1,

    /// <summary>By card, in shops and at machines.</summary>
    Card = 2,

    /// <summary>Comes to the counter.</summary>
    Counter = 3,

    /// <summary>A company: its program asks by itself.</summary>
    Program = 4,
}

/// <param name="Reference">Stable name, also the reference under which it is opened: "person-17".</param>
public sealed record DemoCustomer(
    string Reference,
    DemoRole Role,
    DemoHabit Habit,
    string Name,
    string Address,
    string Phone,
    IReadOnlyList<DemoAccount> Accounts,
    DemoLoan? Loan,
    DemoCreditLine? CreditLine,
    bool HasCard
)
{
    public bool IsCompany =>
        Role is DemoRole.Shop or DemoRole.Factory or DemoRole.Supplier or DemoRole.Insurer;

    /// <summary>The account that everything ordinary goes through.</summary>
    public DemoAccount Main => Accounts[0];

    public DemoAccount? Savings =>
        Accounts.FirstOrDefault(static a =>
            string.Equals(a.Product, "savings", StringComparison.Ordinal)
        );
}

/// <param name="Reference">"person-17/current".</param>
/// <param name="Currency">Number of ISO 4217.</param>
/// <param name="OpeningMinor">Money on the first day, minor units; 0 = none.</param>
/// <param name="OverdraftMinor">Agreed overdraft, of a credit line its limit; minor units.</param>
public sealed record DemoAccount(
    string Reference,
    string Product,
    uint Currency,
    long OpeningMinor,
    long OverdraftMinor
);

/// <param name="Account">The loan's own account.</param>
/// <param name="Settlement">Gets the money, pays the instalments.</param>
/// <param name="PrincipalMinor">Minor units of the account's currency.</param>
/// <param name="DueDay">Day of the month on which an instalment falls due.</param>
public sealed record DemoLoan(
    string Account,
    string Settlement,
    long PrincipalMinor,
    int Months,
    int DueDay
);

/// <param name="Account">The line's own account; its overdraft is the limit.</param>
/// <param name="Settlement">Null where the holder pays by hand.</param>
public sealed record DemoCreditLine(string Account, string? Settlement, DirectPayment Direct);

public enum DemoTerminalKind
{
    None = 0,
    Till = 1,
    CashMachine = 2,
    ShopTerminal = 3,
}

/// <param name="Owner">Of a shop's terminal: the shop's reference; else the branch.</param>
public sealed record DemoTerminal(string Id, DemoTerminalKind Kind, string Owner);

/// <summary>Who sits at a till.</summary>
/// <param name="Login">Also the name in the audit: "teller-1".</param>
public sealed record DemoTeller(string Login, string Branch, string Till);

public sealed record DemoBiller(string Code, string Name);

/// <summary>Something that comes again every month.</summary>
/// <param name="Day">Day of the month; 31 means its last.</param>
public sealed record DemoRoutine(
    DemoRoutineKind Kind,
    string Payer,
    string Payee,
    uint Currency,
    long AmountMinor,
    int Day
);

public enum DemoRoutineKind
{
    None = 0,

    /// <summary>A line of the employer's payroll file.</summary>
    Salary = 1,

    /// <summary>A standing order.</summary>
    Rent = 2,

    /// <summary>Paid by the factory's program.</summary>
    Supplier = 3,

    /// <summary>Paid by hand when it is due.</summary>
    Bill = 4,

    /// <summary>A sweep: what is above the amount goes to the savings account.</summary>
    Saving = 5,

    /// <summary>A standing order.</summary>
    Insurance = 6,
}
