using Xunit;
using static Evenkeel.Replication.Tests.Testing;

namespace Evenkeel.Replication.Tests;

/// <summary>A history that begins anew behind an entry of another one.</summary>
public sealed class LineageForkTests
{
    [Fact]
    public async Task A_forked_directory_starts_goes_on_and_keeps_one_chain()
    {
        using var directory = new TestDirectory();
        var parent = await FillAsync(directory, 100);
        var child = LineageFork.Begin(directory.Path, parent, 60, new Random(1));
        Assert.Equal(parent.Id, child.Parent);
        Assert.Equal(60UL, child.ForkIndex);

        var machine = await GoOnAsync(directory, from: 1_000, count: 40);
        Assert.Contains(1_039, Numbers(machine));
        Assert.DoesNotContain(90, Numbers(machine));
        var after = Lineage.Find(directory.Path)!;
        Assert.Equal(child.Id, after.Id);
        Assert.Equal([parent.Id, child.Id], Owners(directory, after));
    }

    [Fact]
    public async Task A_fork_of_a_fork_names_every_ancestor_and_starts_again_with_its_snapshots()
    {
        using var directory = new TestDirectory();
        var first = await FillAsync(directory, 100);
        var second = LineageFork.Begin(directory.Path, first, 60, new Random(1));
        await GoOnAsync(directory, from: 1_000, count: 40, snapshot: true);
        var third = LineageFork.Begin(directory.Path, second, 80, new Random(2));
        Assert.Equal([first.Id, second.Id], third.Ancestors.Select(a => a.Id));
        Assert.Equal([60UL, 80UL], third.Ancestors.Select(a => a.ForkIndex));

        await GoOnAsync(directory, from: 2_000, count: 20, snapshot: true);
        var machine = await GoOnAsync(directory, from: 3_000, count: 5);
        Assert.Contains(2_019, Numbers(machine));
        Assert.DoesNotContain(1_039, Numbers(machine));
        Assert.Equal([first.Id, second.Id, third.Id], Owners(directory, third));
    }

    [Fact]
    public void A_fork_before_an_earlier_fork_belongs_to_who_wrote_the_entry()
    {
        var first = new Lineage(new(1), null, 0);
        var second = LineageFork.Child(first, 60, 600, new(2));
        var third = LineageFork.Child(second, 40, 400, new(3));
        Assert.Equal(new LineageId(1), third.Parent);
        Assert.Equal([new Ancestor(new(1), 40, 400)], third.Ancestors);
        Assert.True(third.Shares(new(1), 40));
        Assert.False(third.Shares(new(1), 41));
        Assert.False(third.Shares(new(2), 61));
    }

    [Fact]
    public void A_fork_at_the_very_same_entry_keeps_the_writer_of_the_entry_as_parent()
    {
        var first = new Lineage(new(1), null, 0);
        var second = LineageFork.Child(first, 60, 600, new(2));
        var third = LineageFork.Child(second, 60, 600, new(3));
        Assert.Equal(new LineageId(1), third.Parent);
        Assert.Equal(new LineageId(1), third.Of(60));
        Assert.Equal(new LineageId(3), third.Of(61));
    }

    [Fact]
    public async Task A_flipped_byte_before_the_fork_refuses_the_fork()
    {
        using var directory = new TestDirectory();
        var parent = await FillAsync(directory, 100);
        TestDirectory.FlipBit(directory["archive"] + "/00000000000000000001.eka", 30_000);
        var refused = Assert.Throws<ArchiveDamageException>(() =>
            LineageFork.Begin(directory.Path, parent, 60, new Random(1))
        );
        Assert.InRange(refused.Damage.Entry, 1UL, 60UL);
        Assert.Equal(parent.Id, Lineage.Find(directory.Path)!.Id);
    }

    [Fact]
    public async Task A_fork_behind_the_end_of_the_archive_is_refused()
    {
        using var directory = new TestDirectory();
        var parent = await FillAsync(directory, 20);
        Assert.Throws<ArchiveDamageException>(() =>
            LineageFork.Begin(directory.Path, parent, 1_000, new Random(1))
        );
    }

    [Fact]
    public async Task A_lineage_with_a_flipped_ancestor_is_refused()
    {
        using var directory = new TestDirectory();
        var parent = await FillAsync(directory, 20);
        LineageFork.Begin(directory.Path, parent, 10, new Random(1));
        var path = directory["lineage.json"];
        var text = await File.ReadAllTextAsync(path, Patience);
        await File.WriteAllTextAsync(
            path,
            text.Replace("\"forkTime\": 0", "\"forkTime\": 1", StringComparison.Ordinal),
            Patience
        );
        Assert.Throws<RecoveryException>(() => Lineage.Find(directory.Path));
    }

    private static IEnumerable<int> Numbers(ListMachine machine) =>
        machine.Applied.Select(static payload => Number(payload));

    private static async Task<Lineage> FillAsync(TestDirectory directory, int count)
    {
        await GoOnAsync(directory, from: 1, count);
        return Lineage.Find(directory.Path)!;
    }

    private static async Task<ListMachine> GoOnAsync(
        TestDirectory directory,
        int from,
        int count,
        bool snapshot = false
    )
    {
        var machine = new ListMachine();
        var options = Options(directory) with { SegmentBytesMax = 64 << 10 };
        await using var log = await StartAsync(options, machine);
        await ProposeAsync(log, from, count);
        if (snapshot)
        {
            await log.SnapshotAsync(Patience);
        }
        return machine;
    }

    /// <summary>Reads everything with all checks, and says who wrote the segments, in order.</summary>
    private static List<LineageId> Owners(TestDirectory directory, Lineage history)
    {
        using var reader = new ArchiveReader(directory["archive"], 1, null, history);
        while (reader.Read()) { }
        return [.. ArchiveSegments.List(directory["archive"]).Select(s => s.Lineage).Distinct()];
    }
}
