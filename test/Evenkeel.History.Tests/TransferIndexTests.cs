using Evenkeel.Ledger;
using Evenkeel.Ledger.Queries;
using Evenkeel.Model;
using Evenkeel.Node.History;

namespace Evenkeel.History.Tests;

public sealed class TransferIndexTests
{
    private const ulong Rows = 4_096 * 3 + 1_000;

    private static HistoryOptions Options(string directory) =>
        Kit.Options(directory) with
        {
            RowsPerSegment = 4_096,
            RingRows = 2_048,
        };

    // Few values, so that there is much to find: none at all, one for all, rare ones and unique ones.
    private static HistoryRow Row(ulong position)
    {
        var row = Kit.Row(position);
        var random = Kit.Mix(position);
        var segment = position / 4_096;
        row.Kind = random % 50 == 0 ? HistoryRowKind.FailedId : HistoryRowKind.Transfer;
        row.UserData128 = random % 3 == 0 ? UInt128.Zero : new UInt128(position % 700, position);
        row.UserData64 = random % 5;
        row.UserData32 = segment == 1 ? 0 : (uint)((random >> 8) % 1_000);
        row.Ledger = segment == 2 ? 1 + (uint)((random >> 16) % 3) : 1;
        row.Code = (ushort)(7 + ((random >> 24) % 2_000 == 0 ? 1UL : 0UL));
        return row;
    }

    private static FileHistory Make(string directory)
    {
        var history = FileHistory.Open(Options(directory));
        while (history.Count < Rows)
        {
            var rows = history.Reserve(100);
            for (var i = 0; i < 100; i++)
            {
                rows[i] = Row(history.Count + (ulong)i);
            }

            history.Advance((int)Math.Min(100, Rows - history.Count));
            history.Seal(1);
        }

        history.FlushTo(Rows, CancellationToken.None);
        history.Sealer!.WaitUntilIdle(CancellationToken.None);
        return history;
    }

    private static List<ulong> Candidates(
        FileHistory history,
        in QueryFilter filter,
        ulong from,
        ulong to,
        int room
    )
    {
        var found = new List<ulong>();
        var positions = new ulong[room];
        using var cursor = new FileTransferIndex(history).Open(filter, from, to);
        for (var count = cursor.Next(positions); count > 0; count = cursor.Next(positions))
        {
            found.AddRange(positions.AsSpan(0, count));
        }

        Assert.Equal(0, cursor.Next(positions));
        return found;
    }

    private static void AssertFinds(
        FileHistory history,
        QueryFilter filter,
        ulong from,
        ulong to,
        int room
    )
    {
        var candidates = Candidates(history, filter, from, to, room);
        var isReversed = (filter.Flags & QueryFilterFlags.Reversed) != 0;
        for (var i = 1; i < candidates.Count; i++)
        {
            Assert.True(
                isReversed ? candidates[i] < candidates[i - 1] : candidates[i] > candidates[i - 1]
            );
        }

        Assert.True(candidates.TrueForAll(position => position >= from && position < to));
        var expected = new List<ulong>();
        for (var position = from; position < to; position++)
        {
            if (RowMatch.Matches(filter, Row(position)))
            {
                expected.Add(position);
            }
        }

        if (isReversed)
        {
            expected.Reverse();
        }

        // Too much is allowed, too little is not.
        Assert.Equal(
            expected,
            candidates.Where(position => RowMatch.Matches(filter, Row(position)))
        );
    }

    private static QueryFilter RandomFilter(Random random)
    {
        var like = Row((ulong)random.NextInt64((long)Rows));
        var columns = random.Next(1, 32);
        return new QueryFilter
        {
            UserData128 = (columns & 1) != 0 ? like.UserData128 : UInt128.Zero,
            UserData64 = (columns & 2) != 0 ? like.UserData64 : 0,
            UserData32 = (columns & 4) != 0 ? like.UserData32 : 0,
            Ledger = (columns & 8) != 0 ? like.Ledger : 0,
            Code = (columns & 16) != 0 ? like.Code : (ushort)0,
            Flags = random.Next(2) == 0 ? QueryFilterFlags.Reversed : QueryFilterFlags.None,
        };
    }

    private static void AssertRandomQueries(FileHistory history, int seed, int queries)
    {
        var random = new Random(seed);
        for (var i = 0; i < queries; i++)
        {
            var from = (ulong)random.NextInt64((long)Rows);
            var to = random.Next(3) == 0 ? Rows : (ulong)random.NextInt64((long)from, (long)Rows);
            if (random.Next(3) == 0)
            {
                from = 0;
            }

            AssertFinds(history, RandomFilter(random), from, to, random.Next(1, 3_000));
        }
    }

    [Fact]
    public void Every_match_is_found_in_order_in_sealed_segments_and_in_the_tail()
    {
        using var scratch = new Scratch();
        using (var history = Make(scratch.Path))
        {
            Assert.All(
                (ulong[])[0, 1, 2],
                segment => Assert.NotNull(history.Indexes.Find(segment))
            );
            AssertRandomQueries(history, seed: 1, Kit.IsLong ? 20_000 : 300);
        }

        // The same from cold files, before anything is appended.
        using var opened = FileHistory.Open(Options(scratch.Path));
        AssertRandomQueries(opened, seed: 2, 50);
    }

    [Fact]
    public void A_rare_value_is_found_by_few_candidates()
    {
        using var scratch = new Scratch();
        using var history = Make(scratch.Path);
        var position = 5_000UL;
        while (
            Row(position) is not { Kind: HistoryRowKind.Transfer, UserData128: { } value }
            || value == 0
        )
        {
            position++;
        }

        var filter = new QueryFilter { UserData128 = Row(position).UserData128, Ledger = 1 };
        Assert.Equal([position], Candidates(history, filter, 0, Rows, 10));
        Assert.Empty(Candidates(history, new QueryFilter { UserData128 = 5 }, 0, Rows, 10));
        Assert.Empty(Candidates(history, new QueryFilter { Code = 65_535 }, 0, Rows, 10));
    }

    [Fact]
    public void A_damaged_index_page_is_found_dropped_and_made_again()
    {
        using var scratch = new Scratch();
        using var history = Make(scratch.Path);
        var path = scratch["00000001.idx"];
        var before = File.ReadAllBytes(path);
        Kit.Flip(path, 4096 + 100);
        var filter = new QueryFilter { UserData128 = Row(4_100).UserData128 };
        for (var position = 4_096UL; position < 8_192; position += 300)
        {
            AssertFinds(
                history,
                new QueryFilter { UserData128 = Row(position).UserData128, Code = 7 },
                0,
                Rows,
                100
            );
        }

        AssertFinds(history, filter, 0, Rows, 100);
        history.Sealer!.WaitUntilIdle(CancellationToken.None);
        Assert.True(before.AsSpan().SequenceEqual(File.ReadAllBytes(path)));

        Kit.Flip(path, before.Length - 4096 - 300);
        var found = history.Scrub(long.MaxValue, TimeProvider.System, CancellationToken.None);
        Assert.Contains("00000001.idx", Assert.Single(found).Reason, StringComparison.Ordinal);
        history.Sealer!.WaitUntilIdle(CancellationToken.None);
        Assert.True(before.AsSpan().SequenceEqual(File.ReadAllBytes(path)));
    }

    [Fact]
    public void A_damaged_index_header_is_not_used_and_is_mended_at_the_next_start()
    {
        using var scratch = new Scratch();
        Make(scratch.Path).Dispose();
        Kit.Flip(scratch["00000001.idx"], 80);
        File.Delete(scratch["00000002.idx"]);

        using var history = FileHistory.Open(Options(scratch.Path));
        Assert.Null(history.Indexes.Find(1));
        AssertRandomQueries(history, seed: 3, 20);
        history.FlushTo(Rows, CancellationToken.None);
        history.Sealer!.WaitUntilIdle(CancellationToken.None);
        Assert.NotNull(history.Indexes.Find(1));
        Assert.NotNull(history.Indexes.Find(2));
        AssertRandomQueries(history, seed: 4, 20);
    }
}
