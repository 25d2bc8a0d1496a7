using Xunit;

namespace Evenkeel.Architecture.Tests;

/// <summary>The walls of the design: who may reference whom (docs/ARCHITECTURE.md).</summary>
public sealed class WallsTests
{
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["Evenkeel.Model"] = [],
        ["Evenkeel.Ledger"] = ["Evenkeel.Model"],
        ["Evenkeel.Journal"] = ["Evenkeel.Model"],
        // Records applies operations, so it speaks the journal's language (ADR 0007).
        ["Evenkeel.Records"] = ["Evenkeel.Model", "Evenkeel.Journal"],
        ["Evenkeel.Replication"] = ["Evenkeel.Model"],
        ["Evenkeel.Node"] =
        [
            "Evenkeel.Model",
            "Evenkeel.Ledger",
            "Evenkeel.Records",
            "Evenkeel.Replication",
            "Evenkeel.Journal",
        ],
        // Keys and clear PINs exist only behind its interface, so it sees nothing of the bank (ADR 26).
        ["Evenkeel.CardKeys"] = ["Evenkeel.Model"],
        // A channel turns a card number into its token before anything leaves it (ADR 26).
        ["Evenkeel.Channels"] = ["Evenkeel.Model", "Evenkeel.Payments", "Evenkeel.CardKeys"],
        // Others than the bank (clearing, billers, machines): they speak to it over the wire only, machines
        // by the channel's codec (ADR 28).
        ["Evenkeel.Simulators"] = ["Evenkeel.Model", "Evenkeel.CardKeys", "Evenkeel.Channels"],
        ["Evenkeel.LedgerApi"] = ["Evenkeel.Model", "Evenkeel.Journal"],
        ["Evenkeel.Client"] = ["Evenkeel.Model"],
        // It stands before the bank and shares nothing with it but words (ADR 0017, 30).
        ["Evenkeel.Gateway"] =
        [
            "Evenkeel.Model",
            "Evenkeel.Payments",
            "Evenkeel.Contract",
            "Evenkeel.Channels",
            "Evenkeel.CardKeys",
        ],
        // The language between channels and banks: words only.
        ["Evenkeel.Payments"] = ["Evenkeel.Model"],
        // The wire between the two: Payments stays words only (ADR 30).
        ["Evenkeel.Contract"] = ["Evenkeel.Model", "Evenkeel.Payments"],
        // Who somebody is: it reads and writes logins, and knows nothing of accounts (ADR 30).
        ["Evenkeel.Identity"] = ["Evenkeel.Model", "Evenkeel.Payments", "Evenkeel.Journal"],
        ["Evenkeel.Banking"] =
        [
            "Evenkeel.Model",
            "Evenkeel.Payments",
            "Evenkeel.Journal",
            "Evenkeel.Records",
            // The bank verifies PINs that it can't open itself (ADR 26, 27).
            "Evenkeel.CardKeys",
        ],
        // Furnishes a new bank through its own doors, as staff would; its customers come by the channels.
        ["Evenkeel.Demo"] =
        [
            "Evenkeel.Model",
            "Evenkeel.Payments",
            "Evenkeel.CardKeys",
            "Evenkeel.Channels",
            "Evenkeel.Banking",
        ],
        ["Evenkeel.Verifier"] = [],
        // Loaded by the runtime into a drill's candidate (ADR 0020); knows nothing of the bank.
        ["Evenkeel.Drills.Leak"] = [],
        // It pays as customers do, by every channel that they have.
        ["Evenkeel.Bench"] =
        [
            "Evenkeel.Model",
            "Evenkeel.Client",
            "Evenkeel.CardKeys",
            "Evenkeel.Channels",
        ],
        // The control room reaches nodes by processes, files and as a customer does (ADR 0014).
        ["Evenkeel.Watch"] =
        [
            "Evenkeel.Model",
            "Evenkeel.Journal",
            "Evenkeel.Records",
            "Evenkeel.Replication",
            "Evenkeel.Client",
        ],
        ["Evenkeel.Import"] = ["Evenkeel.Model", "Evenkeel.Client", "Evenkeel.Journal"],
    };

    public static TheoryData<string> SourceProjects() =>
        [.. Repository.Projects("src").Select(Repository.Relative)];

    [Theory]
    [MemberData(nameof(SourceProjects))]
    public void A_project_references_only_what_the_design_allows(string project)
    {
        var name = Path.GetFileNameWithoutExtension(project);
        if (string.Equals(name, "Evenkeel.Host", StringComparison.Ordinal))
        {
            return; // The only composition root may see everything.
        }
        Assert.True(
            Allowed.TryGetValue(name, out var allowed),
            $"{name} is not in the table of walls: add it there with the reason."
        );
        var references = Repository.References(
            Path.Combine(Repository.Root, project),
            "ProjectReference"
        );
        Assert.Empty(references.Except(allowed, StringComparer.Ordinal));
    }

    [Fact]
    public void Only_the_composition_root_is_referenced_by_nobody_and_sees_all()
    {
        var referrers = Repository
            .Projects("src")
            .Where(p => Repository.References(p, "ProjectReference").Contains("Evenkeel.Host"));
        Assert.Empty(referrers);
    }

    [Theory]
    [InlineData("Evenkeel.Model", "System.IO.Hashing")]
    [InlineData("Evenkeel.Ledger", "System.IO.Hashing")]
    [InlineData("Evenkeel.Verifier", "System.IO.Hashing")]
    public void The_inner_rooms_use_the_base_library_only(string project, string alsoAllowed)
    {
        var path = Path.Combine(Repository.Root, "src", project, $"{project}.csproj");
        Assert.SkipUnless(File.Exists(path), $"{project} does not exist yet.");
        var packages = Repository
            .References(path, "PackageReference")
            .Where(p => !string.Equals(p, alsoAllowed, StringComparison.Ordinal));
        Assert.Empty(packages);
    }

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        var solution = File.ReadAllText(Path.Combine(Repository.Root, "Evenkeel.slnx"));
        var missing = Repository
            .Projects("src")
            .Concat(Repository.Projects("test"))
            .Concat(Repository.Projects("bench"))
            .Select(Repository.Relative)
            .Where(p => !solution.Contains(p.Replace('\\', '/'), StringComparison.Ordinal));
        Assert.Empty(missing);
    }

    [Fact]
    public void Every_test_project_mirrors_something()
    {
        var withoutTests = Repository
            .Projects("test")
            .Where(p =>
                !Repository
                    .Sources(Path.GetDirectoryName(Repository.Relative(p))!)
                    .Any(f =>
                    {
                        var text = File.ReadAllText(f);
                        return text.Contains("[Fact", StringComparison.Ordinal)
                            || text.Contains("[Theory", StringComparison.Ordinal);
                    })
            )
            .Select(Repository.Relative);
        Assert.Empty(withoutTests);
    }
}
