using System.Web;
using Amazon.Runtime;

namespace Evenkeel.Watch.Backups;

/// <summary>Opens targets by how they are written on a command line.</summary>
public static class BackupTargets
{
    /// <summary>
    /// A path, or <c>s3://BUCKET/PREFIX?endpoint=URL&amp;region=R&amp;lock=COMPLIANCE</c> with the keys in
    /// AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.
    /// </summary>
    /// <exception cref="BackupException">It is not understood, or keys are missing.</exception>
    public static IBackupTarget Open(string text)
    {
        ArgumentException.ThrowIfNullOrEmpty(text);
        if (!text.StartsWith("s3://", StringComparison.Ordinal))
        {
            return new DirectoryTarget(text);
        }
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Host.Length == 0)
        {
            throw Refuse(text, "is not s3://BUCKET/PREFIX");
        }
        var query = HttpUtility.ParseQueryString(uri.Query);
        var endpoint = query["endpoint"];
        Uri? service = null;
        if (endpoint is not null && !Uri.TryCreate(endpoint, UriKind.Absolute, out service))
        {
            throw Refuse(text, "has an endpoint that is no URL");
        }
        var objectLock = query["lock"]?.ToUpperInvariant();
        if (objectLock is not (null or "COMPLIANCE" or "GOVERNANCE"))
        {
            throw Refuse(text, "has a lock other than COMPLIANCE or GOVERNANCE");
        }
        var place = new S3Place(
            uri.Host,
            uri.AbsolutePath.Trim('/'),
            service,
            query["region"] ?? "us-east-1",
            objectLock
        );
        return new S3Target(
            place,
            new BasicAWSCredentials(Secret("AWS_ACCESS_KEY_ID"), Secret("AWS_SECRET_ACCESS_KEY"))
        );
    }

    private static string Secret(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value
            ? value
            : throw new BackupException(BackupProblem.TargetFailed, $"{variable} is not set");

    private static BackupException Refuse(string text, string why) =>
        new(BackupProblem.TargetFailed, $"{text} {why}");
}
