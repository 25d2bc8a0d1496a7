using System.Runtime.CompilerServices;
using Evenkeel.Ledger.Holds;
using Evenkeel.Model;

namespace Evenkeel.Ledger;

/// <content>Posting, voiding and expiring holds.</content>
public sealed unsafe partial class LedgerState
{
    /// <summary>
    /// Expires holds whose deadline has come, earliest first, at most
    /// <see cref="Limits.ExpiriesPerEntryMax"/>: the k of them at the k timestamps that end at
    /// <paramref name="timestamp"/>.
    /// </summary>
    /// <returns>k; 0 when nothing is due.</returns>
    public int ExpireHolds(ulong timestamp)
    {
        if (NextExpiry > timestamp)
        {
            return 0;
        }

        Check.That(timestamp <= Limits.TimestampMax);
        var due = new List<Hold>();
        while (_holds.NextDeadline <= timestamp && due.Count < Limits.ExpiriesPerEntryMax)
        {
            uint place = _holds.FirstDue;
            due.Add(*_holds[place]);
            CloseHold(place, TransferPendingStatus.Expired);
        }

        Check.That(timestamp - (ulong)due.Count >= LastTimestamp, "time advances");
        fixed (HistoryRow* rows = _history.Reserve(due.Count))
        {
            _rows = rows;
            for (int i = 0; i < due.Count; i++)
            {
                Expire(due[i], EventTime(timestamp, due.Count, i));
            }

            AdvanceRows();
        }

        LastTimestamp = timestamp;
        return due.Count;
    }

    private void Expire(in Hold hold, ulong timestamp)
    {
        RecordHot(hold.DebitSlot);
        RecordHot(hold.CreditSlot);
        HotAccount* debit = TouchHot(hold.DebitSlot);
        HotAccount* credit = TouchHot(hold.CreditSlot);
        ReleasePending(debit, credit, hold.Amount);
        Reopen(hold.Flags, debit, credit);
        HistoryRow* row = NextRow(out _);
        *row = new HistoryRow
        {
            Amount = hold.Amount,
            Timestamp = timestamp,
            PendingPosition = hold.PositionPlusOne,
            Code = hold.Code,
            Kind = HistoryRowKind.Expiry,
            PendingStatus = TransferPendingStatus.Expired,
        };
        Stamp(row, debit, hold.DebitSlot, credit, hold.CreditSlot);
    }

    private CreateTransferStatus ResolveHold(Transfer* t, ulong hash, ref ulong timestamp)
    {
        TransferFlags flags = t->Flags;
        bool isVoid = (flags & TransferFlags.VoidPendingTransfer) != 0;
        bool forced = (flags & TransferFlags.Forced) != 0;
        if ((flags & PostOrVoid) == PostOrVoid)
            return CreateTransferStatus.FlagsAreMutuallyExclusive;
        if ((flags & (TransferFlags.Pending | Balancing | Closing)) != 0)
        {
            return CreateTransferStatus.FlagsAreMutuallyExclusive;
        }

        if (forced && (flags & TransferFlags.Imported) != 0)
        {
            return CreateTransferStatus.FlagsAreMutuallyExclusive;
        }

        if (t->PendingId == UInt128.Zero)
            return CreateTransferStatus.PendingIdMustNotBeZero;
        if (t->PendingId == UInt128.MaxValue)
            return CreateTransferStatus.PendingIdMustNotBeIntMax;
        if (t->PendingId == t->Id)
            return CreateTransferStatus.PendingIdMustBeDifferent;
        if (t->Timeout != 0)
            return CreateTransferStatus.TimeoutReservedForPendingTransfer;

        CreateTransferStatus notFound = FindHold(
            t->PendingId,
            out Hold p,
            out uint place,
            out bool open
        );
        if (notFound != CreateTransferStatus.Created)
            return notFound;

        HotAccount* debit = _hot[p.DebitSlot];
        HotAccount* credit = _hot[p.CreditSlot];
        if (t->DebitAccountId != UInt128.Zero && t->DebitAccountId != debit->Id)
        {
            return CreateTransferStatus.PendingTransferHasDifferentDebitAccountId;
        }

        if (t->CreditAccountId != UInt128.Zero && t->CreditAccountId != credit->Id)
        {
            return CreateTransferStatus.PendingTransferHasDifferentCreditAccountId;
        }

        if (t->Ledger != 0 && t->Ledger != p.Ledger)
        {
            return CreateTransferStatus.PendingTransferHasDifferentLedger;
        }

        if (t->Code != 0 && t->Code != p.Code)
        {
            return CreateTransferStatus.PendingTransferHasDifferentCode;
        }

        bool wholeAmount = isVoid ? t->Amount == UInt128.Zero : t->Amount == UInt128.MaxValue;
        UInt128 wide = wholeAmount ? p.Amount : t->Amount;
        if (wide > p.Amount)
            return CreateTransferStatus.ExceedsPendingTransferAmount;
        var amount = (ulong)wide;
        if (isVoid && amount < p.Amount)
            return CreateTransferStatus.PendingTransferHasDifferentAmount;

        // Expired is judged by time, not by the sweep: a due hold is expired already.
        TransferPendingStatus state =
            !open ? _resolved[p.Position]
            : p.Deadline <= timestamp ? TransferPendingStatus.Expired
            : TransferPendingStatus.Pending;
        bool single = false;
        switch (state)
        {
            case TransferPendingStatus.Pending:
                break;
            case TransferPendingStatus.Posted:
                return CreateTransferStatus.PendingTransferAlreadyPosted;
            case TransferPendingStatus.Voided
            or TransferPendingStatus.Expired
                when forced
                    && !isVoid
                    && StateVersion >= StateVersions.ForcedPostOnce
                    && _forcedPosts[p.Position]:
                return CreateTransferStatus.PendingTransferAlreadyPosted;
            case TransferPendingStatus.Voided when !forced || isVoid:
                return CreateTransferStatus.PendingTransferAlreadyVoided;
            case TransferPendingStatus.Expired when !forced || isVoid:
                return CreateTransferStatus.PendingTransferExpired;
            case TransferPendingStatus.Voided or TransferPendingStatus.Expired:
                single = true;
                break;
            default:
                Check.That(false, "a hold has a state");
                break;
        }

        if ((flags & TransferFlags.Imported) != 0)
        {
            if (t->Timestamp <= _lastRowTimestamp || HasAccountAt(t->Timestamp))
            {
                return CreateTransferStatus.ImportedEventTimestampMustNotRegress;
            }

            timestamp = t->Timestamp;
        }

        if (debit->IsClosed && !isVoid)
            return CreateTransferStatus.DebitAccountAlreadyClosed;
        if (credit->IsClosed && !isVoid)
            return CreateTransferStatus.CreditAccountAlreadyClosed;
        if (single)
        {
            CreateTransferStatus overflow = CheckPostedOverflow(fits: true, amount, debit, credit);
            if (overflow != CreateTransferStatus.Created)
                return overflow;
        }

        // After this point the transfer must succeed.
        RecordHot(p.DebitSlot);
        RecordHot(p.CreditSlot);
        TouchHot(p.DebitSlot);
        TouchHot(p.CreditSlot);
        TransferPendingStatus resolution = TransferPendingStatus.None;
        if (single)
        {
            MarkForcedPost(p.Position);
        }
        else
        {
            resolution = isVoid ? TransferPendingStatus.Voided : TransferPendingStatus.Posted;
            CloseHold(place, resolution);
            ReleasePending(debit, credit, p.Amount);
        }

        if (isVoid)
        {
            Reopen(p.Flags, debit, credit);
        }
        else
        {
            MovePosted(debit, credit, amount);
        }

        HistoryRow* row = NextRow(out ulong position);
        row->Id = t->Id;
        row->UserData128 = t->UserData128 != UInt128.Zero ? t->UserData128 : p.UserData128;
        row->UserData64 = t->UserData64 != 0 ? t->UserData64 : p.UserData64;
        row->Amount = amount;
        row->Timestamp = timestamp;
        row->PendingPosition = p.PositionPlusOne;
        row->UserData32 = t->UserData32 != 0 ? t->UserData32 : p.UserData32;
        row->Timeout = 0;
        row->Code = p.Code;
        row->Flags = flags;
        row->PendingStatus = resolution;
        FinishRow(row, position, debit, p.DebitSlot, credit, p.CreditSlot);
        RememberId(hash, position);
        return CreateTransferStatus.Created;
    }

    /// <summary>The hold by its id: from the table while it is open, else from its row.</summary>
    private CreateTransferStatus FindHold(UInt128 id, out Hold hold, out uint place, out bool open)
    {
        hold = default;
        place = 0;
        open = false;
        if (!_transferIds.TryFind(_hash.Of(id), id, new HoldIds(this), out ulong position))
        {
            return CreateTransferStatus.PendingTransferNotFound;
        }

        open = _holds.TryFind(position, out place);
        if (open)
        {
            hold = *_holds[place];
            return CreateTransferStatus.Created;
        }

        HistoryRow row = ReadRow(position);
        if (row.Kind != HistoryRowKind.Transfer)
            return CreateTransferStatus.PendingTransferNotFound;
        if ((row.Flags & TransferFlags.Pending) == 0)
        {
            return CreateTransferStatus.PendingTransferNotPending;
        }

        hold = Hold.FromRow(in row, position);
        return CreateTransferStatus.Created;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void OpenHold(HistoryRow* row, ulong position)
    {
        TouchHold(_holds.NextPlace);
        _holds.Open(Hold.FromRow(in *row, position));
        RecordHoldOpened(position);
    }

    private void CloseHold(uint place, TransferPendingStatus resolution)
    {
        Hold hold = *_holds[place];
        RecordHoldClosed(in hold);
        TouchHold(place);
        _holds.Close(place);
        _resolved[hold.Position] = resolution;
    }

    private void MarkForcedPost(ulong position)
    {
        if (!_forcedPosts[position])
        {
            RecordForcedPost(position);
            _forcedPosts[position] = true;
        }
    }

    /// <summary>A hold that closed accounts gives them back when it is voided or expires.</summary>
    private static void Reopen(TransferFlags hold, HotAccount* debit, HotAccount* credit)
    {
        if ((hold & TransferFlags.ClosingDebit) != 0)
            debit->Flags &= ~AccountFlags.Closed;
        if ((hold & TransferFlags.ClosingCredit) != 0)
            credit->Flags &= ~AccountFlags.Closed;
    }

    /// <summary>Compares against open holds first: their ids are in memory.</summary>
    private readonly struct HoldIds(LedgerState ledger) : Index.IIdSource
    {
        public bool Matches(ulong position, UInt128 id) =>
            ledger._holds.TryFind(position, out uint place)
                ? ledger._holds[place]->Id == id
                : ledger.RowId(position) == id;
    }
}
