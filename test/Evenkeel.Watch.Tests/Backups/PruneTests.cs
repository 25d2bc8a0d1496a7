using Evenkeel.Watch.Backups;
using Evenkeel.Watch.Drills.Measuring;
using Xunit;

namespace Evenkeel.Watch.Tests.Backups;

/// <summary>What may be deleted, and when.</summary>
public sealed class PruneTests
{
    private static readonly BackupRetention OnlyTheLast = new()
    {
        Last = 1,
        Daily = 0,
        Weekly = 0,
        Monthly = 0,
        Yearly = 0,
    };

    [Fact]
    public async Task Objects_that_a_kept_set_lists_survive_the_set_that_stored_them()
    {
        await using var place = new BackupPlace();
        await FillAsync(place, sets: 3);
        var outcome = await PruneAsync(place, OnlyTheLast);
        Assert.Equal(2, outcome.Deleted.Count);
        Assert.Single(outcome.Kept);
        await place.RestoreAsync("restored");
        await using var again = await SmallBank.OpenAsync(place["restored"]);
        Assert.True(await again.KnowsAsync(1));
    }

    [Fact]
    public async Task A_set_inside_its_window_is_not_deleted()
    {
        await using var place = new BackupPlace();
        await FillAsync(place, sets: 2, immutable: TimeSpan.FromDays(30));
        var outcome = await PruneAsync(place, OnlyTheLast);
        Assert.Empty(outcome.Deleted);
        Assert.Single(outcome.Refused);
        Assert.Equal(0, outcome.ObjectsDeleted);
        Assert.Equal(
            2,
            (await BackupCatalog.ListAsync(place.First, place.Key, SmallBank.Patience)).Count
        );
    }

    [Fact]
    public async Task A_dry_run_deletes_nothing()
    {
        await using var place = new BackupPlace();
        await FillAsync(place, sets: 2);
        var before = DirectoryChecksum.Of(place.First.Name);
        var outcome = await BackupPruner.RunAsync(
            place.First,
            place.Key,
            OnlyTheLast,
            dryRun: true,
            TimeProvider.System,
            SmallBank.Patience
        );
        Assert.Single(outcome.Deleted);
        Assert.Equal(before, DirectoryChecksum.Of(place.First.Name));
    }

    [Fact]
    public async Task A_set_that_can_not_be_trusted_stops_the_deleting_of_objects()
    {
        await using var place = new BackupPlace();
        await FillAsync(place, sets: 2);
        var outcome = await BackupPruner.RunAsync(
            place.First,
            BackupKey.Generate(),
            OnlyTheLast,
            dryRun: false,
            TimeProvider.System,
            SmallBank.Patience
        );
        Assert.Equal(2, outcome.Untouched.Count);
        Assert.Empty(outcome.Deleted);
        Assert.Equal(0, outcome.ObjectsDeleted);
    }

    [Fact]
    public void Retention_keeps_the_newest_of_each_period()
    {
        var now = new DateTimeOffset(2026, 3, 18, 12, 0, 0, TimeSpan.Zero);
        var sets = Enumerable
            .Range(0, 400)
            .Select(i => (Set: $"s{i}", MadeAt: now.AddHours(-12 * i)))
            .ToList();
        var kept = new BackupRetention
        {
            Last = 2,
            Daily = 3,
            Weekly = 2,
            Monthly = 2,
            Yearly = 1,
        }.Keep(sets);
        // Two newest; the newest of days 18, 17 and 16, of weeks 12 and 11; March and February; 2026.
        Assert.Equal(
            ["s0", "s1", "s2", "s4", "s6", "s36"],
            kept.OrderBy(s => int.Parse(s[1..], System.Globalization.CultureInfo.InvariantCulture))
        );
    }

    [Fact]
    public async Task A_segment_may_leave_only_when_two_targets_hold_it()
    {
        await using var place = new BackupPlace();
        await FillAsync(place, sets: 1);
        var held = await SegmentHolding.FindAsync(
            place.Data,
            [place.First, place.Second],
            place.Key,
            SmallBank.Patience
        );
        Assert.NotEmpty(held);
        Assert.All(held, h => Assert.True(h.MayLeave));
        var newest = await place.NewestAsync();
        var victim = newest.Objects.First(o => o.Kind == SetObjectKind.Archive);
        place.Remove(victim);
        var after = await SegmentHolding.FindAsync(
            place.Data,
            [place.First, place.Second],
            place.Key,
            SmallBank.Patience
        );
        Assert.False(after.Single(h => h.First == victim.First).MayLeave);
    }

    private static async Task FillAsync(BackupPlace place, int sets, TimeSpan immutable = default)
    {
        UInt128 last = 0;
        await using var bank = await SmallBank.OpenAsync(place.Data);
        await bank.OpenAccountsAsync();
        for (var set = 0; set < sets; set++)
        {
            last = await bank.TransferAsync((uint)last + 1, batches: 30);
            await place.BackUpAsync(immutable: immutable);
        }
    }

    private static Task<PruneOutcome> PruneAsync(BackupPlace place, BackupRetention retention) =>
        BackupPruner.RunAsync(
            place.First,
            place.Key,
            retention,
            dryRun: false,
            TimeProvider.System,
            SmallBank.Patience
        );
}
