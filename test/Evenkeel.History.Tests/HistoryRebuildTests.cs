using Evenkeel.Ledger;
using Evenkeel.Node.History;

namespace Evenkeel.History.Tests;

public sealed class HistoryRebuildTests
{
    private const ulong Rows = 900;

    private static void Make(string directory)
    {
        using var history = FileHistory.Open(Kit.Options(directory));
        Kit.AppendSealed(history, Rows);
        history.FlushTo(Rows, CancellationToken.None);
        history.Sealer!.WaitUntilIdle(CancellationToken.None);
    }

    private static HistoryRebuildReport Rebuild(string directory, HistoryReplay? replay = null) =>
        HistoryRebuild.Run(
            Kit.Options(directory),
            Rows,
            replay ?? ((history, rows, _) => Kit.AppendSealed(history, rows + 30)),
            CancellationToken.None
        );

    private static Dictionary<string, byte[]> Segments(string directory) =>
        Directory
            .GetFiles(directory, "*.seg")
            .ToDictionary(path => Path.GetFileName(path), File.ReadAllBytes);

    [Fact]
    public void Damaged_missing_and_swapped_segments_come_back_byte_for_byte()
    {
        using var scratch = new Scratch();
        var directory = scratch["history"];
        Make(directory);
        var before = Segments(directory);
        Kit.Flip(Path.Combine(directory, "00000000.seg"), 4096 + (192 * 17) + 5);
        Kit.Flip(Path.Combine(directory, "00000000.seg"), 4096 + (192 * 99) + 5);
        File.Delete(Path.Combine(directory, "00000001.seg"));
        Kit.Flip(Path.Combine(directory, "00000002.seg"), 20);
        Kit.Flip(Path.Combine(directory, "00000003.seg"), 4096 + (192 * 100));

        var report = Rebuild(directory);

        Assert.Null(report.Refusal);
        Assert.Equal(
            ["00000000.seg", "00000001.seg", "00000002.seg", "00000003.seg"],
            report.Replaced
        );
        Assert.Equal(
            [17UL, 99UL, 256UL, 512UL, 868UL],
            report.Damages.Select(damage => damage.Position)
        );
        foreach (var (name, bytes) in Segments(directory))
        {
            // The tail has the rows that the replay made beyond what was asked for.
            var rows = name == "00000003.seg" ? (int)Rows - 768 : 256;
            Assert.True(
                bytes
                    .AsSpan(0, 4096 + (rows * 192))
                    .SequenceEqual(before[name].AsSpan(0, 4096 + (rows * 192)))
            );
        }

        using var history = FileHistory.Open(Kit.Options(directory));
        history.RequireRows(Rows);
        Kit.AssertRows(history);
        Assert.False(Directory.Exists(directory + HistoryRebuild.SideDirectorySuffix));
    }

    [Fact]
    public void A_whole_history_is_nothing_to_do()
    {
        using var scratch = new Scratch();
        Make(scratch["history"]);
        var report = Rebuild(
            scratch["history"],
            (_, _, _) => throw new InvalidOperationException("no replay is needed")
        );
        Assert.Empty(report.Damages);
        Assert.Empty(report.Replaced);
    }

    [Fact]
    public void All_of_it_is_made_from_the_first_entry_when_nothing_is_left()
    {
        using var scratch = new Scratch();
        var directory = scratch["history"];
        var report = Rebuild(directory);
        Assert.Equal(4, report.Replaced.Count);
        using var history = FileHistory.Open(Kit.Options(directory));
        history.RequireRows(Rows);
        Kit.AssertRows(history);
    }

    [Fact]
    public void An_archive_that_tells_another_past_replaces_nothing()
    {
        using var scratch = new Scratch();
        var directory = scratch["history"];
        Make(directory);
        Kit.Flip(Path.Combine(directory, "00000001.seg"), 9_000);
        var damaged = Segments(directory);

        var sealedDiffer = Rebuild(
            directory,
            (history, rows, _) => Kit.AppendSealed(history, rows, seed: 2)
        );
        Assert.NotNull(sealedDiffer.Refusal);
        Assert.Empty(sealedDiffer.Replaced);

        // Without seals the rows that are still whole decide.
        foreach (var seal in Directory.GetFiles(directory, "*.seal"))
        {
            File.Delete(seal);
        }

        var rowsDiffer = Rebuild(
            directory,
            (history, rows, _) =>
            {
                Kit.AppendSealed(history, 899);
                Kit.AppendSealed(history, rows, seed: 2);
            }
        );
        Assert.Contains("row 899", rowsDiffer.Refusal, StringComparison.Ordinal);
        foreach (var (name, bytes) in Segments(directory))
        {
            Assert.Equal(damaged[name], bytes);
        }
    }

    [Fact]
    public void An_archive_that_ends_too_early_replaces_nothing()
    {
        using var scratch = new Scratch();
        var directory = scratch["history"];
        Make(directory);
        File.Delete(Path.Combine(directory, "00000002.seg"));
        var report = Rebuild(directory, (history, rows, _) => Kit.AppendSealed(history, rows - 1));
        Assert.Contains("899 rows", report.Refusal, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(directory, "00000002.seg")));
    }

    [Fact]
    public void A_scrub_names_every_damaged_row_and_rows_that_are_whole_but_not_those_sealed()
    {
        using var scratch = new Scratch();
        using var other = new Scratch();
        Make(scratch.Path);
        using (var forged = FileHistory.Open(Kit.Options(other.Path)))
        {
            Kit.AppendSealed(forged, Rows, seed: 2);
        }

        using var history = FileHistory.Open(Kit.Options(scratch.Path));
        history.FlushTo(Rows, CancellationToken.None);
        history.Sealer!.WaitUntilIdle(CancellationToken.None);
        Assert.Empty(history.Scrub(long.MaxValue, TimeProvider.System, CancellationToken.None));

        Kit.Flip(scratch["00000000.seg"], 4096 + (192 * 3));
        Kit.Flip(scratch["00000000.seg"], 4096 + (192 * 200));
        File.Copy(other["00000002.seg"], scratch["00000002.seg"], overwrite: true);
        var found = history.Scrub(long.MaxValue, TimeProvider.System, CancellationToken.None);

        Assert.Equal([3UL, 200UL, 512UL], found.Select(damage => damage.Position));
        Assert.Equal(found, history.Status.Damages);
    }

    [Fact]
    public void A_scrub_keeps_to_its_rate()
    {
        using var scratch = new Scratch();
        Make(scratch.Path);
        using var history = FileHistory.Open(Kit.Options(scratch.Path));
        history.FlushTo(Rows, CancellationToken.None);
        history.Sealer!.WaitUntilIdle(CancellationToken.None);
        var start = TimeProvider.System.GetTimestamp();
        const long RowBytes = 3 * 256 * 192;
        Assert.Empty(history.Scrub(RowBytes * 5, TimeProvider.System, CancellationToken.None));
        Assert.True(TimeProvider.System.GetElapsedTime(start) >= TimeSpan.FromMilliseconds(199));
    }
}
