using System.Buffers;
using Evenkeel.Model;

namespace Evenkeel.Ledger.Queries;

/// <summary>Turns rows into what travels: slots become account ids, positions become transfer ids.</summary>
internal sealed class RowConverter(IHistoryReader history, IAccountReader accounts) : IDisposable
{
    /// <summary>Rows at a time; one call to the account reader for all their accounts.</summary>
    public const int BlockRows = 256;

    private readonly HistoryRow[] _rows = ArrayPool<HistoryRow>.Shared.Rent(BlockRows);
    private readonly uint[] _slots = new uint[BlockRows * 2];
    private readonly Account[] _accounts = ArrayPool<Account>.Shared.Rent(BlockRows * 2);
    private int _count;

    public bool IsFull => _count == BlockRows;

    public void Add(in HistoryRow row)
    {
        _slots[_count * 2] = row.DebitSlot;
        _slots[(_count * 2) + 1] = row.CreditSlot;
        _rows[_count++] = row;
    }

    /// <summary>Writes the added rows as transfers, forgets them, and returns how many there were.</summary>
    public int Flush(Span<Transfer> transfers)
    {
        var count = ReadAccounts();
        for (var i = 0; i < count; i++)
        {
            ref readonly var row = ref _rows[i];
            transfers[i] = ToTransfer(
                row,
                debitAccountId: _accounts[i * 2].Id,
                creditAccountId: _accounts[(i * 2) + 1].Id,
                PendingId(row)
            );
        }

        return count;
    }

    /// <summary>Writes the added rows as change events, forgets them, and returns how many there were.</summary>
    public int Flush(Span<ChangeEvent> events)
    {
        var count = ReadAccounts();
        for (var i = 0; i < count; i++)
        {
            events[i] = ToChangeEvent(_rows[i], _accounts[i * 2], _accounts[(i * 2) + 1]);
        }

        return count;
    }

    public void Dispose()
    {
        ArrayPool<HistoryRow>.Shared.Return(_rows);
        ArrayPool<Account>.Shared.Return(_accounts);
    }

    public static AccountBalance ToBalance(in StoredBalance balance, ulong timestamp) =>
        new()
        {
            DebitsPending = balance.DebitsPending,
            DebitsPosted = balance.DebitsPosted,
            CreditsPending = balance.CreditsPending,
            CreditsPosted = balance.CreditsPosted,
            Timestamp = timestamp,
        };

    private static Transfer ToTransfer(
        in HistoryRow row,
        UInt128 debitAccountId,
        UInt128 creditAccountId,
        UInt128 pendingId
    ) =>
        new()
        {
            Id = row.Id,
            DebitAccountId = debitAccountId,
            CreditAccountId = creditAccountId,
            Amount = row.Amount,
            PendingId = pendingId,
            UserData128 = row.UserData128,
            UserData64 = row.UserData64,
            UserData32 = row.UserData32,
            Timeout = row.Timeout,
            Ledger = row.Ledger,
            Code = row.Code,
            Flags = row.Flags,
            Timestamp = row.Timestamp,
        };

    private int ReadAccounts()
    {
        var count = _count;
        _count = 0;
        if (count > 0)
        {
            accounts.Read(_slots.AsSpan(0, count * 2), _accounts.AsSpan(0, count * 2));
        }

        return count;
    }

    private UInt128 PendingId(in HistoryRow row)
    {
        if (row.PendingPosition == 0)
        {
            return UInt128.Zero;
        }

        history.Read(row.PendingPosition - 1, out var hold);
        return hold.Id;
    }

    private ChangeEvent ToChangeEvent(in HistoryRow row, in Account debit, in Account credit)
    {
        // The event of an expiry shows the hold itself: no transfer belongs to that moment.
        var transfer = row;
        if (row.Kind == HistoryRowKind.Expiry)
        {
            history.Read(row.PendingPosition - 1, out transfer);
            Check.That(transfer.Kind == HistoryRowKind.Transfer);
            Check.That((transfer.Flags & TransferFlags.Pending) != 0);
        }

        return new ChangeEvent
        {
            TransferId = transfer.Id,
            TransferAmount = transfer.Amount,
            TransferPendingId = PendingId(transfer),
            TransferUserData128 = transfer.UserData128,
            TransferUserData64 = transfer.UserData64,
            TransferUserData32 = transfer.UserData32,
            TransferTimeout = transfer.Timeout,
            TransferCode = transfer.Code,
            TransferFlags = transfer.Flags,
            Ledger = transfer.Ledger,
            Type = TypeOf(row),
            Debit = ToSide(debit, row.Debit, row.DebitFlags),
            Credit = ToSide(credit, row.Credit, row.CreditFlags),
            Timestamp = row.Timestamp,
            TransferTimestamp = transfer.Timestamp,
            DebitAccountTimestamp = debit.Timestamp,
            CreditAccountTimestamp = credit.Timestamp,
        };
    }

    // By what became of a hold, not by flags: the forced post of a hold that is gone is single.
    private static ChangeEventType TypeOf(in HistoryRow row) =>
        row.PendingStatus switch
        {
            TransferPendingStatus.None => ChangeEventType.SinglePhase,
            TransferPendingStatus.Pending => ChangeEventType.TwoPhasePending,
            TransferPendingStatus.Posted => ChangeEventType.TwoPhasePosted,
            TransferPendingStatus.Voided => ChangeEventType.TwoPhaseVoided,
            TransferPendingStatus.Expired => ChangeEventType.TwoPhaseExpired,
            _ => throw new InvariantException($"row with hold status {row.PendingStatus}"),
        };

    private static ChangeEventAccount ToSide(
        in Account account,
        in StoredBalance balance,
        AccountFlags flags
    ) =>
        new()
        {
            AccountId = account.Id,
            DebitsPending = balance.DebitsPending,
            DebitsPosted = balance.DebitsPosted,
            CreditsPending = balance.CreditsPending,
            CreditsPosted = balance.CreditsPosted,
            UserData128 = account.UserData128,
            UserData64 = account.UserData64,
            UserData32 = account.UserData32,
            Code = account.Code,
            Flags = flags,
        };
}
