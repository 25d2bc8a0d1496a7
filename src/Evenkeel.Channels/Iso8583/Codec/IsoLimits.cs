namespace Evenkeel.Channels.Iso8583.Codec;

/// <summary>Limits of a message, each with its unit.</summary>
public static class IsoLimits
{
    /// <summary>Bytes of a whole message after its length prefix.</summary>
    public const int MessageBytesMax = 4_096;

    /// <summary>Bytes of the shortest: type and one bitmap.</summary>
    public const int MessageBytesMin = 4 + 16;

    public const int FieldBytesMax = 999;

    /// <summary>Bytes of the length that goes before a message, the high one first.</summary>
    public const int PrefixBytes = 2;
}
