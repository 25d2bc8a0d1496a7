using System.Collections.Frozen;
using System.Text;
using Evenkeel.Model;

namespace Evenkeel.Host.LedgerExec;

/// <summary>Names as published: snake_case, with digits apart (<c>user_data_128</c>).</summary>
internal static class PublishedNames
{
    public static FlagNames AccountFlags { get; } = FlagNames.Of<AccountFlags>();
    public static FlagNames TransferFlags { get; } = FlagNames.Of<TransferFlags>();
    public static FlagNames AccountUpdateFlags { get; } = FlagNames.Of<AccountUpdateFlags>();
    public static FlagNames AccountFilterFlags { get; } = FlagNames.Of<AccountFilterFlags>();
    public static FlagNames QueryFilterFlags { get; } = FlagNames.Of<QueryFilterFlags>();

    public static string Of<TEnum>(TEnum value)
        where TEnum : struct, Enum => EnumNames<TEnum>.ByValue[value];

    public static string SnakeCase(string pascalCase)
    {
        var name = new StringBuilder(pascalCase.Length + 8);
        for (var i = 0; i < pascalCase.Length; i++)
        {
            var c = pascalCase[i];
            var startsWord =
                char.IsAsciiLetterUpper(c)
                || (char.IsAsciiDigit(c) && i > 0 && !char.IsAsciiDigit(pascalCase[i - 1]));
            if (startsWord && i > 0)
            {
                name.Append('_');
            }

            name.Append(char.ToLowerInvariant(c));
        }

        return name.ToString();
    }

    private static class EnumNames<TEnum>
        where TEnum : struct, Enum
    {
        public static readonly FrozenDictionary<TEnum, string> ByValue = Enum.GetValues<TEnum>()
            .ToFrozenDictionary(value => value, value => SnakeCase(value.ToString()));
    }
}

/// <summary>The names of single bits of one set of flags.</summary>
internal sealed class FlagNames
{
    private readonly (string Name, uint Bit)[] _bits;

    private FlagNames((string Name, uint Bit)[] bits) => _bits = bits;

    public static FlagNames Of<TEnum>()
        where TEnum : struct, Enum =>
        new([
            .. from name in Enum.GetNames<TEnum>()
            where name is not "Known"
            let bit = Convert.ToUInt32(
                Enum.Parse<TEnum>(name),
                System.Globalization.CultureInfo.InvariantCulture
            )
            where uint.IsPow2(bit)
            select (PublishedNames.SnakeCase(name), bit),
        ]);

    public bool TryGetBit(string name, out uint bit)
    {
        foreach (var (known, value) in _bits)
        {
            if (string.Equals(known, name, StringComparison.Ordinal))
            {
                bit = value;
                return true;
            }
        }

        bit = 0;
        return false;
    }

    public IEnumerable<string> NamesIn(uint flags) =>
        from entry in _bits
        where (flags & entry.Bit) != 0
        select entry.Name;

    public override string ToString() => string.Join(", ", _bits.Select(entry => entry.Name));
}
