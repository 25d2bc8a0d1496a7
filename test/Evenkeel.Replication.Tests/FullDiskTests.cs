using System.Diagnostics;
using Xunit;
using static Evenkeel.Replication.Tests.Testing;

namespace Evenkeel.Replication.Tests;

public sealed class FullDiskTests
{
    [Fact]
    public async Task Below_the_floor_proposals_are_refused_with_a_reason_and_resume_by_themselves()
    {
        using var directory = new TestDirectory();
        var files = new FaultyFileLayer();
        var clock = new ManualTime();
        var machine = new ListMachine();
        await using var log = await StartAsync(
            Options(directory) with
            {
                Files = files,
                Time = clock,
            },
            machine
        );
        await ProposeAsync(log, from: 0, count: 10);
        while (log.Status.ArchiveIndex < log.Status.AppliedIndex)
        {
            await Task.Yield();
        }
        files.Full = true;
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(ProposalOutcome.Refused, await log.ProposeAsync(Payload(10), null, Patience));
        Assert.False(log.Disk.AcceptingWrites);
        Assert.Contains("disk nearly full", log.Status.RefusingWrites, StringComparison.Ordinal);
        await log.ReadBarrierAsync(Patience);
        await Assert.ThrowsAsync<IOException>(() => log.SnapshotAsync(Patience));

        files.Full = false;
        clock.Advance(TimeSpan.FromSeconds(1));
        await ProposeAsync(log, from: 10, count: 10);
        Assert.Null(log.Status.RefusingWrites);
        await log.SnapshotAsync(Patience);
        Assert.Equal(Enumerable.Range(0, 20), machine.Applied.Select(p => Number(p)));
    }

    [Fact]
    public async Task A_log_stops_while_its_archive_and_a_snapshot_wait_for_a_full_disk()
    {
        using var directory = new TestDirectory();
        var files = new FaultyFileLayer();
        var before = new ListMachine();
        var options = Testing.Options(directory) with { Files = files, Time = new ManualTime() };
        var log = await StartAsync(options, before);
        await ProposeAsync(log, from: 0, count: 1);
        files.Full = true;
        // The clock stands still, so the guard does not measure again: these are let in.
        await ProposeAsync(log, from: 1, count: 9);
        var snapshot = log.SnapshotAsync(Patience);
        await files.Refused.Task.WaitAsync(Patience);
        await log.DisposeAsync().AsTask().WaitAsync(Patience);
        await Assert.ThrowsAsync<IOException>(() => snapshot);

        files.Full = false;
        var after = new ListMachine();
        await using var restarted = await StartAsync(Testing.Options(directory), after);
        Assert.Equal(before.Digest, after.Digest);
    }

    [Fact]
    public async Task Finding_6_A_volume_that_fills_up_stops_writes_and_not_the_process()
    {
        using var volume = TemporaryVolume.TryMount(sizeMiB: 96);
        Assert.SkipWhen(volume is null, "a small volume can't be mounted here (needs root)");
        var guarded = VolumeOptions(volume.Path) with { DiskFloorBytes = 32 << 20 };
        var machine = new ListMachine { Keep = false };
        await using (var log = await StartAsync(guarded, machine))
        {
            Assert.Equal(ProposalOutcome.Refused, await FillAsync(log));
            Assert.False(log.Faulted.IsCompleted);
            Assert.Contains("disk nearly full", log.Disk.Reason, StringComparison.Ordinal);
            volume.Remount(sizeMiB: 256);
            var resumed = Stopwatch.StartNew();
            while (!log.Disk.AcceptingWrites && resumed.Elapsed < TimeSpan.FromSeconds(30))
            {
                await Task.Yield();
            }
            await ProposeAsync(log, from: 0, count: 10);
        }
    }

    [Fact]
    public async Task Finding_6_Without_the_floor_a_full_volume_breaks_the_log()
    {
        using var volume = TemporaryVolume.TryMount(sizeMiB: 96);
        Assert.SkipWhen(volume is null, "a small volume can't be mounted here (needs root)");
        var options = VolumeOptions(volume.Path) with
        {
            Guards = new GuardSwitches { DiskFloor = false },
            BacklogBytesMax = long.MaxValue,
        };
        var log = await StartAsync(options, new ListMachine { Keep = false });
        var filling = FillAsync(log);
        Assert.NotNull(await log.Faulted.WaitAsync(Patience));
        Assert.NotEqual(ProposalOutcome.Committed, await filling.WaitAsync(Patience));
        volume.Remount(sizeMiB: 256);
        await log.DisposeAsync();
    }

    private static RaftLogOptions VolumeOptions(string directory) =>
        new()
        {
            Directory = Path.Combine(directory, "data"),
            Random = new Random(6),
            ChunkBytes = 1 << 20,
            SegmentBytesMax = 4 << 20,
        };

    private static async Task<ProposalOutcome> FillAsync(RaftLog log)
    {
        for (var number = 0; number < 1000; number++)
        {
            var outcome = await log.ProposeAsync(Payload(number, 256 << 10), null, Patience);
            if (outcome != ProposalOutcome.Committed)
            {
                return outcome;
            }
        }
        return ProposalOutcome.Committed;
    }
}
