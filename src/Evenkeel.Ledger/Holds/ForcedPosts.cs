using Evenkeel.Ledger.Memory;

namespace Evenkeel.Ledger.Holds;

/// <summary>
/// Which holds were posted by force after they were gone: one bit a history row up to the last one;
/// nothing while there are none. Kept under every state version, so that an activation counts those
/// before it as well.
/// </summary>
internal sealed unsafe class ForcedPosts(NativeMemoryBlocks memory, int bytesPerChunk)
{
    private readonly NativeChunks<byte> _bits = new(memory, bytesPerChunk);

    public bool this[ulong position]
    {
        get =>
            position / 8 < _bits.Capacity && (*_bits[position / 8] >> (int)(position % 8) & 1) != 0;
        set
        {
            _bits.EnsureCapacity((position / 8) + 1);
            byte* cell = _bits[position / 8];
            int bit = 1 << (int)(position % 8);
            *cell = (byte)(value ? *cell | bit : *cell & ~bit);
        }
    }
}
