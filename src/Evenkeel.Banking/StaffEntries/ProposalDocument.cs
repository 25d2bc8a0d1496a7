using Evenkeel.Banking.CustomerLimits;
using Evenkeel.Banking.GeneralLedger;
using Evenkeel.Payments;

namespace Evenkeel.Banking.StaffEntries;

/// <summary>Persisted: numbers only grow.</summary>
public enum ProposalState : byte
{
    None = 0,
    Waiting = 1,
    Approved = 2,
    Rejected = 3,
}

/// <summary>What a member of staff asks another to approve. Persisted: names never change.</summary>
public enum ProposalKind : byte
{
    None = 0,
    Entry = 1,
    Overdraft = 2,
    Limits = 3,
    AccountState = 4,
    Exception = 5,

    /// <summary>Not proposed: whoever closes an account names the second person at once.</summary>
    AccountClosing = 6,
}

/// <summary>One side of a staff entry: a customer's account, or an account of the bank itself.</summary>
/// <param name="Account">Number of a customer's account; null = the bank's own.</param>
/// <param name="Code">Which of the bank's own accounts.</param>
/// <param name="Sub">Which one, where there are several.</param>
public sealed record EntrySide(string? Account, GlCode Code = GlCode.None, uint Sub = 0)
{
    public static EntrySide Of(AccountNumber account) => new(account.ToString());

    public static EntrySide Of(GlCode code, uint sub = 0) => new(null, code, sub);
}

/// <summary>A proposal, whole: nothing of it changes but its state.</summary>
internal sealed record ProposalDocument
{
    public required ProposalKind Kind { get; init; }

    public required ProposalState State { get; init; }

    public required string Maker { get; init; }

    public required string Branch { get; init; }

    public required DateTimeOffset MadeAt { get; init; }

    /// <summary>A code that says why: nothing of a person.</summary>
    public required string Why { get; init; }

    public EntrySide? Debit { get; init; }

    public EntrySide? Credit { get; init; }

    /// <summary>Of an entry or an overdraft.</summary>
    public long AmountMinor { get; init; }

    public uint Currency { get; init; }

    public DateOnly? ValueDate { get; init; }

    /// <summary>The instruction that an entry corrects.</summary>
    public string? Corrects { get; init; }

    public string? Account { get; init; }

    public AccountState NewState { get; init; }

    public string? Customer { get; init; }

    public LimitSet? Limits { get; init; }

    /// <summary>Key of the exception item that it resolves.</summary>
    public string? Exception { get; init; }

    public string? DecidedBy { get; init; }

    public DateTimeOffset? DecidedAt { get; init; }
}

/// <summary>Two people agreed. Its collection is one that apply lets only two members of staff write.</summary>
internal sealed record ApprovalDocument(
    ProposalKind Kind,
    string Maker,
    string Checker,
    DateTimeOffset At,
    string Why
);
