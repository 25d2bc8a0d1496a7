using Evenkeel.Model;

namespace Evenkeel.Journal;

/// <summary>Every limit of an operation and of reading records, each with its unit.</summary>
public static class OperationLimits
{
    /// <summary>Bytes of an encoded operation: what fits a frame of the binary protocol.</summary>
    public const int OperationBytesMax = Limits.FrameBytesMax - Frame.HeaderSize;

    public const int PrincipalsMax = 8;
    public const int GuardsMax = 1_024;

    /// <summary>Accounts, updates and transfers of one operation together.</summary>
    public const int LedgerEventsMax = 4_096;

    public const int WritesMax = 4_096;
    public const int MessagesMax = 256;

    /// <summary>UTF-8 bytes of a collection's or a topic's name.</summary>
    public const int NameBytesMax = 64;

    /// <summary>UTF-8 bytes of a record's key.</summary>
    public const int KeyBytesMax = 256;

    /// <summary>UTF-8 bytes of a principal's name.</summary>
    public const int PrincipalNameBytesMax = 128;

    /// <summary>UTF-8 bytes of one document or message.</summary>
    public const int JsonBytesMax = 256 << 10;

    /// <summary>Levels of nesting in one document or message.</summary>
    public const int JsonDepthMax = 32;

    /// <summary>Records of one page.</summary>
    public const int PageRecordsMax = 1_000;

    /// <summary>UTF-8 bytes of the documents in one page; a page ends early rather than exceed it.</summary>
    public const int PageBytesMax = 768 << 10;

    static OperationLimits()
    {
        Check.That(
            (LedgerEventsMax * Transfer.Size) + OperationCodec.HeaderSize < OperationBytesMax
        );
        Check.That(LedgerEventsMax <= Limits.BatchEventsMax);
        Check.That(JsonBytesMax < PageBytesMax);
        Check.That(PageBytesMax < Limits.FrameBytesMax);
    }
}
