using Amazon.Runtime;

namespace Evenkeel.Watch.Backups;

/// <summary>Reads an opened object; what its transport throws becomes a named problem.</summary>
internal static class TargetReads
{
    /// <summary>Fills the buffer, or as much as there is.</summary>
    /// <exception cref="BackupException">The line broke, or the service found the object altered.</exception>
    public static async ValueTask<int> FillAsync(
        Stream stream,
        byte[] buffer,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await stream.ReadAtLeastAsync(
                buffer,
                buffer.Length,
                throwOnEndOfStream: false,
                cancellationToken
            );
        }
        catch (AmazonClientException altered)
        {
            throw new BackupException(BackupProblem.Altered, altered.Message, altered);
        }
        catch (IOException broken) when (stream is not FileStream)
        {
            throw new BackupException(BackupProblem.TargetFailed, broken.Message, broken);
        }
    }
}
