using Evenkeel.Watch.Upgrades;
using Evenkeel.Watch.Upgrades.Rolling;
using Xunit;

namespace Evenkeel.Watch.Tests.Upgrades;

public sealed class RollingUpgradeTests
{
    private const string Old = "/old/evenkeel";
    private const string New = "/new/evenkeel";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Followers_first_and_the_leader_last_after_handing_over()
    {
        var cluster = new FakeCluster(leader: "n1");

        var report = await Roll(cluster).RunAsync(Token);

        Assert.True(report.Done, report.Stopped);
        Assert.Equal(["n2", "n3", "n1"], report.Nodes.Select(n => n.Name));
        Assert.All(report.Nodes, n => Assert.Equal("upgraded", n.Outcome));
        Assert.All(cluster.Nodes, n => Assert.Equal(New, cluster.ExecutableOf(n)));
        Assert.Equal(["n1"], cluster.HandedOver);
        Assert.Equal(0, cluster.RestartsOfALeader);
    }

    [Fact]
    public async Task A_leaking_candidate_goes_back_on_the_first_node_and_no_other_is_touched()
    {
        var cluster = new FakeCluster(leader: "n1") { LeakBytesAProbe = 512 << 20 };

        var report = await Roll(cluster).RunAsync(Token);

        Assert.False(report.Done);
        var node = Assert.Single(report.Nodes);
        Assert.Equal(("n2", "back"), (node.Name, node.Outcome));
        Assert.Contains("memory", report.Stopped, StringComparison.Ordinal);
        Assert.All(cluster.Nodes, n => Assert.Equal(Old, cluster.ExecutableOf(n)));
    }

    [Fact]
    public async Task A_candidate_that_never_becomes_ready_goes_back()
    {
        var cluster = new FakeCluster(leader: "n3") { NewIsNeverEqual = true };

        var report = await Roll(cluster).RunAsync(Token);

        Assert.False(report.Done);
        Assert.Equal("back", Assert.Single(report.Nodes).Outcome);
        Assert.All(cluster.Nodes, n => Assert.Equal(Old, cluster.ExecutableOf(n)));
    }

    [Fact]
    public async Task Nothing_is_taken_away_while_a_member_is_missing()
    {
        var cluster = new FakeCluster(leader: "n1") { Missing = "n3" };

        await Assert.ThrowsAsync<UpgradeException>(() => Roll(cluster).RunAsync(Token));

        Assert.Empty(cluster.Restarted);
    }

    [Fact]
    public async Task The_way_back_exchanges_only_what_was_exchanged()
    {
        var cluster = new FakeCluster(leader: "n1");
        await cluster.RestartAsync("n2", New, Token);
        cluster.Restarted.Clear();

        var report = await Roll(cluster).BackAsync(Old, Token);

        Assert.True(report.Done);
        Assert.Equal(["n2"], cluster.Restarted);
        Assert.All(cluster.Nodes, n => Assert.Equal(Old, cluster.ExecutableOf(n)));
    }

    [Fact]
    public void There_is_no_way_back_behind_rules_that_the_old_program_does_not_know()
    {
        var note = new UpgradeNote(Old, FromStateVersionMax: 1, New, DateTimeOffset.UnixEpoch);
        Assert.Null(note.WhyNotBack(inForce: 1));
        Assert.Contains("state version 2", note.WhyNotBack(inForce: 2), StringComparison.Ordinal);
    }

    private static RollingUpgrade Roll(FakeCluster cluster) =>
        new(
            cluster,
            new RollOptions
            {
                CandidatePath = New,
                Soak = TimeSpan.FromMilliseconds(60),
                WarmUp = TimeSpan.FromMilliseconds(1),
                SampleEvery = TimeSpan.FromMilliseconds(1),
                ReadyMax = TimeSpan.FromMilliseconds(300),
            },
            progress: null
        );

    /// <summary>A cluster in memory that does what it is told.</summary>
    private sealed class FakeCluster(string leader) : IRollTarget
    {
        private readonly Dictionary<string, string> _programs = new(StringComparer.Ordinal)
        {
            ["n1"] = Old,
            ["n2"] = Old,
            ["n3"] = Old,
        };
        private readonly Dictionary<string, long> _bytes = new(StringComparer.Ordinal);
        private string _leader = leader;
        private ulong _index = 100;

        public IReadOnlyList<string> Nodes => ["n1", "n2", "n3"];

        public string? Missing { get; init; }

        public long LeakBytesAProbe { get; init; }

        public bool NewIsNeverEqual { get; init; }

        public List<string> HandedOver { get; } = [];

        public List<string> Restarted { get; } = [];

        public int RestartsOfALeader { get; private set; }

        public Task<IReadOnlyList<NodeView>> LookAsync(CancellationToken cancellationToken)
        {
            _index++;
            return Task.FromResult<IReadOnlyList<NodeView>>([
                .. Nodes.Select(n => new NodeView
                {
                    Name = n,
                    Answers = n != Missing,
                    Leads = n == _leader,
                    Program = _programs[n],
                    StateVersion = 1,
                    AppliedIndex = _index,
                    LagEntries = 0,
                    EqualAtEntry = NewIsNeverEqual && _programs[n] == New ? null : _index,
                    Problems = [],
                }),
            ]);
        }

        public Task<Probe> ProbeAsync(string node, CancellationToken cancellationToken)
        {
            var leak = _programs[node] == New ? LeakBytesAProbe : 0;
            _bytes[node] = _bytes.GetValueOrDefault(node, 100 << 20) + leak;
            return Task.FromResult(new Probe(Ok: true, TimeSpan.FromMilliseconds(1), _bytes[node]));
        }

        public Task HandOverAsync(string node, CancellationToken cancellationToken)
        {
            if (node == _leader)
            {
                HandedOver.Add(node);
                _leader = Nodes.First(n => n != node);
            }
            return Task.CompletedTask;
        }

        public Task RestartAsync(
            string node,
            string executable,
            CancellationToken cancellationToken
        )
        {
            RestartsOfALeader += node == _leader ? 1 : 0;
            Restarted.Add(node);
            _programs[node] = executable;
            _bytes.Remove(node);
            return Task.CompletedTask;
        }

        public string ExecutableOf(string node) => _programs[node];
    }
}
