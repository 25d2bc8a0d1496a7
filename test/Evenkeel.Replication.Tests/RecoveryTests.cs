using Xunit;
using static Evenkeel.Replication.Tests.Testing;

namespace Evenkeel.Replication.Tests;

/// <summary>Damage on disk: what start-up rebuilds, what it refuses, and that it names it.</summary>
public sealed class RecoveryTests
{
    private const int Entries = 120;

    [Fact]
    public async Task A_torn_end_of_the_archive_is_cut_off_said_and_rebuilt()
    {
        using var directory = new TestDirectory();
        var before = await FillAsync(directory, snapshotAt: 50);
        var last = ArchiveSegments(directory)[^1];
        using (var file = File.OpenWrite(last))
        {
            file.SetLength(file.Length - 5000);
        }
        var (after, report) = await RestartAsync(directory);
        Assert.Equal(before.Digest, after.Digest);
        var note = Assert.Single(report.Notes);
        Assert.Equal(last, note.File);
        Assert.Contains("cut off", note.Message, StringComparison.Ordinal);
        AssertArchiveIsWhole(directory, (int)after.AppliedIndex);
    }

    [Fact]
    public async Task A_flipped_bit_in_the_archive_after_the_snapshot_is_rebuilt_from_the_log()
    {
        using var directory = new TestDirectory();
        var before = await FillAsync(directory, snapshotAt: 10);
        var first = ArchiveSegments(directory)[0];
        // Entry 31 is the fortieth kilobyte or so; its payload begins behind its header.
        TestDirectory.FlipBit(first, 40_000);
        var (after, report) = await RestartAsync(directory);
        Assert.Equal(before.Digest, after.Digest);
        var note = Assert.Single(report.Notes);
        Assert.Equal(first, note.File);
        Assert.InRange(note.Entry, 25UL, 45UL);
        Assert.InRange(note.Offset, 38_000, 40_000);
        AssertArchiveIsWhole(directory, (int)after.AppliedIndex);
    }

    [Fact]
    public async Task A_damaged_archive_that_the_log_can_not_rebuild_is_refused_and_named()
    {
        using var directory = new TestDirectory();
        await FillAsync(directory, snapshotAt: 10);
        Directory.Delete(directory["raft"], recursive: true);
        var first = ArchiveSegments(directory)[0];
        TestDirectory.FlipBit(first, 40_000);
        var refused = await Assert.ThrowsAsync<RecoveryException>(() => RestartAsync(directory));
        Assert.Equal(first, refused.Note.File);
        Assert.InRange(refused.Note.Entry, 25UL, 45UL);
    }

    [Fact]
    public async Task A_missing_segment_before_the_snapshot_is_refused_and_named()
    {
        using var directory = new TestDirectory();
        var options = Options(directory) with { SegmentBytesMax = 64 << 10 };
        await using (var log = await StartAsync(options, new ListMachine()))
        {
            await ProposeAsync(log, from: 0, count: 300);
            await log.SnapshotAsync(Patience);
        }
        var segments = ArchiveSegments(directory);
        Assert.True(segments.Count >= 4);
        File.Delete(segments[1]);
        var refused = await Assert.ThrowsAsync<RecoveryException>(() => RestartAsync(directory));
        Assert.Equal(segments[0], refused.Note.File);
    }

    [Fact]
    public async Task A_flipped_bit_in_an_old_segment_is_found_when_it_is_read()
    {
        using var directory = new TestDirectory();
        await FillAsync(directory, snapshotAt: Entries);
        TestDirectory.FlipBit(ArchiveSegments(directory)[0], 40_000);
        using var reader = new ArchiveReader(directory["archive"], 1);
        var read = 0UL;
        var damaged = Assert.Throws<ArchiveDamageException>(() =>
        {
            while (reader.Read())
            {
                read = reader.Index;
            }
        });
        Assert.Equal(read + 1, damaged.Damage.Entry);
    }

    [Fact]
    public async Task A_flipped_bit_in_the_log_is_read_from_the_archive_instead()
    {
        using var directory = new TestDirectory();
        var before = await FillAsync(directory, snapshotAt: 10);
        TestDirectory.FlipBit(directory["raft", "data", "0"], 60_500);
        var (after, report) = await RestartAsync(directory);
        Assert.Equal(before.Digest, after.Digest);
        var note = Assert.Single(report.Notes);
        Assert.Equal(directory["raft", "data", "0"], note.File);
        Assert.Equal(61UL, note.Entry);
    }

    [Fact]
    public async Task Whole_entries_behind_a_checkpoint_that_fell_back_are_not_lost()
    {
        using var directory = new TestDirectory();
        var before = await FillAsync(directory, snapshotAt: 10);
        Directory.Delete(directory["archive"], recursive: true);
        Directory.Delete(directory["snapshots"], recursive: true);
        using (
            var file = File.OpenHandle(directory["raft", "checkpoint"], access: FileAccess.Write)
        )
        {
            RandomAccess.Write(file, [50, 0, 0, 0, 0, 0, 0, 0, 60, 0, 0, 0, 0, 0, 0, 0], 4);
        }
        var (after, report) = await RestartAsync(directory);
        Assert.Equal(before.Applied, after.Applied);
        Assert.Equal(61UL, Assert.Single(report.Notes).Entry);
    }

    [Theory]
    [InlineData(8)]
    [InlineData(16)]
    [InlineData(20)]
    public async Task A_damaged_address_at_the_snapshot_does_not_free_what_is_in_use(int field)
    {
        using var directory = new TestDirectory();
        var before = await FillAsync(directory, snapshotAt: 10);
        TestDirectory.FlipBit(directory["raft", "metadata", "0"], (10 * 64) + field + 2);
        var (after, _) = await RestartAsync(directory, propose: 20);
        Assert.Equal(before.Applied, after.Applied.Take(Entries));
        var (again, _) = await RestartAsync(directory);
        Assert.Equal(Entries + 20, again.Applied.Count);
    }

    [Fact]
    public async Task A_lost_log_is_replaced_by_the_archive()
    {
        using var directory = new TestDirectory();
        var before = await FillAsync(directory, snapshotAt: 10);
        Directory.Delete(directory["raft"], recursive: true);
        var (after, report) = await RestartAsync(directory);
        Assert.Equal(before.Digest, after.Digest);
        Assert.Contains(
            "begins anew",
            Assert.Single(report.Notes).Message,
            StringComparison.Ordinal
        );
        var (again, _) = await RestartAsync(directory, propose: 5);
        Assert.Equal(Entries + 5, again.Applied.Count);
        var (last, _) = await RestartAsync(directory);
        Assert.Equal(again.Digest, last.Digest);
    }

    [Theory]
    [InlineData("rows")]
    [InlineData("state")]
    [InlineData("manifest.json")]
    [InlineData("manifest.sha256")]
    public async Task A_damaged_snapshot_is_passed_over_for_the_one_before(string file)
    {
        using var directory = new TestDirectory();
        var before = await FillAsync(directory, 40, 80);
        var newest = Directory.GetDirectories(directory["snapshots"]).Order().Last();
        var damaged = Path.Combine(newest, file);
        TestDirectory.FlipBit(damaged, new FileInfo(damaged).Length / 2);
        var (after, report) = await RestartAsync(directory);
        Assert.Equal(before.Digest, after.Digest);
        Assert.InRange(report.SnapshotIndex, 40UL, 45UL);
        Assert.Contains(newest, report.Notes[0].File, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_piece_that_was_cut_short_is_passed_over()
    {
        using var directory = new TestDirectory();
        var before = await FillAsync(directory, 40, 80);
        var newest = Directory.GetDirectories(directory["snapshots"]).Order().Last();
        using (var piece = File.OpenWrite(Path.Combine(newest, "rows")))
        {
            piece.SetLength(piece.Length / 2);
        }
        var (after, report) = await RestartAsync(directory);
        Assert.Equal(before.Digest, after.Digest);
        Assert.Contains("its manifest says", report.Notes[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_any_whole_snapshot_the_archive_gives_everything()
    {
        using var directory = new TestDirectory();
        var before = await FillAsync(directory, 40, 80);
        foreach (var snapshot in Directory.GetDirectories(directory["snapshots"]))
        {
            TestDirectory.FlipBit(Path.Combine(snapshot, "rows"), 8);
        }
        var (after, report) = await RestartAsync(directory);
        Assert.Equal(before.Digest, after.Digest);
        Assert.Equal(0UL, report.SnapshotIndex);
        Assert.Equal(2, report.Notes.Count);
    }

    [Fact]
    public async Task An_unfinished_snapshot_is_removed_and_said()
    {
        using var directory = new TestDirectory();
        await FillAsync(directory, 40);
        var unfinished = directory["snapshots", ".writing-00000000000000000099"];
        Directory.CreateDirectory(unfinished);
        var (_, report) = await RestartAsync(directory);
        Assert.Equal(unfinished, Assert.Single(report.Notes).File);
        Assert.False(Directory.Exists(unfinished));
    }

    [Fact]
    public async Task An_archive_of_another_history_is_refused()
    {
        using var directory = new TestDirectory();
        await FillAsync(directory, 40);
        using var other = new TestDirectory();
        await using (
            var log = await StartAsync(
                Options(other) with
                {
                    Random = new Random(99),
                },
                new ListMachine()
            )
        )
        {
            await ProposeAsync(log, from: 0, count: Entries);
        }
        Directory.Delete(directory["archive"], recursive: true);
        Directory.Move(other["archive"], directory["archive"]);
        var refused = await Assert.ThrowsAsync<RecoveryException>(() => RestartAsync(directory));
        Assert.Contains("lineage", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_flipped_bit_in_the_lineage_file_is_refused()
    {
        using var directory = new TestDirectory();
        await FillAsync(directory, 40);
        var path = directory["lineage.json"];
        var at = File.ReadAllText(path).IndexOf("\"id\": \"", StringComparison.Ordinal) + 10;
        TestDirectory.FlipBit(path, at);
        var refused = await Assert.ThrowsAsync<RecoveryException>(() => RestartAsync(directory));
        Assert.Equal(path, refused.Note.File);
    }

    /// <summary>
    /// A bit flipped anywhere at all gives the same state, with a note unless it lay in padding, or
    /// a refusal that names a file; never another state.
    /// </summary>
    [Fact]
    public async Task A_bit_flipped_anywhere_never_gives_another_state()
    {
        using var original = new TestDirectory();
        var before = await FillAsync(original, 40);
        var random = new Random(77);
        var (rebuilt, refused, harmless) = (0, 0, 0);
        for (var round = 0; round < (Long ? 400 : 40); round++)
        {
            using var directory = original.Copy();
            var files = Directory
                .GetFiles(directory.Path, "*", SearchOption.AllDirectories)
                .Where(static file => new FileInfo(file).Length > 0)
                .Order(StringComparer.Ordinal)
                .ToList();
            var file = files[random.Next(files.Count)];
            TestDirectory.FlipBit(file, random.NextInt64(new FileInfo(file).Length));
            try
            {
                var (after, report) = await RestartAsync(directory);
                Assert.True(before.Digest == after.Digest, $"seed 77, round {round}: {file}");
                _ = report.Notes.Count > 0 ? rebuilt++ : harmless++;
            }
            catch (RecoveryException named)
            {
                Assert.NotEmpty(named.Note.File);
                refused++;
            }
        }
        Assert.True(rebuilt > 0 && refused + harmless > 0, $"{rebuilt} {refused} {harmless}");
    }

    private static async Task<ListMachine> FillAsync(
        TestDirectory directory,
        params int[] snapshotAt
    )
    {
        var machine = new ListMachine();
        await using var log = await StartAsync(Options(directory), machine);
        var done = 0;
        foreach (var at in snapshotAt)
        {
            await ProposeAsync(log, done, at - done);
            done = at;
            await log.SnapshotAsync(Patience);
        }
        await ProposeAsync(log, done, Entries - done);
        return machine;
    }

    private static async Task<(ListMachine Machine, RecoveryReport Report)> RestartAsync(
        TestDirectory directory,
        int propose = 0
    )
    {
        var machine = new ListMachine();
        await using var log = await StartAsync(Options(directory), machine);
        await ProposeAsync(log, Entries, propose);
        return (machine, log.Recovery!);
    }

    private static List<string> ArchiveSegments(TestDirectory directory) =>
        [.. Directory.GetFiles(directory["archive"], "*.eka").Order()];

    private static void AssertArchiveIsWhole(TestDirectory directory, int last)
    {
        using var reader = new ArchiveReader(directory["archive"], 1);
        while (reader.Read()) { }
        Assert.Equal((ulong)last, reader.Index);
    }
}
