using Evenkeel.Model;

namespace Evenkeel.Ledger;

/// <content>A transfer id that was seen before: the same content gets the same answer.</content>
public sealed unsafe partial class LedgerState
{
    private CreateTransferStatus CompareToExisting(Transfer* t, ulong position, ref ulong timestamp)
    {
        HistoryRow e = ReadRow(position);
        if (e.Kind == HistoryRowKind.FailedId)
            return CreateTransferStatus.IdAlreadyFailed;
        Check.That(e.Kind == HistoryRowKind.Transfer);

        // The flags change what the other fields mean, so they come first.
        if (t->Flags != e.Flags)
            return CreateTransferStatus.ExistsWithDifferentFlags;

        bool resolves = e.PendingPosition != 0;
        HistoryRow p = resolves ? ReadRow(e.PendingPosition - 1) : default;
        if (t->PendingId != p.Id)
            return CreateTransferStatus.ExistsWithDifferentPendingId;
        if (t->Timeout != e.Timeout)
            return CreateTransferStatus.ExistsWithDifferentTimeout;

        // A field that a post or void may leave out stands for the hold's.
        bool maySkip(bool isZero) => resolves && isZero;
        if (
            !maySkip(t->DebitAccountId == UInt128.Zero)
            && t->DebitAccountId != _hot[e.DebitSlot]->Id
        )
        {
            return CreateTransferStatus.ExistsWithDifferentDebitAccountId;
        }

        if (
            !maySkip(t->CreditAccountId == UInt128.Zero)
            && t->CreditAccountId != _hot[e.CreditSlot]->Id
        )
        {
            return CreateTransferStatus.ExistsWithDifferentCreditAccountId;
        }

        if (!IsSameAmount(t, in e, in p))
            return CreateTransferStatus.ExistsWithDifferentAmount;
        UInt128 userData128 = maySkip(t->UserData128 == UInt128.Zero)
            ? p.UserData128
            : t->UserData128;
        if (userData128 != e.UserData128)
        {
            return CreateTransferStatus.ExistsWithDifferentUserData128;
        }

        ulong userData64 = maySkip(t->UserData64 == 0) ? p.UserData64 : t->UserData64;
        if (userData64 != e.UserData64)
            return CreateTransferStatus.ExistsWithDifferentUserData64;
        uint userData32 = maySkip(t->UserData32 == 0) ? p.UserData32 : t->UserData32;
        if (userData32 != e.UserData32)
            return CreateTransferStatus.ExistsWithDifferentUserData32;
        if (!maySkip(t->Ledger == 0) && t->Ledger != e.Ledger)
        {
            return CreateTransferStatus.ExistsWithDifferentLedger;
        }

        if (!maySkip(t->Code == 0) && t->Code != e.Code)
        {
            return CreateTransferStatus.ExistsWithDifferentCode;
        }

        timestamp = e.Timestamp;
        return CreateTransferStatus.Exists;
    }

    private static bool IsSameAmount(Transfer* t, in HistoryRow e, in HistoryRow p)
    {
        // A balancing transfer moved at most what it asked for.
        if ((t->Flags & Balancing) != 0)
            return t->Amount >= e.Amount;
        bool wholeHold =
            (t->Flags & TransferFlags.VoidPendingTransfer) != 0
                ? t->Amount == UInt128.Zero
                : (t->Flags & TransferFlags.PostPendingTransfer) != 0
                    && t->Amount == UInt128.MaxValue;
        return wholeHold ? e.Amount == p.Amount : t->Amount == e.Amount;
    }
}
