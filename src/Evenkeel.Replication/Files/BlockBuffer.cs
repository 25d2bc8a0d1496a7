using System.Runtime.InteropServices;
using Evenkeel.Model;

namespace Evenkeel.Replication;

/// <summary>Memory whose address suits direct I/O. Zeroed at first.</summary>
internal sealed unsafe class BlockBuffer : IDisposable
{
    private byte* memory;

    public BlockBuffer(int size)
    {
        Check.That(size > 0 && size % IFileLayer.BlockSize == 0);
        Size = size;
        memory = (byte*)NativeMemory.AlignedAlloc((nuint)size, IFileLayer.BlockSize);
        NativeMemory.Clear(memory, (nuint)size);
    }

    public int Size { get; }

    public Span<byte> Span
    {
        get
        {
            ObjectDisposedException.ThrowIf(memory == null, this);
            return new(memory, Size);
        }
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(memory);
        memory = null;
    }
}
