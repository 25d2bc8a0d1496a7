using Evenkeel.Model;
using static Evenkeel.Payments.OutcomeReason;

namespace Evenkeel.Payments;

/// <summary>How one reason is said in each language.</summary>
/// <param name="Slug">Last part of the problem type of RFC 9457; also the key of the text for people.</param>
/// <param name="HttpStatus">Status of the problem document.</param>
/// <param name="Iso20022">External status reason code (pain.002, pacs.002).</param>
/// <param name="ResponseCode">Field 39 of ISO 8583:1987.</param>
public sealed record ReasonRow(
    OutcomeReason Reason,
    string Slug,
    int HttpStatus,
    string Iso20022,
    string ResponseCode,
    RetryAdvice Advice
);

/// <summary>The one table from a reason to HTTP, ISO 20022, ISO 8583 and what to do next.</summary>
/// <remarks>
/// Codes of ISO 20022: external code set "status reason" (AC, AG, AM, BE, DT, DUPL, ED, MS, RR, SL, TM, TS).
/// </remarks>
public static class ReasonTable
{
    private static readonly ReasonRow[] Rows =
    [
        Row(Malformed, "malformed", 400, "FF01", "30", RetryAdvice.CorrectAndSendNew),
        Row(AmountInvalid, "amount-invalid", 422, "AM12", "13", RetryAdvice.CorrectAndSendNew),
        Row(
            CurrencyMismatch,
            "currency-mismatch",
            422,
            "AM03",
            "13",
            RetryAdvice.CorrectAndSendNew
        ),
        Row(DateInvalid, "date-invalid", 422, "DT01", "12", RetryAdvice.CorrectAndSendNew),
        Row(
            IdReusedWithOtherContent,
            "id-reused",
            409,
            "DU03",
            "94",
            RetryAdvice.CorrectAndSendNew
        ),
        Row(Duplicate, "duplicate", 409, "AM05", "94", RetryAdvice.DoNotRetry),
        Row(NotSupported, "not-supported", 422, "AG01", "12", RetryAdvice.DoNotRetry),
        Row(FileFaulty, "file-faulty", 422, "FF01", "30", RetryAdvice.CorrectAndSendNew),
        Row(NotAuthorised, "not-authorised", 403, "AG01", "57", RetryAdvice.DoNotRetry),
        Row(
            ApprovalRequired,
            "approval-required",
            403,
            "DS0H",
            "57",
            RetryAdvice.CorrectAndSendNew
        ),
        Row(
            StrongAuthenticationRequired,
            "strong-authentication-required",
            403,
            "DS0H",
            "05",
            RetryAdvice.CorrectAndSendNew
        ),
        Row(
            DebtorAccountUnknown,
            "debtor-account-unknown",
            404,
            "AC02",
            "14",
            RetryAdvice.DoNotRetry
        ),
        Row(
            DebtorAccountClosed,
            "debtor-account-closed",
            422,
            "AC05",
            "62",
            RetryAdvice.DoNotRetry
        ),
        Row(
            DebtorAccountBlocked,
            "debtor-account-blocked",
            422,
            "AC06",
            "62",
            RetryAdvice.SendNewLater
        ),
        Row(
            DebtorAccountDormant,
            "debtor-account-dormant",
            422,
            "AC06",
            "62",
            RetryAdvice.SendNewLater
        ),
        Row(CustomerFrozen, "customer-frozen", 422, "AC06", "62", RetryAdvice.DoNotRetry),
        Row(InsufficientFunds, "insufficient-funds", 422, "AM04", "51", RetryAdvice.SendNewLater),
        Row(AccountNotEmpty, "account-not-empty", 409, "AC06", "62", RetryAdvice.SendNewLater),
        Row(
            CreditorAccountUnknown,
            "creditor-account-unknown",
            422,
            "AC03",
            "14",
            RetryAdvice.CorrectAndSendNew
        ),
        Row(
            CreditorAccountClosed,
            "creditor-account-closed",
            422,
            "AC07",
            "62",
            RetryAdvice.DoNotRetry
        ),
        Row(
            CreditorAccountBlocked,
            "creditor-account-blocked",
            422,
            "AC06",
            "62",
            RetryAdvice.DoNotRetry
        ),
        Row(
            CreditorNameMismatch,
            "creditor-name-mismatch",
            422,
            "BE01",
            "12",
            RetryAdvice.CorrectAndSendNew
        ),
        Row(
            CreditorBankUnknown,
            "creditor-bank-unknown",
            422,
            "RC04",
            "92",
            RetryAdvice.CorrectAndSendNew
        ),
        Row(
            PayeeNotConfirmed,
            "payee-not-confirmed",
            403,
            "AG01",
            "57",
            RetryAdvice.CorrectAndSendNew
        ),
        Row(SameAccount, "same-account", 422, "AC03", "12", RetryAdvice.CorrectAndSendNew),
        Row(BillerUnknown, "biller-unknown", 422, "BE01", "92", RetryAdvice.CorrectAndSendNew),
        Row(BillUnknown, "bill-unknown", 422, "RR04", "12", RetryAdvice.CorrectAndSendNew),
        Row(BillAlreadyPaid, "bill-already-paid", 409, "AM05", "94", RetryAdvice.DoNotRetry),
        Row(
            TransactionLimitExceeded,
            "transaction-limit-exceeded",
            422,
            "AM14",
            "61",
            RetryAdvice.CorrectAndSendNew
        ),
        Row(
            DailyAmountLimitExceeded,
            "daily-amount-limit-exceeded",
            422,
            "AM14",
            "61",
            RetryAdvice.SendNewLater
        ),
        Row(
            DailyCountLimitExceeded,
            "daily-count-limit-exceeded",
            422,
            "AM14",
            "65",
            RetryAdvice.SendNewLater
        ),
        Row(CutOffPassed, "cut-off-passed", 422, "TM01", "90", RetryAdvice.SendNewLater),
        Row(ChannelNotAllowed, "channel-not-allowed", 403, "AG01", "58", RetryAdvice.DoNotRetry),
        Row(TooManyHeld, "too-many-held", 422, "AG01", "57", RetryAdvice.CorrectAndSendNew),
        Row(CardUnknown, "card-unknown", 422, "AC01", "14", RetryAdvice.DoNotRetry),
        Row(CardExpired, "card-expired", 422, "AG01", "54", RetryAdvice.DoNotRetry),
        Row(CardBlocked, "card-blocked", 422, "AG01", "62", RetryAdvice.DoNotRetry),
        Row(CardLost, "card-lost", 422, "AG01", "41", RetryAdvice.DoNotRetry),
        Row(CardStolen, "card-stolen", 422, "AG01", "43", RetryAdvice.DoNotRetry),
        Row(CardNotActive, "card-not-active", 422, "AG01", "62", RetryAdvice.DoNotRetry),
        Row(PinWrong, "pin-wrong", 422, "AG01", "55", RetryAdvice.CorrectAndSendNew),
        Row(PinTriesExceeded, "pin-tries-exceeded", 422, "AG01", "75", RetryAdvice.DoNotRetry),
        Row(CardUseNotAllowed, "card-use-not-allowed", 422, "AG01", "57", RetryAdvice.DoNotRetry),
        Row(PinNotVerifiable, "pin-not-verifiable", 503, "TS01", "91", RetryAdvice.SendNewLater),
        Row(TerminalUnknown, "terminal-unknown", 422, "AG01", "58", RetryAdvice.DoNotRetry),
        Row(TerminalOutOfCash, "terminal-out-of-cash", 422, "AG01", "58", RetryAdvice.SendNewLater),
        Row(TillClosed, "till-closed", 422, "AG01", "58", RetryAdvice.SendNewLater),
        Row(OriginalUnknown, "original-unknown", 404, "AM09", "25", RetryAdvice.CorrectAndSendNew),
        Row(
            OriginalNotReversible,
            "original-not-reversible",
            422,
            "AG01",
            "12",
            RetryAdvice.DoNotRetry
        ),
        Row(AlreadyReversed, "already-reversed", 409, "AM05", "94", RetryAdvice.DoNotRetry),
        Row(
            AmountAboveOriginal,
            "amount-above-original",
            422,
            "AM02",
            "13",
            RetryAdvice.CorrectAndSendNew
        ),
        Row(HoldExpired, "hold-expired", 422, "AM04", "51", RetryAdvice.CorrectAndSendNew),
        Row(ReversedBefore, "reversed-before", 409, "AG01", "68", RetryAdvice.DoNotRetry),
        Row(
            ReturnedByCreditorBank,
            "returned-by-creditor-bank",
            422,
            "MS03",
            "05",
            RetryAdvice.CorrectAndSendNew
        ),
        Row(
            RefusedByClearing,
            "refused-by-clearing",
            422,
            "MS03",
            "05",
            RetryAdvice.CorrectAndSendNew
        ),
        Row(RefusedByBiller, "refused-by-biller", 422, "MS03", "05", RetryAdvice.CorrectAndSendNew),
        Row(BillerSilent, "biller-silent", 202, "PDNG", "09", RetryAdvice.AskForState),
        Row(ClearingPending, "clearing-pending", 202, "PDNG", "09", RetryAdvice.AskForState),
        Row(Busy, "busy", 503, "TS01", "96", RetryAdvice.RepeatSame),
        Row(ResultUnknown, "result-unknown", 202, "PDNG", "91", RetryAdvice.RepeatSame),
        Row(ServiceUnavailable, "service-unavailable", 503, "TS01", "91", RetryAdvice.RepeatSame),
        Row(NotInStandIn, "not-in-stand-in", 503, "AG09", "57", RetryAdvice.SendNewLater),
        Row(EndOfDayCutOver, "cut-over", 503, "TM01", "90", RetryAdvice.RepeatSame),
        Row(Internal, "internal", 500, "MS03", "96", RetryAdvice.RepeatSame),
        Row(
            PasskeyNotAccepted,
            "passkey-not-accepted",
            422,
            "AG01",
            "12",
            RetryAdvice.CorrectAndSendNew
        ),
        Row(PasskeyLimitReached, "passkey-limit", 422, "AG01", "12", RetryAdvice.CorrectAndSendNew),
        Row(PasskeyUnknown, "passkey-unknown", 404, "AG01", "12", RetryAdvice.CorrectAndSendNew),
        Row(LastSecondFactor, "last-second-factor", 422, "AG01", "12", RetryAdvice.DoNotRetry),
    ];

    private static readonly Dictionary<OutcomeReason, ReasonRow> ByReason = Rows.ToDictionary(
        static row => row.Reason
    );

    /// <summary>Field 39 of what was done.</summary>
    public const string Approved = "00";

    /// <summary>Every reason, in the order of their numbers.</summary>
    public static IReadOnlyList<ReasonRow> All => Rows;

    /// <summary>The row of a reason, which is not <see cref="None"/>.</summary>
    public static ReasonRow Of(OutcomeReason reason)
    {
        Check.That(ByReason.TryGetValue(reason, out var row));
        return row!;
    }

    /// <summary>Field 39 of an outcome.</summary>
    public static string ResponseCode(PaymentOutcome outcome) =>
        outcome switch
        {
            PaymentOutcome.Done => Approved,
            PaymentOutcome.NotDone notDone => Of(notDone.Reason).ResponseCode,
            PaymentOutcome.BeingResolved resolving => Of(resolving.Reason).ResponseCode,
            _ => throw new InvalidOperationException("A fourth kind of outcome."),
        };

    private static ReasonRow Row(
        OutcomeReason reason,
        string slug,
        int httpStatus,
        string iso20022,
        string responseCode,
        RetryAdvice advice
    ) => new(reason, slug, httpStatus, iso20022, responseCode, advice);
}
