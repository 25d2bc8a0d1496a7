using System.Numerics;
using Evenkeel.Model;
using static Evenkeel.Model.CreateTransferStatus;

namespace Evenkeel.Ledger.Tests.Naive;

/// <summary>One transfer as its rules see it; everything is looked up anew at every question.</summary>
internal sealed class TransferCase(
    NaiveState state,
    Transfer transfer,
    ulong eventTime,
    ulong batchTime,
    bool batchIsImported
)
{
    public static readonly BigInteger StoredMax = ulong.MaxValue;

    public NaiveState State => state;
    public Transfer T => transfer;
    public ulong EventTime => eventTime;
    public ulong BatchTime => batchTime;
    public bool BatchIsImported => batchIsImported;

    public bool Imported => Has(TransferFlags.Imported);
    public bool Forced => Has(TransferFlags.Forced);
    public bool Pending => Has(TransferFlags.Pending);
    public bool Posts => Has(TransferFlags.PostPendingTransfer);
    public bool Voids => Has(TransferFlags.VoidPendingTransfer);
    public bool Resolves => Posts || Voids;
    public bool Balances => HasAny(TransferFlags.BalancingDebit | TransferFlags.BalancingCredit);
    public bool Closes => HasAny(TransferFlags.ClosingDebit | TransferFlags.ClosingCredit);

    public NaiveTransfer? Existing => state.Transfer(T.Id);
    public NaiveTransfer? Hold => state.Transfer(T.PendingId);
    public NaiveTransfer? HoldOfExisting => state.Transfer(Existing!.Wire.PendingId);

    public UInt128 DebitId => Resolves ? Hold!.Wire.DebitAccountId : T.DebitAccountId;
    public UInt128 CreditId => Resolves ? Hold!.Wire.CreditAccountId : T.CreditAccountId;
    public NaiveAccount? Debit => state.Account(DebitId);
    public NaiveAccount? Credit => state.Account(CreditId);

    public ulong ActualTime => Imported ? T.Timestamp : eventTime;

    public TransferPendingStatus HoldState =>
        Hold!.Expires && Hold.Deadline <= eventTime ? TransferPendingStatus.Expired : Hold.State;

    /// <summary>A forced post of a hold that is gone: it moves money by itself.</summary>
    public bool Revives =>
        Posts
        && Forced
        && HoldState is TransferPendingStatus.Voided or TransferPendingStatus.Expired;

    /// <summary>What moves or is held, before any limit.</summary>
    public BigInteger Amount
    {
        get
        {
            var amount = (BigInteger)T.Amount;
            if (Voids)
            {
                return amount.IsZero ? Hold!.Amount : amount;
            }

            if (Posts)
            {
                return T.Amount == UInt128.MaxValue ? Hold!.Amount : amount;
            }

            if (Has(TransferFlags.BalancingDebit))
            {
                var d = Debit!;
                amount = Least(amount, d.CreditsPosted - d.DebitsPosted - d.DebitsPending);
            }

            if (Has(TransferFlags.BalancingCredit))
            {
                var c = Credit!;
                amount = Least(amount, c.DebitsPosted - c.CreditsPosted - c.CreditsPending);
            }

            return amount;
        }
    }

    public bool Has(TransferFlags flag) => T.Flags.HasFlag(flag);

    private bool HasAny(TransferFlags flags) => (T.Flags & flags) != TransferFlags.None;

    private static BigInteger Least(BigInteger amount, BigInteger room) =>
        BigInteger.Min(amount, BigInteger.Max(room, BigInteger.Zero));
}

internal sealed record TransferRule(CreateTransferStatus Status, Func<TransferCase, bool> Applies);

/// <summary>
/// The published statuses as a table: the first row that applies is the answer. The statuses of
/// linked chains come before it.
/// </summary>
internal static class TransferRules
{
    public static IReadOnlyList<TransferRule> All { get; } =
    [
        new(ImportedEventExpected, c => c.BatchIsImported && !c.Imported),
        new(ImportedEventNotExpected, c => !c.BatchIsImported && c.Imported),
        new(TimestampMustBeZero, c => !c.Imported && c.T.Timestamp != 0),
        new(
            ImportedEventTimestampOutOfRange,
            c => c.Imported && c.T.Timestamp is 0 or > long.MaxValue
        ),
        new(ImportedEventTimestampMustNotAdvance, c => c.Imported && c.T.Timestamp >= c.BatchTime),
        new(ReservedFlag, c => ((ushort)c.T.Flags & 0b0111_1110_0000_0000) != 0),
        new(IdMustNotBeZero, c => c.T.Id == 0),
        new(IdMustNotBeIntMax, c => c.T.Id == UInt128.MaxValue),
        .. Exists,
        new(IdAlreadyFailed, c => c.State.HasFailed(c.T.Id)),
        new(
            FlagsAreMutuallyExclusive,
            c =>
                (c.Posts && c.Voids)
                || (c.Resolves && (c.Pending || c.Balances || c.Closes))
                || (c.Forced && (c.Balances || c.Closes || c.Imported))
        ),
        new(DebitAccountIdMustNotBeZero, c => !c.Resolves && c.T.DebitAccountId == 0),
        new(
            DebitAccountIdMustNotBeIntMax,
            c => !c.Resolves && c.T.DebitAccountId == UInt128.MaxValue
        ),
        new(CreditAccountIdMustNotBeZero, c => !c.Resolves && c.T.CreditAccountId == 0),
        new(
            CreditAccountIdMustNotBeIntMax,
            c => !c.Resolves && c.T.CreditAccountId == UInt128.MaxValue
        ),
        new(AccountsMustBeDifferent, c => !c.Resolves && c.T.DebitAccountId == c.T.CreditAccountId),
        new(PendingIdMustBeZero, c => !c.Resolves && c.T.PendingId != 0),
        new(PendingIdMustNotBeZero, c => c.Resolves && c.T.PendingId == 0),
        new(PendingIdMustNotBeIntMax, c => c.Resolves && c.T.PendingId == UInt128.MaxValue),
        new(PendingIdMustBeDifferent, c => c.Resolves && c.T.PendingId == c.T.Id),
        new(TimeoutReservedForPendingTransfer, c => !c.Pending && c.T.Timeout != 0),
        new(ClosingTransferMustBePending, c => c.Closes && !c.Pending),
        new(LedgerMustNotBeZero, c => !c.Resolves && c.T.Ledger == 0),
        new(CodeMustNotBeZero, c => !c.Resolves && c.T.Code == 0),
        new(DebitAccountNotFound, c => !c.Resolves && c.Debit is null),
        new(CreditAccountNotFound, c => !c.Resolves && c.Credit is null),
        new(
            AccountsMustHaveTheSameLedger,
            c => !c.Resolves && c.Debit!.Wire.Ledger != c.Credit!.Wire.Ledger
        ),
        new(
            TransferMustHaveTheSameLedgerAsAccounts,
            c => !c.Resolves && c.T.Ledger != c.Debit!.Wire.Ledger
        ),
        new(PendingTransferNotFound, c => c.Resolves && c.Hold is null),
        new(
            PendingTransferNotPending,
            c => c.Resolves && !c.Hold!.Wire.Flags.HasFlag(TransferFlags.Pending)
        ),
        new(
            PendingTransferHasDifferentDebitAccountId,
            c =>
                c.Resolves
                && c.T.DebitAccountId != 0
                && c.T.DebitAccountId != c.Hold!.Wire.DebitAccountId
        ),
        new(
            PendingTransferHasDifferentCreditAccountId,
            c =>
                c.Resolves
                && c.T.CreditAccountId != 0
                && c.T.CreditAccountId != c.Hold!.Wire.CreditAccountId
        ),
        new(
            PendingTransferHasDifferentLedger,
            c => c.Resolves && c.T.Ledger != 0 && c.T.Ledger != c.Hold!.Wire.Ledger
        ),
        new(
            PendingTransferHasDifferentCode,
            c => c.Resolves && c.T.Code != 0 && c.T.Code != c.Hold!.Wire.Code
        ),
        new(ExceedsPendingTransferAmount, c => c.Resolves && c.Amount > c.Hold!.Amount),
        new(PendingTransferHasDifferentAmount, c => c.Voids && c.Amount < c.Hold!.Amount),
        new(
            PendingTransferAlreadyPosted,
            c => c.Resolves && (c.HoldState == TransferPendingStatus.Posted || IsForcedAgain(c))
        ),
        new(
            PendingTransferAlreadyVoided,
            c => c.Resolves && !c.Revives && c.HoldState == TransferPendingStatus.Voided
        ),
        new(
            PendingTransferExpired,
            c => c.Resolves && !c.Revives && c.HoldState == TransferPendingStatus.Expired
        ),
        new(
            ImportedEventTimestampMustNotRegress,
            c =>
                c.Imported
                && (c.T.Timestamp <= c.State.LastMovement || c.State.HasAccountAt(c.T.Timestamp))
        ),
        new(
            ImportedEventTimestampMustPostdateDebitAccount,
            c => c.Imported && c.T.Timestamp <= c.Debit!.Wire.Timestamp
        ),
        new(
            ImportedEventTimestampMustPostdateCreditAccount,
            c => c.Imported && c.T.Timestamp <= c.Credit!.Wire.Timestamp
        ),
        new(ImportedEventTimeoutMustBeZero, c => c.Imported && c.T.Timeout != 0),
        new(DebitAccountAlreadyClosed, c => !c.Voids && c.Debit!.Has(AccountFlags.Closed)),
        new(CreditAccountAlreadyClosed, c => !c.Voids && c.Credit!.Has(AccountFlags.Closed)),
        new(OverflowsDebitsPending, c => c.Pending && Overflows(c, c.Debit!.DebitsPending)),
        new(OverflowsCreditsPending, c => c.Pending && Overflows(c, c.Credit!.CreditsPending)),
        new(OverflowsDebitsPosted, c => Adds(c) && Overflows(c, c.Debit!.DebitsPosted)),
        new(OverflowsCreditsPosted, c => Adds(c) && Overflows(c, c.Credit!.CreditsPosted)),
        new(
            OverflowsDebits,
            c => Adds(c) && Overflows(c, c.Debit!.DebitsPending + c.Debit!.DebitsPosted)
        ),
        new(
            OverflowsCredits,
            c => Adds(c) && Overflows(c, c.Credit!.CreditsPending + c.Credit!.CreditsPosted)
        ),
        new(
            OverflowsTimeout,
            c => c.ActualTime + (c.T.Timeout * (BigInteger)1_000_000_000) > long.MaxValue
        ),
        new(
            ExceedsCredits,
            c =>
                IsLimited(c)
                && c.Debit!.Has(AccountFlags.DebitsMustNotExceedCredits)
                && c.Debit.DebitsPending + c.Debit.DebitsPosted + c.Amount
                    > c.Debit.CreditsPosted + c.Debit.Allowance
        ),
        new(
            ExceedsDebits,
            c =>
                IsLimited(c)
                && c.Credit!.Has(AccountFlags.CreditsMustNotExceedDebits)
                && c.Credit.CreditsPending + c.Credit.CreditsPosted + c.Amount
                    > c.Credit.DebitsPosted + c.Credit.Allowance
        ),
    ];

    private static TransferRule[] Exists =>
        [
            Differs(ExistsWithDifferentFlags, (c, e) => c.T.Flags != e.Flags),
            Differs(ExistsWithDifferentPendingId, (c, e) => c.T.PendingId != e.PendingId),
            Differs(ExistsWithDifferentTimeout, (c, e) => c.T.Timeout != e.Timeout),
            Differs(
                ExistsWithDifferentDebitAccountId,
                (c, e) =>
                    c.T.DebitAccountId != e.DebitAccountId
                    && !(c.Resolves && c.T.DebitAccountId == 0)
            ),
            Differs(
                ExistsWithDifferentCreditAccountId,
                (c, e) =>
                    c.T.CreditAccountId != e.CreditAccountId
                    && !(c.Resolves && c.T.CreditAccountId == 0)
            ),
            Differs(ExistsWithDifferentAmount, HasDifferentAmount),
            Differs(
                ExistsWithDifferentUserData128,
                (c, e) => OrHold(c, c.T.UserData128, h => h.UserData128) != e.UserData128
            ),
            Differs(
                ExistsWithDifferentUserData64,
                (c, e) => OrHold(c, c.T.UserData64, h => h.UserData64) != e.UserData64
            ),
            Differs(
                ExistsWithDifferentUserData32,
                (c, e) => OrHold(c, c.T.UserData32, h => h.UserData32) != e.UserData32
            ),
            Differs(
                ExistsWithDifferentLedger,
                (c, e) => c.T.Ledger != e.Ledger && !(c.Resolves && c.T.Ledger == 0)
            ),
            Differs(
                ExistsWithDifferentCode,
                (c, e) => c.T.Code != e.Code && !(c.Resolves && c.T.Code == 0)
            ),
            Differs(CreateTransferStatus.Exists, (_, _) => true),
        ];

    private static TransferRule Differs(
        CreateTransferStatus status,
        Func<TransferCase, Transfer, bool> differs
    ) => new(status, c => c.Existing is { } existing && differs(c, existing.Wire));

    private static bool HasDifferentAmount(TransferCase c, Transfer e)
    {
        if (c.Balances)
        {
            return c.T.Amount < e.Amount;
        }

        if (c.Voids && c.T.Amount == 0)
        {
            return e.Amount != c.HoldOfExisting!.Wire.Amount;
        }

        if (c.Posts && c.T.Amount == UInt128.MaxValue)
        {
            return e.Amount != c.HoldOfExisting!.Wire.Amount;
        }

        return c.T.Amount != e.Amount;
    }

    private static TValue OrHold<TValue>(
        TransferCase c,
        TValue given,
        Func<Transfer, TValue> ofHold
    )
        where TValue : struct, INumber<TValue> =>
        c.Resolves && TValue.IsZero(given) ? ofHold(c.HoldOfExisting!.Wire) : given;

    private static bool Adds(TransferCase c) => !c.Resolves || c.Revives;

    private static bool Overflows(TransferCase c, BigInteger total) =>
        total + c.Amount > TransferCase.StoredMax;

    private static bool IsForcedAgain(TransferCase c) =>
        c.Revives && c.Hold!.ForcedPosted && c.State.StateVersion >= StateVersions.ForcedPostOnce;

    private static bool IsLimited(TransferCase c) => !c.Resolves && !c.Forced;
}
