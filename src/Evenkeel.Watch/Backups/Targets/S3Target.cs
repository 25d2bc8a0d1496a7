using System.Net;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

namespace Evenkeel.Watch.Backups;

/// <summary>How to reach a bucket.</summary>
/// <param name="Endpoint">URL of the service; null means Amazon's own.</param>
/// <param name="ObjectLock">
/// <c>COMPLIANCE</c> or <c>GOVERNANCE</c> where the bucket offers object lock; null where it doesn't.
/// </param>
internal sealed record S3Place(
    string Bucket,
    string Prefix,
    Uri? Endpoint,
    string Region,
    string? ObjectLock
);

/// <summary>
/// A bucket of an S3-compatible service. Writes are conditional on the name being free; with object
/// lock the service itself refuses to delete inside the window.
/// </summary>
internal sealed class S3Target : IBackupTarget
{
    private readonly S3Place place;
    private readonly Lazy<AmazonS3Client> opened;

    public S3Target(S3Place place, AWSCredentials credentials)
    {
        this.place = place;
        opened = new(() => new AmazonS3Client(credentials, Configuration()));
    }

    /// <summary>Tries again of a request that the service did not answer well.</summary>
    public int RetriesMax { get; init; } = 4;

    private AmazonS3Client Client => opened.Value;

    public string Name => $"s3://{place.Bucket}/{place.Prefix}".TrimEnd('/');

    public async Task<IReadOnlyList<StoredObject>> ListAsync(
        string prefix,
        CancellationToken cancellationToken
    )
    {
        var found = new List<StoredObject>();
        var request = new ListObjectsV2Request
        {
            BucketName = place.Bucket,
            Prefix = KeyOf(prefix),
        };
        ListObjectsV2Response page;
        do
        {
            page = await AskAsync(() => Client.ListObjectsV2Async(request, cancellationToken));
            found.AddRange(
                (page.S3Objects ?? []).Select(o => new StoredObject(
                    o.Key[KeyOf("").Length..],
                    o.Size ?? 0,
                    o.LastModified is { } at
                        ? new DateTimeOffset(at.ToUniversalTime())
                        : DateTimeOffset.MaxValue
                ))
            );
            request.ContinuationToken = page.NextContinuationToken;
        } while (page.IsTruncated == true);
        return found;
    }

    public Task PutAsync(
        string name,
        string file,
        DateTimeOffset? retainUntil,
        CancellationToken cancellationToken
    )
    {
        var request = new PutObjectRequest
        {
            BucketName = place.Bucket,
            Key = KeyOf(name),
            FilePath = file,
            ContentType = "application/octet-stream",
            // Compatible services differ in what they make of chunked bodies.
            UseChunkEncoding = false,
            IfNoneMatch = "*",
        };
        if (place.ObjectLock is { } mode && retainUntil is { } until)
        {
            request.ObjectLockMode = ObjectLockMode.FindValue(mode);
            request.ObjectLockRetainUntilDate = until.UtcDateTime;
        }
        return AskAsync(() => Client.PutObjectAsync(request, cancellationToken));
    }

    public async Task<Stream> OpenAsync(string name, CancellationToken cancellationToken)
    {
        var response = await AskAsync(() =>
            Client.GetObjectAsync(place.Bucket, KeyOf(name), cancellationToken)
        );
        return response.ResponseStream;
    }

    public Task RetainAsync(
        string name,
        DateTimeOffset until,
        CancellationToken cancellationToken
    ) =>
        place.ObjectLock is not { } mode
            ? Task.CompletedTask
            : AskAsync(() =>
                Client.PutObjectRetentionAsync(
                    new PutObjectRetentionRequest
                    {
                        BucketName = place.Bucket,
                        Key = KeyOf(name),
                        Retention = new ObjectLockRetention
                        {
                            Mode = ObjectLockRetentionMode.FindValue(mode),
                            RetainUntilDate = until.UtcDateTime,
                        },
                    },
                    cancellationToken
                )
            );

    public Task DeleteAsync(string name, CancellationToken cancellationToken) =>
        AskAsync(() => Client.DeleteObjectAsync(place.Bucket, KeyOf(name), cancellationToken));

    public ValueTask DisposeAsync()
    {
        if (opened.IsValueCreated)
        {
            Client.Dispose();
        }
        return ValueTask.CompletedTask;
    }

    private AmazonS3Config Configuration() =>
        place.Endpoint is { } endpoint
            ? new AmazonS3Config
            {
                ServiceURL = endpoint.ToString(),
                AuthenticationRegion = place.Region,
                ForcePathStyle = true,
                MaxErrorRetry = RetriesMax,
                RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
                ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
            }
            : new AmazonS3Config
            {
                RegionEndpoint = Amazon.RegionEndpoint.GetBySystemName(place.Region),
                MaxErrorRetry = RetriesMax,
            };

    private string KeyOf(string name) => place.Prefix.Length == 0 ? name : $"{place.Prefix}/{name}";

    private async Task<T> AskAsync<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (AmazonS3Exception refused)
        {
            throw refused.StatusCode switch
            {
                HttpStatusCode.NotFound => new BackupException(
                    BackupProblem.Missing,
                    $"{Name}: {refused.Message}",
                    refused
                ),
                HttpStatusCode.PreconditionFailed => new BackupException(
                    BackupProblem.TargetFailed,
                    $"{Name}: the object is there already and is not written over",
                    refused
                ),
                _ => new BackupException(
                    BackupProblem.TargetFailed,
                    $"{Name}: {refused.ErrorCode} {refused.Message}",
                    refused
                ),
            };
        }
        catch (Exception unreachable)
            when (unreachable is AmazonClientException or HttpRequestException or IOException)
        {
            throw new BackupException(
                BackupProblem.TargetFailed,
                $"{Name}: {unreachable.Message}",
                unreachable
            );
        }
    }
}
