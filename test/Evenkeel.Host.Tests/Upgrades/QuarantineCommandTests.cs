using Evenkeel.Host.CommandLine;
using Evenkeel.Import.Tests;
using Evenkeel.Model.People;
using Evenkeel.Node.Quarantine;
using Xunit;

namespace Evenkeel.Host.Tests.Upgrades;

/// <summary><c>evenkeel upgrade operator</c> and <c>upgrade quarantine</c>.</summary>
public sealed class QuarantineCommandTests
{
    private static readonly PoisonNote Poison = new(
        new string('1', 32),
        Entry: 17,
        new string('a', 64),
        "it broke"
    );

    [Fact]
    public async Task Two_people_sign_one_after_the_other_and_every_node_gets_the_same_file()
    {
        using TemporaryFolder data = new();
        foreach (var node in (string[])["n1", "n2", "n3"])
        {
            Directory.CreateDirectory(Path.Combine(data.Path, node));
            await WriteAsync(Path.Combine(data.Path, node, "lineage.json"), "{}");
        }
        await WriteAsync(Path.Combine(data.Path, "cluster.json"), "{}");
        Poison.Write(Path.Combine(data.Path, "n2"));
        await AddAsync(data.Path, "alice");
        await AddAsync(data.Path, "bob");

        var first = await SignAsync(data.Path, "alice", "--reason", "planted");
        Assert.Equal(ExitCode.Ok, first.ExitCode);
        Assert.False(Directory.Exists(Path.Combine(data.Path, "n1", "overrides")));
        // The same person twice is one person.
        await SignAsync(data.Path, "alice");
        Assert.False(Directory.Exists(Path.Combine(data.Path, "n1", "overrides")));
        var second = await SignAsync(data.Path, "bob");
        Assert.True(second.ExitCode == ExitCode.Ok, second.Error);

        var operators = OperatorsFile.ReadOrEmpty(Path.Combine(data.Path, "operators.json"));
        foreach (var node in (string[])["n1", "n2", "n3"])
        {
            var placed = QuarantineOverride.Read(
                Path.Combine(data.Path, node, "overrides", QuarantineOverride.FileNameOf(17))
            );
            Assert.Equal(Poison.PayloadSha256, placed.PayloadSha256);
            Assert.Null(operators.WhyNotByTwo(placed.Message, placed.Signatures));
        }
    }

    [Fact]
    public async Task An_entry_at_which_nobody_stopped_can_not_be_put_in_quarantine()
    {
        using TemporaryFolder data = new();
        await AddAsync(data.Path, "alice");

        var signed = await SignAsync(data.Path, "alice", "--reason", "to hide something");

        Assert.Equal(ExitCode.NotDone, signed.ExitCode);
        Assert.Contains("No node here stopped at entry 17", signed.Error);
    }

    [Fact]
    public async Task The_key_of_a_person_is_readable_by_its_owner_alone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no file modes.");
        using TemporaryFolder data = new();
        await AddAsync(data.Path, "alice");

        // The platform was looked at above.
#pragma warning disable CA1416
        var mode = File.GetUnixFileMode(KeyOf(data.Path, "alice"));
#pragma warning restore CA1416

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, mode);
    }

    private static async Task AddAsync(string data, string name)
    {
        var added = await HostProcess.RunAsync(
            "upgrade",
            "operator",
            "--operator",
            name,
            "--sign-with",
            KeyOf(data, name),
            "--data",
            data
        );
        Assert.True(added.ExitCode == ExitCode.Ok, added.Error);
    }

    private static Task<Finished> SignAsync(string data, string name, params string[] more) =>
        HostProcess.RunAsync([
            .. "upgrade quarantine --entry 17 --operator".Split(' '),
            name,
            "--sign-with",
            KeyOf(data, name),
            "--data",
            data,
            .. more,
        ]);

    private static string KeyOf(string data, string name) => Path.Combine(data, $"{name}.pem");

    private static Task WriteAsync(string path, string text) =>
        File.WriteAllTextAsync(path, text, TestContext.Current.CancellationToken);
}
