using System.Text;
using Xunit;

namespace Evenkeel.Replication.Tests;

public sealed class InMemoryLogTests
{
    private static byte[] Payload(int number) => Encoding.UTF8.GetBytes($"entry {number}");

    [Fact]
    public async Task A_restart_restores_the_snapshot_and_replays_what_came_after()
    {
        var store = new InMemoryStore();
        var before = new ListMachine();
        await using (var log = new InMemoryLog(before, store))
        {
            await log.StartAsync(default);
            for (var i = 0; i < 10; i++)
            {
                if (i == 6)
                {
                    Assert.Equal(6UL, await log.SnapshotAsync(default));
                }
                Assert.Equal(
                    ProposalOutcome.Committed,
                    await log.ProposeAsync(Payload(i), context: null, default)
                );
            }
        }

        var after = new ListMachine();
        await using var restarted = new InMemoryLog(after, store);
        await restarted.StartAsync(default);
        Assert.Equal(10UL, after.AppliedIndex);
        Assert.Equal(before.Digest, after.Digest);
        Assert.Equal(before.Applied, after.Applied);
    }

    [Fact]
    public async Task A_failing_apply_faults_the_log_and_later_proposals_are_refused()
    {
        var machine = new ListMachine
        {
            OnApply = static (index, _) =>
            {
                if (index == 2)
                {
                    throw new InvalidOperationException("poison");
                }
            },
        };
        await using var log = new InMemoryLog(machine);
        await log.StartAsync(default);
        Assert.Equal(
            ProposalOutcome.Committed,
            await log.ProposeAsync(Payload(1), context: null, default)
        );
        Assert.Equal(
            ProposalOutcome.Unknown,
            await log.ProposeAsync(Payload(2), context: null, default)
        );
        Assert.Equal("poison", (await log.Faulted).Message);
        Assert.Equal(
            ProposalOutcome.Refused,
            await log.ProposeAsync(Payload(3), context: null, default)
        );
    }
}
