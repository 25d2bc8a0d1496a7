using Evenkeel.Host.CommandLine;
using Evenkeel.Import.Tests;
using Xunit;

namespace Evenkeel.Host.Tests.Upgrades;

/// <summary><c>evenkeel upgrade activate</c>: two people, and no way back after it.</summary>
public sealed class ActivationProcessTests
{
    [Fact]
    public async Task Two_keys_activate_new_rules_and_the_older_program_refuses_to_start_after_it()
    {
        using TemporaryFolder data = new();
        using (var old = await StartAsync(data.Path, "--state-version-max", "1"))
        {
            var tooNew = await ActivateAsync(data.Path);
            Assert.Equal(ExitCode.NotDone, tooNew.ExitCode);
            Assert.Contains("up to 1", tooNew.Error);
            await old.TerminateAsync();
        }
        using (var bank = await StartAsync(data.Path))
        {
            var made = await HostProcess.RunAsync([
                .. "keys create --name second --scope admin --json --data".Split(' '),
                data.Path,
            ]);
            var second = made.Json().GetProperty("token").GetString()!;

            var one = await ActivateAsync(data.Path);
            var sameAgain = await ActivateAsync(data.Path);
            var other = await ActivateAsync(data.Path, "--key", second);

            Assert.Equal("waiting", one.Json().GetProperty("state").GetString());
            Assert.Equal("waiting", sameAgain.Json().GetProperty("state").GetString());
            Assert.Equal("active", other.Json().GetProperty("state").GetString());
            Assert.Equal(2u, other.Json().GetProperty("inForce").GetUInt32());
            await bank.TerminateAsync();
        }

        var refused = await HostProcess.RunAsync(RunLine(data.Path, "--state-version-max", "1"));

        Assert.Equal(ExitCode.NotDone, refused.ExitCode);
        Assert.Contains("needs state version 2; this program applies up to 1", refused.Error);
        using var again = await StartAsync(data.Path);
    }

    private static Task<Finished> ActivateAsync(string data, params string[] more) =>
        HostProcess.RunAsync([
            .. "upgrade activate --version 2 --json --data".Split(' '),
            data,
            .. more,
        ]);

    private static async Task<HostProcess> StartAsync(string data, params string[] more)
    {
        var bank = HostProcess.Start(RunLine(data, more));
        await bank.LineAsync(l => l.StartsWith("Ctrl-C", StringComparison.Ordinal));
        return bank;
    }

    private static string[] RunLine(string data, params string[] more) =>
        ["run", "--ledger-only", "--data", data, "--port", "0", "--rest-port", "0", .. more];
}
