using Evenkeel.Ledger.Queries;
using Evenkeel.Model;
using Xunit;

namespace Evenkeel.Ledger.Tests.Queries;

/// <summary>
/// Queries over a history in which one account is in every second row and another in six of 50,000.
/// </summary>
public sealed class LongHistoryTests : IAccountReader, IHistoryReader
{
    private const int Rows = 50_000;
    private const uint Busy = 0;
    private const uint Quiet = 1;
    private const uint Slots = 1_000;
    private const int Seed = 41;

    private readonly MemoryHistory _history = new();
    private readonly List<HistoryRow> _all = [];
    private readonly ulong[] _heads = new ulong[Slots];
    private readonly LedgerQueries _queries;
    private long _rowsRead;

    public LongHistoryTests()
    {
        _queries = new LedgerQueries(this, this, ScanTransferIndex.Instance);
        var random = new Random(Seed);
        while (_all.Count < Rows)
        {
            // Odd sizes, so that reservations straddle the chunks of the memory history.
            var count = Math.Min(random.Next(1, 700), Rows - _all.Count);
            var room = _history.Reserve(count);
            for (var i = 0; i < count; i++)
            {
                room[i] = NextRow(random);
                _all.Add(room[i]);
            }

            _history.Advance(count);
            _history.Seal(entryIndex: 0);
        }
    }

    uint IAccountReader.Count => Slots;

    ulong IHistoryReader.Count => _history.Count;

    public static TheoryData<AccountFilterFlags> Directions =>
        [
            AccountFilterFlags.Debits | AccountFilterFlags.Credits,
            AccountFilterFlags.Debits | AccountFilterFlags.Credits | AccountFilterFlags.Reversed,
            AccountFilterFlags.Credits | AccountFilterFlags.Reversed,
            AccountFilterFlags.Debits,
        ];

    [Theory]
    [MemberData(nameof(Directions))]
    public void Random_ranges_and_limits_answer_as_a_plain_filter_does(AccountFilterFlags flags)
    {
        var random = new Random(Seed);
        for (var i = 0; i < TestScale.Of(300, whenLong: 10_000); i++)
        {
            var first = random.Next(Rows);
            var last = random.Next(first, Rows);
            AssertSame(
                new AccountFilter
                {
                    AccountId = 1,
                    TimestampMin = i % 3 == 0 ? 0 : _all[first].Timestamp,
                    TimestampMax = i % 4 == 0 ? 0 : _all[last].Timestamp,
                    UserData32 = (uint)(i % 5 == 0 ? 7 : 0),
                    Limit = (uint)random.Next(1, 300),
                    Flags = flags,
                },
                slot: (uint)(i % 2 == 0 ? random.Next(3) : random.Next((int)Slots))
            );
        }
    }

    [Theory]
    [InlineData(Busy)]
    [InlineData(Quiet)]
    public void The_last_fifty_movements_cost_fifty_rows(uint slot)
    {
        var found = Run(Filter(limit: 50, AccountFilterFlags.Reversed), slot);
        Assert.Equal(slot == Busy ? 50 : 6, found.Count);
        Assert.InRange(_rowsRead, found.Count, 50);
    }

    [Theory]
    [InlineData(Busy)]
    [InlineData(Quiet)]
    public void The_first_fifty_movements_do_not_cost_the_whole_chain(uint slot)
    {
        var found = Run(Filter(limit: 50, AccountFilterFlags.None), slot);
        Assert.Equal(slot == Busy ? 50 : 6, found.Count);
        Assert.InRange(_rowsRead, 6, 600);
    }

    [Theory]
    [InlineData(Busy)]
    [InlineData(Quiet)]
    public void A_page_in_the_middle_does_not_cost_the_way_there(uint slot)
    {
        var filter = Filter(limit: 50, AccountFilterFlags.Reversed);
        filter.TimestampMax = _all[Rows / 2].Timestamp;
        var found = Run(filter, slot);
        Assert.Equal(slot == Busy ? 50 : 3, found.Count);
        Assert.InRange(_rowsRead, 3, 600);
    }

    [Fact]
    public void A_cancelled_query_ends()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(() =>
            _queries.QueryTransfers(
                new TransferQuery(new QueryFilter { Code = 9, Limit = 1 }, Rows),
                new Transfer[1],
                cancelled.Token
            )
        );
    }

    [Fact]
    public void Rows_after_the_capture_do_not_exist_for_a_query()
    {
        var results = new Transfer[10];
        var query = new TransferQuery(
            new QueryFilter { Limit = 10, Flags = QueryFilterFlags.Reversed },
            Rows: 100
        );
        Assert.Equal(10, _queries.QueryTransfers(query, results));
        Assert.Equal(_all[99].Id, results[0].Id);
    }

    void IAccountReader.Read(ReadOnlySpan<uint> slots, Span<Account> accounts)
    {
        for (var i = 0; i < slots.Length; i++)
        {
            accounts[i] = new Account { Id = slots[i] + UInt128.One };
        }
    }

    void IHistoryReader.Read(ulong position, out HistoryRow row)
    {
        _rowsRead++;
        _history.Read(position, out row);
    }

    void IHistoryReader.ReadRange(ulong position, Span<HistoryRow> rows)
    {
        // Neighbours are cheap: a block counts as the one read that it is.
        _rowsRead++;
        ((IHistoryReader)_history).ReadRange(position, rows);
    }

    private static AccountFilter Filter(uint limit, AccountFilterFlags flags) =>
        new()
        {
            AccountId = 1,
            Limit = limit,
            Flags = flags | AccountFilterFlags.Debits | AccountFilterFlags.Credits,
        };

    private HistoryRow NextRow(Random random)
    {
        var position = (ulong)_all.Count;
        var kind = random.Next(20) switch
        {
            0 => HistoryRowKind.FailedId,
            1 => HistoryRowKind.Expiry,
            _ => HistoryRowKind.Transfer,
        };
        var debit = (uint)random.Next(2, (int)Slots);
        var credit = (debit + 1 + (uint)random.Next(5)) % (Slots - 2) + 2;
        if (position % 10_000 == 9_990 || position == 4_000)
        {
            (kind, debit) = (HistoryRowKind.Transfer, Quiet);
        }
        else if (random.Next(2) == 0)
        {
            (debit, credit) = random.Next(2) == 0 ? (Busy, debit) : (debit, Busy);
        }

        var row = new HistoryRow
        {
            Id = position + 1,
            Timestamp = 1_000 + (position * 10),
            DebitSlot = debit,
            CreditSlot = credit,
            UserData32 = (uint)random.Next(8),
            PendingPosition = kind == HistoryRowKind.Expiry ? 1UL : 0,
            Kind = kind,
        };
        if (kind == HistoryRowKind.Transfer)
        {
            row.PreviousDebit = _heads[debit];
            row.PreviousCredit = _heads[credit];
            _heads[debit] = _heads[credit] = position + 1;
        }

        return row;
    }

    private List<UInt128> Run(AccountFilter filter, uint slot)
    {
        var results = new Transfer[filter.Limit];
        _rowsRead = 0;
        var query = new AccountQuery(filter, slot, _heads[slot], Rows, KeepsBalances: true);
        var count = _queries.GetAccountTransfers(query, results);
        return [.. results.Take(count).Select(transfer => transfer.Id)];
    }

    private void AssertSame(AccountFilter filter, uint slot)
    {
        var matching =
            from row in _all
            where row.Kind == HistoryRowKind.Transfer
            where
                (row.DebitSlot == slot && filter.Flags.HasFlag(AccountFilterFlags.Debits))
                || (row.CreditSlot == slot && filter.Flags.HasFlag(AccountFilterFlags.Credits))
            where row.Timestamp >= filter.TimestampMin
            where filter.TimestampMax == 0 || row.Timestamp <= filter.TimestampMax
            where filter.UserData32 == 0 || row.UserData32 == filter.UserData32
            select row.Id;
        var ordered = filter.Flags.HasFlag(AccountFilterFlags.Reversed)
            ? matching.Reverse()
            : matching;
        Assert.Equal(ordered.Take((int)filter.Limit), Run(filter, slot));
    }
}
