using System.IO.Hashing;
using System.Runtime.InteropServices;
using Evenkeel.Model;

namespace Evenkeel.Client.Internal;

/// <summary>Takes replies out of a stream of bytes.</summary>
internal sealed class FrameReader
{
    /// <summary>Offset of the first byte that a frame's checksum covers.</summary>
    public const int ChecksumFrom = 16;

    private readonly byte[] _buffer = new byte[Limits.FrameBytesMax];
    private int _start;
    private int _end;

    /// <summary>Reads the next reply; false when the node closed the line.</summary>
    /// <exception cref="InvalidDataException">What came is not a reply.</exception>
    public async ValueTask<bool> FillAsync(Stream stream, CancellationToken cancellationToken)
    {
        while (!HasFrame())
        {
            if (_start == _end)
            {
                _start = _end = 0;
            }
            else if (_buffer.Length - _end < Frame.HeaderSize || NeedsRoom())
            {
                _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
                _end -= _start;
                _start = 0;
            }
            int read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
            if (read == 0)
            {
                return false;
            }
            _end += read;
        }
        return true;
    }

    /// <summary>True when a whole reply is in the buffer.</summary>
    public bool HasFrame() =>
        MemoryMarshal.TryRead(_buffer.AsSpan(_start, _end - _start), out Frame header)
        && _end - _start >= Length(header);

    /// <summary>The next reply; valid until the next <see cref="FillAsync"/>.</summary>
    public ReadOnlySpan<byte> Take(out Frame header)
    {
        header = MemoryMarshal.Read<Frame>(_buffer.AsSpan(_start));
        ReadOnlySpan<byte> frame = _buffer.AsSpan(_start, Length(header));
        if (header.Checksum != XxHash3.HashToUInt64(frame[ChecksumFrom..]))
        {
            throw new InvalidDataException("The checksum of a reply does not match.");
        }
        _start += frame.Length;
        return frame[Frame.HeaderSize..];
    }

    private bool NeedsRoom() =>
        MemoryMarshal.TryRead(_buffer.AsSpan(_start, _end - _start), out Frame header)
        && _buffer.Length - _start < Length(header);

    private static int Length(in Frame header)
    {
        if (
            header.Magic != Frame.MagicValue
            || header.Version != Frame.CurrentVersion
            || header.Length is < Frame.HeaderSize or > Limits.FrameBytesMax
        )
        {
            throw new InvalidDataException("What came is not a reply of this protocol.");
        }
        return (int)header.Length;
    }
}
