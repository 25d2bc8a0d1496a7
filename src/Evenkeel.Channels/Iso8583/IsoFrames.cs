using System.Buffers.Binary;
using System.Security.Cryptography;
using Evenkeel.Channels.Iso8583.Codec;

namespace Evenkeel.Channels.Iso8583;

/// <summary>Why a peer's bytes ended.</summary>
public enum IsoFrameEnd : byte
{
    /// <summary>There is a frame.</summary>
    None = 0,

    /// <summary>The peer closed between two messages.</summary>
    Closed = 1,

    /// <summary>The peer closed inside a message.</summary>
    Torn = 2,

    /// <summary>No message for too long.</summary>
    Idle = 3,

    /// <summary>A message that did not come to its end in time.</summary>
    Slow = 4,

    /// <summary>A length of 0 or above the limit.</summary>
    Length = 5,
}

/// <summary>
/// Takes messages off a stream: two bytes of length, the high one first, then the message. Its one
/// buffer is zeroed behind every message, because card numbers were in it.
/// </summary>
public sealed class IsoFrameReader(
    Stream stream,
    TimeSpan idleMax,
    TimeSpan frameMax,
    TimeProvider time
) : IDisposable
{
    private readonly byte[] _buffer = new byte[
        2 * (IsoLimits.PrefixBytes + IsoLimits.MessageBytesMax)
    ];
    private int _start;
    private int _end;
    private int _frame;

    /// <summary>The message last read; valid until the next read.</summary>
    public ReadOnlySpan<byte> Frame => _buffer.AsSpan(_start + IsoLimits.PrefixBytes, _frame);

    /// <summary>Waits for the next message.</summary>
    /// <exception cref="OperationCanceledException">Only by <paramref name="cancellationToken"/>.</exception>
    /// <exception cref="IOException">The line broke.</exception>
    public async ValueTask<IsoFrameEnd> ReadAsync(CancellationToken cancellationToken)
    {
        DropFrame();
        while (true)
        {
            var have = _end - _start;
            if (have >= IsoLimits.PrefixBytes)
            {
                var length = BinaryPrimitives.ReadUInt16BigEndian(_buffer.AsSpan(_start));
                if (length is 0 or > IsoLimits.MessageBytesMax)
                {
                    return IsoFrameEnd.Length;
                }
                if (have >= IsoLimits.PrefixBytes + length)
                {
                    _frame = length;
                    return IsoFrameEnd.None;
                }
            }
            MakeRoom();
            int read;
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            using var timer = time.CreateTimer(
                static state => ((CancellationTokenSource)state!).Cancel(),
                patience,
                have == 0 ? idleMax : frameMax,
                Timeout.InfiniteTimeSpan
            );
            try
            {
                read = await stream.ReadAsync(_buffer.AsMemory(_end), patience.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return have == 0 ? IsoFrameEnd.Idle : IsoFrameEnd.Slow;
            }
            if (read == 0)
            {
                return have == 0 ? IsoFrameEnd.Closed : IsoFrameEnd.Torn;
            }
            _end += read;
        }
    }

    public void Dispose() => CryptographicOperations.ZeroMemory(_buffer);

    private void DropFrame()
    {
        if (_frame == 0)
        {
            return;
        }
        var whole = IsoLimits.PrefixBytes + _frame;
        CryptographicOperations.ZeroMemory(_buffer.AsSpan(_start, whole));
        _start += whole;
        _frame = 0;
    }

    /// <summary>The next message always fits behind what is there.</summary>
    private void MakeRoom()
    {
        if (_buffer.Length - _start >= IsoLimits.PrefixBytes + IsoLimits.MessageBytesMax)
        {
            return;
        }
        var have = _end - _start;
        _buffer.AsSpan(_start, have).CopyTo(_buffer);
        CryptographicOperations.ZeroMemory(_buffer.AsSpan(have, _end - have));
        _start = 0;
        _end = have;
    }
}

/// <summary>Puts messages onto a stream, one at a time.</summary>
public sealed class IsoFrameWriter(Stream stream, TimeSpan writeMax) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <param name="frame">
    /// Two bytes of room for the length, then the message; zeroed when it is on its way.
    /// </param>
    /// <exception cref="IOException">The line broke, or took the message too slowly.</exception>
    public async Task WriteAsync(Memory<byte> frame, CancellationToken cancellationToken)
    {
        BinaryPrimitives.WriteUInt16BigEndian(
            frame.Span,
            (ushort)(frame.Length - IsoLimits.PrefixBytes)
        );
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(writeMax);
        try
        {
            await _turn.WaitAsync(patience.Token);
            try
            {
                await stream.WriteAsync(frame, patience.Token);
            }
            finally
            {
                _turn.Release();
            }
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException("The peer takes no messages.", e);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(frame.Span);
        }
    }

    public void Dispose() => _turn.Dispose();
}
