using System.IO.Hashing;
using System.Runtime.InteropServices;
using Evenkeel.Model;

namespace Evenkeel.Node.Entries;

/// <summary>A committed entry that this node can't understand; it must stop rather than guess.</summary>
public sealed class MalformedEntryException(ulong index, string reason)
    : Exception($"Log entry {index} is malformed: {reason}")
{
    /// <summary>Index of the entry in the log.</summary>
    public ulong Index { get; } = index;
}

/// <summary>
/// An entry or a snapshot of rules that this program does not know. It stops before applying any of
/// it; a newer program goes on from exactly there.
/// </summary>
public sealed class UnknownStateVersionException(ulong index, uint needed, uint known)
    : Exception(
        $"Entry {index} needs state version {needed}; this program applies up to {known}. Start a "
            + "program that knows it: nothing of this entry was applied, nothing is lost."
    )
{
    /// <summary>Index of the entry in the log.</summary>
    public ulong Index { get; } = index;

    internal static void ThrowIfAbove(uint known, uint needed, ulong index)
    {
        if (needed > known)
        {
            throw new UnknownStateVersionException(index, needed, known);
        }
    }
}

/// <summary>
/// Reads an entry's commands. The whole entry is checked before the first command is handed out, so
/// that a malformed entry is never half applied.
/// </summary>
internal ref struct EntryReader
{
    private readonly ReadOnlySpan<byte> _payload;
    private int _offset;

    private EntryReader(
        ReadOnlySpan<byte> payload,
        EntryHeader header,
        ulong eventCount,
        uint activates
    )
    {
        Activates = activates;
        _payload = payload;
        Header = header;
        EventCount = eventCount;
        _offset = EntryHeader.Size;
    }

    public EntryHeader Header { get; }

    /// <summary>Timestamps that the entry's commands take.</summary>
    public ulong EventCount { get; }

    /// <summary>The highest state version that a command of it activates; 0 = none does.</summary>
    public uint Activates { get; }

    /// <summary>Checks everything and returns a reader; or null's reason in <paramref name="problem"/>.</summary>
    public static EntryReader Open(ReadOnlySpan<byte> payload, out string? problem)
    {
        problem = CheckAll(payload, out EntryHeader header, out ulong events, out uint activates);
        return problem is null ? new EntryReader(payload, header, events, activates) : default;
    }

    public bool TryRead(out CommandHeader command, out ReadOnlySpan<byte> body)
    {
        if (_offset == _payload.Length)
        {
            command = default;
            body = default;
            return false;
        }
        command = MemoryMarshal.Read<CommandHeader>(_payload[_offset..]);
        body = _payload.Slice(_offset + CommandHeader.Size, (int)command.Length);
        _offset += CommandHeader.Size + EntryWriter.Padded((int)command.Length);
        return true;
    }

    private static string? CheckAll(
        ReadOnlySpan<byte> payload,
        out EntryHeader header,
        out ulong events,
        out uint activates
    )
    {
        header = default;
        events = 0;
        activates = 0;
        if (payload.Length is < EntryHeader.Size or > Limits.EntryBytesMax)
        {
            return $"its length is {payload.Length} bytes";
        }
        header = MemoryMarshal.Read<EntryHeader>(payload);
        if (header.Magic != EntryHeader.MagicValue)
        {
            return "its magic number is wrong";
        }
        if (header.Version != EntryHeader.CurrentVersion)
        {
            return $"its version is {header.Version}";
        }
        if (header.Checksum != XxHash3.HashToUInt64(payload[EntryWriter.ChecksumFrom..]))
        {
            return "its checksum does not match";
        }
        if (header.Reserved != 0)
        {
            return "reserved bytes of its header are set";
        }
        if (header.Timestamp is < Limits.TimestampMin or > Limits.TimestampMax)
        {
            return "its timestamp is out of range";
        }

        int offset = EntryHeader.Size;
        for (int i = 0; i < header.CommandCount; i++)
        {
            if (payload.Length - offset < CommandHeader.Size)
            {
                return $"command {i} is cut off";
            }
            var command = MemoryMarshal.Read<CommandHeader>(payload[offset..]);
            offset += CommandHeader.Size;
            if (command.Length > (uint)(payload.Length - offset))
            {
                return $"the body of command {i} is cut off";
            }
            int length = (int)command.Length;
            int padded = EntryWriter.Padded(length);
            if (padded > payload.Length - offset)
            {
                return $"the padding of command {i} is cut off";
            }
            if (payload.Slice(offset + length, padded - length).ContainsAnyExcept((byte)0))
            {
                return $"the padding of command {i} is set";
            }
            if (CommandShape.Check(command) is { } problem)
            {
                return $"command {i}: {problem}";
            }
            if (command.Operation == OperationCode.Activate)
            {
                var body = MemoryMarshal.Read<ActivateBody>(payload[offset..]);
                if (body.Version == 0 || body.Reserved != 0)
                {
                    return $"command {i}: not an activation";
                }
                activates = Math.Max(activates, body.Version);
            }
            offset += padded;
            events += command.Count;
        }
        if (offset != payload.Length)
        {
            return $"{payload.Length - offset} bytes follow its last command";
        }
        return events < header.Timestamp ? null : "its timestamp leaves no room for its events";
    }
}
