using Evenkeel.Model;

namespace Evenkeel.Ledger.Queries;

/// <summary>
/// The second half of every query: reads rows of the past, which never change, so it runs on any
/// thread while the ledger goes on. The first half is <see cref="QueryCapture"/>.
/// </summary>
/// <remarks>
/// Each method fills at most the filter's limit, the limit of a reply (<see cref="Limits"/>) and the
/// given memory, whichever is least, and returns how many results there are. An invalid filter has
/// no results, as published. A cancelled query throws <see cref="OperationCanceledException"/>.
/// </remarks>
public sealed class LedgerQueries(
    IHistoryReader history,
    IAccountReader accounts,
    ITransferIndex index
)
{
    private const int CandidatesPerRead = 512;

    /// <summary>Transfers at captured positions (<see cref="QueryCapture.LookupTransfers"/>).</summary>
    public int LookupTransfers(ReadOnlySpan<ulong> positions, Span<Transfer> results)
    {
        using var converter = new RowConverter(history, accounts);
        var count = 0;
        foreach (var position in positions)
        {
            history.Read(position, out var row);
            if (row.Kind != HistoryRowKind.Transfer)
            {
                continue;
            }

            converter.Add(row);
            if (converter.IsFull)
            {
                count += converter.Flush(results[count..]);
            }
        }

        return count + converter.Flush(results[count..]);
    }

    public int GetAccountTransfers(
        in AccountQuery query,
        Span<Transfer> results,
        CancellationToken cancellation = default
    )
    {
        if (!CanMatch(query, results.Length, out var limit))
        {
            return 0;
        }

        using var ring = new RowRing(limit);
        var asAsked = Collect(query, ring, cancellation);
        using var converter = new RowConverter(history, accounts);
        var count = 0;
        for (var i = 0; i < ring.Count; i++)
        {
            converter.Add(asAsked ? ring.Forward(i) : ring.Backward(i));
            if (converter.IsFull)
            {
                count += converter.Flush(results[count..]);
            }
        }

        return count + converter.Flush(results[count..]);
    }

    public int GetAccountBalances(
        in AccountQuery query,
        Span<AccountBalance> results,
        CancellationToken cancellation = default
    )
    {
        if (!query.KeepsBalances || !CanMatch(query, results.Length, out var limit))
        {
            return 0;
        }

        using var ring = new RowRing(limit);
        var asAsked = Collect(query, ring, cancellation);
        for (var i = 0; i < ring.Count; i++)
        {
            ref readonly var row = ref asAsked ? ref ring.Forward(i) : ref ring.Backward(i);
            var balance = row.DebitSlot == query.Slot ? row.Debit : row.Credit;
            results[i] = RowConverter.ToBalance(balance, row.Timestamp);
        }

        return ring.Count;
    }

    public int QueryTransfers(
        in TransferQuery query,
        Span<Transfer> results,
        CancellationToken cancellation = default
    )
    {
        var filter = query.Filter;
        if (!FilterRules.IsValid(filter) || results.IsEmpty)
        {
            return 0;
        }

        var limit = (int)
            Math.Min(filter.Limit, (uint)Math.Min(results.Length, Limits.QueryResultsMax));
        var range = RowRange.Of(history, query.Rows, filter.TimestampMin, filter.TimestampMax);
        using var cursor = index.Open(filter, range.From, range.To);
        using var converter = new RowConverter(history, accounts);
        Span<ulong> positions = stackalloc ulong[CandidatesPerRead];
        var count = 0;
        var found = 0;
        while (found < limit && cursor.Next(positions) is var candidates and > 0)
        {
            cancellation.ThrowIfCancellationRequested();
            for (var i = 0; i < candidates && found < limit; i++)
            {
                Check.That(positions[i] >= range.From && positions[i] < range.To);
                history.Read(positions[i], out var row);
                if (!Matches(filter, row))
                {
                    continue;
                }

                found++;
                converter.Add(row);
                if (converter.IsFull)
                {
                    count += converter.Flush(results[count..]);
                }
            }
        }

        return count + converter.Flush(results[count..]);
    }

    public int GetChangeEvents(
        in ChangeEventQuery query,
        Span<ChangeEvent> results,
        CancellationToken cancellation = default
    )
    {
        var filter = query.Filter;
        if (!FilterRules.IsValid(filter) || results.IsEmpty)
        {
            return 0;
        }

        var limit = (int)
            Math.Min(filter.Limit, (uint)Math.Min(results.Length, Limits.ChangeEventsMax));
        var range = RowRange.Of(history, query.Rows, filter.TimestampMin, filter.TimestampMax);
        using var converter = new RowConverter(history, accounts);
        var block = new HistoryRow[RowConverter.BlockRows];
        var count = 0;
        for (var next = range.From; next < range.To && count < limit; next += (ulong)block.Length)
        {
            cancellation.ThrowIfCancellationRequested();
            var rows = block.AsSpan(0, (int)Math.Min((ulong)block.Length, range.To - next));
            history.ReadRange(next, rows);
            var found = 0;
            foreach (ref readonly var row in rows)
            {
                if (row.Kind != HistoryRowKind.FailedId && count + found < limit)
                {
                    found++;
                    converter.Add(row);
                }
            }

            count += converter.Flush(results[count..]);
        }

        return count;
    }

    /// <remarks>
    /// The accounts are those of the capture; their balances are all as of one moment after it.
    /// </remarks>
    public int QueryAccounts(
        in AccountListQuery query,
        Span<Account> results,
        CancellationToken cancellation = default
    ) => new AccountScan(accounts, query).Run(results, cancellation);

    private static bool CanMatch(in AccountQuery query, int room, out int limit)
    {
        var filter = query.Filter;
        limit = (int)Math.Min(filter.Limit, (uint)Math.Min(room, Limits.QueryResultsMax));
        return FilterRules.IsValid(filter) && query.ChainHead != 0 && limit > 0;
    }

    private bool Collect(in AccountQuery query, RowRing ring, CancellationToken cancellation)
    {
        Check.That(query.ChainHead <= query.Rows);
        var filter = query.Filter;
        var range = RowRange.Of(history, query.Rows, filter.TimestampMin, filter.TimestampMax);
        var rows = new AccountRows(history, filter, query.Slot, range, cancellation);
        return rows.Collect(query.ChainHead, ring);
    }

    private static bool Matches(in QueryFilter filter, in HistoryRow row) =>
        row.Kind == HistoryRowKind.Transfer
        && (filter.UserData128 == UInt128.Zero || filter.UserData128 == row.UserData128)
        && (filter.UserData64 == 0 || filter.UserData64 == row.UserData64)
        && (filter.UserData32 == 0 || filter.UserData32 == row.UserData32)
        && (filter.Ledger == 0 || filter.Ledger == row.Ledger)
        && (filter.Code == 0 || filter.Code == row.Code);
}
