namespace Evenkeel.Payments;

/// <summary>Why an instruction is not done, or what it waits for. Persisted: numbers only grow.</summary>
public enum OutcomeReason : ushort
{
    None = 0,

    // Form.
    Malformed = 1,
    AmountInvalid = 2,
    CurrencyMismatch = 3,
    DateInvalid = 4,
    IdReusedWithOtherContent = 5,
    Duplicate = 6,
    NotSupported = 7,

    /// <summary>A file with many payments is not as it should be; nothing of it was kept.</summary>
    FileFaulty = 8,

    // Who may.
    NotAuthorised = 20,
    ApprovalRequired = 21,
    StrongAuthenticationRequired = 22,

    // The payer's account.
    DebtorAccountUnknown = 40,
    DebtorAccountClosed = 41,
    DebtorAccountBlocked = 42,
    DebtorAccountDormant = 43,
    CustomerFrozen = 44,
    InsufficientFunds = 45,

    /// <summary>To be closed, and there is still a balance, an overdraft used, or a hold.</summary>
    AccountNotEmpty = 46,

    // The payee.
    CreditorAccountUnknown = 60,
    CreditorAccountClosed = 61,
    CreditorAccountBlocked = 62,
    CreditorNameMismatch = 63,
    CreditorBankUnknown = 64,
    PayeeNotConfirmed = 65,
    SameAccount = 66,
    BillerUnknown = 67,
    BillUnknown = 68,
    BillAlreadyPaid = 69,

    // Limits and hours.
    TransactionLimitExceeded = 80,
    DailyAmountLimitExceeded = 81,
    DailyCountLimitExceeded = 82,
    CutOffPassed = 83,
    ChannelNotAllowed = 84,

    /// <summary>A customer has as many of these as may be: standing orders of an account, logins.</summary>
    TooManyHeld = 85,

    // Cards.
    CardUnknown = 100,
    CardExpired = 101,
    CardBlocked = 102,
    CardLost = 103,
    CardStolen = 104,
    CardNotActive = 105,
    PinWrong = 106,
    PinTriesExceeded = 107,
    CardUseNotAllowed = 108,
    PinNotVerifiable = 109,

    // Machines.
    TerminalUnknown = 120,
    TerminalOutOfCash = 121,
    TillClosed = 122,

    // Follow-ups.
    OriginalUnknown = 140,
    OriginalNotReversible = 141,
    AlreadyReversed = 142,
    AmountAboveOriginal = 143,
    HoldExpired = 144,

    /// <summary>A reversal of it came first.</summary>
    ReversedBefore = 145,

    // Others.
    ReturnedByCreditorBank = 160,
    RefusedByClearing = 161,
    RefusedByBiller = 162,

    /// <summary>Waits: the biller has not answered.</summary>
    BillerSilent = 163,

    /// <summary>Waits: the clearing has not settled it.</summary>
    ClearingPending = 164,

    // The bank itself.
    Busy = 180,

    /// <summary>The bank can't say yet whether it was done; ask again with the same id.</summary>
    ResultUnknown = 181,
    ServiceUnavailable = 182,

    /// <summary>Not offered while the Stand-in serves.</summary>
    NotInStandIn = 183,
    EndOfDayCutOver = 184,
    Internal = 199,

    // Ways to sign in.

    /// <summary>Not made for this challenge, this bank or this person, or too late.</summary>
    PasskeyNotAccepted = 220,
    PasskeyLimitReached = 221,
    PasskeyUnknown = 222,

    /// <summary>Without it the password alone would open the accounts.</summary>
    LastSecondFactor = 223,
}

/// <summary>What the originator should do next.</summary>
public enum RetryAdvice : byte
{
    None = 0,

    /// <summary>The same will be refused again.</summary>
    DoNotRetry = 1,

    /// <summary>Correct it and send it as a new instruction.</summary>
    CorrectAndSendNew = 2,

    /// <summary>Send a new instruction later: when there is money, tomorrow, when a limit is free again.</summary>
    SendNewLater = 3,

    /// <summary>Send the same with the same id, after a short while.</summary>
    RepeatSame = 4,

    /// <summary>Don't send anything: it is being resolved; ask for its state.</summary>
    AskForState = 5,
}
