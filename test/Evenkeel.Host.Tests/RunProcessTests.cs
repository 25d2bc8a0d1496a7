using Evenkeel.Host.CommandLine;
using Evenkeel.Import.Tests;
using Xunit;

namespace Evenkeel.Host.Tests;

/// <summary><c>evenkeel run</c> as a process, and commands that find it.</summary>
public sealed class RunProcessTests
{
    [Fact]
    public async Task It_starts_says_its_key_once_serves_commands_and_stops_cleanly()
    {
        using TemporaryFolder data = new();
        using var source = SourceData.SmallBerka();
        using (var bank = await StartAsync(data.Path))
        {
            var key = await bank.LineAsync(l =>
                l.StartsWith("First API key", StringComparison.Ordinal)
            );
            var kept = await File.ReadAllTextAsync(
                Path.Combine(data.Path, "operator.key"),
                TestContext.Current.CancellationToken
            );
            Assert.EndsWith(kept.Trim(), key);
            var import = await HostProcess.RunAsync(
                "import",
                "berka",
                source.Path,
                "--data",
                data.Path
            );
            Assert.Equal(ExitCode.Ok, import.ExitCode);
            Assert.DoesNotContain("started for this command", import.Error);
            var statement = await HostProcess.RunAsync(
                "statement",
                "berka:1",
                "--data",
                data.Path,
                "--json"
            );
            var movements = statement.Json().GetProperty("movements");
            Assert.Equal(5, movements.GetArrayLength());
            Assert.Equal(1_085.44m, movements[4].GetProperty("balance").GetDecimal());
            var stopped = await bank.TerminateAsync();
            Assert.Equal(ExitCode.Ok, stopped.ExitCode);
            Assert.Equal("Stopped. Everything acknowledged is on disk.", stopped.Output[^1]);
        }
        using var again = await StartAsync(data.Path);
        Assert.DoesNotContain(again.Output, l => l.Contains("API key"));
        var account = await HostProcess.RunAsync(
            "account",
            "berka:2",
            "--data",
            data.Path,
            "--json"
        );
        Assert.Equal(150m, account.Json().GetProperty("balance").GetDecimal());
    }

    [Fact]
    public async Task The_operators_key_is_readable_by_its_owner_alone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no file modes.");
        using TemporaryFolder data = new();
        using var bank = await StartAsync(data.Path);

        // The platform was looked at above.
#pragma warning disable CA1416
        var mode = File.GetUnixFileMode(Path.Combine(data.Path, "operator.key"));
#pragma warning restore CA1416

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, mode);
    }

    [Fact]
    public async Task A_second_run_on_the_same_directory_is_refused()
    {
        using TemporaryFolder data = new();
        using var bank = await StartAsync(data.Path);

        var second = await HostProcess.RunAsync(RunLine(data.Path));

        Assert.Equal(ExitCode.NotDone, second.ExitCode);
        Assert.Contains($"Another process serves {data.Path} already.", second.Error);
        var health = await HostProcess.RunAsync("health", "--data", data.Path, "--json");
        Assert.Equal(ExitCode.Ok, health.ExitCode);
        Assert.True(health.Json().GetProperty("ready").GetBoolean());
    }

    [Fact]
    public async Task Killed_it_is_found_again_by_commands_that_start_it_themselves()
    {
        using TemporaryFolder data = new();
        using var source = SourceData.SmallAmlsim();
        using (var bank = await StartAsync(data.Path))
        {
            await HostProcess.RunAsync("import", "amlsim", source.Path, "--data", data.Path);
            await bank.KillAsync();
        }

        var health = await HostProcess.RunAsync("health", "--data", data.Path);
        var transfer = await HostProcess.RunAsync([
            .. "transfer --from amlsim:0 --to amlsim:1 --amount 0.01 --json --data".Split(' '),
            data.Path,
        ]);

        Assert.Equal(ExitCode.NotDone, health.ExitCode);
        Assert.Equal(ExitCode.Ok, transfer.ExitCode);
        Assert.Contains("started for this command", transfer.Error);
        Assert.True(transfer.Json().GetProperty("done").GetBoolean());
    }

    [Fact]
    public async Task Keys_are_made_listed_used_and_revoked()
    {
        using TemporaryFolder data = new();
        using var source = SourceData.SmallAmlsim();
        using var bank = await StartAsync(data.Path);
        await HostProcess.RunAsync("import", "amlsim", source.Path, "--data", data.Path);

        var made = await HostProcess.RunAsync([
            .. "keys create --name reader --scope ledger:read --json --data".Split(' '),
            data.Path,
        ]);
        var token = made.Json().GetProperty("token").GetString()!;
        var number = $"{made.Json().GetProperty("key").GetProperty("number").GetUInt64()}";
        string[] withKey = ["--data", data.Path, "--key", token];
        var read = await HostProcess.RunAsync(["account", "amlsim:0", .. withKey]);
        var write = await HostProcess.RunAsync([
            .. "transfer --from amlsim:0 --to amlsim:1 --amount 0.01".Split(' '),
            .. withKey,
        ]);
        var revoked = await HostProcess.RunAsync("keys", "revoke", number, "--data", data.Path);
        var list = await HostProcess.RunAsync("keys", "list", "--json", "--data", data.Path);
        var afterwards = await HostProcess.RunAsync(["account", "amlsim:0", .. withKey]);

        Assert.Equal(ExitCode.Ok, read.ExitCode);
        Assert.Equal(ExitCode.NotDone, write.ExitCode);
        Assert.Contains("lacks the scope", write.Error);
        Assert.Equal(ExitCode.Ok, revoked.ExitCode);
        Assert.Equal(2, list.Json().GetProperty("keys").GetArrayLength());
        Assert.Equal(ExitCode.NotDone, afterwards.ExitCode);
        Assert.Contains("Give a valid key", afterwards.Error);
    }

    [Fact]
    public async Task Confirming_a_clock_that_is_right_changes_nothing()
    {
        using TemporaryFolder data = new();
        using var bank = await StartAsync(data.Path);

        var confirmed = await HostProcess.RunAsync("clock", "confirm", "--data", data.Path);

        Assert.Equal(ExitCode.Ok, confirmed.ExitCode);
        Assert.Contains("nothing to confirm", Assert.Single(confirmed.Output));
    }

    [Theory]
    [InlineData("account 1 --data NOWHERE", ExitCode.NotDone, "holds no bank")]
    [InlineData("account 1 --server nowhere", ExitCode.Usage, "give HOST:PORT")]
    [InlineData("account 1 --server 127.0.0.1:1 --key k", ExitCode.NotDone, "Nothing answers")]
    [InlineData("health --data NOWHERE", ExitCode.NotDone, "No bank serves")]
    [InlineData("verify log NOWHERE", ExitCode.NotDone, "does not exist")]
    [InlineData("run --data NOWHERE --listen 0.0.0.0", ExitCode.Usage, "without TLS")]
    [InlineData("run --data NOWHERE --listen everywhere", ExitCode.Usage, "--listen")]
    [InlineData("run --data NOWHERE --port 65536", ExitCode.Usage, "--port")]
    public async Task What_can_not_be_done_is_said_with_what_to_do(
        string line,
        int exitCode,
        string words
    )
    {
        using TemporaryFolder folder = new();
        var nowhere = Path.Combine(folder.Path, "nowhere");

        var finished = await HostProcess.RunAsync([
            .. line.Split(' ').Select(a => a == "NOWHERE" ? nowhere : a),
        ]);

        Assert.Equal(exitCode, finished.ExitCode);
        Assert.Contains(words, finished.Error);
        Assert.False(Directory.Exists(nowhere));
    }

    [Fact]
    public async Task Help_speaks_the_readers_language()
    {
        var traditional = await HostProcess.RunAsync("statement", "--help", "--lang", "zh-Hant");
        var simplified = await HostProcess.RunAsync("--lang", "zh-Hans", "account", "berka:x");

        Assert.Equal(ExitCode.Ok, traditional.ExitCode);
        Assert.Contains(traditional.Output, l => l.Contains("顯示帳戶最近的流水"));
        Assert.Equal(ExitCode.Usage, simplified.ExitCode);
        Assert.Contains("不是账户", simplified.Error);
    }

    private static async Task<HostProcess> StartAsync(string data)
    {
        var bank = HostProcess.Start(RunLine(data));
        await bank.LineAsync(l => l.StartsWith("Ctrl-C", StringComparison.Ordinal));
        return bank;
    }

    private static string[] RunLine(string data) =>
        ["run", "--ledger-only", "--data", data, "--port", "0", "--rest-port", "0"];
}
