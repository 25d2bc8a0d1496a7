using Xunit;
using static Evenkeel.Replication.Tests.Testing;

namespace Evenkeel.Replication.Tests;

public sealed class RaftLogTests
{
    [Fact]
    public async Task Entries_survive_a_restart_in_order_and_once()
    {
        using var directory = new TestDirectory();
        var before = new ListMachine();
        await using (var log = await StartAsync(Options(directory), before))
        {
            await ProposeAsync(log, from: 0, count: 300);
            Assert.True(log.IsLeader);
            await log.ReadBarrierAsync(Patience);
        }
        var after = new ListMachine();
        await using var restarted = await StartAsync(Options(directory), after);
        Assert.Equal(Enumerable.Range(0, 300), after.Applied.Select(p => Number(p)));
        Assert.Equal(before.Digest, after.Digest);
        Assert.Empty(restarted.Recovery!.Notes);
        await ProposeAsync(restarted, from: 300, count: 10);
        Assert.Equal(Enumerable.Range(0, 310), after.Applied.Select(p => Number(p)));
    }

    [Fact]
    public async Task Proposals_in_flight_are_applied_in_the_order_of_the_calls()
    {
        using var directory = new TestDirectory();
        var machine = new ListMachine();
        await using var log = await StartAsync(Options(directory), machine);
        var pending = Enumerable
            .Range(0, 500)
            .Select(number => log.ProposeAsync(Payload(number, 2000), null, Patience).AsTask())
            .ToList();
        await Task.WhenAll(pending);
        Assert.Equal(Enumerable.Range(0, 500), machine.Applied.Select(p => Number(p)));
    }

    [Fact]
    public async Task The_context_of_a_proposal_reaches_apply_before_the_proposal_completes()
    {
        using var directory = new TestDirectory();
        var machine = new ListMachine();
        await using var log = await StartAsync(Options(directory), machine);
        var applied = new TaskCompletionSource();
        var outcome = await log.ProposeAsync(Payload(1), applied, Patience);
        Assert.Equal(ProposalOutcome.Committed, outcome);
        Assert.True(applied.Task.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Each_start_is_a_term_of_its_own()
    {
        using var directory = new TestDirectory();
        var terms = new List<ulong>();
        for (var start = 0; start < 3; start++)
        {
            await using var log = await StartAsync(Options(directory), new ListMachine());
            await ProposeAsync(log, from: start, count: 1);
            terms.Add(log.Term);
        }
        Assert.Equal([1UL, 2UL, 3UL], terms);
    }

    [Fact]
    public async Task A_snapshot_shortens_the_replay_and_the_log()
    {
        using var directory = new TestDirectory();
        var before = new ListMachine();
        await using (var log = await StartAsync(Options(directory), before))
        {
            await ProposeAsync(log, from: 0, count: 100);
            Assert.Equal(log.Status.AppliedIndex, await log.SnapshotAsync(Patience));
            await ProposeAsync(log, from: 100, count: 50);
        }
        var after = new ListMachine();
        await using var restarted = await StartAsync(Options(directory), after);
        Assert.True(restarted.Recovery!.SnapshotIndex >= 100);
        Assert.Equal(before.Digest, after.Digest);
        Assert.Equal(Enumerable.Range(0, 150), after.Applied.Select(p => Number(p)));
    }

    [Fact]
    public async Task The_log_directory_stays_bounded_while_entries_go_on()
    {
        using var directory = new TestDirectory();
        var options = Options(directory) with { SnapshotEveryBytes = 4 << 20 };
        var machine = new ListMachine { Keep = false };
        await using var log = await StartAsync(options, machine);
        var highest = 0L;
        for (var round = 0; round < 16; round++)
        {
            await ProposeAsync(log, from: round * 64, count: 64, size: 64 << 10);
            highest = Math.Max(highest, log.Status.LogBytes);
        }
        // 64 MiB went through; twice the threshold and what was in flight may be there.
        Assert.InRange(highest, 1, 20 << 20);
        await log.SnapshotAsync(Patience);
        Assert.Equal(2, Directory.GetDirectories(directory["snapshots"]).Length);
        Assert.True(log.Status.ArchiveBytes > 64 << 20);
    }

    [Fact]
    public async Task A_second_log_on_the_same_directory_is_refused()
    {
        using var directory = new TestDirectory();
        await using var first = await StartAsync(Options(directory), new ListMachine());
        var refused = await Assert.ThrowsAsync<DirectoryInUseException>(() =>
            StartAsync(Options(directory), new ListMachine())
        );
        Assert.Contains(directory.Path, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_directory_of_another_format_version_is_refused()
    {
        using var directory = new TestDirectory();
        await using (await StartAsync(Options(directory), new ListMachine())) { }
        var path = directory["lineage.json"];
        var json = await File.ReadAllTextAsync(path);
        await File.WriteAllTextAsync(
            path,
            json.Replace("\"formatVersion\": 1", "\"formatVersion\": 2", StringComparison.Ordinal)
        );
        var refused = await Assert.ThrowsAsync<RecoveryException>(() =>
            StartAsync(Options(directory), new ListMachine())
        );
        Assert.Contains("format version 2", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failing_apply_stops_the_log_with_its_reason()
    {
        using var directory = new TestDirectory();
        var machine = new ListMachine
        {
            OnApply = static (index, _) =>
            {
                if (index == 3)
                {
                    throw new InvalidOperationException("poison");
                }
            },
        };
        await using var log = await StartAsync(Options(directory), machine);
        var outcomes = new List<ProposalOutcome>();
        for (var number = 0; number < 5; number++)
        {
            outcomes.Add(await log.ProposeAsync(Payload(number), null, Patience));
        }
        Assert.Equal("poison", (await log.Faulted.WaitAsync(Patience)).Message);
        Assert.Equal(
            [
                ProposalOutcome.Committed,
                ProposalOutcome.Committed,
                ProposalOutcome.Unknown,
                ProposalOutcome.Refused,
                ProposalOutcome.Refused,
            ],
            outcomes
        );
    }
}
