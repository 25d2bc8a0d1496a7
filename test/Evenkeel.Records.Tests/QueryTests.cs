using Evenkeel.Journal;
using Xunit;

namespace Evenkeel.Records.Tests;

/// <summary>Reads: pages by key and by index, the change feed, and whole entries only.</summary>
public sealed class QueryTests : IDisposable
{
    private static readonly RecordIndex[] Indexes =
    [
        new("customer", "by-city", "address.city"),
        new("customer", "by-card", "cards"),
        new("customer", "by-age", "age"),
    ];

    private readonly Bank _bank = new(Indexes);

    [Fact]
    public void Pages_come_in_key_order_and_join_without_gap_or_repeat()
    {
        _bank.Apply(
            Bank.Operation(1) with
            {
                Writes =
                [
                    .. Enumerable
                        .Range(0, 25)
                        .Reverse()
                        .Select(i => Bank.Write("c", $"k{i:d2}", "1")),
                    Bank.Write("d", "k00", "1"),
                ],
            }
        );
        var keys = new List<string>();
        var query = new RecordQuery { Collection = "c", Limit = 10 };
        for (RecordQuery? next = query; next is not null; )
        {
            var page = _bank.Reader.Read(next);
            keys.AddRange(page.Records.Select(record => record.Key.Key));
            next = page.Next is null ? null : query with { After = page.Next };
        }

        Assert.Equal(Enumerable.Range(0, 25).Select(i => $"k{i:d2}"), keys);
    }

    [Fact]
    public void Page_ends_early_rather_than_exceed_its_bytes()
    {
        var big = $"\"{new string('x', 200_000)}\"";
        for (var i = 0; i < 6; i++)
        {
            _bank.Apply(
                Bank.Operation((UInt128)i + 1) with
                {
                    Writes = [Bank.Write("c", $"{i}", big)],
                }
            );
        }

        var page = _bank.Reader.Read(new RecordQuery { Collection = "c" });
        Assert.Equal(3, page.Records.Count);
        Assert.Equal("2", page.Next);
    }

    [Fact]
    public void Prefix_selects_exactly_the_keys_that_start_so()
    {
        _bank.Apply(
            Bank.Operation(1) with
            {
                Writes =
                [
                    Bank.Write("c", "a", "1"),
                    Bank.Write("c", "a/1", "1"),
                    Bank.Write("c", "a/\uFFFD", "1"),
                    Bank.Write("c", "a/\U0001F3E6", "1"),
                    Bank.Write("c", "a0", "1"),
                    Bank.Write("c", "A/1", "1"),
                    Bank.Write("c", "a_1", "1"),
                ],
            }
        );
        var page = _bank.Reader.Read(new RecordQuery { Collection = "c", Prefix = "a/" });
        Assert.Equal(
            ["a/1", "a/\uFFFD", "a/\U0001F3E6"],
            page.Records.Select(record => record.Key.Key)
        );
    }

    /// <summary>Against a plain filter over all keys, with keys that UTF-8 and UTF-16 order apart.</summary>
    [Fact]
    public void Every_mix_of_conditions_selects_what_a_plain_filter_does()
    {
        string[] keys =
        [
            "a",
            "a/",
            "a/1",
            "a/\uFFFD",
            "a/\U0001F3E6",
            "a/\U0001F3E61",
            "b",
            "\uFF5E",
        ];
        _bank.Apply(
            Bank.Operation(1) with
            {
                Writes = [.. keys.Select(key => Bank.Write("customer", key, """{"age":1}"""))],
            }
        );
        string?[] choices = [null, .. keys, "a/\uFFFE", "0", "zz"];
        foreach (
            var (key, prefix, after) in from key in choices
            from prefix in choices
            from after in choices
            select (key, prefix, after)
        )
        {
            var expected = keys.Where(x => key is null || x == key)
                .Where(x => prefix is null || x.StartsWith(prefix, StringComparison.Ordinal))
                .Where(x => after is null || Compare(x, after) > 0)
                .Order(Comparer<string>.Create(Compare))
                .ToArray();
            foreach (var index in (string?[])[null, "by-age"])
            {
                var page = _bank.Reader.Read(
                    new RecordQuery
                    {
                        Collection = "customer",
                        Key = key,
                        Prefix = prefix,
                        After = after,
                        Index = index,
                        Value = index is null ? null : "1",
                    }
                );
                Assert.Equal(expected, page.Records.Select(record => record.Key.Key));
            }
        }

        static int Compare(string a, string b) =>
            System
                .Text.Encoding.UTF8.GetBytes(a)
                .AsSpan()
                .SequenceCompareTo(System.Text.Encoding.UTF8.GetBytes(b));
    }

    [Fact]
    public void Index_follows_writes_and_deletions()
    {
        Put(1, "ann", """{"address":{"city":"Brno"},"cards":["1","2"],"age":30}""");
        Put(2, "bob", """{"address":{"city":"Brno"},"cards":["2"]}""");
        Put(3, "eve", """{"address":"none","cards":{"x":1}}""");
        Assert.Equal(["ann", "bob"], Find("by-city", "Brno"));
        Assert.Equal(["ann", "bob"], Find("by-card", "2"));
        Assert.Equal(["ann"], Find("by-card", "1"));
        Assert.Equal(["ann"], Find("by-age", "30"));

        Put(4, "ann", """{"address":{"city":"Wien"},"cards":["1","1"]}""");
        _bank.Apply(Bank.Operation(5) with { Writes = [new(new("customer", "bob"), Json: null)] });
        Assert.Equal([], Find("by-city", "Brno"));
        Assert.Equal(["ann"], Find("by-city", "Wien"));
        Assert.Equal([], Find("by-card", "2"));
        Assert.Equal([], Find("by-age", "30"));
        Assert.True(_bank.Reader.Scrub(CancellationToken.None).IsClean);
    }

    [Fact]
    public void Pages_by_index_join_too()
    {
        for (var i = 0; i < 7; i++)
        {
            Put((UInt128)i + 1, $"k{i}", """{"age":1}""");
        }

        var query = new RecordQuery
        {
            Collection = "customer",
            Index = "by-age",
            Value = "1",
            Limit = 4,
        };
        var first = _bank.Reader.Read(query);
        var second = _bank.Reader.Read(query with { After = first.Next });
        Assert.Equal(4, first.Records.Count);
        Assert.Equal(["k4", "k5", "k6"], second.Records.Select(record => record.Key.Key));
        Assert.Null(second.Next);
    }

    [Fact]
    public void Indexes_are_rebuilt_when_the_binary_declares_others()
    {
        Put(1, "ann", """{"age":30,"address":{"city":"Brno"}}""");
        var digest = _bank.Store.Digest;
        _bank.Store.Dispose();
        RecordIndex[] others = [new("customer", "by-town", "address.city")];
        using var store = RecordStore.Open(_bank.Path, others);
        var reader = store.CreateReader();
        var query = new RecordQuery
        {
            Collection = "customer",
            Index = "by-town",
            Value = "Brno",
        };

        Assert.Single(reader.Read(query).Records);
        Assert.False(reader.CanAnswer(query with { Index = "by-age" }));
        Assert.True(reader.Scrub(CancellationToken.None).IsClean);
        Assert.Equal(digest, store.Digest);
    }

    public static TheoryData<RecordQuery> BadQueries =>
        [
            new RecordQuery { Collection = "" },
            new RecordQuery { Collection = "c", Limit = 0 },
            new RecordQuery { Collection = "c", Limit = OperationLimits.PageRecordsMax + 1 },
            new RecordQuery { Collection = "c", Key = "" },
            new RecordQuery { Collection = "c", Prefix = "\0" },
            new RecordQuery { Collection = "c", After = new string('x', 300) },
            new RecordQuery { Collection = "customer", Index = "by-city" },
            new RecordQuery { Collection = "customer", Value = "x" },
            new RecordQuery
            {
                Collection = "customer",
                Index = "by-name",
                Value = "x",
            },
        ];

    [Theory]
    [MemberData(nameof(BadQueries))]
    public void Bad_query_is_told_before_it_is_run(RecordQuery query)
    {
        Assert.False(_bank.Reader.CanAnswer(query));
        Assert.Throws<ArgumentException>(() => _bank.Reader.Read(query));
    }

    [Fact]
    public void Change_feed_is_read_on_from_any_position()
    {
        for (var i = 1; i <= 5; i++)
        {
            Put((UInt128)i, "ann", $"{i}");
        }

        var feed = _bank.Reader.ReadChanges(after: 2, limit: 2);
        Assert.Equal([3ul, 4ul], feed.Select(change => change.Sequence));
        Assert.Equal([3ul, 4ul], feed.Select(change => change.Version));
        Assert.Equal([3ul, 4ul], feed.Select(change => change.Entry));
        Assert.Empty(_bank.Reader.ReadChanges(after: 5, limit: 2));
        Assert.Equal(5ul, _bank.Store.ChangeSequence);
    }

    /// <summary>Two records that every entry writes together, read while entries are applied.</summary>
    [Fact]
    public async Task Readers_see_whole_entries_only()
    {
        using var done = new CancellationTokenSource();
        var torn = Task.Run(() =>
        {
            var reads = 0;
            while (!done.IsCancellationRequested)
            {
                var page = _bank.Reader.Read(new RecordQuery { Collection = "pair" });
                if (page.Records.Select(record => record.Version).Distinct().Count() > 1)
                {
                    return -1;
                }

                reads++;
            }

            return reads;
        });
        for (var i = 1; i <= 300; i++)
        {
            _bank.Apply(
                Bank.Operation((UInt128)i) with
                {
                    Writes = [Bank.Write("pair", "a", $"{i}"), Bank.Write("pair", "b", $"{i}")],
                }
            );
        }

        await done.CancelAsync();
        Assert.True(await torn > 0);
    }

    [Fact]
    public void Decided_operation_is_found_by_its_id()
    {
        Put(7, "ann", "1");
        var found = _bank.Reader.FindOperation(new OperationId(7));
        Assert.Equal(OperationStatus.Done, found!.Result.Status);
        Assert.Equal(1ul, found.Entry);
        Assert.Null(_bank.Reader.FindOperation(new OperationId(8)));
    }

    public void Dispose() => _bank.Dispose();

    private void Put(UInt128 id, string key, string json) =>
        _bank.Apply(Bank.Operation(id) with { Writes = [Bank.Write("customer", key, json)] });

    private string[] Find(string index, string value) =>
        [
            .. _bank
                .Reader.Read(
                    new RecordQuery
                    {
                        Collection = "customer",
                        Index = index,
                        Value = value,
                    }
                )
                .Records.Select(record => record.Key.Key),
        ];
}
