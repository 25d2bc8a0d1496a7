using System.Runtime.CompilerServices;
using Evenkeel.Model;

namespace Evenkeel.Ledger;

/// <content>The effects that transfers share. Nothing here may fail.</content>
public sealed unsafe partial class LedgerState
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void MovePosted(HotAccount* debit, HotAccount* credit, ulong amount)
    {
        ulong debitBefore = debit->DebitsPosted;
        ulong creditBefore = credit->CreditsPosted;
        debit->DebitsPosted = debitBefore + amount;
        credit->CreditsPosted = creditBefore + amount;
        // From the lines themselves, not from the amount: it checks the writes.
        unchecked
        {
            _postedSkew += debit->DebitsPosted - debitBefore;
            _postedSkew -= credit->CreditsPosted - creditBefore;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void MovePending(HotAccount* debit, HotAccount* credit, ulong amount)
    {
        ulong debitBefore = debit->DebitsPending;
        ulong creditBefore = credit->CreditsPending;
        debit->DebitsPending = debitBefore + amount;
        credit->CreditsPending = creditBefore + amount;
        unchecked
        {
            _pendingSkew += debit->DebitsPending - debitBefore;
            _pendingSkew -= credit->CreditsPending - creditBefore;
        }
    }

    private void ReleasePending(HotAccount* debit, HotAccount* credit, ulong amount)
    {
        Check.That(debit->DebitsPending >= amount, "the hold is part of pending debits");
        Check.That(credit->CreditsPending >= amount, "the hold is part of pending credits");
        ulong debitBefore = debit->DebitsPending;
        ulong creditBefore = credit->CreditsPending;
        debit->DebitsPending = debitBefore - amount;
        credit->CreditsPending = creditBefore - amount;
        unchecked
        {
            _pendingSkew += debit->DebitsPending - debitBefore;
            _pendingSkew -= credit->CreditsPending - creditBefore;
        }
    }

    /// <summary>Completes a transfer's row and makes it the newest of both accounts' chains.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void FinishRow(
        HistoryRow* row,
        ulong position,
        HotAccount* debit,
        uint debitSlot,
        HotAccount* credit,
        uint creditSlot
    )
    {
        row->PreviousDebit = debit->ChainHead;
        row->PreviousCredit = credit->ChainHead;
        debit->ChainHead = position + 1;
        credit->ChainHead = position + 1;
        row->Kind = HistoryRowKind.Transfer;
        Stamp(row, debit, debitSlot, credit, creditSlot);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Stamp(
        HistoryRow* row,
        HotAccount* debit,
        uint debitSlot,
        HotAccount* credit,
        uint creditSlot
    )
    {
        Check.That(row->Timestamp > _lastRowTimestamp, "rows advance in time");
        _lastRowTimestamp = row->Timestamp;
        row->EntryIndex = _entryIndex;
        row->DebitSlot = debitSlot;
        row->CreditSlot = creditSlot;
        row->Ledger = debit->Ledger;
        row->Debit = debit->Balance;
        row->Credit = credit->Balance;
        row->DebitFlags = debit->PublicFlags;
        row->CreditFlags = credit->PublicFlags;
        row->Reserved16 = 0;
        row->Checksum = 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void RememberId(ulong hash, ulong position)
    {
        _transferIds.Insert(hash, position);
        RecordId(hash, position);
    }

    private void RememberFailedId(UInt128 id)
    {
        HistoryRow* row = NextRow(out ulong position);
        *row = new HistoryRow
        {
            Id = id,
            Timestamp = _lastRowTimestamp,
            EntryIndex = _entryIndex,
            Kind = HistoryRowKind.FailedId,
        };
        RememberId(_hash.Of(id), position);
    }
}
