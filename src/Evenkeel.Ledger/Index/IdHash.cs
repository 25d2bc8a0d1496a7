using System.Runtime.CompilerServices;

namespace Evenkeel.Ledger.Index;

/// <summary>The keyed hash of the id indexes: two folded multiplications.</summary>
/// <remarks>Not part of any format: it may differ between nodes and between starts.</remarks>
internal readonly struct IdHash(ulong seed)
{
    private readonly ulong _low = seed ^ 0xA076_1D64_78BD_642F;
    private readonly ulong _high = (seed << 32 | seed >> 32) ^ 0xE703_7ED1_A0B4_28DB;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Of(UInt128 id)
    {
        unchecked
        {
            ulong folded = Fold((ulong)id ^ _low, (ulong)(id >> 64) ^ _high);
            return Fold(folded ^ _low, 0x8EBC_6AF0_9C88_C6E3);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Fold(ulong left, ulong right)
    {
        ulong high = Math.BigMul(left, right, out ulong low);
        return high ^ low;
    }
}
