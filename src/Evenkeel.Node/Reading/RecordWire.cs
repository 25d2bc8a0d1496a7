using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Evenkeel.Journal;

namespace Evenkeel.Node.Reading;

/// <summary>Queries and pages of records on the wire (docs/formats/protocol.md).</summary>
internal static class RecordWire
{
    /// <summary>A text's length that means "there is none".</summary>
    private const ushort Absent = ushort.MaxValue;

    private const int TextBytesMax = 1_024;

    public static bool TryReadQuery(
        ReadOnlySpan<byte> body,
        [NotNullWhen(true)] out RecordQuery? query
    )
    {
        query = null;
        if (body.Length < sizeof(uint))
        {
            return false;
        }
        uint limit = BinaryPrimitives.ReadUInt32LittleEndian(body);
        body = body[sizeof(uint)..];
        if (
            limit is 0 or > OperationLimits.PageRecordsMax
            || !TryReadText(ref body, out string? collection)
            || !TryReadText(ref body, out string? key)
            || !TryReadText(ref body, out string? prefix)
            || !TryReadText(ref body, out string? index)
            || !TryReadText(ref body, out string? value)
            || !TryReadText(ref body, out string? after)
            || collection is null
            || !body.IsEmpty
        )
        {
            return false;
        }
        query = new RecordQuery
        {
            Collection = collection,
            Key = key,
            Prefix = prefix,
            Index = index,
            Value = value,
            After = after,
            Limit = (int)limit,
        };
        return true;
    }

    /// <summary>Bytes that a page takes.</summary>
    public static int PageBytes(RecordPage page)
    {
        int bytes = sizeof(ushort) + Encoding.UTF8.GetByteCount(page.Next ?? "");
        foreach (StoredRecord record in page.Records)
        {
            bytes += 16 + Encoding.UTF8.GetByteCount(record.Key.Key) + record.Json.Length;
        }
        return bytes;
    }

    public static void WritePage(RecordPage page, Span<byte> destination)
    {
        int offset = WriteText(page.Next, destination);
        foreach (StoredRecord record in page.Records)
        {
            Span<byte> header = destination[offset..];
            int keyBytes = Encoding.UTF8.GetBytes(record.Key.Key, header[16..]);
            BinaryPrimitives.WriteUInt64LittleEndian(header, record.Version);
            BinaryPrimitives.WriteUInt32LittleEndian(header[8..], (uint)record.Json.Length);
            BinaryPrimitives.WriteUInt16LittleEndian(header[12..], (ushort)keyBytes);
            BinaryPrimitives.WriteUInt16LittleEndian(header[14..], 0);
            record.Json.Span.CopyTo(header[(16 + keyBytes)..]);
            offset += 16 + keyBytes + record.Json.Length;
        }
    }

    private static int WriteText(string? text, Span<byte> destination)
    {
        if (text is null)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(destination, Absent);
            return sizeof(ushort);
        }
        int bytes = Encoding.UTF8.GetBytes(text, destination[sizeof(ushort)..]);
        BinaryPrimitives.WriteUInt16LittleEndian(destination, (ushort)bytes);
        return sizeof(ushort) + bytes;
    }

    private static bool TryReadText(ref ReadOnlySpan<byte> body, out string? text)
    {
        text = null;
        if (body.Length < sizeof(ushort))
        {
            return false;
        }
        ushort bytes = BinaryPrimitives.ReadUInt16LittleEndian(body);
        body = body[sizeof(ushort)..];
        if (bytes == Absent)
        {
            return true;
        }
        if (bytes > TextBytesMax || bytes > body.Length)
        {
            return false;
        }
        text = Encoding.UTF8.GetString(body[..bytes]);
        body = body[bytes..];
        return !text.Contains('\uFFFD', StringComparison.Ordinal);
    }
}
