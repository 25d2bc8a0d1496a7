using System.Buffers.Binary;

namespace Evenkeel.Verifier;

/// <summary>Little-endian fields at fixed offsets, as the format documents give them.</summary>
internal static class Bytes
{
    public static ushort U16(ReadOnlySpan<byte> bytes, int at) =>
        BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    public static uint U32(ReadOnlySpan<byte> bytes, int at) =>
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    public static ulong U64(ReadOnlySpan<byte> bytes, int at) =>
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]);

    public static UInt128 U128(ReadOnlySpan<byte> bytes, int at) =>
        BinaryPrimitives.ReadUInt128LittleEndian(bytes[at..]);

    public static bool AllZero(ReadOnlySpan<byte> bytes) => !bytes.ContainsAnyExcept((byte)0);
}
