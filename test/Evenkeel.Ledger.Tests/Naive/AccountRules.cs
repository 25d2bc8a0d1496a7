using System.Numerics;
using Evenkeel.Model;
using static Evenkeel.Model.CreateAccountStatus;

namespace Evenkeel.Ledger.Tests.Naive;

internal sealed record AccountCase(
    NaiveState State,
    Account A,
    ulong BatchTime,
    bool BatchIsImported
)
{
    public bool Imported => A.Flags.HasFlag(AccountFlags.Imported);
    public NaiveAccount? Existing => State.Account(A.Id);
}

internal sealed record AccountRule(CreateAccountStatus Status, Func<AccountCase, bool> Applies);

/// <summary>The published statuses of accounts as a table; the first row that applies is the answer.</summary>
internal static class AccountRules
{
    public static IReadOnlyList<AccountRule> All { get; } =
    [
        new(ImportedEventExpected, c => c.BatchIsImported && !c.Imported),
        new(ImportedEventNotExpected, c => !c.BatchIsImported && c.Imported),
        new(TimestampMustBeZero, c => !c.Imported && c.A.Timestamp != 0),
        new(
            ImportedEventTimestampOutOfRange,
            c => c.Imported && c.A.Timestamp is 0 or > long.MaxValue
        ),
        new(ImportedEventTimestampMustNotAdvance, c => c.Imported && c.A.Timestamp >= c.BatchTime),
        new(ReservedField, c => c.A.Reserved != 0),
        new(ReservedFlag, c => (ushort)c.A.Flags >= 64),
        new(IdMustNotBeZero, c => c.A.Id == 0),
        new(IdMustNotBeIntMax, c => c.A.Id == UInt128.MaxValue),
        new(ExistsWithDifferentFlags, c => c.Existing is { } e && c.A.Flags != e.Flags),
        new(
            ExistsWithDifferentUserData128,
            c => c.Existing is { } e && c.A.UserData128 != e.Wire.UserData128
        ),
        new(
            ExistsWithDifferentUserData64,
            c => c.Existing is { } e && c.A.UserData64 != e.Wire.UserData64
        ),
        new(
            ExistsWithDifferentUserData32,
            c => c.Existing is { } e && c.A.UserData32 != e.Wire.UserData32
        ),
        new(ExistsWithDifferentLedger, c => c.Existing is { } e && c.A.Ledger != e.Wire.Ledger),
        new(ExistsWithDifferentCode, c => c.Existing is { } e && c.A.Code != e.Wire.Code),
        new(CreateAccountStatus.Exists, c => c.Existing is not null),
        new(
            FlagsAreMutuallyExclusive,
            c =>
                c.A.Flags.HasFlag(
                    AccountFlags.DebitsMustNotExceedCredits
                        | AccountFlags.CreditsMustNotExceedDebits
                )
        ),
        new(DebitsPendingMustBeZero, c => c.A.DebitsPending != 0),
        new(DebitsPostedMustBeZero, c => c.A.DebitsPosted != 0),
        new(CreditsPendingMustBeZero, c => c.A.CreditsPending != 0),
        new(CreditsPostedMustBeZero, c => c.A.CreditsPosted != 0),
        new(LedgerMustNotBeZero, c => c.A.Ledger == 0),
        new(CodeMustNotBeZero, c => c.A.Code == 0),
        new(
            ImportedEventTimestampMustNotRegress,
            c =>
                c.Imported
                && (c.A.Timestamp <= c.State.LastAccount || c.State.HasTransferAt(c.A.Timestamp))
        ),
    ];
}

internal sealed record UpdateCase(NaiveState State, AccountUpdate U)
{
    private const AccountFlags Both =
        AccountFlags.DebitsMustNotExceedCredits | AccountFlags.CreditsMustNotExceedDebits;

    public NaiveAccount? Account => State.Account(U.Id);
    public bool SetsAllowance => U.Flags.HasFlag(AccountUpdateFlags.SetAllowance);
    public bool SetsLimits => U.Flags.HasFlag(AccountUpdateFlags.SetLimitFlags);
    public bool HasBothLimits => U.LimitFlags.HasFlag(Both);
    public bool HasStrangeLimits => (U.LimitFlags & ~Both) != AccountFlags.None;

    public BigInteger NewAllowance =>
        SetsAllowance ? (BigInteger)U.Allowance : Account?.Allowance ?? 0;

    /// <summary>An account that nobody knows is judged as if it had a limit.</summary>
    public bool WillBeLimited =>
        SetsLimits
            ? U.LimitFlags != AccountFlags.None
            : Account is null || (Account.Flags & Both) != AccountFlags.None;

    public NaiveAccount Result(ulong timestamp) =>
        Account! with
        {
            Flags = SetsLimits ? (Account!.Flags & ~Both) | U.LimitFlags : Account!.Flags,
            Allowance = NewAllowance,
            Version = Account!.Version + 1,
            UpdatedTimestamp = timestamp,
        };
}

internal sealed record UpdateRule(UpdateAccountStatus Status, Func<UpdateCase, bool> Applies);

internal static class UpdateRules
{
    public static IReadOnlyList<UpdateRule> All { get; } =
    [
        new(
            UpdateAccountStatus.ReservedField,
            c =>
                c.U.Reserved128 != 0
                || c.U.Reserved64 != 0
                || (c.U.Allowance != 0 && !c.SetsAllowance)
                || (c.U.LimitFlags != AccountFlags.None && !c.SetsLimits)
        ),
        new(UpdateAccountStatus.ReservedFlag, c => (ushort)c.U.Flags >= 8 || c.HasStrangeLimits),
        new(UpdateAccountStatus.IdMustNotBeZero, c => c.U.Id == 0),
        new(UpdateAccountStatus.IdMustNotBeIntMax, c => c.U.Id == UInt128.MaxValue),
        new(UpdateAccountStatus.NothingToUpdate, c => !c.SetsAllowance && !c.SetsLimits),
        new(UpdateAccountStatus.LimitFlagsAreMutuallyExclusive, c => c.HasBothLimits),
        new(UpdateAccountStatus.AllowanceOverflows, c => c.NewAllowance > ulong.MaxValue),
        new(UpdateAccountStatus.AllowanceNeedsALimit, c => c.NewAllowance > 0 && !c.WillBeLimited),
        new(UpdateAccountStatus.AccountNotFound, c => c.Account is null),
        new(UpdateAccountStatus.VersionMismatch, c => c.U.ExpectedVersion != c.Account!.Version),
    ];
}
