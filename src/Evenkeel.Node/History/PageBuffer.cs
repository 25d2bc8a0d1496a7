using System.Runtime.InteropServices;
using Evenkeel.Ledger;

namespace Evenkeel.Node.History;

/// <summary>Page-aligned memory for direct I/O.</summary>
internal sealed unsafe class PageBuffer : IDisposable
{
    private readonly int _bytes;
    private byte* _address;

    public PageBuffer(int bytes)
    {
        _bytes = bytes;
        _address = (byte*)NativeMemory.AlignedAlloc((nuint)bytes, HistoryLimits.PageBytes);
    }

    public Span<byte> Bytes
    {
        get
        {
            ObjectDisposedException.ThrowIf(_address is null, this);
            return new Span<byte>(_address, _bytes);
        }
    }

    public Span<HistoryRow> Rows => MemoryMarshal.Cast<byte, HistoryRow>(Bytes);

    public void Dispose()
    {
        NativeMemory.AlignedFree(_address);
        _address = null;
    }
}
