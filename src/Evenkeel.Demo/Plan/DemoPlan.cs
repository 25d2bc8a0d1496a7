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
    IReadOnlyList<DemoBiller> Billers,
    IReadOnlyList<DemoRoutine> Routines
);

/// <summary>Part that a customer plays.</summary>
public enum DemoRole
{
    None = 0,
    Person = 1,
    Landlord = 2,
    Shop = 3,
    Factory = 4,
    Supplier = 5,
}

/// <param name="Reference">Stable name, also the reference under which it is opened: "person-17".</param>
public sealed record DemoCustomer(
    string Reference,
    DemoRole Role,
    string Name,
    string Address,
    string Phone,
    IReadOnlyList<DemoAccount> Accounts,
    DemoLoan? Loan,
    bool HasCard
)
{
    public bool IsCompany => Role is DemoRole.Shop or DemoRole.Factory or DemoRole.Supplier;
}

/// <param name="Reference">"person-17/current".</param>
/// <param name="Currency">Number of ISO 4217.</param>
/// <param name="OpeningMinor">Money on the first day, minor units.</param>
public sealed record DemoAccount(
    string Reference,
    string Product,
    uint Currency,
    long OpeningMinor,
    long OverdraftMinor
);

/// <param name="PrincipalMinor">Minor units of the account's currency.</param>
/// <param name="DueDay">Day of the month on which an instalment falls due.</param>
public sealed record DemoLoan(string Account, long PrincipalMinor, int Months, int DueDay);

public enum DemoTerminalKind
{
    None = 0,
    Till = 1,
    CashMachine = 2,
    ShopTerminal = 3,
}

/// <param name="Owner">Of a shop's terminal: the shop's reference; else the branch.</param>
public sealed record DemoTerminal(string Id, DemoTerminalKind Kind, string Owner);

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
    Salary = 1,
    Rent = 2,
    Supplier = 3,
    Bill = 4,
    Saving = 5,
}
