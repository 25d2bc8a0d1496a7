using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using Evenkeel.Journal;
using Evenkeel.Model;

namespace Evenkeel.Records;

/// <summary>
/// The checksum of each kind of row: XxHash128 over its fields in a fixed order
/// (docs/formats/records.md). The sum of all checksums of a table, modulo 2^128, is its digest:
/// independent of order, and kept up to date by one addition and one subtraction.
/// </summary>
internal static class RowHash
{
    private const byte RecordTag = (byte)'R';
    private const byte CounterTag = (byte)'C';
    private const byte OperationTag = (byte)'O';
    private const byte ChangeTag = (byte)'M';
    private const byte StateTag = (byte)'S';

    public static UInt128 Of(in RecordRow row)
    {
        var hash = new XxHash128();
        AppendTag(hash, RecordTag);
        AppendKey(hash, row.Key);
        AppendNumber(hash, row.Version);
        AppendNumber(hash, row.Created);
        AppendNumber(hash, row.Updated);
        AppendNumber(hash, row.Json is null ? 0ul : 1ul);
        AppendBytes(hash, row.Json ?? []);
        return hash.GetCurrentHashAsUInt128();
    }

    public static UInt128 Of(in CounterRow row)
    {
        var hash = new XxHash128();
        AppendTag(hash, CounterTag);
        AppendKey(hash, row.Key);
        AppendNumber(hash, unchecked((ulong)row.Value));
        AppendNumber(hash, row.Updated);
        return hash.GetCurrentHashAsUInt128();
    }

    public static UInt128 Of(in OperationRow row)
    {
        var hash = new XxHash128();
        AppendTag(hash, OperationTag);
        AppendNumber(hash, row.Id.Value);
        AppendNumber(hash, row.ContentHash);
        AppendNumber(hash, row.Entry);
        AppendNumber(hash, (ulong)row.Ordinal);
        Span<byte> result = stackalloc byte[OperationCodec.ResultSize];
        OperationCodec.EncodeResult(row.Result, result);
        hash.Append(result);
        return hash.GetCurrentHashAsUInt128();
    }

    public static UInt128 Of(in ChangeRow row)
    {
        var hash = new XxHash128();
        AppendTag(hash, ChangeTag);
        AppendNumber(hash, row.Sequence);
        AppendNumber(hash, row.Entry);
        AppendNumber(hash, row.Timestamp);
        AppendNumber(hash, (ulong)row.Kind);
        AppendKey(hash, row.Key);
        AppendNumber(hash, row.Version);
        AppendBytes(hash, row.Json ?? []);
        return hash.GetCurrentHashAsUInt128();
    }

    public static UInt128 Of(StoreState state)
    {
        var hash = new XxHash128();
        AppendTag(hash, StateTag);
        AppendNumber(hash, state.AppliedIndex);
        AppendNumber(hash, Digest(state));
        return hash.GetCurrentHashAsUInt128();
    }

    /// <summary>
    /// The digest of all logical rows: the same on every node that applied the same entries. The
    /// applied index is left out, since entries without records don't have to advance it.
    /// </summary>
    public static UInt128 Digest(StoreState state)
    {
        var hash = new XxHash128();
        AppendNumber(hash, state.Sequence);
        AppendNumber(hash, state.Records.Rows);
        AppendNumber(hash, state.Records.Sum);
        AppendNumber(hash, state.Counters.Rows);
        AppendNumber(hash, state.Counters.Sum);
        AppendNumber(hash, state.Operations.Rows);
        AppendNumber(hash, state.Operations.Sum);
        AppendNumber(hash, state.Changes.Rows);
        AppendNumber(hash, state.Changes.Sum);
        return hash.GetCurrentHashAsUInt128();
    }

    public static byte[] ToBytes(UInt128 value)
    {
        var bytes = new byte[16];
        BinaryPrimitives.WriteUInt128LittleEndian(bytes, value);
        return bytes;
    }

    /// <summary>Null when it is not 16 bytes.</summary>
    public static UInt128? FromBytes(byte[]? bytes) =>
        bytes is { Length: 16 } ? BinaryPrimitives.ReadUInt128LittleEndian(bytes) : null;

    private static void AppendTag(XxHash128 hash, byte tag) => hash.Append([tag]);

    private static void AppendKey(XxHash128 hash, RecordKey key)
    {
        AppendBytes(hash, Encoding.UTF8.GetBytes(key.Collection));
        AppendBytes(hash, Encoding.UTF8.GetBytes(key.Key));
    }

    private static void AppendNumber(XxHash128 hash, ulong number)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, number);
        hash.Append(bytes);
    }

    private static void AppendNumber(XxHash128 hash, UInt128 number)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128LittleEndian(bytes, number);
        hash.Append(bytes);
    }

    private static void AppendBytes(XxHash128 hash, ReadOnlySpan<byte> bytes)
    {
        AppendNumber(hash, (ulong)bytes.Length);
        hash.Append(bytes);
    }
}
