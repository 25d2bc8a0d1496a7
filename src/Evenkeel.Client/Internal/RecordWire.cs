using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Evenkeel.Client.Internal;

/// <summary>Queries and pages of records on the wire (docs/formats/protocol.md).</summary>
internal static class RecordWire
{
    private const ushort Absent = ushort.MaxValue;

    public static byte[] Encode(ClientRecordQuery query)
    {
        var writer = new ArrayBufferWriter<byte>();
        BinaryPrimitives.WriteUInt32LittleEndian(writer.GetSpan(sizeof(uint)), (uint)query.Limit);
        writer.Advance(sizeof(uint));
        WriteText(writer, query.Collection);
        WriteText(writer, query.Key);
        WriteText(writer, query.Prefix);
        WriteText(writer, query.Index);
        WriteText(writer, query.Value);
        WriteText(writer, query.After);
        return writer.WrittenSpan.ToArray();
    }

    public static ClientRecordPage Decode(ReadOnlySpan<byte> body, uint count)
    {
        ushort nextBytes = BinaryPrimitives.ReadUInt16LittleEndian(body);
        body = body[sizeof(ushort)..];
        string? next = null;
        if (nextBytes != Absent)
        {
            next = Encoding.UTF8.GetString(body[..nextBytes]);
            body = body[nextBytes..];
        }
        var records = new List<ClientRecord>((int)Math.Min(count, 1_024));
        for (uint i = 0; i < count; i++)
        {
            ulong version = BinaryPrimitives.ReadUInt64LittleEndian(body);
            int jsonBytes = (int)BinaryPrimitives.ReadUInt32LittleEndian(body[8..]);
            int keyBytes = BinaryPrimitives.ReadUInt16LittleEndian(body[12..]);
            string key = Encoding.UTF8.GetString(body.Slice(16, keyBytes));
            records.Add(
                new ClientRecord(key, version, body.Slice(16 + keyBytes, jsonBytes).ToArray())
            );
            body = body[(16 + keyBytes + jsonBytes)..];
        }
        return new ClientRecordPage(records, next);
    }

    private static void WriteText(ArrayBufferWriter<byte> writer, string? text)
    {
        int bytes = text is null ? 0 : Encoding.UTF8.GetByteCount(text);
        if (bytes >= Absent)
        {
            throw new ArgumentException("A text of a query of records is too long.", nameof(text));
        }
        BinaryPrimitives.WriteUInt16LittleEndian(
            writer.GetSpan(sizeof(ushort)),
            text is null ? Absent : (ushort)bytes
        );
        writer.Advance(sizeof(ushort));
        if (text is not null)
        {
            Encoding.UTF8.GetBytes(text, writer);
        }
    }
}
