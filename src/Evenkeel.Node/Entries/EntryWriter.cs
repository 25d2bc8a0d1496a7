using System.IO.Hashing;
using System.Runtime.InteropServices;
using Evenkeel.Model;

namespace Evenkeel.Node.Entries;

/// <summary>Builds one entry in place: commands back to back behind a header that is set last.</summary>
internal sealed class EntryWriter
{
    /// <summary>Offset of the first byte that the checksum covers.</summary>
    public const int ChecksumFrom = 24;

    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(
        Limits.EntryBytesMax,
        pinned: true
    );
    private int _length = EntryHeader.Size;

    public int CommandCount { get; private set; }

    /// <summary>Timestamps that the commands need.</summary>
    public uint EventCount { get; private set; }

    public bool Fits(int bodyBytes) =>
        CommandCount < NodeLimits.CommandsPerEntryMax
        && _length + CommandHeader.Size + Padded(bodyBytes) <= Limits.EntryBytesMax;

    public void Append(
        OperationCode operation,
        uint count,
        ulong principal,
        ReadOnlySpan<byte> body
    )
    {
        Check.That(Fits(body.Length));
        var header = new CommandHeader
        {
            Operation = operation,
            Length = (uint)body.Length,
            Count = count,
            Principal = principal,
        };
        MemoryMarshal.Write(_buffer.AsSpan(_length), header);
        _length += CommandHeader.Size;
        body.CopyTo(_buffer.AsSpan(_length));
        int padded = Padded(body.Length);
        _buffer.AsSpan(_length + body.Length, padded - body.Length).Clear();
        _length += padded;
        CommandCount++;
        EventCount += count;
    }

    /// <summary>Sets the header; the payload must not change afterwards.</summary>
    public ReadOnlyMemory<byte> Seal(ulong timestamp, uint stateVersion)
    {
        Check.That(timestamp is >= Limits.TimestampMin and <= Limits.TimestampMax);
        var header = new EntryHeader
        {
            Magic = EntryHeader.MagicValue,
            Version = EntryHeader.CurrentVersion,
            CommandCount = (ushort)CommandCount,
            Timestamp = timestamp,
            StateVersion = stateVersion,
        };
        MemoryMarshal.Write(_buffer, header);
        header.Checksum = XxHash3.HashToUInt64(
            _buffer.AsSpan(ChecksumFrom, _length - ChecksumFrom)
        );
        MemoryMarshal.Write(_buffer, header);
        return _buffer.AsMemory(0, _length);
    }

    public void Reset()
    {
        _length = EntryHeader.Size;
        CommandCount = 0;
        EventCount = 0;
    }

    public static int Padded(int bytes) => (bytes + 15) & ~15;
}
