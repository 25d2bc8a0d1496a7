using System.Globalization;
using Evenkeel.Host.CommandLine;
using Evenkeel.Import.Tests;
using Xunit;

namespace Evenkeel.Host.Tests;

/// <summary>Imports by the real executable into a real data directory.</summary>
public sealed class ImportProcessTests
{
    private const int KillsInShortRuns = 2;
    private const int KillsInLongRuns = 40;
    private const int Accounts = 60;
    private const int Transfers = 6_000;
    private const int Batch = 50;

    [Fact]
    public async Task Berka_gives_the_published_figures_from_the_ledgers_answers()
    {
        var source = SourceData.Find("berka");
        Assert.SkipWhen(source is null, SourceData.MissingReason);
        using TemporaryFolder data = new();

        var import = await HostProcess.RunAsync(
            "import",
            "berka",
            source,
            "--data",
            data.Path,
            "--json"
        );

        Assert.Equal((ExitCode.Ok, 1), (import.ExitCode, import.Output.Count));
        Assert.StartsWith(
            """{"movements":49102,"accounts":4500,"accountDays":39960,"""
                + "\"daily\":{\"exact\":37701,\"withinRounding\":2227,\"breaks\":32},"
                + "\"running\":{\"exact\":23634,\"withinRounding\":13679,\"breaks\":2647},",
            import.Output[0]
        );
        var again = await HostProcess.RunAsync(
            "import",
            "berka",
            source,
            "--data",
            data.Path,
            "--json"
        );
        Assert.Equal(import.Output, again.Output);
        await AssertSoundAsync(data.Path);
    }

    [Theory]
    [InlineData("", "\"booked\":46543,\"refused\":74015,", "\"accountsBelowZero\":0,")]
    [InlineData(
        "--allow-overdraft",
        "\"booked\":120558,\"refused\":0,",
        "\"accountsBelowZero\":8496,\"lowestBalance\":-33361.75,\"highestBalance\":25409.87"
    )]
    public async Task Amlsim_gives_the_published_figures_in_both_modes(
        string mode,
        string bookings,
        string balances
    )
    {
        Assert.SkipUnless(mode.Length == 0 || HostProcess.IsLong, "long");
        var source = SourceData.Find("amlsim");
        Assert.SkipWhen(source is null, SourceData.MissingReason);
        using TemporaryFolder data = new();
        string[] args = ["import", "amlsim", source, "--data", data.Path, "--json"];

        var import = await HostProcess.RunAsync(mode.Length == 0 ? args : [.. args, mode]);

        Assert.Equal((ExitCode.Ok, 1), (import.ExitCode, import.Output.Count));
        Assert.Contains(bookings, import.Output[0]);
        Assert.Contains(balances, import.Output[0]);
        Assert.Contains("\"sumBefore\":5600953.52,\"sumAfter\":5600953.52,", import.Output[0]);
    }

    [Fact]
    public async Task Killed_again_and_again_an_import_ends_as_if_nothing_had_happened()
    {
        var kills = HostProcess.IsLong ? KillsInLongRuns : KillsInShortRuns;
        using var source = MadeUpTransfers();
        using TemporaryFolder undisturbed = new();
        using TemporaryFolder killed = new();
        var expected = await HostProcess.RunAsync(Import(source.Path, undisturbed.Path));
        Assert.Equal(ExitCode.Ok, expected.ExitCode);

        for (var kill = 1; kill <= kills; kill++)
        {
            using var import = HostProcess.Start(Import(source.Path, killed.Path));
            var target = (long)Transfers * kill / (kills + 1);
            await import.LineAsync(line => MovementsDone(line) >= target);
            await import.KillAsync();
        }
        var resumed = await HostProcess.RunAsync(Import(source.Path, killed.Path));

        Assert.Equal(ExitCode.Ok, resumed.ExitCode);
        Assert.Equal(expected.Output, resumed.Output);
        var balanceBefore = await TrialBalanceAsync(undisturbed.Path);
        Assert.Equal(balanceBefore, await TrialBalanceAsync(killed.Path));
        await AssertSoundAsync(killed.Path);
    }

    private static string[] Import(string source, string data) =>
        ["import", "amlsim", source, "--data", data, "--json", "--batch", $"{Batch}"];

    /// <summary>From a progress line such as "Movements: 1,200 of 6,000"; -1 from any other.</summary>
    private static long MovementsDone(string line)
    {
        const string prefix = "Movements: ";
        return line.StartsWith(prefix, StringComparison.Ordinal)
            ? long.Parse(
                line[prefix.Length..].Split(' ')[0],
                NumberStyles.AllowThousands,
                CultureInfo.InvariantCulture
            )
            : -1;
    }

    private static async Task<string> TrialBalanceAsync(string data)
    {
        var balance = await HostProcess.RunAsync("trial-balance", "--data", data, "--json");
        Assert.Equal(ExitCode.Ok, balance.ExitCode);
        return Assert.Single(balance.Output);
    }

    private static async Task AssertSoundAsync(string data)
    {
        var verdict = await HostProcess.RunAsync("verify", "log", data, "--json");
        Assert.True(verdict.ExitCode == ExitCode.Ok, verdict.Error);
        Assert.True(verdict.Json().GetProperty("sound").GetBoolean());
        Assert.True(verdict.Json().GetProperty("rows").GetInt64() > 0);
    }

    /// <summary>Transfers between few accounts, so that many are refused and their order matters.</summary>
    private static TemporaryFolder MadeUpTransfers()
    {
        Random random = new(20_260_101);
        TemporaryFolder folder = new();
        folder.Write(
            "nodes.csv",
            [
                "nodeid,isFraud,init_balance,fraudStep",
                .. Enumerable
                    .Range(0, Accounts)
                    .Select(n => $"{n},0,{random.Next(100, 200)}.{random.Next(10, 99)},-1"),
            ]
        );
        folder.Write(
            "transactions.csv",
            [
                "sourceNodeId,targetNodeId,value,time",
                .. Enumerable
                    .Range(0, Transfers)
                    .Select(t =>
                        $"{random.Next(Accounts)},{random.Next(Accounts)},"
                        + $"{random.Next(1, 200)}.{random.Next(10, 99)},{t / 100}"
                    ),
            ]
        );
        return folder;
    }
}
