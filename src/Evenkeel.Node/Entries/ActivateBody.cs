using System.Runtime.InteropServices;

namespace Evenkeel.Node.Entries;

/// <summary>
/// The body of <see cref="Evenkeel.Model.OperationCode.Activate"/>: 16 bytes (docs/formats/entry.md).
/// The checker is the command's principal.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
internal struct ActivateBody
{
    public const int Size = 16;

    public static byte[] Encode(uint version, ulong maker)
    {
        byte[] bytes = new byte[Size];
        MemoryMarshal.Write(bytes, new ActivateBody { Version = version, Maker = maker });
        return bytes;
    }

    /// <summary>The state version from the next command on.</summary>
    [FieldOffset(0)]
    public uint Version;

    [FieldOffset(4)]
    public uint Reserved;

    /// <summary>Number of the key that asked first; 0 = the node itself, in a new bank.</summary>
    [FieldOffset(8)]
    public ulong Maker;
}
