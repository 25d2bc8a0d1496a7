using System.Diagnostics;
using Evenkeel.Watch.Drills.TestBed;
using Xunit;

namespace Evenkeel.Watch.Tests.Drills;

/// <summary>Processes of a test bed do what they are told, and none is left behind.</summary>
public sealed class BedProcessTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly string _directory = Directory.CreateTempSubdirectory("evenkeel-bed-").FullName;

    private string LogFile => Path.Combine(_directory, "process.log");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Output_is_kept_and_the_exit_status_known()
    {
        using var process = BedProcess.Start(
            "speaker",
            ["/bin/sh", "-c", "echo $WORD; echo loud >&2; exit 3"],
            LogFile,
            new Dictionary<string, string> { ["WORD"] = "quiet" }
        );

        using var patience = new CancellationTokenSource(Patience);
        Assert.Equal(3, await process.WaitAsync(patience.Token));

        Assert.Equal("quiet\nloud\n", await File.ReadAllTextAsync(LogFile));
    }

    [Fact]
    public async Task A_paused_process_stands_still_until_it_continues()
    {
        using var process = BedProcess.Start("sleeper", ["/bin/sleep", "600"], LogFile);
        await UntilAsync(() => StateOf(process) is 'S');

        process.Pause();
        await UntilAsync(() => StateOf(process) is 'T');

        process.Continue();
        await UntilAsync(() => StateOf(process) is 'S');
        Assert.False(process.HasExited);
    }

    [Fact]
    public async Task A_killed_process_is_gone_also_while_paused()
    {
        using var process = BedProcess.Start("sleeper", ["/bin/sleep", "600"], LogFile);
        process.Pause();

        await process.KillAsync();

        Assert.True(process.HasExited);
    }

    [Fact]
    public async Task Termination_is_a_request()
    {
        using var process = BedProcess.Start(
            "polite",
            ["/bin/sh", "-c", "trap 'exit 5' TERM; echo up; while :; do sleep 0.05; done"],
            LogFile
        );
        await UntilAsync(() => File.Exists(LogFile) && new FileInfo(LogFile).Length > 0);

        await process.TerminateAsync(Patience);

        Assert.Equal(5, process.ExitCode);
    }

    /// <summary>What the kernel promises for its death signal is what the whole test bed rests on.</summary>
    [Fact]
    public async Task A_child_of_a_killed_starter_dies_with_it()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/setpriv"), "setpriv is not installed");
        string pidFile = Path.Combine(_directory, "grandchild");
        using var starter = BedProcess.Start(
            "starter",
            [
                "/bin/sh",
                "-c",
                "/usr/bin/setpriv --pdeathsig KILL -- /bin/sleep 600 & echo $! > \"$0\"; wait",
                pidFile,
            ],
            LogFile
        );
        await UntilAsync(() => File.Exists(pidFile) && new FileInfo(pidFile).Length > 1);
        string status = $"/proc/{(await File.ReadAllTextAsync(pidFile)).Trim()}/comm";
        await UntilAsync(() => IsSleep(status));

        await starter.KillAsync();

        await UntilAsync(() => !IsSleep(status));
        Assert.False(IsSleep(status));
    }

    private static bool IsSleep(string commFile)
    {
        try
        {
            // A zombie that nobody has waited for yet keeps its name, but not its memory map.
            return File.ReadAllText(commFile).Trim() == "sleep"
                && File.ReadAllText(commFile.Replace("comm", "cmdline")).Length > 0;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static char StateOf(BedProcess process)
    {
        string stat = File.ReadAllText($"/proc/{process.Id}/stat");
        return stat[stat.LastIndexOf(')') + 2];
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < Patience, "the condition did not come");
            await Task.Delay(5);
        }
    }
}
