using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Evenkeel.Model;

namespace Evenkeel.Journal;

/// <summary>The one encoding of an operation on the wire and in the log (docs/formats/operation.md).</summary>
/// <remarks>
/// Canonical: two different byte strings never decode to the same operation. Malformed bytes are a
/// <see cref="OperationFault"/>, never an exception.
/// </remarks>
public static class OperationCodec
{
    /// <summary>"EKO1" read as a little-endian number.</summary>
    public const uint MagicValue = 0x314F4B45;

    public const ushort CurrentVersion = 1;

    /// <summary>Bytes before the first account.</summary>
    public const int HeaderSize = 64;

    /// <summary>Bytes of an encoded <see cref="OperationResult"/>.</summary>
    public const int ResultSize = 24;

    private const byte VersionGuard = 1;
    private const byte AbsentGuard = 2;
    private const byte CounterGuard = 3;
    private const byte BusinessDateGuard = 4;
    private const byte ContentGuard = 5;

    /// <summary>Encodes a well-formed operation.</summary>
    /// <exception cref="ArgumentException">It is not well formed (<see cref="OperationRules"/>).</exception>
    public static byte[] Encode(Operation operation)
    {
        var fault = OperationRules.Judge(operation);
        if (fault != OperationFault.None)
        {
            throw new ArgumentException(
                $"Not a well-formed operation: {fault}.",
                nameof(operation)
            );
        }

        var bytes = new byte[Size(operation)];
        var writer = new OperationWriter(bytes);
        writer.WriteUInt32(MagicValue);
        writer.WriteUInt16(CurrentVersion);
        writer.WriteUInt16((ushort)operation.Principals.Count);
        writer.WriteUInt128(operation.Id.Value);
        writer.WriteUInt128(operation.RequestHash);
        writer.WriteUInt32(operation.RefusalCode);
        writer.WriteUInt16((ushort)operation.Guards.Count);
        writer.WriteUInt16((ushort)operation.Accounts.Count);
        writer.WriteUInt16((ushort)operation.AccountUpdates.Count);
        writer.WriteUInt16((ushort)operation.Transfers.Count);
        writer.WriteUInt16((ushort)operation.Writes.Count);
        writer.WriteUInt16((ushort)operation.Messages.Count);
        writer.WriteUInt64(0);
        Check.That(writer.Position == HeaderSize);
        foreach (var account in operation.Accounts)
        {
            writer.WriteStruct(account);
        }

        foreach (var update in operation.AccountUpdates)
        {
            writer.WriteStruct(update);
        }

        foreach (var transfer in operation.Transfers)
        {
            writer.WriteStruct(transfer);
        }

        foreach (var principal in operation.Principals)
        {
            writer.WriteText(principal.Kind);
            writer.WriteText(principal.Name);
        }

        foreach (var guard in operation.Guards)
        {
            WriteGuard(ref writer, guard);
        }

        foreach (var write in operation.Writes)
        {
            writer.WriteKey(write.Key);
            writer.WriteByte(write.Json is null ? (byte)0 : (byte)1);
            if (write.Json is { } json)
            {
                writer.WriteBytes(json.Span);
            }
        }

        foreach (var message in operation.Messages)
        {
            writer.WriteText(message.Topic);
            writer.WriteBytes(message.Json.Span);
        }

        Check.That(writer.Position == bytes.Length);
        return bytes;
    }

    /// <summary>
    /// Decodes and judges. On a fault <paramref name="operation"/> is null. Nothing of
    /// <paramref name="source"/> is kept.
    /// </summary>
    public static OperationFault Decode(ReadOnlySpan<byte> source, out Operation? operation)
    {
        operation = null;
        if (source.Length > OperationLimits.OperationBytesMax)
        {
            return OperationFault.TooLarge;
        }

        var reader = new OperationReader(source);
        var decoded = Read(ref reader);
        if (reader.Fault != OperationFault.None)
        {
            return reader.Fault;
        }

        if (!reader.AtEnd)
        {
            return OperationFault.Truncated;
        }

        var fault = OperationRules.Judge(decoded);
        operation = fault == OperationFault.None ? decoded : null;
        return fault;
    }

    /// <summary>Writes <see cref="ResultSize"/> bytes.</summary>
    public static void EncodeResult(OperationResult result, Span<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(result);
        BinaryPrimitives.WriteUInt64LittleEndian(destination, result.Timestamp);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[8..], (ushort)result.Status);
        BinaryPrimitives.WriteUInt16LittleEndian(
            destination[10..],
            result.Replayed ? (ushort)1 : (ushort)0
        );
        BinaryPrimitives.WriteInt32LittleEndian(destination[12..], result.FailedIndex);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[16..], result.FailedStatus);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[20..], 0);
    }

    /// <summary>Null when the bytes are not an encoded result.</summary>
    public static OperationResult? DecodeResult(ReadOnlySpan<byte> source)
    {
        if (source.Length != ResultSize)
        {
            return null;
        }

        var status = (OperationStatus)BinaryPrimitives.ReadUInt16LittleEndian(source[8..]);
        var replayed = BinaryPrimitives.ReadUInt16LittleEndian(source[10..]);
        var reserved = BinaryPrimitives.ReadUInt32LittleEndian(source[20..]);
        return !Enum.IsDefined(status) || replayed > 1 || reserved != 0
            ? null
            : new OperationResult
            {
                Timestamp = BinaryPrimitives.ReadUInt64LittleEndian(source),
                Status = status,
                Replayed = replayed == 1,
                FailedIndex = BinaryPrimitives.ReadInt32LittleEndian(source[12..]),
                FailedStatus = BinaryPrimitives.ReadUInt32LittleEndian(source[16..]),
            };
    }

    /// <summary>Bytes that <see cref="Encode"/> will write.</summary>
    internal static long Size(Operation operation)
    {
        long size = HeaderSize;
        size += (long)operation.Accounts.Count * Account.Size;
        size += (long)operation.AccountUpdates.Count * AccountUpdate.Size;
        size += (long)operation.Transfers.Count * Transfer.Size;
        foreach (var principal in operation.Principals)
        {
            size += OperationWriter.TextSize(principal.Kind);
            size += OperationWriter.TextSize(principal.Name);
        }

        foreach (var guard in operation.Guards)
        {
            size +=
                1
                + guard switch
                {
                    Guard.Version version => OperationWriter.KeySize(version.Key)
                        + (version.Content == 0 ? 8 : 24),
                    Guard.Absent absent => OperationWriter.KeySize(absent.Key),
                    Guard.Counter counter => OperationWriter.KeySize(counter.Key) + 24,
                    _ => 4,
                };
        }

        foreach (var write in operation.Writes)
        {
            size += OperationWriter.KeySize(write.Key) + 1;
            size += write.Json is { } json ? 4 + json.Length : 0;
        }

        foreach (var message in operation.Messages)
        {
            size += OperationWriter.TextSize(message.Topic) + 4 + message.Json.Length;
        }

        return size;
    }

    private static void WriteGuard(ref OperationWriter writer, Guard guard)
    {
        switch (guard)
        {
            case Guard.Version version:
                writer.WriteByte(version.Content == 0 ? VersionGuard : ContentGuard);
                writer.WriteKey(version.Key);
                writer.WriteUInt64(version.Expected);
                if (version.Content != 0)
                {
                    writer.WriteUInt128(version.Content);
                }

                break;
            case Guard.Absent absent:
                writer.WriteByte(AbsentGuard);
                writer.WriteKey(absent.Key);
                break;
            case Guard.Counter counter:
                writer.WriteByte(CounterGuard);
                writer.WriteKey(counter.Key);
                writer.WriteUInt64(unchecked((ulong)counter.Delta));
                writer.WriteUInt64(unchecked((ulong)counter.Min));
                writer.WriteUInt64(unchecked((ulong)counter.Max));
                break;
            case Guard.BusinessDate date:
                writer.WriteByte(BusinessDateGuard);
                writer.WriteUInt32((uint)date.Expected.DayNumber);
                break;
        }
    }

    private static Operation Read(ref OperationReader reader)
    {
        reader.Expect(reader.ReadUInt32() == MagicValue, OperationFault.BadMagic);
        reader.Expect(reader.ReadUInt16() == CurrentVersion, OperationFault.UnsupportedVersion);
        var principals = reader.ReadUInt16();
        var id = new OperationId(reader.ReadUInt128());
        var requestHash = reader.ReadUInt128();
        var refusalCode = reader.ReadUInt32();
        var guards = reader.ReadUInt16();
        var accounts = reader.ReadUInt16();
        var updates = reader.ReadUInt16();
        var transfers = reader.ReadUInt16();
        var writes = reader.ReadUInt16();
        var messages = reader.ReadUInt16();
        reader.Expect(reader.ReadUInt64() == 0, OperationFault.ReservedNotZero);
        return new Operation
        {
            Id = id,
            RequestHash = requestHash,
            RefusalCode = refusalCode,
            Accounts = ReadStructs<Account>(ref reader, accounts),
            AccountUpdates = ReadStructs<AccountUpdate>(ref reader, updates),
            Transfers = ReadStructs<Transfer>(ref reader, transfers),
            Principals = ReadMany(ref reader, principals, ReadPrincipal),
            Guards = ReadMany(ref reader, guards, ReadGuard),
            Writes = ReadMany(ref reader, writes, ReadWrite),
            Messages = ReadMany(ref reader, messages, ReadMessage),
        };
    }

    private delegate T ReadOne<out T>(ref OperationReader reader);

    private static T[] ReadStructs<T>(ref OperationReader reader, int count)
        where T : unmanaged
    {
        var bytes = reader.ReadSpan(count * Marshal.SizeOf<T>());
        return bytes.IsEmpty ? [] : MemoryMarshal.Cast<byte, T>(bytes.ToArray()).ToArray();
    }

    private static List<T> ReadMany<T>(ref OperationReader reader, int count, ReadOne<T> readOne)
    {
        var items = new List<T>();
        for (var i = 0; i < count && reader.Fault == OperationFault.None; i++)
        {
            items.Add(readOne(ref reader));
        }

        return items;
    }

    private static Principal ReadPrincipal(ref OperationReader reader) =>
        new(reader.ReadText(), reader.ReadText());

    private static Guard ReadGuard(ref OperationReader reader)
    {
        switch (reader.ReadByte())
        {
            case VersionGuard:
                return new Guard.Version(reader.ReadKey(), reader.ReadUInt64());
            case ContentGuard:
                var guard = new Guard.Version(
                    reader.ReadKey(),
                    reader.ReadUInt64(),
                    reader.ReadUInt128()
                );
                reader.Expect(guard.Content != 0, OperationFault.ReservedNotZero);
                return guard;
            case AbsentGuard:
                return new Guard.Absent(reader.ReadKey());
            case CounterGuard:
                return new Guard.Counter(
                    reader.ReadKey(),
                    Delta: unchecked((long)reader.ReadUInt64()),
                    Min: unchecked((long)reader.ReadUInt64()),
                    Max: unchecked((long)reader.ReadUInt64())
                );
            case BusinessDateGuard:
                var day = reader.ReadUInt32();
                reader.Expect(
                    day <= (uint)DateOnly.MaxValue.DayNumber,
                    OperationFault.UnknownGuard
                );
                return new Guard.BusinessDate(
                    reader.Fault == OperationFault.None ? DateOnly.FromDayNumber((int)day) : default
                );
            default:
                reader.Expect(false, OperationFault.UnknownGuard);
                return new Guard.BusinessDate(default);
        }
    }

    private static RecordWrite ReadWrite(ref OperationReader reader)
    {
        var key = reader.ReadKey();
        var present = reader.ReadByte();
        reader.Expect(present <= 1, OperationFault.ReservedNotZero);
        return present == 1
            ? new RecordWrite(key, reader.ReadBytes())
            : new RecordWrite(key, Json: null);
    }

    private static Message ReadMessage(ref OperationReader reader) =>
        new(reader.ReadText(), reader.ReadBytes());
}
