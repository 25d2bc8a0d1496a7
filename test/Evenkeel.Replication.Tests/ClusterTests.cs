using System.Net;
using Evenkeel.Watch.Drills.TestBed;
using Xunit;
using static Evenkeel.Replication.Tests.Testing;

namespace Evenkeel.Replication.Tests;

/// <summary>Three members in one process, over loopback: the same code as one member.</summary>
public sealed class ClusterTests
{
    [Fact]
    public async Task Three_members_agree_survive_their_leader_and_take_it_back()
    {
        using var directory = new TestDirectory();
        var endpoints = FreeEndpoints(3);
        var machines = new ListMachine[3];
        var logs = new RaftLog[3];
        try
        {
            for (var member = 0; member < 3; member++)
            {
                await StartMemberAsync(member);
            }
            var leader = await FindLeaderAsync(logs);
            await ProposeAsync(logs[leader], from: 0, count: 100);
            await WaitForAsync(() => machines.All(m => m.Applied.Count == 100));

            await logs[leader].DisposeAsync();
            var others = logs.Where((_, member) => member != leader).ToArray();
            var next = others[await FindLeaderAsync(others)];
            Assert.True(next.Term > 1);
            await ProposeAsync(next, from: 100, count: 100);

            await StartMemberAsync(leader);
            await WaitForAsync(() => machines.All(m => m.Applied.Count == 200));
            Assert.All(
                machines,
                machine =>
                    Assert.Equal(Enumerable.Range(0, 200), machine.Applied.Select(p => Number(p)))
            );
            await WaitForAsync(() => logs.Select(log => log.Position).Distinct().Count() == 1);

            // A member that lost its disk is given everything again, page by page.
            var wiped = Array.FindIndex(logs, static log => !log.IsLeader);
            await logs[wiped].DisposeAsync();
            Directory.Delete(directory[$"member-{wiped}"], recursive: true);
            await StartMemberAsync(wiped);
            await WaitForAsync(() => machines[wiped].Applied.Count == 200);
            await WaitForAsync(() => logs.Select(log => log.Position).Distinct().Count() == 1);
        }
        finally
        {
            foreach (var log in logs)
            {
                await log.DisposeAsync();
            }
        }

        async Task StartMemberAsync(int member)
        {
            machines[member] = new ListMachine();
            logs[member] = new RaftLog(
                Options(directory) with
                {
                    Directory = directory[$"member-{member}"],
                    Lineage = new LineageId(3),
                    Endpoint = endpoints[member],
                    Members = endpoints,
                    // Three members and their client share two cores here.
                    LowerElectionTimeoutMs = 500,
                    UpperElectionTimeoutMs = 900,
                    RequestTimeoutMs = 400,
                },
                machines[member]
            );
            await logs[member].StartAsync(Patience);
        }
    }

    [Fact]
    public async Task An_entry_that_was_made_for_another_leadership_is_refused()
    {
        using var directory = new TestDirectory();
        var machine = new ListMachine();
        await using var log = await StartAsync(Options(directory), machine);
        var leadership = await log.WaitForLeadershipAsync(Patience);

        Assert.Equal(
            ProposalOutcome.Refused,
            await log.ProposeAsync(Payload(1), null, leadership.Term - 1, Patience)
        );
        Assert.Equal(
            ProposalOutcome.Refused,
            await log.ProposeAsync(Payload(2), null, leadership.Term + 1, Patience)
        );
        Assert.Equal(
            ProposalOutcome.Committed,
            await log.ProposeAsync(Payload(3), null, leadership.Term, Patience)
        );
        Assert.Equal([3], machine.Applied.Select(p => Number(p)));
    }

    private static async Task<int> FindLeaderAsync(RaftLog[] logs)
    {
        await WaitForAsync(() => Array.Exists(logs, static log => log.IsLeader));
        var leader = Array.FindIndex(logs, static log => log.IsLeader);
        await logs[leader].WaitForLeadershipAsync(Patience);
        return leader;
    }

    private static async Task WaitForAsync(Func<bool> condition)
    {
        var patience = Patience;
        while (!condition())
        {
            await Task.Delay(5, patience);
        }
    }

    private static IPEndPoint[] FreeEndpoints(int count) =>
        [
            .. Enumerable
                .Range(0, count)
                .Select(static _ => new IPEndPoint(IPAddress.Loopback, FreePorts.Take())),
        ];
}
