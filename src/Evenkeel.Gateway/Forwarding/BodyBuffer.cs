using System.Buffers;

namespace Evenkeel.Gateway.Forwarding;

/// <summary>Counts the bytes of all bodies that are held, so that they stay below a limit.</summary>
internal sealed class BufferBudget(long bytesMax)
{
    private long _used;

    public long Used => Interlocked.Read(ref _used);

    public bool TryTake(int bytes)
    {
        if (Interlocked.Add(ref _used, bytes) <= bytesMax)
        {
            return true;
        }
        Return(bytes);
        return false;
    }

    public void Return(int bytes) => Interlocked.Add(ref _used, -bytes);
}

/// <summary>How reading a body into memory ended.</summary>
internal enum BufferOutcome
{
    Read,

    /// <summary>Larger than one body may be.</summary>
    TooLarge,

    /// <summary>All bodies together are as large as they may be.</summary>
    NoRoom,
}

/// <summary>A body in memory, so that it can be sent again, or asked for again.</summary>
internal sealed class BodyBuffer(BufferBudget budget) : IDisposable
{
    private const int FirstBytes = 4_096;

    private byte[] _bytes = [];
    private int _length;

    public ReadOnlyMemory<byte> Bytes => _bytes.AsMemory(0, _length);

    /// <summary>A stream over the bytes; it ends with them.</summary>
    public Stream OpenRead() => new MemoryStream(_bytes, 0, _length, writable: false);

    /// <param name="expectedBytes">What the sender announced; null when it did not.</param>
    public async ValueTask<BufferOutcome> FillAsync(
        Stream source,
        long? expectedBytes,
        long bytesMax,
        CancellationToken cancellationToken
    )
    {
        if (expectedBytes > bytesMax)
        {
            return BufferOutcome.TooLarge;
        }
        _length = 0;
        // One more than announced, so that the end is seen without growing.
        int wanted = expectedBytes is { } announced ? (int)announced + 1 : FirstBytes;
        while (true)
        {
            if (_length == _bytes.Length && !TryGrow(Math.Max(wanted, _length * 2)))
            {
                return BufferOutcome.NoRoom;
            }
            int read = await source.ReadAsync(_bytes.AsMemory(_length), cancellationToken);
            if (read == 0)
            {
                return BufferOutcome.Read;
            }
            _length += read;
            if (_length > bytesMax)
            {
                return BufferOutcome.TooLarge;
            }
        }
    }

    public void Dispose()
    {
        byte[] bytes = _bytes;
        _bytes = [];
        _length = 0;
        if (bytes.Length > 0)
        {
            budget.Return(bytes.Length);
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    private bool TryGrow(int bytes)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent(bytes);
        if (!budget.TryTake(larger.Length))
        {
            ArrayPool<byte>.Shared.Return(larger);
            return false;
        }
        _bytes.AsSpan(0, _length).CopyTo(larger);
        int length = _length;
        Dispose();
        _bytes = larger;
        _length = length;
        return true;
    }
}
