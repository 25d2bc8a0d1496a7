using System.Runtime.InteropServices;

namespace Evenkeel.Model;

/// <summary>The 32-byte header of a log entry's payload (docs/formats/entry.md).</summary>
/// <remarks>
/// An entry holds commands back to back. With n events in all, event j (from 0, across commands in
/// order) happens at <c>Timestamp - n + j + 1</c>. Before them at most
/// <see cref="Limits.ExpiriesPerEntryMax"/> holds due at <c>Timestamp - n</c> expire, at the
/// timestamps right before. The leader stamps so that all of these exceed every earlier timestamp.
/// </remarks>
[StructLayout(LayoutKind.Explicit, Size = Size)]
public struct EntryHeader
{
    public const int Size = 32;

    /// <summary>"EKE1" read as a little-endian number.</summary>
    public const uint MagicValue = 0x31454B45;
    public const ushort CurrentVersion = 1;

    [FieldOffset(0)]
    public uint Magic;

    [FieldOffset(4)]
    public ushort Version;

    [FieldOffset(6)]
    public ushort CommandCount;

    /// <summary>Log time of the entry's last event, nanoseconds since the Unix epoch.</summary>
    [FieldOffset(8)]
    public ulong Timestamp;

    /// <summary>XxHash3 (64 bits, seed 0) of the payload's bytes from offset 24 to its end.</summary>
    [FieldOffset(16)]
    public ulong Checksum;

    [FieldOffset(24)]
    public uint StateVersion;

    [FieldOffset(28)]
    public uint Reserved;
}

/// <summary>The 32-byte header of one command in an entry; its body follows, padded to 16 bytes.</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
public struct CommandHeader
{
    public const int Size = 32;

    [FieldOffset(0)]
    public OperationCode Operation;

    [FieldOffset(2)]
    public ushort Reserved16;

    /// <summary>Bytes of the body without padding.</summary>
    [FieldOffset(4)]
    public uint Length;

    /// <summary>Events in the body; each takes one timestamp.</summary>
    [FieldOffset(8)]
    public uint Count;

    [FieldOffset(12)]
    public uint Reserved32;

    /// <summary>Who asked: the API key's number; 0 = the node itself.</summary>
    [FieldOffset(16)]
    public ulong Principal;

    [FieldOffset(24)]
    public ulong Reserved64;
}
