namespace Evenkeel.Model;

/// <summary>
/// Why an account was or was not created. Listed in order of precedence: when several apply, the
/// one that stands first is the answer.
/// </summary>
/// <remarks>
/// Names, numbers and order as published (TigerBeetle reference, create_accounts). Numbers only grow.
/// </remarks>
public enum CreateAccountStatus : uint
{
    Created = uint.MaxValue,
    LinkedEventFailed = 1,
    LinkedEventChainOpen = 2,
    ImportedEventExpected = 22,
    ImportedEventNotExpected = 23,
    TimestampMustBeZero = 3,
    ImportedEventTimestampOutOfRange = 24,
    ImportedEventTimestampMustNotAdvance = 25,
    ReservedField = 4,
    ReservedFlag = 5,
    IdMustNotBeZero = 6,
    IdMustNotBeIntMax = 7,
    ExistsWithDifferentFlags = 15,
    ExistsWithDifferentUserData128 = 16,
    ExistsWithDifferentUserData64 = 17,
    ExistsWithDifferentUserData32 = 18,
    ExistsWithDifferentLedger = 19,
    ExistsWithDifferentCode = 20,
    Exists = 21,
    FlagsAreMutuallyExclusive = 8,
    DebitsPendingMustBeZero = 9,
    DebitsPostedMustBeZero = 10,
    CreditsPendingMustBeZero = 11,
    CreditsPostedMustBeZero = 12,
    LedgerMustNotBeZero = 13,
    CodeMustNotBeZero = 14,
    ImportedEventTimestampMustNotRegress = 26,
}

/// <summary>
/// Why a transfer was or was not created. Listed in order of precedence: when several apply, the
/// one that stands first is the answer.
/// </summary>
/// <remarks>
/// Names, numbers and order as published (TigerBeetle reference, create_transfers). Evenkeel's own
/// statuses start at 1000. Numbers only grow.
/// </remarks>
public enum CreateTransferStatus : uint
{
    Created = uint.MaxValue,
    LinkedEventFailed = 1,
    LinkedEventChainOpen = 2,
    ImportedEventExpected = 56,
    ImportedEventNotExpected = 57,
    TimestampMustBeZero = 3,
    ImportedEventTimestampOutOfRange = 58,
    ImportedEventTimestampMustNotAdvance = 59,
    ReservedFlag = 4,
    IdMustNotBeZero = 5,
    IdMustNotBeIntMax = 6,
    ExistsWithDifferentFlags = 36,
    ExistsWithDifferentPendingId = 40,
    ExistsWithDifferentTimeout = 44,
    ExistsWithDifferentDebitAccountId = 37,
    ExistsWithDifferentCreditAccountId = 38,
    ExistsWithDifferentAmount = 39,
    ExistsWithDifferentUserData128 = 41,
    ExistsWithDifferentUserData64 = 42,
    ExistsWithDifferentUserData32 = 43,
    ExistsWithDifferentLedger = 67,
    ExistsWithDifferentCode = 45,
    Exists = 46,
    IdAlreadyFailed = 68,
    FlagsAreMutuallyExclusive = 7,
    DebitAccountIdMustNotBeZero = 8,
    DebitAccountIdMustNotBeIntMax = 9,
    CreditAccountIdMustNotBeZero = 10,
    CreditAccountIdMustNotBeIntMax = 11,
    AccountsMustBeDifferent = 12,
    PendingIdMustBeZero = 13,
    PendingIdMustNotBeZero = 14,
    PendingIdMustNotBeIntMax = 15,
    PendingIdMustBeDifferent = 16,
    TimeoutReservedForPendingTransfer = 17,
    ClosingTransferMustBePending = 64,
    LedgerMustNotBeZero = 19,
    CodeMustNotBeZero = 20,
    DebitAccountNotFound = 21,
    CreditAccountNotFound = 22,
    AccountsMustHaveTheSameLedger = 23,
    TransferMustHaveTheSameLedgerAsAccounts = 24,
    PendingTransferNotFound = 25,
    PendingTransferNotPending = 26,
    PendingTransferHasDifferentDebitAccountId = 27,
    PendingTransferHasDifferentCreditAccountId = 28,
    PendingTransferHasDifferentLedger = 29,
    PendingTransferHasDifferentCode = 30,
    ExceedsPendingTransferAmount = 31,
    PendingTransferHasDifferentAmount = 32,
    PendingTransferAlreadyPosted = 33,
    PendingTransferAlreadyVoided = 34,
    PendingTransferExpired = 35,
    ImportedEventTimestampMustNotRegress = 60,
    ImportedEventTimestampMustPostdateDebitAccount = 61,
    ImportedEventTimestampMustPostdateCreditAccount = 62,
    ImportedEventTimeoutMustBeZero = 63,
    DebitAccountAlreadyClosed = 65,
    CreditAccountAlreadyClosed = 66,
    OverflowsDebitsPending = 47,
    OverflowsCreditsPending = 48,
    OverflowsDebitsPosted = 49,
    OverflowsCreditsPosted = 50,
    OverflowsDebits = 51,
    OverflowsCredits = 52,
    OverflowsTimeout = 53,
    ExceedsCredits = 54,
    ExceedsDebits = 55,
}

/// <summary>
/// Why an account's limits were or were not changed, in order of precedence. Evenkeel's own.
/// </summary>
public enum UpdateAccountStatus : uint
{
    Updated = uint.MaxValue,
    LinkedEventFailed = 1,
    LinkedEventChainOpen = 2,
    ReservedField = 3,
    ReservedFlag = 4,
    IdMustNotBeZero = 5,
    IdMustNotBeIntMax = 6,
    NothingToUpdate = 7,
    LimitFlagsAreMutuallyExclusive = 8,
    AllowanceOverflows = 9,
    AllowanceNeedsALimit = 10,
    AccountNotFound = 11,
    VersionMismatch = 12,
}

/// <summary>Properties of statuses that the rules of applying depend on.</summary>
public static class StatusRules
{
    /// <summary>
    /// True for refusals that another moment could have decided otherwise. A ledger-only transfer
    /// refused so is remembered: its id answers <see cref="CreateTransferStatus.IdAlreadyFailed"/>
    /// for ever, so that a late retry can't succeed after the caller was told "no".
    /// </summary>
    public static bool IsTransient(this CreateTransferStatus status) =>
        status
            is CreateTransferStatus.DebitAccountNotFound
                or CreateTransferStatus.CreditAccountNotFound
                or CreateTransferStatus.PendingTransferNotFound
                or CreateTransferStatus.ExceedsCredits
                or CreateTransferStatus.ExceedsDebits
                or CreateTransferStatus.DebitAccountAlreadyClosed
                or CreateTransferStatus.CreditAccountAlreadyClosed;
}
