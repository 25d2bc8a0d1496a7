using System.IO.Hashing;
using System.Runtime.InteropServices;
using Evenkeel.Model;

namespace Evenkeel.Node.Protocol;

/// <summary>Seals and checks frames (docs/formats/protocol.md).</summary>
internal static class FrameCodec
{
    /// <summary>Offset of the first byte that the checksum covers.</summary>
    public const int ChecksumFrom = 16;

    /// <summary>Sets length and checksum of a frame whose body is in place.</summary>
    public static void Seal(Span<byte> frame, Frame header)
    {
        header.Magic = Frame.MagicValue;
        header.Version = Frame.CurrentVersion;
        header.Length = (uint)frame.Length;
        MemoryMarshal.Write(frame, header);
        header.Checksum = XxHash3.HashToUInt64(frame[ChecksumFrom..]);
        MemoryMarshal.Write(frame, header);
    }

    /// <summary>
    /// What can be judged before the whole frame is here: null when the length can be trusted enough
    /// to wait for the rest.
    /// </summary>
    public static string? CheckPrefix(in Frame header, int bytesMax)
    {
        if (header.Magic != Frame.MagicValue)
        {
            return "the magic number is wrong";
        }
        return header.Length < Frame.HeaderSize || header.Length > bytesMax
            ? $"a length of {header.Length} bytes; allowed are {Frame.HeaderSize} to {bytesMax}"
            : null;
    }

    /// <summary>Null when a whole request frame is well formed; else what is wrong.</summary>
    public static string? CheckWhole(ReadOnlySpan<byte> frame, in Frame header)
    {
        if (header.Checksum != XxHash3.HashToUInt64(frame[ChecksumFrom..]))
        {
            return "the checksum does not match";
        }
        return header.Reserved16 != 0 || header.Status != FrameStatus.Ok || header.AppliedIndex != 0
            ? "reserved bytes are set"
            : null;
    }
}
