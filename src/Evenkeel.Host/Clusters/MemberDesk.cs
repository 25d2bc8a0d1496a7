using System.Globalization;
using System.Text.Json;
using Evenkeel.Model.Clusters;
using Evenkeel.Node;
using Microsoft.Extensions.Logging;

namespace Evenkeel.Host.Clusters;

/// <param name="Add">The member that is to join.</param>
/// <param name="Remove">Name of the one that is to leave.</param>
/// <param name="Prepare">Only check, let the joining member fetch its files, and answer with its file.</param>
internal sealed record MemberChangeRequest(
    ClusterMember? Add = null,
    string? Remove = null,
    bool Prepare = false
);

/// <param name="Done">The change is committed; or, asked to prepare, it could begin.</param>
/// <param name="Version">Of the membership that counts now.</param>
/// <param name="Detail">Why not.</param>
/// <param name="MayBecome">Asking again later may help: somebody is not ready yet.</param>
/// <param name="File">The cluster file of the new version.</param>
internal sealed record MemberChangeAnswer(
    bool Done,
    int Version,
    string? Detail,
    bool MayBecome,
    string? File
);

/// <summary>
/// Changes the membership at the leader, one member at a time, when enough whole members remain
/// (ADR 24).
/// </summary>
internal sealed class MemberDesk(
    EvenkeelNode node,
    Membership membership,
    PeerClient peers,
    ClusterWatch watch,
    ILogger logger
)
{
    /// <summary>Entries behind which a member does not count as whole.</summary>
    private const ulong LagEntriesMax = 2_000;

    private const int CommitMs = 10_000;

    private int _running;

    public async Task<MemberChangeAnswer> RunAsync(
        MemberChangeRequest asked,
        CancellationToken cancellationToken
    )
    {
        if (Interlocked.Exchange(ref _running, 1) == 1)
        {
            return No("another change is under way", mayBecome: true);
        }
        try
        {
            return await ChangeAsync(asked, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Volatile.Write(ref _running, 0);
        }
    }

    private async Task<MemberChangeAnswer> ChangeAsync(
        MemberChangeRequest asked,
        CancellationToken cancellationToken
    )
    {
        if (!node.IsLeading)
        {
            return No("this node does not lead", mayBecome: true);
        }
        var now = membership.File;
        if (
            (asked is { Add: { } same, Remove: null } && now.Find(same.Name) == same)
            || (asked is { Add: null, Remove: { } gone } && now.Find(gone) is null)
        )
        {
            // Asked again after an answer that was lost.
            return new(Done: true, now.VersionNow, Detail: null, MayBecome: false, now.Format());
        }
        if (WhyNotAsked(asked, now) is { } wrong)
        {
            return No(wrong, mayBecome: false);
        }
        var next = Next(asked, now);
        if (next.Problems().ToList() is { Count: > 0 } problems)
        {
            return No(string.Join("; ", problems), mayBecome: false);
        }
        var heard = await watch.HearAsync(cancellationToken).ConfigureAwait(false);
        var whole = heard
            .Select(static h => h.Statement)
            .OfType<PeerStatement>()
            .Where(s => IsWhole(s, now.Hash))
            .Select(static s => s.Name)
            .ToHashSet(StringComparer.Ordinal);
        // The change before is in force for certain only when a majority goes by it.
        if (whole.Count < now.Quorum)
        {
            return No(TooFew(whole.Count, now.Members.Count, now.Quorum), mayBecome: true);
        }
        if (asked is { Prepare: true, Add: { } joining })
        {
            // It must fetch its files before it belongs; only certificates ask for names.
            membership.Tls?.Admit(now.Members.Append(joining).Select(static m => m.Name));
            return new(Done: true, now.VersionNow, Detail: null, MayBecome: false, next.Format());
        }
        if (asked.Add is { } added)
        {
            var (late, isNear) = await LookAtAsync(added, cancellationToken).ConfigureAwait(false);
            if (late is not null)
            {
                return No(late, mayBecome: true);
            }
            if (isNear)
            {
                whole.Add(added.Name);
            }
        }
        var left = next.Members.Count(m => whole.Contains(m.Name));
        if (left < next.Quorum)
        {
            return No(TooFew(left, next.Members.Count, next.Quorum), mayBecome: true);
        }
        using CancellationTokenSource limit = new(CommitMs);
        if (await node.ChangeMembersAsync(next, limit.Token).ConfigureAwait(false) is { } failed)
        {
            return No(failed, mayBecome: true);
        }
        logger.MembersChanged(
            next.VersionNow,
            string.Join(", ", next.Members.Select(static m => m.Name))
        );
        return new(Done: true, next.VersionNow, Detail: null, MayBecome: false, next.Format());
    }

    private string? WhyNotAsked(MemberChangeRequest asked, ClusterFile now) =>
        asked switch
        {
            { Add: null, Remove: null } or { Add: not null, Remove: not null } =>
                "one member may be added or removed at a time",
            { Remove: { } name } when membership.IsSelf(name) =>
                $"{name} leads: hand over first (evenkeel cluster hand-over)",
            { Remove: not null } when now.Members.Count == 1 => "it is the only member",
            { Add: { } add } when now.Find(add.Name) is not null =>
                $"there is a member {add.Name} already",
            _ => null,
        };

    private static ClusterFile Next(MemberChangeRequest asked, ClusterFile now) =>
        now with
        {
            Version = now.VersionNow + 1,
            Members = asked.Add is { } add
                ? [.. now.Members, add]
                :
                [
                    .. now.Members.Where(m =>
                        !string.Equals(m.Name, asked.Remove, StringComparison.Ordinal)
                    ),
                ],
        };

    private bool IsWhole(PeerStatement said, string hash) =>
        IsNear(said) && string.Equals(said.Configuration, hash, StringComparison.Ordinal);

    private bool IsNear(PeerStatement said) =>
        said.AppliedIndex + LagEntriesMax >= node.AppliedIndex
        && said.DiskProblem is null
        && string.Equals(said.Lineage, node.Replication.Lineage, StringComparison.Ordinal);

    /// <summary>
    /// A joining member is seeded before it belongs, so far that the leader's log holds the rest;
    /// it counts as whole when it is close behind.
    /// </summary>
    private async Task<(string? Late, bool IsNear)> LookAtAsync(
        ClusterMember joining,
        CancellationToken cancellationToken
    )
    {
        PeerStatement said;
        try
        {
            var text = await peers
                .SendAsync(HttpMethod.Get, joining, PeerEndpoints.StatementPath, cancellationToken)
                .ConfigureAwait(false);
            said = JsonSerializer.Deserialize(text, ClusterJson.Default.PeerStatement)!;
        }
        catch (Exception e) when (e is HttpRequestException or JsonException)
        {
            return ($"{joining.Name} does not answer yet: {e.Message}", false);
        }
        var log = node.Replication;
        if (!string.Equals(said.Name, joining.Name, StringComparison.Ordinal))
        {
            return ($"{said.Name} answers at {joining.Rest}", false);
        }
        if (
            !string.Equals(said.Lineage, log.Lineage, StringComparison.Ordinal)
            || said.AppliedIndex < log.SnapshotIndex
        )
        {
            return (
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{joining.Name} is at entry {said.AppliedIndex} of {log.AppliedIndex}: start it anew, it fetches the rest"
                ),
                false
            );
        }
        return (null, IsNear(said));
    }

    private static string TooFew(int whole, int members, int quorum) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{whole} of {members} members would be whole and caught up, and {quorum} are needed"
        );

    private MemberChangeAnswer No(string detail, bool mayBecome) =>
        new(Done: false, membership.File.VersionNow, detail, mayBecome, File: null);
}

internal static partial class ClusterLog
{
    [LoggerMessage(4104, LogLevel.Warning, "Version {Version} of the members counts: {Names}")]
    public static partial void MembersChanged(this ILogger logger, int version, string names);
}
