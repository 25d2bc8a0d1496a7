using System.Buffers;
using System.Runtime.InteropServices;
using Evenkeel.Model;

namespace Evenkeel.Node.Protocol;

/// <summary>
/// What was received and not handled yet. Small until a large frame comes; the number of large
/// buffers in the node is bounded, and a connection gives its own back when it has nothing in it.
/// </summary>
internal sealed class ReceiveBuffer(SemaphoreSlim largeBuffers) : IDisposable
{
    private readonly byte[] _small = new byte[NodeLimits.ReceiveBytes];
    private byte[]? _large;
    private int _start;
    private int _end;

    public bool IsEmpty => _start == _end;

    private byte[] Buffer => _large ?? _small;

    /// <summary>True when a whole header is here.</summary>
    public bool TryPeek(out Frame header) =>
        MemoryMarshal.TryRead(Buffer.AsSpan(_start, _end - _start), out header);

    /// <summary>The next frame when all of it is here; else nothing.</summary>
    public ReadOnlyMemory<byte> Frame(int bytes) =>
        _end - _start >= bytes ? Buffer.AsMemory(_start, bytes) : default;

    public void Consume(int bytes)
    {
        _start += bytes;
        if (IsEmpty)
        {
            _start = _end = 0;
            ReleaseLarge();
        }
    }

    /// <summary>Makes sure that a frame of this size fits; waits when too many are large already.</summary>
    public async ValueTask EnsureRoomAsync(int bytes, CancellationToken cancellationToken)
    {
        if (Buffer.Length - _start >= bytes)
        {
            return;
        }
        int kept = _end - _start;
        if (Buffer.Length >= bytes)
        {
            Buffer.AsSpan(_start, kept).CopyTo(Buffer);
        }
        else
        {
            await largeBuffers.WaitAsync(cancellationToken);
            byte[] large = ArrayPool<byte>.Shared.Rent(Limits.FrameBytesMax);
            _small.AsSpan(_start, kept).CopyTo(large);
            _large = large;
        }
        _start = 0;
        _end = kept;
    }

    /// <summary>Where the next bytes go; never empty.</summary>
    public Memory<byte> Room()
    {
        if (_end == Buffer.Length)
        {
            int kept = _end - _start;
            Buffer.AsSpan(_start, kept).CopyTo(Buffer);
            _start = 0;
            _end = kept;
        }
        return Buffer.AsMemory(_end);
    }

    public void Added(int bytes) => _end += bytes;

    public void Dispose() => ReleaseLarge();

    private void ReleaseLarge()
    {
        if (_large is { } large)
        {
            _large = null;
            ArrayPool<byte>.Shared.Return(large);
            largeBuffers.Release();
        }
    }
}
