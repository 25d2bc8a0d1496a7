using System.Globalization;
using Evenkeel.Model.Clusters;
using Evenkeel.Node;
using Evenkeel.Replication;

namespace Evenkeel.Host.Clusters;

/// <summary>
/// What other members say about who belongs. A member that was away asks before it takes part: it
/// may have missed a change, been taken out, or the cluster went on as another lineage.
/// </summary>
internal static class MembershipSync
{
    private const int WaitMs = 500;

    /// <exception cref="RecoveryException">The cluster goes on without this member.</exception>
    public static async Task RunAsync(
        Membership membership,
        string dataDirectory,
        PeerClient peers,
        CancellationToken cancellationToken
    )
    {
        using var wait = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        wait.CancelAfter(WaitMs);
        var answers = await Task.WhenAll(
                membership.Others.Select(other => AskAsync(peers, other, wait.Token))
            )
            .ConfigureAwait(false);
        foreach (var answer in answers.OfType<ClusterFile>().OrderBy(static a => a.VersionNow))
        {
            if (WhyEnded(membership.File, answer) is { } ended)
            {
                throw new RecoveryException(new RecoveryNote(dataDirectory, 0, 0, ended));
            }
            var wasMember = membership.File.Find(membership.Self.Name) is not null;
            // One that only wants to join begins with the list that comes with its files.
            if (
                !MemberStart.IsNew(dataDirectory)
                && membership.Book.TryCatchUp(answer)
                && wasMember
                && answer.Find(membership.Self.Name) is null
            )
            {
                throw new RecoveryException(
                    new RecoveryNote(dataDirectory, 0, 0, TakenOut(membership.Self.Name, answer))
                );
            }
        }
    }

    /// <summary>The file that a member goes by; null when it does not say.</summary>
    public static async Task<ClusterFile?> AskAsync(
        PeerClient peers,
        ClusterMember member,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var text = await peers
                .SendAsync(
                    HttpMethod.Get,
                    member,
                    PeerEndpoints.ConfigurationPath,
                    cancellationToken
                )
                .ConfigureAwait(false);
            return ClusterFile.Parse(System.Text.Encoding.UTF8.GetBytes(text), member.Rest);
        }
        catch (Exception silent)
            when (silent
                    is HttpRequestException
                        or ClusterFileException
                        or OperationCanceledException
            )
        {
            return null;
        }
    }

    /// <summary>Why a member of one lineage must not go on; null when it may.</summary>
    public static string? WhyEnded(ClusterFile own, ClusterFile other) =>
        string.Equals(other.Parent, own.Lineage, StringComparison.Ordinal)
            ? $"lineage {own.Lineage} ended at entry {Number(other.ForkIndex)}: a lost quorum was "
                + $"forced, and the cluster goes on as lineage {other.Lineage}. What is here may "
                + "hold entries that nobody else has: keep it aside, and add this machine as a new member"
            : null;

    private static string Number(ulong? index) =>
        (index ?? 0).ToString(CultureInfo.InvariantCulture);

    public static string TakenOut(string name, ClusterFile file) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{name} was taken out of the cluster by version {file.VersionNow} of its members"
        );
}
