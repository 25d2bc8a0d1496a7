using Evenkeel.Replication;
using Evenkeel.Watch.Backups;
using Xunit;

namespace Evenkeel.Watch.Tests.Backups;

/// <summary>From a running node to a bank that goes on from a position.</summary>
public sealed class RestoreTests
{
    [Fact]
    public async Task A_set_of_a_running_node_restores_to_a_bank_with_every_transfer_acknowledged_before()
    {
        await using var place = new BackupPlace();
        await using var bank = await SmallBank.OpenAsync(place.Data);
        await bank.OpenAccountsAsync();
        var last = await bank.TransferAsync(1, batches: 80);
        var outcome = await place.BackUpAsync();
        Assert.True(outcome.Complete);
        Assert.Equal(2, outcome.Targets.Count);
        await bank.TransferAsync((uint)last + 1, batches: 5);

        var restored = await place.RestoreAsync("restored");
        Assert.Equal(outcome.LastIndex, restored.Position.Index);
        Assert.Equal(
            BackupPlace.ChainAt(place.Data, restored.Position.Index),
            restored.Position.Chain
        );
        await using var again = await SmallBank.OpenAsync(place["restored"]);
        Assert.True(await again.KnowsAsync(last));
        Assert.False(await again.KnowsAsync(last + 1));
        await again.TransferAsync(1_000_000, batches: 2);
        Assert.True(await again.KnowsAsync(1_000_050));
    }

    [Fact]
    public async Task An_increment_stores_only_what_is_new_and_restores_all()
    {
        await using var place = new BackupPlace();
        await using var bank = await SmallBank.OpenAsync(place.Data);
        await bank.OpenAccountsAsync();
        var last = await bank.TransferAsync(1, batches: 60);
        var full = await place.BackUpAsync();
        Assert.True((await place.NewestAsync()).Full);
        for (var round = 0; round < 4; round++)
        {
            last = await bank.TransferAsync((uint)last + 1, batches: 10);
            var increment = await place.BackUpAsync();
            Assert.True(increment.Complete);
            Assert.All(increment.Targets, t => Assert.InRange(t.Reused, 1, int.MaxValue));
            Assert.True(increment.Targets[0].StoredBytes < full.Targets[0].StoredBytes);
        }
        Assert.False((await place.NewestAsync()).Full);
        await place.RestoreAsync("restored");
        await using var again = await SmallBank.OpenAsync(place["restored"]);
        Assert.True(await again.KnowsAsync(1));
        Assert.True(await again.KnowsAsync(last));
    }

    [Fact]
    public async Task A_restored_bank_is_sound_and_can_be_backed_up_and_restored_again_and_again()
    {
        await using var place = new BackupPlace();
        await using (var bank = await SmallBank.OpenAsync(place.Data))
        {
            await bank.OpenAccountsAsync();
            await bank.TransferAsync(1, batches: 80);
            await bank.SnapshotAsync();
        }
        await place.BackUpAsync();
        var lineages = new List<LineageId> { Lineage.Find(place.Data)!.Id };
        ulong? at = (await place.NewestAsync()).LastIndex - 20;
        for (var round = 1; round <= 3; round++)
        {
            var name = $"restored-{round}";
            var restored = await place.RestoreAsync(name, at);
            Assert.Equal(lineages, restored.Lineage.Ancestors.Select(a => a.Id));
            lineages.Add(restored.Lineage.Id);
            await using (var bank = await SmallBank.OpenAsync(place[name]))
            {
                await bank.TransferAsync((uint)round * 1_000_000, batches: 40);
                Assert.True(await bank.KnowsAsync(1));
                await bank.SnapshotAsync();
            }
            // A second start, now from the snapshot of the child.
            await using (var bank = await SmallBank.OpenAsync(place[name]))
            {
                Assert.True(await bank.KnowsAsync((uint)round * 1_000_000));
            }
            var judge = new InProcessBank(place["judge"]);
            Assert.Null(await judge.JudgeAsync(place[name], SmallBank.Patience));
            Assert.True((await place.BackUpAsync(data: place[name])).Complete);
            at = null;
        }
    }

    [Fact]
    public async Task A_restore_to_an_entry_or_a_moment_ends_exactly_there()
    {
        await using var place = new BackupPlace();
        ulong middle;
        UInt128 before;
        await using (var bank = await SmallBank.OpenAsync(place.Data))
        {
            await bank.OpenAccountsAsync();
            before = await bank.TransferAsync(1, batches: 40);
            middle = bank.AppliedIndex;
            await bank.TransferAsync((uint)before + 1, batches: 40);
        }
        await place.BackUpAsync();
        var byEntry = await place.RestoreAsync("by-entry", at: middle);
        Assert.Equal(middle, byEntry.Position.Index);
        var byTime = await place.RestoreAsync("by-time", atTime: byEntry.LogTime);
        Assert.Equal(byEntry.Position, byTime.Position);
        await using var again = await SmallBank.OpenAsync(place["by-time"]);
        Assert.True(await again.KnowsAsync(before));
        Assert.False(await again.KnowsAsync(before + 1));
    }

    [Fact]
    public async Task Orders_of_quarantine_up_to_the_position_come_along_with_those_who_signed()
    {
        await using var place = new BackupPlace();
        await using (var bank = await SmallBank.OpenAsync(place.Data))
        {
            await bank.OpenAccountsAsync();
            await bank.TransferAsync(1, batches: 10);
        }
        var overrides = Directory.CreateDirectory(Path.Combine(place.Data, "overrides")).FullName;
        foreach (
            var name in (string[])
                [
                    "00000000000000000003.json",
                    "00000000000000000003.applied",
                    "00000000000000000009.json",
                ]
        )
        {
            await File.WriteAllTextAsync(Path.Combine(overrides, name), name, SmallBank.Patience);
        }
        await File.WriteAllTextAsync(
            Path.Combine(place.Data, "operators.json"),
            "{}",
            SmallBank.Patience
        );
        await place.BackUpAsync();
        await place.RestoreAsync("restored", at: 5);
        Assert.True(File.Exists(place["restored/operators.json"]));
        Assert.Equal(
            ["00000000000000000003.applied", "00000000000000000003.json"],
            Directory
                .EnumerateFiles(place["restored/overrides"])
                .Select(Path.GetFileName)
                .Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public async Task A_position_that_no_set_reaches_is_refused()
    {
        await using var place = new BackupPlace();
        await using (var bank = await SmallBank.OpenAsync(place.Data))
        {
            await bank.OpenAccountsAsync();
        }
        await place.BackUpAsync();
        var refused = await Assert.ThrowsAsync<BackupException>(() =>
            place.RestoreAsync("restored", at: 1_000_000)
        );
        Assert.Equal(BackupProblem.NotFound, refused.Problem);
    }

    [Fact]
    public async Task A_directory_with_content_is_never_restored_into()
    {
        await using var place = new BackupPlace();
        Directory.CreateDirectory(place["occupied"]);
        await File.WriteAllTextAsync(place["occupied"] + "/file", "mine", SmallBank.Patience);
        var refused = await Assert.ThrowsAsync<BackupException>(() =>
            place.RestoreAsync("occupied")
        );
        Assert.Equal(BackupProblem.NotEmpty, refused.Problem);
    }

    [Fact]
    public async Task Sets_taken_while_customers_write_hold_whole_entries_in_order()
    {
        await using var place = new BackupPlace();
        await using var bank = await SmallBank.OpenAsync(place.Data);
        await bank.OpenAccountsAsync();
        using var stop = new CancellationTokenSource();
        uint acknowledged = 0;
        var load = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                var last = await bank.TransferAsync(acknowledged + 1, batches: 1);
                Volatile.Write(ref acknowledged, (uint)last);
            }
        });
        uint promised = 0;
        for (var round = 0; round < 8; round++)
        {
            promised = Volatile.Read(ref acknowledged);
            Assert.True((await place.BackUpAsync()).Complete);
        }
        await stop.CancelAsync();
        await load;
        await place.RestoreAsync("restored");
        await using var again = await SmallBank.OpenAsync(place["restored"]);
        Assert.True(await again.KnowsAsync(promised));
    }

    [Fact]
    public async Task A_damaged_source_makes_no_set_and_is_named()
    {
        await using var place = new BackupPlace();
        await using (var bank = await SmallBank.OpenAsync(place.Data))
        {
            await bank.OpenAccountsAsync();
            await bank.TransferAsync(1, batches: 80);
        }
        var segment = ArchiveSegments.List(Path.Combine(place.Data, "archive"))[0];
        using (var file = new FileStream(segment.Path, FileMode.Open, FileAccess.ReadWrite))
        {
            file.Position = 20_000;
            file.WriteByte((byte)(file.ReadByte() ^ 1));
        }
        var refused = await Assert.ThrowsAsync<BackupException>(() => place.BackUpAsync());
        Assert.Equal(BackupProblem.SourceDamaged, refused.Problem);
        Assert.Contains(segment.Path, refused.Message, StringComparison.Ordinal);
        Assert.Empty(await BackupCatalog.ListAsync(place.First, place.Key, SmallBank.Patience));
    }
}
