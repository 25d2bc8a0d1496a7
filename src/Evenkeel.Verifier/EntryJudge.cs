using System.IO.Hashing;

namespace Evenkeel.Verifier;

/// <summary>One transfer as it was asked for, read from an entry.</summary>
internal readonly record struct AskedTransfer(
    UInt128 Id,
    UInt128 Amount,
    ulong UserData64,
    uint UserData32,
    ushort Code,
    ushort Flags
);

/// <summary>Judges an entry's payload by docs/formats/entry.md alone.</summary>
internal sealed class EntryJudge(Findings findings)
{
    private const uint Magic = 0x31454B45; // EKE1
    private const int HeaderBytes = 32;
    private const int CommandBytes = 32;
    private const int TransferBytes = 128;
    private const ushort CreateTransfers = 17;
    private const ushort Operation = 64;

    private readonly List<AskedTransfer> _asked = [];
    private ulong _lastTimestamp;

    /// <summary>The transfers of the entry judged last, in order.</summary>
    public IReadOnlyList<AskedTransfer> Asked => _asked;

    /// <summary>True when it also holds operations, whose transfers are not listed here.</summary>
    public bool HasOperations { get; private set; }

    public void Judge(in ArchivedEntry entry)
    {
        _asked.Clear();
        HasOperations = false;
        var payload = entry.Payload.Span;
        if (payload.IsEmpty)
        {
            return; // The consensus engine's own entry: a leader's first.
        }
        if (payload.Length < HeaderBytes || Bytes.U32(payload, 0) != Magic)
        {
            Add(entry, 0, "payload is not an entry");
            return;
        }
        if (XxHash3.HashToUInt64(payload[24..]) != Bytes.U64(payload, 16))
        {
            Add(entry, 16, "entry does not match its own checksum");
            return;
        }
        var events = ReadCommands(entry, payload);
        var timestamp = Bytes.U64(payload, 8);
        if (timestamp < _lastTimestamp + events)
        {
            Add(entry, 8, $"log time {timestamp} overlaps the entry before ({_lastTimestamp})");
        }
        _lastTimestamp = timestamp;
    }

    private ulong ReadCommands(in ArchivedEntry entry, ReadOnlySpan<byte> payload)
    {
        var commands = Bytes.U16(payload, 6);
        var at = HeaderBytes;
        ulong events = 0;
        for (var c = 0; c < commands; c++)
        {
            if (at + CommandBytes > payload.Length)
            {
                Add(entry, at, $"command {c} of {commands} is cut off");
                return events;
            }
            var operation = Bytes.U16(payload, at);
            var length = Bytes.U32(payload, at + 4);
            var count = Bytes.U32(payload, at + 8);
            var body = at + CommandBytes;
            if (length > payload.Length - body)
            {
                Add(entry, at, $"command {c} claims {length} bytes");
                return events;
            }
            events += count;
            if (operation == CreateTransfers)
            {
                ReadTransfers(entry, payload.Slice(body, (int)length), count, at);
            }
            HasOperations |= operation == Operation;
            at = body + (int)((length + 15) & ~15u);
        }
        if (at != payload.Length)
        {
            Add(entry, at, "bytes after the last command");
        }
        return events;
    }

    private void ReadTransfers(in ArchivedEntry entry, ReadOnlySpan<byte> body, uint count, int at)
    {
        if (body.Length != (long)count * TransferBytes)
        {
            Add(entry, at, $"{count} transfers in {body.Length} bytes");
            return;
        }
        for (var i = 0; i < body.Length; i += TransferBytes)
        {
            var t = body.Slice(i, TransferBytes);
            _asked.Add(
                new AskedTransfer(
                    Bytes.U128(t, 0),
                    Bytes.U128(t, 48),
                    Bytes.U64(t, 96),
                    Bytes.U32(t, 104),
                    Bytes.U16(t, 116),
                    Bytes.U16(t, 118)
                )
            );
        }
    }

    private void Add(in ArchivedEntry entry, int at, string what) =>
        findings.Add(entry.File, entry.Offset + 80 + at, entry.Index, what);
}
