using System.IO.Hashing;

namespace Evenkeel.Verifier.Replay;

/// <summary>Applies entries, read by docs/formats/entry.md alone, to the books and the records.</summary>
internal sealed class EntryReplay(Findings findings)
{
    private const uint Magic = 0x31454B45; // EKE1
    private const int HeaderBytes = 32;
    private const int CommandBytes = 32;
    private const ushort CreateAccounts = 16;
    private const ushort CreateTransfers = 17;
    private const ushort UpdateAccounts = 18;
    private const ushort Operation = 64;
    private const ushort Tick = 128;
    private const ushort Activate = 129;

    private readonly List<Command> _commands = [];
    private ulong _lastTimestamp;

    public Books Books { get; } = new();

    public RecordBook Records => field ??= new RecordBook(Books);

    /// <summary>The last entry that was applied.</summary>
    public ulong Index { get; private set; }

    /// <summary>Log time of the last entry that bears any.</summary>
    public ulong LogTime => _lastTimestamp;

    /// <summary>False when the entry can't be what a leader proposed: nothing after it can be replayed.</summary>
    public bool TryApply(in ArchivedEntry entry)
    {
        Books.BeginEntry(entry.Index);
        Records.BeginEntry(entry.Index);
        if (!entry.Payload.IsEmpty)
        {
            if (Parse(entry) is not { } total)
            {
                return false;
            }
            var end = Bytes.U64(entry.Payload.Span, 8);
            var timestamp = end - total;
            Books.Expire(timestamp);
            foreach (var command in _commands)
            {
                timestamp += command.Count;
                Apply(command, timestamp);
            }
            _lastTimestamp = end;
        }
        Index = entry.Index;
        return true;
    }

    /// <summary>The entry takes its index and has no effect: no time, no rows, no records.</summary>
    public void PassOver(ulong index)
    {
        Books.BeginEntry(index);
        Records.BeginEntry(index);
        Index = index;
    }

    private void Apply(in Command command, ulong timestamp)
    {
        var body = command.Body.Span;
        switch (command.Operation)
        {
            case CreateAccounts:
                Books.CreateAccounts(timestamp, Many(body, AskedAccount.Size, AskedAccount.Read));
                break;
            case CreateTransfers:
                Books.CreateTransfers(
                    timestamp,
                    Many(body, AskedTransfer.Size, AskedTransfer.Read),
                    rememberFailedIds: true
                );
                break;
            case UpdateAccounts:
                Books.UpdateAccounts(timestamp, Many(body, AskedUpdate.Size, AskedUpdate.Read));
                break;
            case Operation:
                Records.Apply(command.Body, command.Count, timestamp);
                break;
            case Activate:
                Books.Activate(Bytes.U32(body, 0), Bytes.U64(body, 8), command.Principal);
                break;
            default:
                break; // A tick only lets time pass.
        }
    }

    /// <summary>Fills the list of commands; the number of their events, or null with a finding.</summary>
    private ulong? Parse(in ArchivedEntry entry)
    {
        _commands.Clear();
        var payload = entry.Payload.Span;
        if (payload.Length < HeaderBytes || Bytes.U32(payload, 0) != Magic)
        {
            return Refuse(entry, 0, "payload is not an entry");
        }
        if (XxHash3.HashToUInt64(payload[24..]) != Bytes.U64(payload, 16))
        {
            return Refuse(entry, 16, "entry does not match its own checksum");
        }
        var count = Bytes.U16(payload, 6);
        var at = HeaderBytes;
        ulong events = 0;
        for (var c = 0; c < count; c++)
        {
            if (at + CommandBytes > payload.Length)
            {
                return Refuse(entry, at, $"command {c} of {count} is cut off");
            }
            var command = new Command(
                Bytes.U16(payload, at),
                Bytes.U32(payload, at + 8),
                Bytes.U64(payload, at + 16),
                default
            );
            var length = Bytes.U32(payload, at + 4);
            if (length > payload.Length - at - CommandBytes)
            {
                return Refuse(entry, at, $"command {c} claims {length} bytes");
            }
            command = command with { Body = entry.Payload.Slice(at + CommandBytes, (int)length) };
            if (WhatIsWrong(command) is { } problem)
            {
                return Refuse(entry, at, problem);
            }
            _commands.Add(command);
            events += command.Count;
            at += CommandBytes + (int)((length + 15) & ~15u);
        }
        if (at != payload.Length)
        {
            return Refuse(entry, at, "bytes after the last command");
        }
        var timestamp = Bytes.U64(payload, 8);
        return timestamp < _lastTimestamp + events
            ? Refuse(entry, 8, $"log time {timestamp} overlaps the entry before ({_lastTimestamp})")
            : events;
    }

    private static string? WhatIsWrong(in Command command)
    {
        var size = command.Operation switch
        {
            CreateAccounts => AskedAccount.Size,
            CreateTransfers => AskedTransfer.Size,
            UpdateAccounts => AskedUpdate.Size,
            _ => 0,
        };
        return size > 0 && command.Body.Length != (long)command.Count * size
                ? $"{command.Count} events in {command.Body.Length} bytes"
            : size == 0 && command.Operation is not (Operation or Tick or Activate)
                ? $"unknown operation {command.Operation}"
            : command.Operation == Activate && command.Body.Length != 16
                ? $"an activation of {command.Body.Length} bytes"
            : command.Operation is Tick or Activate && command.Count != 0
                ? "a command without events counts some"
            : null;
    }

    private ulong? Refuse(in ArchivedEntry entry, int at, string what)
    {
        findings.Add(
            FindingKind.EntryInvalid,
            entry.File,
            entry.Offset + 80 + at,
            entry.Index,
            what
        );
        return null;
    }

    private delegate T ReadOne<T>(ReadOnlySpan<byte> bytes);

    private static T[] Many<T>(ReadOnlySpan<byte> bytes, int size, ReadOne<T> read)
    {
        var items = new T[bytes.Length / size];
        for (var i = 0; i < items.Length; i++)
        {
            items[i] = read(bytes.Slice(i * size, size));
        }
        return items;
    }

    private readonly record struct Command(
        ushort Operation,
        uint Count,
        ulong Principal,
        ReadOnlyMemory<byte> Body
    );
}
