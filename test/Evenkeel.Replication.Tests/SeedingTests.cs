using System.Diagnostics;
using Xunit;
using static Evenkeel.Replication.Tests.Testing;

namespace Evenkeel.Replication.Tests;

/// <summary>A member without files is made whole before it takes part in anything (ADR 16).</summary>
public sealed class SeedingTests
{
    [Fact]
    public async Task A_wiped_member_is_seeded_with_snapshot_and_archive_and_follows_again()
    {
        using var directory = new TestDirectory();
        await using var members = new Members(directory, 3);
        var leader = await members.StartAllAsync();
        await ProposeAsync(leader, from: 0, count: 3_000);
        var snapshot = await leader.SnapshotAsync(Patience);
        await ProposeAsync(leader, from: 3_000, count: 500);

        var wiped = await members.WipeFollowerAsync();
        Assert.Equal(MemberStartKind.Seed, MemberStart.Decide(members.DirectoryOf(wiped)));
        var report = await SeedAsync(members, wiped, new LocalSource(members));

        Assert.Equal(snapshot, report.SnapshotIndex);
        Assert.Equal(leader.Term, report.Term);
        Assert.Equal(MemberStartKind.Open, MemberStart.Decide(members.DirectoryOf(wiped)));
        await members.StartAsync(wiped);
        Assert.Equal(snapshot, members.Logs[wiped]!.Recovery!.SnapshotIndex);
        await ProposeAsync(leader, from: 3_500, count: 100);
        await Members.WaitForAsync(() => members.Machines[wiped].Applied.Count == 3_600);
        await Members.WaitForAsync(() => members.Logs[wiped]!.Position == leader.Position);
        Assert.Equal(members.Machines[members.Leader].Digest, members.Machines[wiped].Digest);
        AssertSameArchive(members, wiped);
    }

    [Fact]
    public async Task A_young_bank_without_a_snapshot_seeds_from_its_archive()
    {
        using var directory = new TestDirectory();
        await using var members = new Members(directory, 3);
        var leader = await members.StartAllAsync();
        await ProposeAsync(leader, from: 0, count: 200);

        var wiped = await members.WipeFollowerAsync();
        var report = await SeedAsync(members, wiped, new LocalSource(members));

        Assert.Equal(0UL, report.SnapshotIndex);
        await members.StartAsync(wiped);
        await Members.WaitForAsync(() => members.Machines[wiped].Applied.Count == 200);
    }

    [Fact]
    public async Task A_seeding_that_is_killed_goes_on_where_it_was()
    {
        using var directory = new TestDirectory();
        await using var members = new Members(directory, 3);
        var leader = await members.StartAllAsync();
        await ProposeAsync(leader, from: 0, count: 2_000);
        await leader.SnapshotAsync(Patience);
        await ProposeAsync(leader, from: 2_000, count: 1_000);
        var wiped = await members.WipeFollowerAsync();

        var again = 0L;
        foreach (var bytes in (long[])[10_000, 1_500_000, 700_000, 900_000])
        {
            var cut = new LocalSource(members) { CutAfter = bytes };
            await Assert.ThrowsAsync<OperationCanceledException>(() =>
                SeedAsync(members, wiped, cut)
            );
            // Nothing is in place before everything is: it still has to be seeded.
            Assert.Equal(MemberStartKind.Seed, MemberStart.Decide(members.DirectoryOf(wiped)));
            again += bytes;
        }
        var source = new LocalSource(members);
        var report = await SeedAsync(members, wiped, source);

        var whole = Directory
            .EnumerateFiles(members.DirectoryOf(wiped), "*", SearchOption.AllDirectories)
            .Sum(static path => new FileInfo(path).Length);
        Assert.InRange(report.FetchedBytes, 1, whole - again + 100_000);
        Assert.Contains(source.Asked, static asked => asked.Offset > 0);
        await members.StartAsync(wiped);
        await Members.WaitForAsync(() => members.Machines[wiped].Applied.Count == 3_000);
    }

    [Fact]
    public async Task Passes_repeat_while_the_archive_grows_and_a_leader_that_goes_away_is_replaced()
    {
        using var directory = new TestDirectory();
        await using var members = new Members(directory, 3);
        var leader = await members.StartAllAsync();
        await ProposeAsync(leader, from: 0, count: 500);
        await leader.SnapshotAsync(Patience);
        var wiped = await members.WipeFollowerAsync();

        var plans = 0;
        var source = new LocalSource(members)
        {
            CutAfter = 200_000,
            Cut = static () => new SeedSourceException("the line was cut"),
            OnPlan = async plan =>
            {
                if (++plans == 1)
                {
                    // More than a last pass may bring arrives while the first one runs.
                    await ProposeAsync(leader, from: 500, count: 12_000, size: 1_000);
                }
            },
        };
        var report = await SeedAsync(members, wiped, source);

        Assert.True(report.Passes >= 3, $"{report.Passes} passes");
        await members.StartAsync(wiped);
        await Members.WaitForAsync(() => members.Machines[wiped].Applied.Count == 12_500);
    }

    [Theory]
    [InlineData(true, "does not match its hash")]
    [InlineData(false, "entry")]
    public async Task A_damaged_archive_is_named_and_does_not_spread(bool isHashed, string says)
    {
        using var directory = new TestDirectory();
        await using var members = new Members(directory, 3);
        var leader = await members.StartAllAsync();
        await ProposeAsync(leader, from: 0, count: 2_500);
        if (isHashed)
        {
            // A first plan, so that the leader knows what the file's hash was while it was whole.
            Assert.NotNull(await leader.Seeds!.PlanAsync(Patience));
        }
        var wiped = await members.WipeFollowerAsync();
        var segment = SegmentFile.List(leader.ArchiveDirectory)[0];
        TestDirectory.FlipBit(segment.Path, 123_456);

        var damaged = await Assert.ThrowsAsync<SeedDamagedException>(() =>
            SeedAsync(members, wiped, new LocalSource(members))
        );

        Assert.Contains(Path.GetFileName(segment.Path), damaged.Message, StringComparison.Ordinal);
        Assert.Contains("damaged there", damaged.Message, StringComparison.Ordinal);
        Assert.Contains(says, damaged.Message, StringComparison.Ordinal);
        Assert.Equal(MemberStartKind.Seed, MemberStart.Decide(members.DirectoryOf(wiped)));
    }

    [Fact]
    public async Task Nobody_is_seeded_by_a_member_that_does_not_lead_or_has_no_majority()
    {
        using var directory = new TestDirectory();
        await using var members = new Members(directory, 3);
        var leader = await members.StartAllAsync();
        await ProposeAsync(leader, from: 0, count: 10);
        var follower = Array.FindIndex(members.Logs, log => log != leader);
        Assert.Null(await members.Logs[follower]!.Seeds!.PlanAsync(Patience));

        foreach (var other in Enumerable.Range(0, 3).Where(m => members.Logs[m] != leader).ToList())
        {
            await members.StopAsync(other);
        }
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(3));
        var answer = await TryPlanAsync(leader, patience.Token);

        Assert.Null(answer);
    }

    [Fact]
    public async Task A_member_that_lags_too_far_asks_to_be_seeded_and_comes_back()
    {
        using var directory = new TestDirectory();
        await using var members = new Members(directory, 3);
        var leader = await members.StartAllAsync();
        await ProposeAsync(leader, from: 0, count: 100);
        var lagging = Array.FindIndex(members.Logs, log => log != leader);
        await members.StopAsync(lagging);
        await ProposeAsync(leader, from: 100, count: 4_000);
        foreach (var log in members.Logs.OfType<RaftLog>())
        {
            await log.SnapshotAsync(Patience);
        }
        await ProposeAsync(leader, from: 4_100, count: 4_000);
        foreach (var log in members.Logs.OfType<RaftLog>())
        {
            await log.SnapshotAsync(Patience);
        }

        await members.StartAsync(lagging);
        var fault = await members.Logs[lagging]!.Faulted.WaitAsync(Patience);
        Assert.IsType<ReseedRequiredException>(fault);
        await members.StopAsync(lagging);
        Assert.Equal(MemberStartKind.Seed, MemberStart.Decide(members.DirectoryOf(lagging)));
        Assert.NotNull(MemberStart.ReseedReason(members.DirectoryOf(lagging)));

        await SeedAsync(members, lagging, new LocalSource(members));
        Assert.Null(MemberStart.ReseedReason(members.DirectoryOf(lagging)));
        await members.StartAsync(lagging);
        await Members.WaitForAsync(() => members.Machines[lagging].Applied.Count == 8_100);
    }

    [Fact]
    public async Task A_member_a_few_entries_behind_a_snapshot_follows_without_being_seeded()
    {
        using var directory = new TestDirectory();
        await using var members = new Members(directory, 3);
        var leader = await members.StartAllAsync();
        await ProposeAsync(leader, from: 0, count: 100);
        var behind = Array.FindIndex(members.Logs, log => log != leader);
        await members.StopAsync(behind);
        await ProposeAsync(leader, from: 100, count: 300);
        foreach (var log in members.Logs.OfType<RaftLog>())
        {
            await log.SnapshotAsync(Patience);
        }

        await members.StartAsync(behind);

        await Members.WaitForAsync(() =>
            members.Machines[behind].Applied.Count == 400
            || members.Logs[behind]!.Faulted.IsCompleted
        );
        Assert.False(members.Logs[behind]!.Faulted.IsCompleted);
        Assert.Null(MemberStart.ReseedReason(members.DirectoryOf(behind)));
    }

    [Fact]
    public async Task A_member_that_lost_only_its_consensus_log_does_not_vote_before_it_is_seeded()
    {
        using var directory = new TestDirectory();
        await using var members = new Members(directory, 3);
        var leader = await members.StartAllAsync();
        await ProposeAsync(leader, from: 0, count: 100);
        var broken = Array.FindIndex(members.Logs, log => log != leader);
        await Members.WaitForAsync(() => members.Machines[broken].Applied.Count == 100);
        await members.StopAsync(broken);
        Directory.Delete(Path.Combine(members.DirectoryOf(broken), "raft"), recursive: true);

        Assert.Equal(MemberStartKind.Seed, MemberStart.Decide(members.DirectoryOf(broken)));
        await Assert.ThrowsAsync<ReseedRequiredException>(() => members.StartAsync(broken));
        await members.StopAsync(broken);
        Assert.NotNull(MemberStart.ReseedReason(members.DirectoryOf(broken)));
    }

    [Fact]
    public async Task A_seeded_member_votes_in_no_term_before_its_leaders_and_in_that_for_it_alone()
    {
        using var directory = new TestDirectory();
        await using var members = new Members(directory, 3);
        var leader = await members.StartAllAsync();
        await ProposeAsync(leader, from: 0, count: 50);
        var wiped = await members.WipeFollowerAsync();
        var report = await SeedAsync(members, wiped, new LocalSource(members));

        await members.StartAsync(wiped);

        var state = (DotNext.Net.Cluster.Consensus.Raft.IPersistentState)
            members.Logs[wiped]!.Engine;
        Assert.True((ulong)state.Term >= report.Term);
        var leaderId = DotNext.Net.Cluster.ClusterMemberId.FromEndPoint(
            members.Endpoints[members.Leader]
        );
        var otherId = DotNext.Net.Cluster.ClusterMemberId.FromEndPoint(
            members.Endpoints[3 - wiped - members.Leader]
        );
        Assert.True(state.IsVotedFor(leaderId));
        Assert.False(state.IsVotedFor(otherId));
        Assert.False(File.Exists(Path.Combine(members.DirectoryOf(wiped), "seeded.json")));
    }

    [Fact]
    public async Task What_a_member_gives_away_keeps_to_its_rate()
    {
        using var directory = new TestDirectory();
        await using var members = new Members(directory, 1)
        {
            Configure = static (_, o) => o with { SeedBytesPerSecond = 4 << 20 },
        };
        var leader = await members.StartAllAsync();
        await ProposeAsync(leader, from: 0, count: 2_200);
        var plan = (await leader.Seeds!.PlanAsync(Patience))!;
        var file = plan.Files.First(static file => file.Length > 1_000_000);

        var started = Stopwatch.GetTimestamp();
        for (var copies = 0; copies < 2; copies++)
        {
            Assert.True(
                await leader.Seeds.CopyAsync(file.Path, 0, file.Length, Stream.Null, Patience)
            );
        }

        // Two times 1 MiB at 4 MiB a second, less the first burst.
        Assert.True(Stopwatch.GetElapsedTime(started) > TimeSpan.FromMilliseconds(350));
    }

    [Fact]
    public async Task A_name_that_is_not_in_the_list_reaches_no_file()
    {
        using var directory = new TestDirectory();
        await using var members = new Members(directory, 1);
        var leader = await members.StartAllAsync();
        Assert.NotNull(await leader.Seeds!.PlanAsync(Patience));
        string[] strange =
        [
            "archive/../operator.key",
            "../operator.key",
            "/etc/passwd",
            "archive//x",
            "archive/.hidden",
            "raft/state",
            "records.db",
            "archive\\..\\lock",
            "archive/a%2e%2e",
            "snapshots/a/b/c",
            "",
        ];
        foreach (var path in strange)
        {
            Assert.False(SeedPath.IsValid(path), path);
            Assert.False(leader.Seeds.TryFind(path, out _));
            Assert.False(await leader.Seeds.CopyAsync(path, 0, 1, Stream.Null, Patience));
        }
        // Well-formed and there, but of no plan.
        File.WriteAllText(Path.Combine(leader.ArchiveDirectory, "note"), "secret");
        Assert.True(SeedPath.IsValid("archive/note"));
        Assert.False(leader.Seeds.TryFind("archive/note", out _));
    }

    [Fact]
    public void A_directory_without_content_does_not_speak_for_itself()
    {
        using var directory = new TestDirectory();
        Assert.Equal(MemberStartKind.Seed, MemberStart.Decide(directory.Path));

        MemberStart.MarkFounding(directory.Path);
        Assert.Equal(MemberStartKind.Found, MemberStart.Decide(directory.Path));

        Directory.CreateDirectory(directory["raft"]);
        File.WriteAllText(directory["raft", "state"], "");
        Assert.Equal(MemberStartKind.Open, MemberStart.Decide(directory.Path));
        Assert.Throws<InvalidOperationException>(() => MemberStart.MarkFounding(directory.Path));

        MemberStart.MarkReseed(directory.Path, "a test");
        Assert.Equal(MemberStartKind.Seed, MemberStart.Decide(directory.Path));
        Assert.Equal("a test", MemberStart.ReseedReason(directory.Path));
    }

    [Fact]
    public async Task Putting_files_in_place_survives_a_crash_at_every_step()
    {
        using var directory = new TestDirectory();
        await using var members = new Members(directory, 3);
        var leader = await members.StartAllAsync();
        await ProposeAsync(leader, from: 0, count: 300);
        await leader.SnapshotAsync(Patience);
        var lagging = Array.FindIndex(members.Logs, log => log != leader);
        await members.StopAsync(lagging);
        var home = members.DirectoryOf(lagging);
        MemberStart.MarkReseed(home, "a test");
        File.WriteAllText(Path.Combine(home, "records.db"), "of another time");
        await StageAsync(members, home);

        for (var step = 1; step < 50; step++)
        {
            using var copy = new TestDirectory();
            CopyTree(home, copy.Path);
            var crashed = false;
            try
            {
                SeedInstall.Run(copy.Path, new CrashingLayer(step));
            }
            catch (IOException)
            {
                crashed = true;
            }
            Assert.Equal(MemberStartKind.Open, MemberStart.Decide(copy.Path));
            Assert.True(File.Exists(copy["seeded.json"]));
            Assert.True(File.Exists(copy["members"]));
            Assert.NotEmpty(Directory.EnumerateFiles(copy["archive"]));
            Assert.NotEmpty(Directory.EnumerateDirectories(copy["snapshots"]));
            Assert.False(Directory.Exists(copy["raft"]));
            Assert.False(File.Exists(copy["records.db"]));
            Assert.False(Directory.Exists(copy[".seeding"]));
            if (!crashed)
            {
                Assert.True(step > 4);
                return;
            }
        }
        Assert.Fail("It never came to its end.");
    }

    /// <summary>Everything a seeding does up to putting in place.</summary>
    private static async Task StageAsync(Members members, string home)
    {
        using var scratch = new TestDirectory();
        await new Seeder(scratch.Path, new LocalSource(members), TimeProvider.System).RunAsync(
            Patience
        );
        var staged = SeedInstall.FilesDirectory(home);
        Directory.CreateDirectory(staged);
        File.Delete(scratch["lock"]);
        CopyTree(scratch.Path, staged);
    }

    private static void CopyTree(string source, string target)
    {
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var path = Path.Combine(target, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.Copy(file, path);
        }
    }

    private static Task<SeedReport> SeedAsync(Members members, int member, ISeedSource source) =>
        new Seeder(members.DirectoryOf(member), source, TimeProvider.System).RunAsync(Patience);

    private static async Task<SeedPlan?> TryPlanAsync(RaftLog log, CancellationToken token)
    {
        try
        {
            return await log.Seeds!.PlanAsync(token);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    private static void AssertSameArchive(Members members, int member)
    {
        using var mine = new ArchiveReader(members.Logs[member]!.ArchiveDirectory, 1);
        using var other = new ArchiveReader(members.Logs[members.Leader]!.ArchiveDirectory, 1);
        var entries = 0;
        while (other.Read())
        {
            Assert.True(mine.Read());
            Assert.Equal(other.Chain, mine.Chain);
            entries++;
        }
        Assert.True(entries > 3_000);
    }

    /// <summary>Ends at the n-th name that is made durable, as if the process had.</summary>
    private sealed class CrashingLayer(int at) : IFileLayer
    {
        private int calls;

        public IBlockFile OpenForWriting(string path, bool create) =>
            RealFileLayer.Instance.OpenForWriting(path, create);

        public void FlushDirectory(string path)
        {
            if (++calls == at)
            {
                throw new IOException("crash");
            }
            RealFileLayer.Instance.FlushDirectory(path);
        }

        public void MoveDirectory(string source, string destination) =>
            RealFileLayer.Instance.MoveDirectory(source, destination);

        public long FreeBytes(string path) => RealFileLayer.Instance.FreeBytes(path);
    }
}
