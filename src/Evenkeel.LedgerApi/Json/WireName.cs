using System.Text;

namespace Evenkeel.LedgerApi.Json;

/// <summary>
/// Names of enum members as the wire spells them: snake_case with digits apart, as published
/// (<c>ExistsWithDifferentUserData128</c> is <c>exists_with_different_user_data_128</c>).
/// </summary>
internal static class WireName
{
    public static string Of<T>(T value)
        where T : struct, Enum => Names<T>.Of.GetValueOrDefault(value) ?? "unknown";

    public static bool TryParse<T>(string name, out T value)
        where T : struct, Enum => Names<T>.Values.TryGetValue(name, out value);

    public static IReadOnlyCollection<string> All<T>()
        where T : struct, Enum => Names<T>.Values.Keys;

    internal static string Spell(string name)
    {
        var text = new StringBuilder(name.Length + 8);
        for (var i = 0; i < name.Length; i++)
        {
            var c = name[i];
            var starts = char.IsUpper(c) || (char.IsDigit(c) && !char.IsDigit(name[i - 1]));
            if (i > 0 && starts)
            {
                text.Append('_');
            }
            text.Append(char.ToLowerInvariant(c));
        }
        return text.ToString();
    }

    private static class Names<T>
        where T : struct, Enum
    {
        public static readonly Dictionary<T, string> Of = Enum.GetValues<T>()
            .Distinct()
            .ToDictionary(v => v, v => Spell(Enum.GetName(v)!));

        public static readonly Dictionary<string, T> Values = Of.ToDictionary(
            p => p.Value,
            p => p.Key,
            StringComparer.Ordinal
        );
    }
}
