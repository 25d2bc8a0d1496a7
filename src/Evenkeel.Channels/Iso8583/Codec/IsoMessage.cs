using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Evenkeel.Model;

namespace Evenkeel.Channels.Iso8583.Codec;

/// <summary>
/// One message: a type and up to 126 fields in one buffer, which <see cref="Dispose"/> zeroes, because
/// card numbers, tracks and PIN blocks are in it.
/// </summary>
public sealed class IsoMessage : IDisposable
{
    private const int InitialBytes = 512;

    private readonly (ushort At, ushort Length, bool Present)[] _fields = new (
        ushort,
        ushort,
        bool
    )[IsoFieldTable.FieldMax + 1];
    private byte[] _buffer = new byte[InitialBytes];
    private int _used;

    public IsoMessage() { }

    public IsoMessage(Mti mti) => Mti = mti;

    public Mti Mti { get; set; }

    /// <summary>A secondary bitmap travels even if no field needs it.</summary>
    public bool SecondaryBitmap { get; set; }

    /// <summary>The field's bytes, empty when absent; valid until the next change.</summary>
    public ReadOnlySpan<byte> this[int field] =>
        _buffer.AsSpan(_fields[field].At, _fields[field].Length);

    /// <summary>Present; a variable field may be present and empty.</summary>
    public bool Has(int field) => _fields[field].Present;

    /// <summary>The numbers of the fields present, in order.</summary>
    public IEnumerable<int> Fields
    {
        get
        {
            for (var number = 2; number <= IsoFieldTable.FieldMax; number++)
            {
                if (_fields[number].Present)
                {
                    yield return number;
                }
            }
        }
    }

    /// <summary>A field as text; empty when absent.</summary>
    /// <exception cref="InvariantException">Card numbers, tracks and PIN blocks never become text.</exception>
    public string Text(int field)
    {
        Check.That(IsoFieldTable.Find(field) is { Secret: false });
        return Encoding.ASCII.GetString(this[field]);
    }

    /// <summary>A field of digits as a number; null when absent or not a number of 18 digits.</summary>
    public long? Number(int field)
    {
        var digits = this[field];
        return
            digits.Length is > 0 and <= 18
            && long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value
            : null;
    }

    public void Set(int field, ReadOnlySpan<byte> value)
    {
        Check.That(IsoFieldTable.Find(field) is not null);
        var needed = _used + value.Length;
        if (needed > _buffer.Length)
        {
            var wider = new byte[Math.Max(needed, 2 * _buffer.Length)];
            _buffer.AsSpan(0, _used).CopyTo(wider);
            CryptographicOperations.ZeroMemory(_buffer);
            _buffer = wider;
        }
        value.CopyTo(_buffer.AsSpan(_used));
        _fields[field] = ((ushort)_used, (ushort)value.Length, Present: true);
        _used = needed;
    }

    /// <summary>Sets a field from text, which must be ASCII.</summary>
    public void Set(int field, string value)
    {
        Span<byte> bytes = stackalloc byte[IsoLimits.FieldBytesMax];
        var written = Encoding.ASCII.GetBytes(value, bytes);
        Set(field, bytes[..written]);
    }

    /// <summary>Sets a field of digits, padded with zeros on the left to the field's length.</summary>
    public void Set(int field, long value)
    {
        var spec = IsoFieldTable.Find(field)!.Value;
        Span<byte> digits = stackalloc byte[20];
        var fits = value.TryFormat(digits, out var written, default, CultureInfo.InvariantCulture);
        Check.That(fits && value >= 0 && written <= spec.Length);
        Span<byte> padded = stackalloc byte[spec.Length];
        padded.Fill((byte)'0');
        digits[..written].CopyTo(padded[^written..]);
        Set(field, padded);
    }

    public void Copy(IsoMessage from, int field)
    {
        if (from.Has(field))
        {
            Set(field, from[field]);
        }
    }

    public void Remove(int field) => _fields[field] = default;

    /// <summary>Empties the message and zeroes what it held.</summary>
    public void Clear()
    {
        CryptographicOperations.ZeroMemory(_buffer.AsSpan(0, _used));
        _used = 0;
        Array.Clear(_fields);
        Mti = default;
        SecondaryBitmap = false;
    }

    public void Dispose() => Clear();

    /// <summary>Type and field numbers only: what a log may say of a message.</summary>
    public override string ToString() => $"{Mti} [{string.Join(' ', Fields)}]";
}
