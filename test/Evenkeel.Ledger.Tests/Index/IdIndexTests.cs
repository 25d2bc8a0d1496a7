using Evenkeel.Ledger.Index;
using Evenkeel.Ledger.Memory;
using Xunit;

namespace Evenkeel.Ledger.Tests.Index;

public sealed class IdIndexTests : IDisposable
{
    private readonly NativeMemoryBlocks _memory = new(hugePages: false);

    public void Dispose() => _memory.Release();

    [Theory]
    [InlineData(1, 3)]
    [InlineData(2, 3)]
    [InlineData(3, 6)]
    [InlineData(4, 12)]
    public void It_answers_as_a_dictionary_does(int seed, int bucketBits)
    {
        var random = new Random(seed);
        var index = new IdIndex(_memory, bucketBits);
        var hash = new IdHash((ulong)seed);
        var ids = new List<UInt128>();
        var expected = new Dictionary<UInt128, ulong>();
        int steps = TestScale.Of(normal: 60_000, whenLong: 3_000_000);
        for (int step = 0; step < steps; step++)
        {
            // Few distinct ids at first, so that removed ids come back.
            UInt128 id = (UInt128)random.Next(1 + step) * 3;
            bool known = expected.TryGetValue(id, out ulong position);
            bool found = index.TryFind(hash.Of(id), id, new Ids(ids), out ulong answer);
            Assert.True(found == known, $"seed {seed}, step {step}");
            Assert.True(!found || answer == position, $"seed {seed}, step {step}");
            if (!known)
            {
                ids.Add(id);
                expected.Add(id, (ulong)ids.Count - 1);
                index.Insert(hash.Of(id), (ulong)ids.Count - 1);
            }
            else if (random.Next(3) == 0)
            {
                expected.Remove(id);
                index.Remove(hash.Of(id), position);
            }
        }

        Assert.Equal(expected.Count, index.Count);
        Assert.True(index.SegmentCount > 1 || bucketBits == 12);
        foreach ((UInt128 id, ulong position) in expected)
        {
            Assert.True(index.TryFind(hash.Of(id), id, new Ids(ids), out ulong answer));
            Assert.Equal(position, answer);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Ids_with_one_hash_stay_apart_through_overflow_and_removal(int seed)
    {
        // Three hashes whose homes are neighbours: they overflow into each other's buckets.
        var random = new Random(seed);
        var index = new IdIndex(_memory, bucketBits: 3);
        var ids = new List<UInt128>();
        var present = new List<ulong>();
        for (int step = 0; step < 5_000; step++)
        {
            if (present.Count < 44 && random.Next(2) == 0)
            {
                ids.Add((UInt128)ids.Count);
                index.Insert(HashOf(ids[^1]), (ulong)ids.Count - 1);
                present.Add((ulong)ids.Count - 1);
            }
            else if (present.Count > 0)
            {
                int chosen = random.Next(present.Count);
                index.Remove(HashOf(ids[(int)present[chosen]]), present[chosen]);
                present.RemoveAt(chosen);
            }

            foreach (ulong position in present)
            {
                UInt128 id = ids[(int)position];
                Assert.True(index.TryFind(HashOf(id), id, new Ids(ids), out ulong answer));
                Assert.Equal(position, answer);
            }
        }

        static ulong HashOf(UInt128 id) => 0xABCD_0000_0000_0006 + (ulong)(id % 3);
    }

    [Fact]
    public void Undoing_inserts_in_reverse_leaves_what_was_there_before()
    {
        var random = new Random(7);
        var index = new IdIndex(_memory, bucketBits: 3);
        var hash = new IdHash(7);
        var ids = new List<UInt128>();
        for (int round = 0; round < 200; round++)
        {
            int kept = ids.Count;
            int more = random.Next(1, 300);
            for (int i = 0; i < more; i++)
            {
                ids.Add(new UInt128((ulong)random.NextInt64(), (ulong)random.NextInt64()));
                index.Insert(hash.Of(ids[^1]), (ulong)ids.Count - 1);
            }

            int undone = random.Next(more + 1);
            for (int i = 0; i < undone; i++)
            {
                UInt128 id = ids[^1];
                index.Remove(hash.Of(id), (ulong)ids.Count - 1);
                Assert.False(index.TryFind(hash.Of(id), id, new Ids(ids), out _));
                ids.RemoveAt(ids.Count - 1);
            }

            Assert.Equal(kept + more - undone, index.Count);
        }

        for (int i = 0; i < ids.Count; i++)
        {
            Assert.True(index.TryFind(hash.Of(ids[i]), ids[i], new Ids(ids), out ulong answer));
            Assert.Equal((ulong)i, answer);
        }
    }

    [Fact]
    public void An_id_takes_less_than_25_bytes_however_many_there_are()
    {
        var index = new IdIndex(_memory, bucketBits: 12);
        var hash = new IdHash(1);
        int count = TestScale.Of(normal: 4_000_000, whenLong: 40_000_000);
        for (int i = 0; i < count; i++)
        {
            index.Insert(hash.Of((UInt128)i), (ulong)i);
            if (i > 500_000 && i % 50_000 == 0)
            {
                Assert.True(_memory.Bytes < 25L * i, $"{_memory.Bytes} bytes for {i} ids");
            }
        }

        Assert.Equal(count, index.Count);
    }

    [Fact]
    public void An_index_made_for_many_ids_does_not_split_before_it_holds_them()
    {
        var index = new IdIndex(_memory, bucketBits: 6, initialEntries: 100_000);
        var hash = new IdHash(1);
        int segments = index.SegmentCount;
        for (int i = 0; i < 100_000; i++)
        {
            index.Insert(hash.Of((UInt128)i), (ulong)i);
        }

        Assert.InRange(index.SegmentCount, segments, segments * 11 / 10);
    }

    private readonly struct Ids(List<UInt128> ids) : IIdSource
    {
        public bool Matches(ulong position, UInt128 id) => ids[(int)position] == id;
    }
}
