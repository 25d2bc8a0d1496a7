using System.Globalization;
using System.Reflection;
using System.Resources;
using System.Text.RegularExpressions;
using Evenkeel.Host.CommandLine;
using Xunit;

namespace Evenkeel.Host.Tests;

public sealed partial class TextTests
{
    public static TheoryData<string> Cultures() => [.. Languages.All];

    [Theory]
    [MemberData(nameof(Cultures))]
    public void Every_language_has_every_text_and_no_other(string culture)
    {
        var members = typeof(Texts.Text)
            .GetMembers(BindingFlags.Static | BindingFlags.Public)
            .Where(m => m is PropertyInfo || m is MethodInfo { IsSpecialName: false })
            .Select(m => m.Name)
            // These two look names up by number.
            .Where(n => n is not ("MovementKind" or "AccountCode"))
            .Order(StringComparer.Ordinal);

        var keys = Read(culture)
            .Keys.Where(k => !NumberedName().IsMatch(k))
            .Order(StringComparer.Ordinal);

        Assert.Equal(members, keys);
    }

    [Theory]
    [MemberData(nameof(Cultures))]
    public void Every_language_fills_in_the_same_things(string culture)
    {
        var english = Read("en");
        var texts = Read(culture);

        Assert.Equal(english.Keys.Order(), texts.Keys.Order());
        foreach (var (key, text) in texts)
        {
            Assert.Equal(Holes(english[key]), Holes(text));
            Assert.False(string.IsNullOrWhiteSpace(text), key);
        }
    }

    [Fact]
    public void Chinese_texts_are_chinese_and_the_two_scripts_differ()
    {
        var simplified = Read("zh-Hans");
        var traditional = Read("zh-Hant");
        var withoutChinese = simplified
            .Concat(traditional)
            .Where(t => !t.Value.Any(c => c is >= '\u4e00' and <= '\u9fff'))
            .Select(t => t.Key)
            .Distinct();

        // These consist of names and numbers.
        Assert.Equal(["EndOfDayStep", "ErrorPrefix", "ProgressLine"], withoutChinese.Order());
        Assert.True(simplified.Count(t => traditional[t.Key] != t.Value) > 100);
        Assert.DoesNotContain(simplified.Values, t => t.Contains('帳'));
        Assert.DoesNotContain(traditional.Values, t => t.Contains('账'));
    }

    [Theory]
    [InlineData(null, "en")]
    [InlineData("C.UTF-8", "en")]
    [InlineData("de_DE.UTF-8", "en")]
    [InlineData("zh_CN.UTF-8", "zh-Hans")]
    [InlineData("zh", "zh-Hans")]
    [InlineData("zh_TW", "zh-Hant")]
    [InlineData("zh_HK.UTF-8", "zh-Hant")]
    [InlineData("zh-Hant", "zh-Hant")]
    [InlineData("zh-Hans-HK", "zh-Hans")]
    public void A_locale_becomes_the_closest_language(string? locale, string language)
    {
        Assert.Equal(language, Languages.Closest(locale));
    }

    [Fact]
    public void The_option_wins_over_the_environment()
    {
        string? Environment(string name) => name == "LANG" ? "zh_TW.UTF-8" : null;

        Assert.Equal("zh-Hant", Languages.Choose(["run"], Environment).Name);
        Assert.Equal("zh-Hans", Languages.Choose(["--lang", "zh-Hans"], Environment).Name);
        Assert.Equal("en", Languages.Choose(["run", "--lang=en"], Environment).Name);
    }

    private static Dictionary<string, string> Read(string culture)
    {
        ResourceManager resources = new("Evenkeel.Host.Texts.Text", typeof(Texts.Text).Assembly);
        var isNeutral = culture == "en";
        var set = resources.GetResourceSet(
            isNeutral ? CultureInfo.InvariantCulture : CultureInfo.GetCultureInfo(culture),
            createIfNotExists: true,
            tryParents: false
        );
        Assert.NotNull(set);
        return set.Cast<System.Collections.DictionaryEntry>()
            .ToDictionary(e => (string)e.Key, e => (string)e.Value!);
    }

    private static IEnumerable<string> Holes(string text) =>
        Hole().Matches(text).Select(m => m.Groups[1].Value).Distinct().Order();

    [GeneratedRegex(@"\{(\d)", RegexOptions.None, 1000)]
    private static partial Regex Hole();

    [GeneratedRegex(@"^(Kind|Chart)\d+$", RegexOptions.None, 1000)]
    private static partial Regex NumberedName();
}
