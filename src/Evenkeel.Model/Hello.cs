using System.Runtime.InteropServices;

namespace Evenkeel.Model;

/// <summary>
/// The fixed part of a hello's body: 16 bytes; the API key follows, UTF-8 (docs/formats/protocol.md).
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
public struct HelloRequest
{
    public const int Size = 16;

    /// <summary>The lowest and highest protocol version that the client speaks.</summary>
    [FieldOffset(0)]
    public ushort VersionMin;

    [FieldOffset(2)]
    public ushort VersionMax;

    /// <summary>Bytes of the API key that follows.</summary>
    [FieldOffset(4)]
    public uint KeyBytes;

    [FieldOffset(8)]
    public ulong Reserved;
}

/// <summary>The answer to a hello: 64 bytes.</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
public struct HelloReply
{
    public const int Size = 64;

    /// <summary>The version that both will speak.</summary>
    [FieldOffset(0)]
    public ushort Version;

    [FieldOffset(2)]
    public ushort Reserved16;

    [FieldOffset(4)]
    public uint BatchEventsMax;

    [FieldOffset(8)]
    public uint FrameBytesMax;

    /// <summary>Unanswered requests of one connection.</summary>
    [FieldOffset(12)]
    public uint RequestsInFlightMax;

    /// <summary>The number of the key that was presented; the principal in the log.</summary>
    [FieldOffset(16)]
    public ulong KeyNumber;

    /// <summary>The longest wait that a request may ask for, milliseconds.</summary>
    [FieldOffset(24)]
    public uint TimeoutMsMax;

    [FieldOffset(28)]
    public uint Reserved32;

    [FieldOffset(32)]
    public UInt128 Reserved128A;

    [FieldOffset(48)]
    public UInt128 Reserved128B;
}
