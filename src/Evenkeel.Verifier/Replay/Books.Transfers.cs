namespace Evenkeel.Verifier.Replay;

/// <content>create_transfers: every refusal in the published order of precedence, then the effects.</content>
internal sealed partial class Books
{
    /// <summary>The state version from which a hold that is gone is posted by force once.</summary>
    private const uint ForcedPostOnce = 2;

    private static readonly TransferAnswer[] Passing =
    [
        TransferAnswer.DebitAccountNotFound,
        TransferAnswer.CreditAccountNotFound,
        TransferAnswer.PendingTransferNotFound,
        TransferAnswer.ExceedsCredits,
        TransferAnswer.ExceedsDebits,
        TransferAnswer.DebitAccountAlreadyClosed,
        TransferAnswer.CreditAccountAlreadyClosed,
    ];

    /// <param name="timestamp">Log time of the last event.</param>
    /// <param name="rememberFailedIds">False inside operations.</param>
    public TransferAnswer[] CreateTransfers(
        ulong timestamp,
        AskedTransfer[] events,
        bool rememberFailedIds
    )
    {
        var answers = new TransferAnswer[events.Length];
        var imported = events.Length > 0 && (events[0].Flags & TransferBits.Imported) != 0;
        RunChains(
            events.Length,
            i => (events[i].Flags & TransferBits.Linked) != 0,
            i => Create(events[i], imported, timestamp, EventTime(timestamp, events.Length, i)),
            TransferAnswer.Created,
            TransferAnswer.LinkedEventFailed,
            TransferAnswer.LinkedEventChainOpen,
            answers,
            (i, answer) =>
            {
                if (rememberFailedIds && Array.IndexOf(Passing, answer) >= 0)
                {
                    RememberFailedId(events[i].Id);
                }
            }
        );
        EndCommand(timestamp, events.Length);
        return answers;
    }

    private TransferAnswer Create(
        in AskedTransfer t,
        bool importedBatch,
        ulong batchTime,
        ulong eventTime
    )
    {
        var imported = (t.Flags & TransferBits.Imported) != 0;
        if (importedBatch && !imported)
            return TransferAnswer.ImportedEventExpected;
        if (!importedBatch && imported)
            return TransferAnswer.ImportedEventNotExpected;
        if (imported && t.Timestamp is 0 or > long.MaxValue)
            return TransferAnswer.ImportedEventTimestampOutOfRange;
        if (imported && t.Timestamp >= batchTime)
            return TransferAnswer.ImportedEventTimestampMustNotAdvance;
        if (!imported && t.Timestamp != 0)
            return TransferAnswer.TimestampMustBeZero;
        if ((t.Flags & ~TransferBits.Known) != 0)
            return TransferAnswer.ReservedFlag;
        if (t.Id == 0)
            return TransferAnswer.IdMustNotBeZero;
        if (t.Id == UInt128.MaxValue)
            return TransferAnswer.IdMustNotBeIntMax;
        if (_ids.TryGetValue(t.Id, out var known))
            return CompareToKnown(t, in _rows[known]);
        return (t.Flags & TransferBits.Resolving) != 0 ? Resolve(t, eventTime) : Move(t, eventTime);
    }

    private TransferAnswer Move(in AskedTransfer t, ulong eventTime)
    {
        var pending = Has(t, TransferBits.Pending);
        var forced = Has(t, TransferBits.Forced);
        var imported = Has(t, TransferBits.Imported);
        if (forced && (imported || Has(t, TransferBits.Balancing | TransferBits.Closing)))
            return TransferAnswer.FlagsAreMutuallyExclusive;
        if (t.Debit == 0)
            return TransferAnswer.DebitAccountIdMustNotBeZero;
        if (t.Debit == UInt128.MaxValue)
            return TransferAnswer.DebitAccountIdMustNotBeIntMax;
        if (t.Credit == 0)
            return TransferAnswer.CreditAccountIdMustNotBeZero;
        if (t.Credit == UInt128.MaxValue)
            return TransferAnswer.CreditAccountIdMustNotBeIntMax;
        if (t.Debit == t.Credit)
            return TransferAnswer.AccountsMustBeDifferent;
        if (t.PendingId != 0)
            return TransferAnswer.PendingIdMustBeZero;
        if (!pending && t.Timeout != 0)
            return TransferAnswer.TimeoutReservedForPendingTransfer;
        if (!pending && Has(t, TransferBits.Closing))
            return TransferAnswer.ClosingTransferMustBePending;
        if (t.Ledger == 0)
            return TransferAnswer.LedgerMustNotBeZero;
        if (t.Code == 0)
            return TransferAnswer.CodeMustNotBeZero;
        if (Find(t.Debit) is not { } debit)
            return TransferAnswer.DebitAccountNotFound;
        if (Find(t.Credit) is not { } credit)
            return TransferAnswer.CreditAccountNotFound;
        if (debit.Ledger != credit.Ledger)
            return TransferAnswer.AccountsMustHaveTheSameLedger;
        if (t.Ledger != debit.Ledger)
            return TransferAnswer.TransferMustHaveTheSameLedgerAsAccounts;
        if (imported && (t.Timestamp <= _lastRowTimestamp || AccountCreatedAt(t.Timestamp)))
            return TransferAnswer.ImportedEventTimestampMustNotRegress;
        if (imported && t.Timestamp <= debit.Timestamp)
            return TransferAnswer.ImportedEventTimestampMustPostdateDebitAccount;
        if (imported && t.Timestamp <= credit.Timestamp)
            return TransferAnswer.ImportedEventTimestampMustPostdateCreditAccount;
        if (imported && t.Timeout != 0)
            return TransferAnswer.ImportedEventTimeoutMustBeZero;
        if (debit.IsClosed)
            return TransferAnswer.DebitAccountAlreadyClosed;
        if (credit.IsClosed)
            return TransferAnswer.CreditAccountAlreadyClosed;

        var wide = t.Amount;
        if (Has(t, TransferBits.BalancingDebit))
        {
            wide = UInt128.Min(
                wide,
                Room(debit.CreditsPosted, debit.DebitsPosted, debit.DebitsPending)
            );
        }
        if (Has(t, TransferBits.BalancingCredit))
        {
            wide = UInt128.Min(
                wide,
                Room(credit.DebitsPosted, credit.CreditsPosted, credit.CreditsPending)
            );
        }
        if (pending && Beyond(wide, debit.DebitsPending))
            return TransferAnswer.OverflowsDebitsPending;
        if (pending && Beyond(wide, credit.CreditsPending))
            return TransferAnswer.OverflowsCreditsPending;
        if (PostedOverflow(wide, debit, credit) is { } overflow)
            return overflow;
        var happens = imported ? t.Timestamp : eventTime;
        if ((UInt128)happens + ((UInt128)t.Timeout * 1_000_000_000) > long.MaxValue)
            return TransferAnswer.OverflowsTimeout;
        var amount = (ulong)wide;
        if (
            !forced
            && (debit.Flags & AccountBits.DebitsLimited) != 0
            && (UInt128)debit.DebitsPending + debit.DebitsPosted + amount
                > (UInt128)debit.CreditsPosted + debit.Allowance
        )
            return TransferAnswer.ExceedsCredits;
        if (
            !forced
            && (credit.Flags & AccountBits.CreditsLimited) != 0
            && (UInt128)credit.CreditsPending + credit.CreditsPosted + amount
                > (UInt128)credit.DebitsPosted + credit.Allowance
        )
            return TransferAnswer.ExceedsDebits;

        KeepAccount(debit);
        KeepAccount(credit);
        if (pending)
        {
            debit.DebitsPending += amount;
            credit.CreditsPending += amount;
            if (Has(t, TransferBits.ClosingDebit))
            {
                debit.Flags |= AccountBits.Closed;
            }
            if (Has(t, TransferBits.ClosingCredit))
            {
                credit.Flags |= AccountBits.Closed;
            }
        }
        else
        {
            Post(debit, credit, amount);
        }
        ref var row = ref _rows.Add();
        row.Id = t.Id;
        row.UserData128 = t.UserData128;
        row.UserData64 = t.UserData64;
        row.UserData32 = t.UserData32;
        row.Amount = amount;
        row.Timestamp = happens;
        row.Timeout = t.Timeout;
        row.Code = t.Code;
        row.Flags = t.Flags;
        row.State = pending ? HoldState.Pending : HoldState.None;
        FinishRow(ref row, debit, credit);
        if (pending)
        {
            Open(_rows.Count - 1);
        }
        return TransferAnswer.Created;
    }

    private TransferAnswer Resolve(in AskedTransfer t, ulong eventTime)
    {
        var posts = Has(t, TransferBits.Post);
        var voids = Has(t, TransferBits.Void);
        var forced = Has(t, TransferBits.Forced);
        var imported = Has(t, TransferBits.Imported);
        if (
            (posts && voids)
            || Has(t, TransferBits.Pending | TransferBits.Balancing | TransferBits.Closing)
            || (forced && imported)
        )
            return TransferAnswer.FlagsAreMutuallyExclusive;
        if (t.PendingId == 0)
            return TransferAnswer.PendingIdMustNotBeZero;
        if (t.PendingId == UInt128.MaxValue)
            return TransferAnswer.PendingIdMustNotBeIntMax;
        if (t.PendingId == t.Id)
            return TransferAnswer.PendingIdMustBeDifferent;
        if (t.Timeout != 0)
            return TransferAnswer.TimeoutReservedForPendingTransfer;
        if (
            !_ids.TryGetValue(t.PendingId, out var position)
            || _rows[position].Kind != RowKind.Transfer
        )
            return TransferAnswer.PendingTransferNotFound;
        var hold = _rows[position];
        if ((hold.Flags & TransferBits.Pending) == 0)
            return TransferAnswer.PendingTransferNotPending;
        var debit = _accounts[(int)hold.DebitSlot];
        var credit = _accounts[(int)hold.CreditSlot];
        if (t.Debit != 0 && t.Debit != debit.Id)
            return TransferAnswer.PendingTransferHasDifferentDebitAccountId;
        if (t.Credit != 0 && t.Credit != credit.Id)
            return TransferAnswer.PendingTransferHasDifferentCreditAccountId;
        if (t.Ledger != 0 && t.Ledger != hold.Ledger)
            return TransferAnswer.PendingTransferHasDifferentLedger;
        if (t.Code != 0 && t.Code != hold.Code)
            return TransferAnswer.PendingTransferHasDifferentCode;
        var whole = voids ? t.Amount == 0 : t.Amount == UInt128.MaxValue;
        if (!whole && t.Amount > hold.Amount)
            return TransferAnswer.ExceedsPendingTransferAmount;
        var amount = whole ? hold.Amount : (ulong)t.Amount;
        if (voids && amount < hold.Amount)
            return TransferAnswer.PendingTransferHasDifferentAmount;

        // A due hold counts as expired even before the sweep reached it.
        var state =
            _resolved.TryGetValue(position, out var resolved) ? resolved
            : hold.Deadline <= eventTime ? HoldState.Expired
            : HoldState.Pending;
        var single = forced && posts && (state is HoldState.Voided or HoldState.Expired);
        var isForcedAgain = single && StateVersion >= ForcedPostOnce && _forced.Contains(position);
        if (state == HoldState.Posted || isForcedAgain)
            return TransferAnswer.PendingTransferAlreadyPosted;
        if (state == HoldState.Voided && !single)
            return TransferAnswer.PendingTransferAlreadyVoided;
        if (state == HoldState.Expired && !single)
            return TransferAnswer.PendingTransferExpired;
        if (imported && (t.Timestamp <= _lastRowTimestamp || AccountCreatedAt(t.Timestamp)))
            return TransferAnswer.ImportedEventTimestampMustNotRegress;
        if (posts && debit.IsClosed)
            return TransferAnswer.DebitAccountAlreadyClosed;
        if (posts && credit.IsClosed)
            return TransferAnswer.CreditAccountAlreadyClosed;
        if (single && PostedOverflow(amount, debit, credit) is { } overflow)
            return overflow;

        KeepAccount(debit);
        KeepAccount(credit);
        var resolution = HoldState.None;
        if (single)
        {
            MarkForced(position);
        }
        else
        {
            resolution = voids ? HoldState.Voided : HoldState.Posted;
            Close(position, in hold, resolution);
            debit.DebitsPending -= hold.Amount;
            credit.CreditsPending -= hold.Amount;
        }
        if (voids)
        {
            Reopen(hold.Flags, debit, credit);
        }
        else
        {
            Post(debit, credit, amount);
        }
        ref var row = ref _rows.Add();
        row.Id = t.Id;
        row.UserData128 = t.UserData128 != 0 ? t.UserData128 : hold.UserData128;
        row.UserData64 = t.UserData64 != 0 ? t.UserData64 : hold.UserData64;
        row.UserData32 = t.UserData32 != 0 ? t.UserData32 : hold.UserData32;
        row.Amount = amount;
        row.Timestamp = imported ? t.Timestamp : eventTime;
        row.Hold = position + 1;
        row.Code = hold.Code;
        row.Flags = t.Flags;
        row.State = resolution;
        FinishRow(ref row, debit, credit);
        return TransferAnswer.Created;
    }

    private TransferAnswer CompareToKnown(in AskedTransfer t, in BookRow e)
    {
        if (e.Kind == RowKind.FailedId)
            return TransferAnswer.IdAlreadyFailed;
        if (t.Flags != e.Flags)
            return TransferAnswer.ExistsWithDifferentFlags;
        var resolves = e.Hold != 0;
        var hold = resolves ? _rows[e.Hold - 1] : default;
        if (t.PendingId != hold.Id)
            return TransferAnswer.ExistsWithDifferentPendingId;
        if (t.Timeout != e.Timeout)
            return TransferAnswer.ExistsWithDifferentTimeout;
        // What a post or void leaves out stands for the hold's.
        if (!(resolves && t.Debit == 0) && t.Debit != _accounts[(int)e.DebitSlot].Id)
            return TransferAnswer.ExistsWithDifferentDebitAccountId;
        if (!(resolves && t.Credit == 0) && t.Credit != _accounts[(int)e.CreditSlot].Id)
            return TransferAnswer.ExistsWithDifferentCreditAccountId;
        var sameAmount =
            Has(t, TransferBits.Balancing) ? t.Amount >= e.Amount
            : Has(t, TransferBits.Void) && t.Amount == 0 ? e.Amount == hold.Amount
            : Has(t, TransferBits.Post) && t.Amount == UInt128.MaxValue ? e.Amount == hold.Amount
            : t.Amount == e.Amount;
        if (!sameAmount)
            return TransferAnswer.ExistsWithDifferentAmount;
        if ((resolves && t.UserData128 == 0 ? hold.UserData128 : t.UserData128) != e.UserData128)
            return TransferAnswer.ExistsWithDifferentUserData128;
        if ((resolves && t.UserData64 == 0 ? hold.UserData64 : t.UserData64) != e.UserData64)
            return TransferAnswer.ExistsWithDifferentUserData64;
        if ((resolves && t.UserData32 == 0 ? hold.UserData32 : t.UserData32) != e.UserData32)
            return TransferAnswer.ExistsWithDifferentUserData32;
        if (!(resolves && t.Ledger == 0) && t.Ledger != e.Ledger)
            return TransferAnswer.ExistsWithDifferentLedger;
        if (!(resolves && t.Code == 0) && t.Code != e.Code)
            return TransferAnswer.ExistsWithDifferentCode;
        return TransferAnswer.Exists;
    }

    private void FinishRow(ref BookRow row, BookAccount debit, BookAccount credit)
    {
        row.Kind = RowKind.Transfer;
        row.DebitSlot = debit.Slot;
        row.CreditSlot = credit.Slot;
        _lastRowTimestamp = row.Timestamp;
        var (previousDebit, previousCredit) = (debit.LastRow, credit.LastRow);
        debit.LastRow = credit.LastRow = _rows.Count;
        _ids[row.Id] = _rows.Count - 1;
        WriteRow(ref row, debit, credit, previousDebit, previousCredit);
    }

    private static void Post(BookAccount debit, BookAccount credit, ulong amount)
    {
        debit.DebitsPosted += amount;
        credit.CreditsPosted += amount;
    }

    private static bool Has(in AskedTransfer t, int bits) => (t.Flags & bits) != 0;

    private static ulong Room(ulong balance, ulong posted, ulong pending)
    {
        var used = (UInt128)posted + pending;
        return used >= balance ? 0 : balance - (ulong)used;
    }

    private static bool Beyond(UInt128 amount, UInt128 total) =>
        amount > ulong.MaxValue || amount + total > ulong.MaxValue;

    private static TransferAnswer? PostedOverflow(
        UInt128 amount,
        BookAccount debit,
        BookAccount credit
    ) =>
        Beyond(amount, debit.DebitsPosted) ? TransferAnswer.OverflowsDebitsPosted
        : Beyond(amount, credit.CreditsPosted) ? TransferAnswer.OverflowsCreditsPosted
        : Beyond(amount, (UInt128)debit.DebitsPending + debit.DebitsPosted)
            ? TransferAnswer.OverflowsDebits
        : Beyond(amount, (UInt128)credit.CreditsPending + credit.CreditsPosted)
            ? TransferAnswer.OverflowsCredits
        : null;
}
