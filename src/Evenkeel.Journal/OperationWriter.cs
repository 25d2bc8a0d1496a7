using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Evenkeel.Journal;

/// <summary>Writes little-endian fields back to back into a buffer of the exact size.</summary>
internal ref struct OperationWriter(Span<byte> destination)
{
    private readonly Span<byte> _destination = destination;

    public int Position { get; private set; }

    public static int TextSize(string text) => 2 + Encoding.UTF8.GetByteCount(text);

    public static int KeySize(RecordKey key) => TextSize(key.Collection) + TextSize(key.Key);

    public void WriteByte(byte value) => Take(1)[0] = value;

    public void WriteUInt16(ushort value) =>
        BinaryPrimitives.WriteUInt16LittleEndian(Take(2), value);

    public void WriteUInt32(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Take(4), value);

    public void WriteUInt64(ulong value) =>
        BinaryPrimitives.WriteUInt64LittleEndian(Take(8), value);

    public void WriteUInt128(UInt128 value) =>
        BinaryPrimitives.WriteUInt128LittleEndian(Take(16), value);

    public void WriteStruct<T>(in T value)
        where T : unmanaged => MemoryMarshal.Write(Take(Marshal.SizeOf<T>()), value);

    public void WriteText(string text)
    {
        var bytes = Encoding.UTF8.GetByteCount(text);
        WriteUInt16((ushort)bytes);
        Encoding.UTF8.GetBytes(text, Take(bytes));
    }

    public void WriteKey(RecordKey key)
    {
        WriteText(key.Collection);
        WriteText(key.Key);
    }

    public void WriteBytes(ReadOnlySpan<byte> bytes)
    {
        WriteUInt32((uint)bytes.Length);
        bytes.CopyTo(Take(bytes.Length));
    }

    private Span<byte> Take(int bytes)
    {
        var taken = _destination.Slice(Position, bytes);
        Position += bytes;
        return taken;
    }
}

/// <summary>
/// Reads what <see cref="OperationWriter"/> wrote. After the first fault every read gives a default
/// value, so that callers need no check between fields.
/// </summary>
internal ref struct OperationReader(ReadOnlySpan<byte> source)
{
    private ReadOnlySpan<byte> _rest = source;

    public OperationFault Fault { get; private set; }

    public readonly bool AtEnd => _rest.IsEmpty;

    public void Expect(bool condition, OperationFault fault)
    {
        if (!condition && Fault == OperationFault.None)
        {
            Fault = fault;
        }
    }

    public ReadOnlySpan<byte> ReadSpan(int bytes)
    {
        Expect(bytes >= 0 && bytes <= _rest.Length, OperationFault.Truncated);
        if (Fault != OperationFault.None)
        {
            return [];
        }

        var taken = _rest[..bytes];
        _rest = _rest[bytes..];
        return taken;
    }

    public byte ReadByte() => ReadSpan(1) is [var value] ? value : (byte)0;

    public ushort ReadUInt16() =>
        ReadSpan(2) is { Length: 2 } span
            ? BinaryPrimitives.ReadUInt16LittleEndian(span)
            : (ushort)0;

    public uint ReadUInt32() =>
        ReadSpan(4) is { Length: 4 } span ? BinaryPrimitives.ReadUInt32LittleEndian(span) : 0;

    public ulong ReadUInt64() =>
        ReadSpan(8) is { Length: 8 } span ? BinaryPrimitives.ReadUInt64LittleEndian(span) : 0;

    public UInt128 ReadUInt128() =>
        ReadSpan(16) is { Length: 16 } span ? BinaryPrimitives.ReadUInt128LittleEndian(span) : 0;

    public string ReadText()
    {
        var utf8 = ReadSpan(ReadUInt16());
        if (!OperationRules.TryDecodeText(utf8, out var text))
        {
            Expect(false, OperationFault.BadKey);
        }

        return text;
    }

    public RecordKey ReadKey() => new(ReadText(), ReadText());

    public ReadOnlyMemory<byte> ReadBytes()
    {
        var length = ReadUInt32();
        Expect(length <= OperationLimits.JsonBytesMax, OperationFault.BadJson);
        return Fault == OperationFault.None ? ReadSpan((int)length).ToArray() : default;
    }
}
