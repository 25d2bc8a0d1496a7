using Evenkeel.Host.CommandLine;
using Evenkeel.Import.Tests;
using Evenkeel.Replication.Tests;
using Xunit;

namespace Evenkeel.Host.Tests;

/// <summary>A bank on a real small volume that fills up.</summary>
public sealed class FullDiskProcessTests
{
    private const int FloorMiB = 1024;

    [Fact]
    public async Task A_full_disk_refuses_writes_serves_reads_and_ends_without_a_restart()
    {
        using var volume = TemporaryVolume.TryMount(sizeMiB: FloorMiB + 512);
        Assert.SkipWhen(volume is null, "a small volume can't be mounted here (needs root)");
        var data = Path.Combine(volume.Path, "data");
        using var source = SourceData.SmallAmlsim();
        using var bank = HostProcess.Start(
            "run",
            "--ledger-only",
            "--data",
            data,
            "--port",
            "0",
            "--rest-port",
            "0"
        );
        await bank.LineAsync(l => l.StartsWith("Ctrl-C", StringComparison.Ordinal));
        var import = await HostProcess.RunAsync("import", "amlsim", source.Path, "--data", data);
        Assert.Equal(ExitCode.Ok, import.ExitCode);
        Assert.Equal(ExitCode.Ok, (await TransferAsync(data)).ExitCode);

        var filler = Fill(volume.Path, leaveMiB: FloorMiB - 128);
        var refused = await TransferAsync(data);
        var read = await HostProcess.RunAsync("account", "amlsim:0", "--data", data, "--json");
        var health = await HostProcess.RunAsync("health", "--data", data);
        // Not a byte left for anybody: the process must live through that too.
        var last = Fill(volume.Path, leaveMiB: 0);
        var refusedAgain = await TransferAsync(data);
        var readAgain = await HostProcess.RunAsync("account", "amlsim:0", "--data", data);
        File.Delete(last);
        File.Delete(filler);
        var resumed = await UntilDoneAsync(data);

        Assert.Equal(ExitCode.NotDone, refused.ExitCode);
        Assert.Contains("make room", refused.Error, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Ok, read.ExitCode);
        Assert.Equal(ExitCode.NotDone, health.ExitCode);
        Assert.Contains(health.Output, l => l.Contains("disk", StringComparison.Ordinal));
        Assert.Equal(ExitCode.NotDone, refusedAgain.ExitCode);
        Assert.Equal(ExitCode.Ok, readAgain.ExitCode);
        Assert.True(resumed);
        var stopped = await bank.TerminateAsync();
        Assert.Equal(ExitCode.Ok, stopped.ExitCode);
    }

    private static Task<Finished> TransferAsync(string data) =>
        HostProcess.RunAsync([
            .. "transfer --from amlsim:0 --to amlsim:1 --amount 0.01 --json --data".Split(' '),
            data,
        ]);

    private static async Task<bool> UntilDoneAsync(string data)
    {
        for (var attempt = 0; attempt < 20; attempt++)
        {
            if ((await TransferAsync(data)).ExitCode == ExitCode.Ok)
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>Takes the volume's room, all but so much.</summary>
    private static string Fill(string volume, int leaveMiB)
    {
        var path = Path.Combine(volume, $"filler-{leaveMiB}");
        var left = new DriveInfo(volume).AvailableFreeSpace - ((long)leaveMiB << 20);
        var block = new byte[1 << 20];
        using var file = File.Create(path);
        try
        {
            for (; left > 0; left -= block.Length)
            {
                file.Write(block, 0, (int)Math.Min(left, block.Length));
                file.Flush();
            }
        }
        catch (IOException)
        {
            // Somebody else took the rest: it is full, which was the purpose.
        }
        return path;
    }
}
