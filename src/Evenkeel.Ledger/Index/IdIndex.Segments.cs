using System.Numerics;
using System.Runtime.CompilerServices;
using Evenkeel.Model;

namespace Evenkeel.Ledger.Index;

/// <content>Placing, closing gaps, and splitting one segment at a time.</content>
internal sealed unsafe partial class IdIndex
{
    private int SegmentEntries => EntriesPerBucket << _bucketBits;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryPlace(ulong* segment, uint home, ulong tag, ulong positionPlusOne)
    {
        for (uint displacement = 0; displacement <= DisplacementMax; displacement++)
        {
            ulong* bucket = BucketAt(segment, home + displacement);
            uint free = Free(bucket);
            if (free != 0)
            {
                bucket[BitOperations.TrailingZeroCount(free)] =
                    (tag << (PositionBits + 3))
                    | ((ulong)displacement << PositionBits)
                    | positionPlusOne;
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Frees one place and pulls back an entry that had overflowed past it, until no entry stands
    /// behind a bucket with a free place.
    /// </summary>
    private void CloseGap(ulong* segment, uint bucketNumber, int place)
    {
        ulong* bucket = BucketAt(segment, bucketNumber);
        bool wasFull = Free(bucket) == 0;
        bucket[place] = 0;
        if (!wasFull)
        {
            return;
        }

        for (uint step = 1; step <= DisplacementMax; step++)
        {
            ulong* next = BucketAt(segment, bucketNumber + step);
            for (int i = 0; i < EntriesPerBucket; i++)
            {
                ulong entry = next[i];
                uint displacement = DisplacementOf(entry);
                if (entry != 0 && displacement >= step)
                {
                    bucket[place] = entry - ((ulong)step << PositionBits);
                    CloseGap(segment, bucketNumber + step, i);
                    return;
                }
            }

            if (Free(next) != 0)
            {
                return;
            }
        }
    }

    private ulong* NewSegment(int depth)
    {
        if (_slabLeft == 0)
        {
            _slab = _memory.Allocate((nuint)(SegmentEntries * sizeof(ulong) * SegmentsPerSlab));
            _slabLeft = SegmentsPerSlab;
        }

        if (_segments == _counts.Length)
        {
            Array.Resize(ref _counts, _segments * 2);
            Array.Resize(ref _depths, _segments * 2);
        }

        var segment = (ulong*)_slab;
        _slab += SegmentEntries * sizeof(ulong);
        _slabLeft--;
        _depths[_segments++] = (byte)depth;
        return segment;
    }

    private void Split(int directoryIndex)
    {
        DirectoryEntry old = _directory[directoryIndex];
        int depth = _depths[old.Segment];
        Check.That(depth < TagBits, "ids spread over the index");
        if (depth == _depth)
        {
            DoubleDirectory();
            directoryIndex *= 2;
        }

        ulong* sibling = NewSegment(depth + 1);
        int siblingNumber = _segments - 1;
        _depths[old.Segment] = (byte)(depth + 1);

        // The directory entries of a segment are neighbours; the upper half goes to the sibling.
        int span = 1 << (_depth - depth);
        int first = directoryIndex & ~(span - 1);
        for (int i = first + (span / 2); i < first + span; i++)
        {
            _directory[i] = new DirectoryEntry(sibling, siblingNumber);
        }

        _counts[siblingNumber] = Distribute(old.Buckets, sibling, splitBit: TagBits - 1 - depth);
        _counts[old.Segment] -= _counts[siblingNumber];
    }

    /// <summary>
    /// Places the entries again, in order of their home bucket: first come first served in that
    /// order never needs more displacement than they had before.
    /// </summary>
    private int Distribute(ulong* segment, ulong* sibling, int splitBit)
    {
        if (_scratch.Length == 0)
        {
            _scratch = GC.AllocateUninitializedArray<ulong>(SegmentEntries, pinned: true);
            _fill = GC.AllocateUninitializedArray<byte>(2 << _bucketBits, pinned: true);
        }

        new ReadOnlySpan<ulong>(segment, SegmentEntries).CopyTo(_scratch);
        new Span<ulong>(segment, SegmentEntries).Clear();
        Array.Clear(_fill);
        int moved = 0;
        fixed (ulong* source = _scratch)
        fixed (byte* fill = _fill)
        {
            // Begin behind a bucket that nothing overflows: order is then circular.
            uint start = 0;
            while (Free(BucketAt(source, start)) == 0)
            {
                start++;
                Check.That(start <= _bucketMask, "a segment is never full");
            }

            for (uint step = 1; step <= _bucketMask + 1; step++)
            {
                uint home = (start + step) & _bucketMask;
                for (uint displacement = 0; displacement <= DisplacementMax; displacement++)
                {
                    ulong* bucket = BucketAt(source, home + displacement);
                    for (int i = 0; i < EntriesPerBucket; i++)
                    {
                        ulong entry = bucket[i];
                        if (entry == 0 || DisplacementOf(entry) != displacement)
                        {
                            continue;
                        }

                        // The side is a coin toss: computed, not branched on.
                        int goes = (int)((entry >> (PositionBits + 3 + splitBit)) & 1);
                        ulong* target = goes != 0 ? sibling : segment;
                        Append(target, fill + (goes << _bucketBits), home, entry);
                        moved += goes;
                    }

                    if (bucket[EntriesPerBucket - 1] == 0 || Free(bucket) != 0)
                    {
                        break;
                    }
                }
            }
        }

        return moved;
    }

    /// <summary>Places an entry in a segment that is being filled: <paramref name="fill"/> counts.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Append(ulong* segment, byte* fill, uint home, ulong entry)
    {
        uint displacement = 0;
        uint bucket = home;
        while (fill[bucket] == EntriesPerBucket)
        {
            displacement++;
            Check.That(displacement <= DisplacementMax, "a split needs no more room than before");
            bucket = (home + displacement) & _bucketMask;
        }

        segment[(bucket * EntriesPerBucket) + fill[bucket]++] =
            (entry & ~((ulong)DisplacementMax << PositionBits))
            | ((ulong)displacement << PositionBits);
    }

    private static uint DisplacementOf(ulong entry) =>
        (uint)(entry >> PositionBits) & DisplacementMax;

    private void DoubleDirectory()
    {
        var doubled = new DirectoryEntry[_directory.Length * 2];
        for (int i = 0; i < _directory.Length; i++)
        {
            doubled[2 * i] = _directory[i];
            doubled[(2 * i) + 1] = _directory[i];
        }

        _directory = doubled;
        _depth++;
    }
}
