using System.Text.RegularExpressions;
using Xunit;

namespace Evenkeel.Architecture.Tests;

/// <summary>House rules that a reader would otherwise have to remember.</summary>
public sealed partial class TidyTests
{
    [Fact]
    public void A_file_stays_below_six_hundred_lines()
    {
        var tooLong = Repository
            .Sources("src", "test", "bench")
            .Select(f => (File: Repository.Relative(f), Lines: File.ReadLines(f).Count()))
            .Where(f => f.Lines > 600)
            .Select(f => $"{f.File}: {f.Lines}");
        Assert.Empty(tooLong);
    }

    [Fact]
    public void Tests_wait_for_conditions_and_never_just_sleep()
    {
        var sleepers = Matches(Sleep(), "test");
        Assert.Empty(sleepers);
    }

    [Fact]
    public void Nothing_is_left_to_do_in_the_code()
    {
        Assert.Empty(Matches(LeftOver(), "src", "test"));
    }

    [Fact]
    public void Money_is_never_floating_point()
    {
        var offenders = Matches(FloatingMoney(), "src")
            .Where(m => !m.Contains("Evenkeel.Bench", StringComparison.Ordinal))
            .ToArray();
        Assert.Empty(offenders);
    }

    [Fact]
    public void Projects_name_no_package_version_of_their_own()
    {
        var own = Repository
            .Projects("src")
            .Concat(Repository.Projects("test"))
            .Where(p => PackageVersion().IsMatch(File.ReadAllText(p)))
            .Select(Repository.Relative);
        Assert.Empty(own);
    }

    private static IEnumerable<string> Matches(Regex pattern, params string[] folders) =>
        Repository
            .Sources(folders)
            .Where(f => !f.EndsWith("TidyTests.cs", StringComparison.Ordinal))
            .SelectMany(f =>
                File.ReadLines(f)
                    .Select((line, i) => (line, i))
                    .Where(l => pattern.IsMatch(l.line))
                    .Select(l => $"{Repository.Relative(f)}:{l.i + 1}: {l.line.Trim()}")
            );

    [GeneratedRegex(@"Thread\.Sleep\(", RegexOptions.None, 1000)]
    private static partial Regex Sleep();

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|XXX)\b|NotImplementedException", RegexOptions.None, 1000)]
    private static partial Regex LeftOver();

    [GeneratedRegex(@"\b(double|float)\s+\w*(amount|balance|money)", RegexOptions.IgnoreCase, 1000)]
    private static partial Regex FloatingMoney();

    [GeneratedRegex(@"<PackageReference[^>]*\sVersion=", RegexOptions.None, 1000)]
    private static partial Regex PackageVersion();
}
