using Evenkeel.Model;

namespace Evenkeel.Ledger.Queries;

/// <summary>Walks the rows of one account.</summary>
/// <remarks>
/// The chain of an account goes from new to old, one row at a time. Two questions suit it badly:
/// where the chain enters a range of time, and the oldest rows of a range. A busy account answers
/// both quickly by reading neighbouring rows, a quiet one by its short chain. Nobody knows which it
/// is, so both walks advance in turn and the first to arrive wins: the cost is at most twice the
/// better one.
/// </remarks>
internal readonly ref struct AccountRows(
    IHistoryReader history,
    in AccountFilter filter,
    uint slot,
    RowRange range,
    CancellationToken cancellation
)
{
    // Neighbours that cost about as much as one row somewhere else.
    private const int BlockRows = 32;

    private readonly AccountFilter _filter = filter;

    /// <summary>
    /// Collects the account's matching rows of the range; returns whether they were added in the
    /// order that the filter asks for, else in the opposite one.
    /// </summary>
    /// <param name="chainHead">Position + 1 of the account's newest row below the captured count.</param>
    public bool Collect(ulong chainHead, RowRing ring)
    {
        var head = Enter(chainHead);
        if ((_filter.Flags & AccountFilterFlags.Reversed) != 0)
        {
            while (head > range.From && !ring.IsFull)
            {
                head = Step(head, ring);
            }

            return true;
        }

        return CollectOldest(head, ring);
    }

    private bool CollectOldest(ulong head, RowRing ring)
    {
        using var forward = new RowRing((int)Math.Min(_filter.Limit, Limits.QueryResultsMax));
        Span<HistoryRow> block = new HistoryRow[BlockRows];
        var next = range.From;
        while (head > range.From)
        {
            head = Step(head, ring);
            var count = (int)Math.Min((ulong)BlockRows, range.To - next);
            history.ReadRange(next, block[..count]);
            next += (ulong)count;
            for (var i = 0; i < count && !forward.IsFull; i++)
            {
                if (Touches(block[i]) && Matches(block[i]))
                {
                    forward.Add(block[i]);
                }
            }

            if (forward.IsFull || next == range.To)
            {
                ring.Clear();
                for (var i = 0; i < forward.Count; i++)
                {
                    ring.Add(forward.Forward(i));
                }

                return true;
            }
        }

        return false;
    }

    /// <summary>Position + 1 of the account's newest row below the range's end; 0 = none.</summary>
    private ulong Enter(ulong head)
    {
        Span<HistoryRow> block = head > range.To ? new HistoryRow[BlockRows] : [];
        var end = range.To;
        while (head > range.To)
        {
            head = Previous(head, out _);
            var count = (int)Math.Min((ulong)BlockRows, end);
            history.ReadRange(end - (ulong)count, block[..count]);
            for (var i = count - 1; i >= 0; i--)
            {
                if (Touches(block[i]))
                {
                    return end - (ulong)(count - 1 - i);
                }
            }

            end -= (ulong)count;
        }

        return head;
    }

    private ulong Step(ulong head, RowRing ring)
    {
        var previous = Previous(head, out var row);
        if (Matches(row))
        {
            ring.Add(row);
        }

        return previous;
    }

    private ulong Previous(ulong head, out HistoryRow row)
    {
        cancellation.ThrowIfCancellationRequested();
        history.Read(head - 1, out row);
        Check.That(Touches(row));
        var previous = row.DebitSlot == slot ? row.PreviousDebit : row.PreviousCredit;
        Check.That(previous < head);
        return previous;
    }

    private bool Touches(in HistoryRow row) =>
        row.Kind == HistoryRowKind.Transfer && (row.DebitSlot == slot || row.CreditSlot == slot);

    private bool Matches(in HistoryRow row)
    {
        var side = row.DebitSlot == slot ? AccountFilterFlags.Debits : AccountFilterFlags.Credits;
        return (_filter.Flags & side) != 0
            && (_filter.UserData128 == UInt128.Zero || _filter.UserData128 == row.UserData128)
            && (_filter.UserData64 == 0 || _filter.UserData64 == row.UserData64)
            && (_filter.UserData32 == 0 || _filter.UserData32 == row.UserData32)
            && (_filter.Code == 0 || _filter.Code == row.Code);
    }
}
