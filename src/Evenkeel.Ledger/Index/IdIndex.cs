using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Evenkeel.Ledger.Memory;
using Evenkeel.Model;

namespace Evenkeel.Ledger.Index;

/// <summary>Where the index reads the id that belongs to a position.</summary>
internal interface IIdSource
{
    bool Matches(ulong position, UInt128 id);
}

/// <summary>
/// Extendible hash from an id to a position, 8 bytes an entry. The id itself is not stored: a tag
/// hit is compared against the row, so that an entry can never stand for another id.
/// </summary>
/// <remarks>
/// An entry is tag (27 bits), displacement (3 bits), position + 1 (34 bits); 0 = free. Eight make a
/// bucket of one cache line, which one SIMD comparison probes. A full bucket overflows into the next
/// ones of its segment. Invariant: an entry with displacement d has d full buckets before it, so a
/// probe may stop at the first bucket with a free place. A segment that is full splits alone; the
/// top bits of the tag are the directory's index, so a split needs no ids.
/// </remarks>
internal sealed unsafe partial class IdIndex
{
    public const int EntriesPerBucket = 8;
    public const ulong PositionMax = (1UL << PositionBits) - 2;
    private const int PositionBits = 34;
    private const int TagBits = 27;
    private const int DisplacementMax = 7;
    private const ulong PositionMask = (1UL << PositionBits) - 1;
    private const int SegmentsPerSlab = 8;

    private readonly NativeMemoryBlocks _memory;
    private readonly int _bucketBits;
    private readonly uint _bucketMask;
    private readonly int _segmentFill;
    private DirectoryEntry[] _directory;
    private int[] _counts = new int[8];
    private byte[] _depths = new byte[8];
    private int _depth;
    private int _segments;
    private byte* _slab;
    private int _slabLeft;
    private ulong[] _scratch = [];
    private byte[] _fill = [];

    /// <param name="memory">Where its segments live.</param>
    /// <param name="bucketBits">Segment size: 12 makes 256 KiB.</param>
    /// <param name="initialEntries">Entries that shall not need a split.</param>
    public IdIndex(NativeMemoryBlocks memory, int bucketBits, long initialEntries = 0)
    {
        Check.That(bucketBits is >= 3 and <= 12);
        _memory = memory;
        _bucketBits = bucketBits;
        _bucketMask = (1u << bucketBits) - 1;

        // At five sixths most buckets still end a probe; above it probes get long.
        _segmentFill = (EntriesPerBucket << bucketBits) * 5 / 6;

        // Two thirds: segments fill unevenly.
        while ((long)_segmentFill * 2 / 3 << _depth < initialEntries)
        {
            _depth++;
        }

        _directory = new DirectoryEntry[1 << _depth];
        for (int i = 0; i < _directory.Length; i++)
        {
            _directory[i] = new DirectoryEntry(NewSegment(_depth), i);
        }
    }

    /// <summary>Entries.</summary>
    public long Count { get; private set; }

    public int SegmentCount => _segments;

    /// <summary>Starts loading the bucket of an id into the cache.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(ulong hash)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(HomeOf(hash, out _, out _));
        }
    }

    /// <summary>The first position with the id's tag, unverified: a hint; -1 when there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long Guess(ulong hash)
    {
        ulong* bucket = HomeOf(hash, out _, out _);
        uint hits = Hits(bucket, TagOf(hash) << (PositionBits + 3));
        return hits == 0
            ? -1
            : (long)(bucket[System.Numerics.BitOperations.TrailingZeroCount(hits)] & PositionMask)
                - 1;
    }

    /// <summary>Finds the position of an id.</summary>
    public bool TryFind<TSource>(ulong hash, UInt128 id, TSource source, out ulong position)
        where TSource : struct, IIdSource
    {
        ulong* home = HomeOf(hash, out ulong* segment, out uint homeBucket);
        ulong target = TagOf(hash) << (PositionBits + 3);
        ulong* bucket = home;
        for (uint displacement = 0; displacement <= DisplacementMax; displacement++)
        {
            uint hits = Hits(bucket, target | ((ulong)displacement << PositionBits));
            while (hits != 0)
            {
                ulong entry = bucket[System.Numerics.BitOperations.TrailingZeroCount(hits)];
                position = (entry & PositionMask) - 1;
                if (source.Matches(position, id))
                {
                    return true;
                }

                hits &= hits - 1;
            }

            if (Free(bucket) != 0)
            {
                break;
            }

            bucket = BucketAt(segment, homeBucket + displacement + 1);
        }

        position = 0;
        return false;
    }

    /// <summary>Adds an id that is not in the index.</summary>
    public void Insert(ulong hash, ulong position)
    {
        Check.That(position <= PositionMax);
        while (true)
        {
            ref DirectoryEntry entry = ref _directory[DirectoryIndex(hash)];
            if (
                _counts[entry.Segment] < _segmentFill
                && TryPlace(entry.Buckets, HomeBucket(hash), TagOf(hash), position + 1)
            )
            {
                _counts[entry.Segment]++;
                Count++;
                return;
            }

            Split(DirectoryIndex(hash));
        }
    }

    /// <summary>Takes out the entry of exactly this id and position.</summary>
    public void Remove(ulong hash, ulong position)
    {
        ref DirectoryEntry directory = ref _directory[DirectoryIndex(hash)];
        uint home = HomeBucket(hash);
        ulong tag = TagOf(hash) << (PositionBits + 3);
        for (uint displacement = 0; displacement <= DisplacementMax; displacement++)
        {
            ulong* bucket = BucketAt(directory.Buckets, home + displacement);
            ulong wanted = tag | ((ulong)displacement << PositionBits) | (position + 1);
            for (int i = 0; i < EntriesPerBucket; i++)
            {
                if (bucket[i] == wanted)
                {
                    CloseGap(directory.Buckets, home + displacement, i);
                    _counts[directory.Segment]--;
                    Count--;
                    return;
                }
            }
        }

        Check.That(false, "the id that is removed is in the index");
    }

    private static ulong TagOf(ulong hash) => hash >> (64 - TagBits);

    private uint HomeBucket(ulong hash) => (uint)(hash & _bucketMask);

    // A shift by 64 would be a shift by 0: hence two steps.
    private int DirectoryIndex(ulong hash) => (int)(hash >> 1 >> (63 - _depth));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong* HomeOf(ulong hash, out ulong* segment, out uint bucket)
    {
        segment = _directory[DirectoryIndex(hash)].Buckets;
        bucket = HomeBucket(hash);
        return segment + (bucket * EntriesPerBucket);
    }

    private ulong* BucketAt(ulong* segment, uint bucket) =>
        segment + ((bucket & _bucketMask) * EntriesPerBucket);

    /// <summary>Bits of the places whose tag and displacement are the target's.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Hits(ulong* bucket, ulong target)
    {
        Vector256<ulong> mask = Vector256.Create(~PositionMask);
        Vector256<ulong> wanted = Vector256.Create(target);
        Vector256<ulong> low = Vector256.Load(bucket);
        Vector256<ulong> high = Vector256.Load(bucket + 4);
        Vector256<ulong> lowHits =
            Vector256.Equals(low & mask, wanted) & ~Vector256.Equals(low, Vector256<ulong>.Zero);
        Vector256<ulong> highHits =
            Vector256.Equals(high & mask, wanted) & ~Vector256.Equals(high, Vector256<ulong>.Zero);
        return lowHits.ExtractMostSignificantBits() | (highHits.ExtractMostSignificantBits() << 4);
    }

    /// <summary>Bits of the free places.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Free(ulong* bucket)
    {
        Vector256<ulong> low = Vector256.Equals(Vector256.Load(bucket), Vector256<ulong>.Zero);
        Vector256<ulong> high = Vector256.Equals(Vector256.Load(bucket + 4), Vector256<ulong>.Zero);
        return low.ExtractMostSignificantBits() | (high.ExtractMostSignificantBits() << 4);
    }

    private readonly struct DirectoryEntry(ulong* buckets, int segment)
    {
        public ulong* Buckets { get; } = buckets;

        public int Segment { get; } = segment;
    }
}
