using System.Globalization;
using Evenkeel.Model;

namespace Evenkeel.Import;

/// <summary>What an imported id names. The numbers are part of ids: they only grow.</summary>
public enum SourceKind : byte
{
    None = 0,
    CustomerAccount = 1,
    BankAccount = 2,
    Movement = 3,
    Opening = 4,
    Operation = 5,
    Progress = 6,
}

/// <summary>
/// Ids derived from a source's own numbers, so that importing again finds what is there instead of
/// loading it twice.
/// </summary>
/// <remarks>
/// From the top: 48 bits the name in ASCII, 8 bits the kind, 8 bits the leg (or the collection),
/// 64 bits the source's number.
/// </remarks>
public sealed class SourceIds
{
    private const int NameLengthMax = 6;
    private readonly ulong _name;

    public SourceIds(string name, string alias)
    {
        Check.That(name.Length is > 0 and <= NameLengthMax);
        foreach (var c in name)
        {
            Check.That(char.IsAsciiLetterOrDigit(c));
            _name = (_name << 8) | c;
        }
        _name <<= 8 * (NameLengthMax - name.Length);
        Alias = alias;
    }

    /// <summary>What people write before the colon: <c>berka:576</c>.</summary>
    public string Alias { get; }

    public UInt128 Id(SourceKind kind, ulong number, byte leg = 0) =>
        new((_name << 16) | ((ulong)kind << 8) | leg, number);

    /// <summary>Takes an id apart when it is one of this source's.</summary>
    public bool TryParse(UInt128 id, out SourceKind kind, out ulong number, out byte leg)
    {
        var upper = (ulong)(id >> 64);
        kind = (SourceKind)((upper >> 8) & 0xFF);
        leg = (byte)(upper & 0xFF);
        number = (ulong)(id & ulong.MaxValue);
        return upper >> 16 == _name;
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Alias} (0x{_name:x12})");
}
