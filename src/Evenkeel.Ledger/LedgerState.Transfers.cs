using System.Runtime.CompilerServices;
using Evenkeel.Ledger.Holds;
using Evenkeel.Model;

namespace Evenkeel.Ledger;

/// <content>create_transfers: the loop, and the rules of single transfers and holds.</content>
public sealed unsafe partial class LedgerState
{
    private const TransferFlags PostOrVoid =
        TransferFlags.PostPendingTransfer | TransferFlags.VoidPendingTransfer;
    private const TransferFlags Balancing =
        TransferFlags.BalancingDebit | TransferFlags.BalancingCredit;
    private const TransferFlags Closing = TransferFlags.ClosingDebit | TransferFlags.ClosingCredit;

    /// <summary>
    /// Creates transfers. Event i of n happens at <paramref name="timestamp"/> - n + i + 1; the
    /// answers stand in the order of the events.
    /// </summary>
    /// <param name="rememberFailedIds">
    /// Whether ids that fail for a passing reason (<see cref="StatusRules.IsTransient"/>) are
    /// remembered. Operations hand in false: their own id is what a retry repeats.
    /// </param>
    public void CreateTransfers(
        ulong timestamp,
        ReadOnlySpan<Transfer> events,
        Span<CreateTransferResult> results,
        bool rememberFailedIds = true
    )
    {
        BeginCommand(timestamp, events.Length, results.Length);
        if (events.Length == 0)
        {
            return;
        }

        fixed (Transfer* first = events)
        fixed (HistoryRow* rows = _history.Reserve(events.Length))
        {
            _rows = rows;
            BeginLookahead(first, events.Length);
            var chain = new Chain(this);
            bool imported = (first->Flags & TransferFlags.Imported) != 0;
            for (int i = 0; i < events.Length; i++)
            {
                Lookahead(i);
                Transfer* t = first + i;
                ulong actual = EventTime(timestamp, events.Length, i);
                bool linked = (t->Flags & TransferFlags.Linked) != 0;
                CreateTransferStatus status = chain.Enter(linked, i, events.Length) switch
                {
                    ChainState.Open => CreateTransferStatus.LinkedEventChainOpen,
                    ChainState.Failed => CreateTransferStatus.LinkedEventFailed,
                    _ => CreateTransfer(t, i, imported, timestamp, ref actual),
                };
                if (status is not (CreateTransferStatus.Created or CreateTransferStatus.Exists))
                {
                    // A refused import is told the event's time, not the one it asked for.
                    actual = EventTime(timestamp, events.Length, i);
                }

                results[i] = new CreateTransferResult { Timestamp = actual, Status = status };
                if (status != CreateTransferStatus.Created)
                {
                    if (chain.Fail(out int chainFirst))
                    {
                        for (int k = chainFirst; k < i; k++)
                        {
                            results[k].Status = CreateTransferStatus.LinkedEventFailed;
                        }
                    }

                    if (rememberFailedIds && status.IsTransient())
                    {
                        RememberFailedId(t->Id);
                    }
                }

                chain.Leave(linked, i, events.Length);
            }

            AdvanceRows();
        }

        EndCommand(timestamp, events.Length);
    }

    private CreateTransferStatus CreateTransfer(
        Transfer* t,
        int index,
        bool importedBatch,
        ulong timestampBatch,
        ref ulong timestamp
    )
    {
        TransferFlags flags = t->Flags;
        if (importedBatch != ((flags & TransferFlags.Imported) != 0))
        {
            return importedBatch
                ? CreateTransferStatus.ImportedEventExpected
                : CreateTransferStatus.ImportedEventNotExpected;
        }

        if (importedBatch)
        {
            if (t->Timestamp is < Limits.TimestampMin or > Limits.TimestampMax)
            {
                return CreateTransferStatus.ImportedEventTimestampOutOfRange;
            }

            if (t->Timestamp >= timestampBatch)
            {
                return CreateTransferStatus.ImportedEventTimestampMustNotAdvance;
            }
        }
        else if (t->Timestamp != 0)
        {
            return CreateTransferStatus.TimestampMustBeZero;
        }

        if ((flags & ~TransferFlags.Known) != 0)
            return CreateTransferStatus.ReservedFlag;
        if (t->Id == UInt128.Zero)
            return CreateTransferStatus.IdMustNotBeZero;
        if (t->Id == UInt128.MaxValue)
            return CreateTransferStatus.IdMustNotBeIntMax;

        ref readonly Ahead ahead = ref _ahead[index];
        ulong hash = ahead.Id;
        if (_transferIds.TryFind(hash, t->Id, new TransferIds(this), out ulong existing))
        {
            return CompareToExisting(t, existing, ref timestamp);
        }

        if ((flags & PostOrVoid) != 0)
            return ResolveHold(t, hash, ref timestamp);

        bool forced = (flags & TransferFlags.Forced) != 0;
        if (forced && (flags & (Balancing | Closing | TransferFlags.Imported)) != 0)
        {
            return CreateTransferStatus.FlagsAreMutuallyExclusive;
        }

        bool pending = (flags & TransferFlags.Pending) != 0;
        CreateTransferStatus malformed = CheckFields(t, pending);
        if (malformed != CreateTransferStatus.Created)
            return malformed;

        if (!TryFindSlot(t->DebitAccountId, ahead.Debit, ahead.DebitSlot, out uint debitSlot))
        {
            return CreateTransferStatus.DebitAccountNotFound;
        }

        if (!TryFindSlot(t->CreditAccountId, ahead.Credit, ahead.CreditSlot, out uint creditSlot))
        {
            return CreateTransferStatus.CreditAccountNotFound;
        }

        HotAccount* debit = _hot[debitSlot];
        HotAccount* credit = _hot[creditSlot];
        if (debit->Ledger != credit->Ledger)
        {
            return CreateTransferStatus.AccountsMustHaveTheSameLedger;
        }

        if (t->Ledger != debit->Ledger)
        {
            return CreateTransferStatus.TransferMustHaveTheSameLedgerAsAccounts;
        }

        if (importedBatch)
        {
            CreateTransferStatus untimely = CheckImportedTime(t, debitSlot, creditSlot);
            if (untimely != CreateTransferStatus.Created)
                return untimely;
            timestamp = t->Timestamp;
        }

        if (debit->IsClosed)
            return CreateTransferStatus.DebitAccountAlreadyClosed;
        if (credit->IsClosed)
            return CreateTransferStatus.CreditAccountAlreadyClosed;

        UInt128 wide = t->Amount;
        if ((flags & Balancing) != 0)
            wide = BalancingAmount(wide, flags, debit, credit);

        // An amount beyond 64 bits overflows the first total that it would be added to.
        ulong amount = wide > Limits.StoredAmountMax ? ulong.MaxValue : (ulong)wide;
        bool fits = wide <= Limits.StoredAmountMax;
        if (pending)
        {
            if (!fits || amount > ulong.MaxValue - debit->DebitsPending)
            {
                return CreateTransferStatus.OverflowsDebitsPending;
            }

            if (amount > ulong.MaxValue - credit->CreditsPending)
            {
                return CreateTransferStatus.OverflowsCreditsPending;
            }
        }

        CreateTransferStatus overflow = CheckPostedOverflow(fits, amount, debit, credit);
        if (overflow != CreateTransferStatus.Created)
            return overflow;

        if (t->Timeout != 0 && Hold.DeadlineOf(timestamp, t->Timeout) > Limits.TimestampMax)
        {
            return CreateTransferStatus.OverflowsTimeout;
        }

        if (!forced)
        {
            if (ExceedsCredits(debit, debitSlot, amount))
                return CreateTransferStatus.ExceedsCredits;
            if (ExceedsDebits(credit, creditSlot, amount))
                return CreateTransferStatus.ExceedsDebits;
        }

        // After this point the transfer must succeed.
        HistoryRow* row = NextRow(out ulong position);
        RecordHot(debitSlot);
        RecordHot(creditSlot);
        TouchHot(debitSlot);
        TouchHot(creditSlot);
        if (pending)
        {
            MovePending(debit, credit, amount);
            if ((flags & TransferFlags.ClosingDebit) != 0)
                debit->Flags |= AccountFlags.Closed;
            if ((flags & TransferFlags.ClosingCredit) != 0)
                credit->Flags |= AccountFlags.Closed;
        }
        else
        {
            MovePosted(debit, credit, amount);
        }

        row->Id = t->Id;
        row->UserData128 = t->UserData128;
        row->UserData64 = t->UserData64;
        row->Amount = amount;
        row->Timestamp = timestamp;
        row->PendingPosition = 0;
        row->UserData32 = t->UserData32;
        row->Timeout = t->Timeout;
        row->Code = t->Code;
        row->Flags = flags;
        row->PendingStatus = pending ? TransferPendingStatus.Pending : TransferPendingStatus.None;
        FinishRow(row, position, debit, debitSlot, credit, creditSlot);
        RememberId(hash, position);
        if (pending)
        {
            OpenHold(row, position);
        }

        return CreateTransferStatus.Created;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static CreateTransferStatus CheckFields(Transfer* t, bool pending)
    {
        if (t->DebitAccountId == UInt128.Zero)
            return CreateTransferStatus.DebitAccountIdMustNotBeZero;
        if (t->DebitAccountId == UInt128.MaxValue)
        {
            return CreateTransferStatus.DebitAccountIdMustNotBeIntMax;
        }

        if (t->CreditAccountId == UInt128.Zero)
        {
            return CreateTransferStatus.CreditAccountIdMustNotBeZero;
        }

        if (t->CreditAccountId == UInt128.MaxValue)
        {
            return CreateTransferStatus.CreditAccountIdMustNotBeIntMax;
        }

        if (t->CreditAccountId == t->DebitAccountId)
        {
            return CreateTransferStatus.AccountsMustBeDifferent;
        }

        if (t->PendingId != UInt128.Zero)
            return CreateTransferStatus.PendingIdMustBeZero;
        if (!pending)
        {
            if (t->Timeout != 0)
                return CreateTransferStatus.TimeoutReservedForPendingTransfer;
            if ((t->Flags & Closing) != 0)
                return CreateTransferStatus.ClosingTransferMustBePending;
        }

        if (t->Ledger == 0)
            return CreateTransferStatus.LedgerMustNotBeZero;
        if (t->Code == 0)
            return CreateTransferStatus.CodeMustNotBeZero;
        return CreateTransferStatus.Created;
    }

    private CreateTransferStatus CheckImportedTime(Transfer* t, uint debitSlot, uint creditSlot)
    {
        if (t->Timestamp <= _lastRowTimestamp || HasAccountAt(t->Timestamp))
        {
            return CreateTransferStatus.ImportedEventTimestampMustNotRegress;
        }

        if (t->Timestamp <= _cold[debitSlot]->Timestamp)
        {
            return CreateTransferStatus.ImportedEventTimestampMustPostdateDebitAccount;
        }

        if (t->Timestamp <= _cold[creditSlot]->Timestamp)
        {
            return CreateTransferStatus.ImportedEventTimestampMustPostdateCreditAccount;
        }

        return t->Timeout != 0
            ? CreateTransferStatus.ImportedEventTimeoutMustBeZero
            : CreateTransferStatus.Created;
    }

    /// <summary>At most what the balances leave; an allowance is no balance and does not count.</summary>
    private static UInt128 BalancingAmount(
        UInt128 amount,
        TransferFlags flags,
        HotAccount* debit,
        HotAccount* credit
    )
    {
        if ((flags & TransferFlags.BalancingDebit) != 0)
        {
            ulong used = debit->DebitsPosted + debit->DebitsPending;
            ulong room = debit->CreditsPosted > used ? debit->CreditsPosted - used : 0;
            amount = UInt128.Min(amount, room);
        }

        if ((flags & TransferFlags.BalancingCredit) != 0)
        {
            ulong used = credit->CreditsPosted + credit->CreditsPending;
            ulong room = credit->DebitsPosted > used ? credit->DebitsPosted - used : 0;
            amount = UInt128.Min(amount, room);
        }

        return amount;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static CreateTransferStatus CheckPostedOverflow(
        bool fits,
        ulong amount,
        HotAccount* debit,
        HotAccount* credit
    )
    {
        if (!fits || amount > ulong.MaxValue - debit->DebitsPosted)
        {
            return CreateTransferStatus.OverflowsDebitsPosted;
        }

        if (amount > ulong.MaxValue - credit->CreditsPosted)
        {
            return CreateTransferStatus.OverflowsCreditsPosted;
        }

        // Posted and pending together never overflow either, hence the plain sums.
        if (amount > ulong.MaxValue - (debit->DebitsPending + debit->DebitsPosted))
        {
            return CreateTransferStatus.OverflowsDebits;
        }

        return amount > ulong.MaxValue - (credit->CreditsPending + credit->CreditsPosted)
            ? CreateTransferStatus.OverflowsCredits
            : CreateTransferStatus.Created;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool ExceedsCredits(HotAccount* debit, uint slot, ulong amount) =>
        (debit->Flags & AccountFlags.DebitsMustNotExceedCredits) != 0
        && Exceeds(
            debit->DebitsPending + debit->DebitsPosted + amount,
            debit->CreditsPosted,
            debit->Flags,
            slot
        );

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool ExceedsDebits(HotAccount* credit, uint slot, ulong amount) =>
        (credit->Flags & AccountFlags.CreditsMustNotExceedDebits) != 0
        && Exceeds(
            credit->CreditsPending + credit->CreditsPosted + amount,
            credit->DebitsPosted,
            credit->Flags,
            slot
        );

    private bool Exceeds(ulong used, ulong balance, AccountFlags flags, uint slot) =>
        used > balance
        && ((flags & HotAccount.HasAllowance) == 0 || used - balance > _cold[slot]->Allowance);
}
