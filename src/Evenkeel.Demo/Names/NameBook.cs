namespace Evenkeel.Demo.Names;

/// <summary>Names of one language to draw people, places and companies from. None is anybody's.</summary>
/// <param name="Language">"en", "zh-Hans" or "zh-Hant".</param>
/// <param name="JoinsFamilyFirst">"王芳" and not "Fang Wang".</param>
internal sealed record NameBook(
    string Language,
    bool JoinsFamilyFirst,
    string[] Family,
    string[] Given,
    string[] Streets,
    string[] Cities,
    string[] Shops,
    string[] Factories,
    string[] Suppliers,
    string[] Billers,
    string[] Insurers,
    string[] Branches
)
{
    /// <summary>The book of a language; English for one that is not there.</summary>
    public static NameBook Of(string language) =>
        language switch
        {
            "zh-Hans" => NameBooks.Simplified,
            "zh-Hant" => NameBooks.Traditional,
            _ => NameBooks.English,
        };

    public string Person(Random random) =>
        JoinsFamilyFirst
            ? Pick(Family, random) + Pick(Given, random)
            : $"{Pick(Given, random)} {Pick(Family, random)}";

    public string Address(Random random)
    {
        var number = random.Next(1, 300);
        return JoinsFamilyFirst
            ? $"{Pick(Cities, random)}{Pick(Streets, random)}{number}号"
            : $"{number} {Pick(Streets, random)}, {Pick(Cities, random)}";
    }

    public static string Pick(string[] from, Random random) => from[random.Next(from.Length)];
}
