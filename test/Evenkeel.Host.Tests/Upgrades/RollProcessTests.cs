using System.Net;
using System.Text.Json;
using Evenkeel.Host.CommandLine;
using Evenkeel.Import.Tests;
using Evenkeel.Watch.Drills.TestBed;
using Xunit;

namespace Evenkeel.Host.Tests.Upgrades;

/// <summary>
/// Real nodes under a real supervisor, with a customer who never stops paying: upgraded node by node,
/// brought back, and saved from a candidate that leaks. Takes minutes: EVENKEEL_LONG=1.
/// </summary>
public sealed class RollProcessTests(ITestOutputHelper output)
{
    private const int LeakBytesPerSecond = 8 << 20;

    [Fact]
    public async Task A_rolling_upgrade_and_the_way_back_under_load_fail_no_request()
    {
        SkipUnlessLong();
        using TemporaryFolder root = new();
        var data = Path.Combine(root.Path, "data");
        await using var supervisor = await StartAsync(data);
        await using var customer = await CustomerAsync(data);
        var good = DrillCandidate.Same(Path.Combine(root.Path, "good"), Executable);

        var unrehearsed = await UpgradeAsync(data, "roll", "--candidate", good);
        Assert.Equal(ExitCode.NotDone, unrehearsed.ExitCode);
        Assert.Contains("no rehearsal", unrehearsed.Error);
        var rehearsed = await UpgradeAsync(data, "rehearse", "--candidate", good);
        Assert.True(rehearsed.ExitCode == ExitCode.Ok, rehearsed.Error);

        var rolled = await UpgradeAsync(data, "roll", "--candidate", good, "--soak", "3");
        output.WriteLine(rolled.Output[^1]);
        Assert.True(rolled.ExitCode == ExitCode.Ok, rolled.Error);
        Assert.All(Running(data), executable => Assert.Equal(good, executable));

        var back = await UpgradeAsync(data, "back");
        output.WriteLine(back.Output[^1]);
        Assert.True(back.ExitCode == ExitCode.Ok, back.Error);
        Assert.All(Running(data), executable => Assert.Equal(Executable, executable));

        output.WriteLine(
            $"{customer.Acknowledged} acknowledged, longest wait {customer.LongestWait.TotalMilliseconds:F0} ms"
        );
        await customer.StopAndCheckAsync();
    }

    [Fact]
    public async Task A_candidate_that_leaks_goes_back_by_itself_before_the_second_node_is_touched()
    {
        SkipUnlessLong();
        using TemporaryFolder root = new();
        var data = Path.Combine(root.Path, "data");
        await using var supervisor = await StartAsync(data);
        await using var customer = await CustomerAsync(data);
        var leaking = DrillCandidate.Leaking(
            Path.Combine(root.Path, "leaking"),
            Executable,
            LeakBytesPerSecond
        );

        var rolled = await UpgradeAsync(
            data,
            "roll",
            "--candidate",
            leaking,
            "--without-rehearsal",
            "--soak",
            "120",
            "--memory-growth",
            "96"
        );

        output.WriteLine(rolled.Output[^1]);
        Assert.Equal(ExitCode.NotDone, rolled.ExitCode);
        var report = rolled.Json();
        var node = Assert.Single(report.GetProperty("nodes").EnumerateArray());
        Assert.Equal("back", node.GetProperty("outcome").GetString());
        Assert.Contains("memory grew", report.GetProperty("stopped").GetString());
        Assert.All(Running(data), executable => Assert.Equal(Executable, executable));
        await customer.StopAndCheckAsync();
    }

    private static string Executable => Path.Combine(AppContext.BaseDirectory, "evenkeel");

    private static void SkipUnlessLong() =>
        Assert.SkipUnless(HostProcess.IsLong, "takes minutes: set EVENKEEL_LONG=1");

    private static async Task<Supervised> StartAsync(string data)
    {
        var supervisor = HostProcess.Start(
            "run",
            "--ledger-only",
            "--nodes",
            "3",
            "--port",
            "0",
            "--rest-port",
            "0",
            "--data",
            data
        );
        await supervisor.LineAsync(l => l.StartsWith("Ctrl-C", StringComparison.Ordinal));
        return new Supervised(supervisor);
    }

    private static async Task<SteadyCustomer> CustomerAsync(string data)
    {
        using var file = JsonDocument.Parse(
            await File.ReadAllTextAsync(Path.Combine(data, "cluster.json"))
        );
        return await SteadyCustomer.StartAsync(
            [
                .. file
                    .RootElement.GetProperty("members")
                    .EnumerateArray()
                    .Select(m => IPEndPoint.Parse(m.GetProperty("binary").GetString()!)),
            ],
            (await File.ReadAllTextAsync(Path.Combine(data, "operator.key"))).Trim()
        );
    }

    private static Task<Finished> UpgradeAsync(string data, string step, params string[] more) =>
        HostProcess.RunAsync(
            TimeSpan.FromMinutes(9),
            ["upgrade", step, "--json", "--data", data, .. more]
        );

    private static string[] Running(string data) =>
        [
            .. Directory
                .GetFiles(data, "process.json", SearchOption.AllDirectories)
                .Where(f => !f.Contains("gateway", StringComparison.Ordinal))
                .Select(f =>
                    JsonDocument
                        .Parse(File.ReadAllText(f))
                        .RootElement.GetProperty("executable")
                        .GetString()!
                ),
        ];

    /// <summary>Nobody may be left in the folder when it is removed.</summary>
    private sealed class Supervised(HostProcess process) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await process.TerminateAsync();
            process.Dispose();
        }
    }
}
