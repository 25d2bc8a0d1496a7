using System.Numerics;
using System.Runtime.CompilerServices;
using Evenkeel.Model;

namespace Evenkeel.Ledger.Memory;

/// <summary>
/// A growing array in native memory. It grows chunk by chunk, so that it never copies what it has
/// (no pause) and its items never move.
/// </summary>
internal sealed unsafe class NativeChunks<T>
    where T : unmanaged
{
    private readonly NativeMemoryBlocks _memory;
    private readonly int _shift;
    private readonly uint _mask;
    private nint[] _chunks = new nint[16];
    private int _count;

    public NativeChunks(NativeMemoryBlocks memory, int itemsPerChunk)
    {
        Check.That(BitOperations.IsPow2(itemsPerChunk));
        _memory = memory;
        _shift = BitOperations.Log2((uint)itemsPerChunk);
        _mask = (uint)itemsPerChunk - 1;
    }

    /// <summary>Items there is room for.</summary>
    public ulong Capacity => (ulong)_count << _shift;

    public T* this[ulong index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (T*)_chunks[(int)(index >> _shift)] + (index & _mask);
    }

    /// <summary>Makes room for items below <paramref name="count"/>; new items are zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void EnsureCapacity(ulong count)
    {
        if (count > Capacity)
        {
            Grow(count);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow(ulong count)
    {
        while (Capacity < count)
        {
            if (_count == _chunks.Length)
            {
                Array.Resize(ref _chunks, _chunks.Length * 2);
            }

            _chunks[_count++] = (nint)_memory.Allocate((nuint)(_mask + 1) * (nuint)sizeof(T));
        }
    }
}
