using Amazon.Runtime;
using Evenkeel.Watch.Backups;
using Xunit;

namespace Evenkeel.Watch.Tests.Backups;

/// <summary>Sets in an S3-compatible bucket, over real HTTP.</summary>
public sealed class S3TargetTests
{
    [Fact]
    public async Task A_bank_is_backed_up_to_a_bucket_and_restored_from_it()
    {
        await using var place = new BackupPlace();
        await using var service = await BucketStandIn.StartAsync();
        await using var bucket = Open(service);
        await using var bank = await SmallBank.OpenAsync(place.Data);
        await bank.OpenAccountsAsync();
        UInt128 last = 0;
        for (var round = 0; round < 2; round++)
        {
            last = await bank.TransferAsync((uint)last + 1, batches: 40);
            var outcome = await BackUpAsync(place, bucket);
            Assert.True(outcome.Complete, outcome.Targets[0].Problem?.Message);
        }
        var restored = await new Restorer(
            bucket,
            new RestoreOptions { Key = place.Key, Directory = place["restored"] }
        ).RunAsync(SmallBank.Patience);
        Assert.True(restored.Position.Index > 0);
        await using var again = await SmallBank.OpenAsync(place["restored"]);
        Assert.True(await again.KnowsAsync(last));
        Assert.Equal(0, service.Unsigned);
        // Every object of both sets is locked until the newest window ends.
        Assert.All(service.Keys, k => Assert.True(service.LockedUntil(k) > DateTimeOffset.UtcNow));
    }

    [Fact]
    public async Task An_object_is_never_written_over()
    {
        await using var place = new BackupPlace();
        await using var service = await BucketStandIn.StartAsync();
        await using var bucket = Open(service);
        var file = place["file"];
        await File.WriteAllTextAsync(file, "one", SmallBank.Patience);
        await bucket.PutAsync("objects/x", file, null, SmallBank.Patience);
        var refused = await Assert.ThrowsAsync<BackupException>(() =>
            bucket.PutAsync("objects/x", file, null, SmallBank.Patience)
        );
        Assert.Equal(BackupProblem.TargetFailed, refused.Problem);
        Assert.Contains("not written over", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_locked_object_is_not_deleted_and_a_missing_one_is_named()
    {
        await using var place = new BackupPlace();
        await using var service = await BucketStandIn.StartAsync();
        await using var bucket = Open(service);
        var file = place["file"];
        await File.WriteAllTextAsync(file, "one", SmallBank.Patience);
        await bucket.PutAsync(
            "objects/x",
            file,
            DateTimeOffset.UtcNow.AddDays(1),
            SmallBank.Patience
        );
        var locked = await Assert.ThrowsAsync<BackupException>(() =>
            bucket.DeleteAsync("objects/x", SmallBank.Patience)
        );
        Assert.Equal(BackupProblem.TargetFailed, locked.Problem);
        var missing = await Assert.ThrowsAsync<BackupException>(() =>
            bucket.OpenAsync("objects/y", SmallBank.Patience)
        );
        Assert.Equal(BackupProblem.Missing, missing.Problem);
    }

    [Fact]
    public async Task A_target_that_fails_does_not_keep_the_other_from_its_set()
    {
        await using var place = new BackupPlace();
        var service = await BucketStandIn.StartAsync();
        await using var bucket = Open(service);
        await service.DisposeAsync();
        await using (var bank = await SmallBank.OpenAsync(place.Data))
        {
            await bank.OpenAccountsAsync();
        }
        var outcome = await BackUpAsync(place, bucket, place.First);
        Assert.False(outcome.Complete);
        Assert.Equal(BackupProblem.TargetFailed, outcome.Targets[0].Problem!.Problem);
        Assert.Null(outcome.Targets[1].Problem);
        await place.RestoreAsync("restored");
    }

    private static S3Target Open(BucketStandIn service)
    {
        var query = System.Web.HttpUtility.ParseQueryString(new Uri(service.Target).Query);
        return new S3Target(
            new S3Place(
                BucketStandIn.Bucket,
                "bank",
                new Uri(query["endpoint"]!),
                "us-east-1",
                query["lock"]
            ),
            new BasicAWSCredentials("key", "secret")
        )
        {
            RetriesMax = 1,
        };
    }

    private static Task<BackupOutcome> BackUpAsync(
        BackupPlace place,
        params IBackupTarget[] targets
    ) =>
        new BackupRunner(
            new BackupOptions
            {
                DataDirectory = place.Data,
                Key = place.Key,
                Immutable = TimeSpan.FromDays(7),
                BytesPerSecondMax = 0,
                ScratchDirectory = place["scratch"],
            }
        ).RunAsync(targets, SmallBank.Patience);
}
