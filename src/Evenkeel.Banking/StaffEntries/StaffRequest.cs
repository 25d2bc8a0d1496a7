using Evenkeel.Banking.CustomerLimits;
using Evenkeel.Payments;

namespace Evenkeel.Banking.StaffEntries;

/// <summary>What a member of staff can't do alone.</summary>
/// <param name="Why">A code of capital letters, digits and hyphens that says why; nothing of a person.</param>
public abstract record StaffRequest(string Why)
{
    /// <summary>Moves money, for example to correct what was posted wrongly. What was posted stays.</summary>
    /// <param name="Corrects">The instruction that it corrects.</param>
    public sealed record Entry(
        EntrySide Debit,
        EntrySide Credit,
        Money Amount,
        DateOnly? ValueDate,
        InstructionId? Corrects,
        string Why
    ) : StaffRequest(Why);

    /// <param name="OverdraftMinor">The agreed overdraft from then on, minor units.</param>
    public sealed record Overdraft(AccountNumber Account, long OverdraftMinor, string Why)
        : StaffRequest(Why);

    public sealed record Limits(CustomerId Customer, LimitSet Set, string Why) : StaffRequest(Why);

    /// <summary>Any state but closed, which <see cref="Accounts.AccountAdministration"/> does.</summary>
    public sealed record State(AccountNumber Account, AccountState NewState, string Why)
        : StaffRequest(Why);

    /// <summary>Explains an exception item; what it left in suspense moves to where it belongs.</summary>
    /// <param name="Other">Where to, or where from; null = nothing is left to move.</param>
    public sealed record Exception(string Item, EntrySide? Other, string Why) : StaffRequest(Why);
}

/// <summary>A proposal as staff read it.</summary>
public sealed record ProposalView(
    string Id,
    ProposalKind Kind,
    ProposalState State,
    string Maker,
    string? Checker,
    DateTimeOffset MadeAt,
    string Why,
    EntrySide? Debit,
    EntrySide? Credit,
    Money? Amount,
    string? Subject
);
