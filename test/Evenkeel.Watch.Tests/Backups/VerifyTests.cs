using Evenkeel.Watch.Backups;
using Evenkeel.Watch.Drills.Measuring;
using Xunit;

namespace Evenkeel.Watch.Tests.Backups;

/// <summary>A backup counts once it was restored; a poisoned one is named, and an older one found.</summary>
public sealed class VerifyTests
{
    [Fact]
    public async Task A_good_set_gets_a_signed_certificate_and_production_stays_untouched()
    {
        await using var place = new BackupPlace();
        var last = await FillAsync(place, sets: 2);
        var before = DirectoryChecksum.Of(place.Data);
        var certificate = await place.VerifyAsync(source: place.Data);
        Assert.Equal(before, DirectoryChecksum.Of(place.Data));
        Assert.True(certificate.Passed);
        Assert.Equal(0UL, certificate.RpoEntries);
        Assert.Equal(
            last.ToString(System.Globalization.CultureInfo.InvariantCulture),
            certificate.Sentinel
        );
        Assert.Equal(
            ["objects", "chain", "start", "trial balance", "sentinel", "verifier", "digest"],
            certificate.Checks.Select(c => c.Name)
        );
        Assert.Equal((ulong)last, certificate.Transfers);

        var stored = await CertificateAsync(place);
        var read = CertificateSigner.Check(stored, place.Signer.PublicKeyPem);
        Assert.Equal(certificate.Set, read!.Set);
        stored[40] ^= 1;
        Assert.Null(CertificateSigner.Check(stored, place.Signer.PublicKeyPem));
    }

    [Fact]
    public async Task A_set_that_goes_on_behind_its_snapshot_is_good()
    {
        await using var place = new BackupPlace();
        await using (var bank = await SmallBank.OpenAsync(place.Data))
        {
            await bank.OpenAccountsAsync();
            var last = await bank.TransferAsync(1, batches: 30);
            await bank.SnapshotAsync();
            await bank.TransferAsync((uint)last + 1, batches: 30);
            Assert.True((await place.BackUpAsync()).Complete);
        }
        var newest = await place.NewestAsync();
        Assert.True(newest.Snapshot!.Index < newest.LastIndex);

        var certificate = await place.VerifyAsync();

        Assert.True(certificate.Passed, string.Join("; ", certificate.Rejected));
        Assert.Equal(newest.Set, certificate.Set);
    }

    [Fact]
    public async Task A_flipped_byte_is_named_and_the_older_set_chosen()
    {
        await using var place = new BackupPlace();
        await FillAsync(place, sets: 2);
        var newest = await place.NewestAsync();
        place.FlipByte(OwnArchive(newest), 3_000);
        await AssertPoisonedAsync(place, newest, BackupProblem.Altered);
    }

    [Fact]
    public async Task A_missing_segment_is_named_and_the_older_set_chosen()
    {
        await using var place = new BackupPlace();
        await FillAsync(place, sets: 2);
        var newest = await place.NewestAsync();
        place.Remove(OwnArchive(newest));
        await AssertPoisonedAsync(place, newest, BackupProblem.Missing);
    }

    [Fact]
    public async Task A_missing_piece_of_a_snapshot_is_named_and_the_older_set_chosen()
    {
        await using var place = new BackupPlace();
        await FillAsync(place, sets: 1);
        await place.BackUpAsync(full: true);
        var newest = await place.NewestAsync();
        place.Remove(
            newest.Objects.First(o => o.Name.EndsWith("/ledger", StringComparison.Ordinal))
        );
        await AssertPoisonedAsync(place, newest, BackupProblem.Missing);
    }

    [Fact]
    public async Task A_stale_set_is_named_and_still_shown_to_restore()
    {
        await using var place = new BackupPlace();
        await FillAsync(place, sets: 1);
        var certificate = await place.VerifyAsync(ageMax: TimeSpan.FromTicks(1));
        Assert.False(certificate.Passed);
        Assert.Equal("Stale", Assert.Single(certificate.Rejected).Problem);
        Assert.NotNull(certificate.Set);
    }

    [Fact]
    public async Task A_lost_key_is_named_with_the_key_that_is_needed()
    {
        await using var place = new BackupPlace();
        await FillAsync(place, sets: 1);
        var certificate = await place.VerifyAsync(key: BackupKey.Generate());
        Assert.False(certificate.Passed);
        Assert.Null(certificate.Set);
        var rejected = Assert.Single(certificate.Rejected);
        Assert.Equal("KeyLost", rejected.Problem);
        Assert.Contains(place.Key.Id, rejected.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Objects_that_were_swapped_are_named()
    {
        await using var place = new BackupPlace();
        await FillAsync(place, sets: 1);
        await place.BackUpAsync(full: true);
        var sets = await BackupCatalog.ListAsync(place.First, place.Key, SmallBank.Patience);
        // The same content under the same key, but stored by another set.
        var (mine, other) = (OwnArchive(sets[0].Manifest!), OwnArchive(sets[1].Manifest!));
        Assert.Equal(mine.Name, other.Name);
        place.Remove(mine);
        File.Copy(
            Path.Combine(place.First.Name, other.Path),
            Path.Combine(place.First.Name, mine.Path)
        );
        await AssertPoisonedAsync(place, sets[0].Manifest!, BackupProblem.Altered);
    }

    [Fact]
    public async Task An_altered_manifest_is_named()
    {
        await using var place = new BackupPlace();
        await FillAsync(place, sets: 2);
        var newest = await place.NewestAsync();
        var path = Path.Combine(place.First.Name, SetManifest.PathOf(newest.Set));
        File.SetAttributes(path, FileAttributes.Normal);
        var text = await File.ReadAllTextAsync(path, SmallBank.Patience);
        await File.WriteAllTextAsync(
            path,
            text.Replace(
                $"\"lastIndex\": {newest.LastIndex}",
                "\"lastIndex\": 7",
                StringComparison.Ordinal
            ),
            SmallBank.Patience
        );
        await AssertPoisonedAsync(place, newest, BackupProblem.Altered);
    }

    private static async Task<UInt128> FillAsync(BackupPlace place, int sets)
    {
        UInt128 last = 0;
        await using var bank = await SmallBank.OpenAsync(place.Data);
        await bank.OpenAccountsAsync();
        for (var set = 0; set < sets; set++)
        {
            last = await bank.TransferAsync((uint)last + 1, batches: 30);
            await bank.SnapshotAsync();
            Assert.True((await place.BackUpAsync()).Complete);
        }
        return last;
    }

    private static SetObject OwnArchive(SetManifest manifest) =>
        manifest.Objects.Last(o =>
            o.Kind == SetObjectKind.Archive
            && string.Equals(o.WrittenBy, manifest.Set, StringComparison.Ordinal)
        );

    private static async Task AssertPoisonedAsync(
        BackupPlace place,
        SetManifest poisoned,
        BackupProblem problem
    )
    {
        var certificate = await place.VerifyAsync();
        Assert.False(certificate.Passed);
        var rejected = Assert.Single(certificate.Rejected);
        Assert.Equal(poisoned.Set, rejected.Set);
        Assert.Equal(problem.ToString(), rejected.Problem);
        Assert.NotNull(certificate.Set);
        Assert.NotEqual(poisoned.Set, certificate.Set);
        // A restore finds its way round it as well, and says so.
        var restored = await place.RestoreAsync("round-it");
        Assert.Equal(
            problem is BackupProblem.Missing && poisoned.Full ? poisoned.Set : certificate.Set,
            restored.Set
        );
    }

    private static async Task<byte[]> CertificateAsync(BackupPlace place)
    {
        var stored = await place.First.ListAsync("certificates/", SmallBank.Patience);
        var name = stored.Single(s => s.Name.EndsWith(".json", StringComparison.Ordinal)).Name;
        return await File.ReadAllBytesAsync(
            Path.Combine(place.First.Name, name),
            SmallBank.Patience
        );
    }
}
