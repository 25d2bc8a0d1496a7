using System.Diagnostics;
using System.Globalization;
using Evenkeel.Model.Clusters;
using Evenkeel.Node;
using Microsoft.Extensions.Logging;

namespace Evenkeel.Host.Clusters;

/// <param name="To">The member that is to lead; null = the one that is furthest.</param>
internal sealed record HandOverRequest(string? To);

/// <param name="Done">The member leads.</param>
/// <param name="To">Who leads now, or was to.</param>
/// <param name="PauseMs">From the last write taken here until the other one led, milliseconds.</param>
/// <param name="Detail">Why it is not done.</param>
internal sealed record HandOverAnswer(bool Done, string? To, long PauseMs, string? Detail);

/// <summary>
/// A planned change of the leader in which no request fails: writes wait in the queue while those on
/// their way end, everybody but the successor stands back for a moment, and what waited is told to
/// ask the new leader, with nothing done. (The engine itself can't hand over: who resigns is elected
/// again.)
/// </summary>
internal sealed class HandOver(
    EvenkeelNode node,
    Membership membership,
    PeerClient peers,
    ClusterWatch watch,
    ILogger logger
)
{
    private const int CatchUpMs = 1_500;
    private const int LookMs = 5;
    private const int ElectionsAwaited = 8;

    private int _running;

    private ClusterTimeouts Timeouts => membership.File.Timeouts;

    /// <summary>How long the others stand back: several elections, so that a lost vote costs little.</summary>
    private TimeSpan StandBack =>
        TimeSpan.FromMilliseconds(Timeouts.ElectionMsMax * ElectionsAwaited);

    public async Task<HandOverAnswer> RunAsync(string? to, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _running, 1) == 1)
        {
            return Refused(to, "another hand-over is under way");
        }
        try
        {
            return await HandOverAsync(to, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Volatile.Write(ref _running, 0);
        }
    }

    private async Task<HandOverAnswer> HandOverAsync(
        string? to,
        CancellationToken cancellationToken
    )
    {
        if (!node.IsLeading)
        {
            return Refused(to, "this node does not lead");
        }
        var heard = await watch.HearAsync(cancellationToken).ConfigureAwait(false);
        var present = heard
            .Select(static h => h.Statement)
            .OfType<PeerStatement>()
            .Where(s => !string.Equals(s.Name, membership.Self.Name, StringComparison.Ordinal))
            .ToList();
        if (present.Count + 1 < membership.File.Quorum)
        {
            return Refused(to, "too few members answer: without this one there would be no quorum");
        }
        var successor = to is null
            ? present.MaxBy(static s => s.AppliedIndex)
            : present.Find(s => string.Equals(s.Name, to, StringComparison.Ordinal));
        if (successor is null)
        {
            return Refused(to, "it does not answer, or is this node");
        }
        logger.HandingOver(successor.Name);
        // It may be standing back itself, from the hand-over before.
        await StandBackAsync(successor.Name, TimeSpan.Zero, cancellationToken)
            .ConfigureAwait(false);
        foreach (var other in present.Where(s => s != successor))
        {
            await StandBackAsync(other.Name, StandBack, cancellationToken).ConfigureAwait(false);
        }
        var started = Stopwatch.GetTimestamp();
        try
        {
            await node.HoldWritesAsync(cancellationToken).ConfigureAwait(false);
            if (!await CaughtUpAsync(successor.Name, cancellationToken).ConfigureAwait(false))
            {
                node.ResumeWrites();
                return Refused(successor.Name, "it did not catch up in time");
            }
            await node.StandBackAsync(StandBack, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            node.ResumeWrites();
            throw;
        }
        var leads = await LeadsAsync(successor.Name, cancellationToken).ConfigureAwait(false);
        var pauseMs = (long)Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        return leads
            ? new HandOverAnswer(Done: true, successor.Name, pauseMs, Detail: null)
            : new HandOverAnswer(
                Done: false,
                successor.Name,
                pauseMs,
                $"{node.Leader} leads instead of it"
            );
    }

    private static HandOverAnswer Refused(string? to, string problem) =>
        new(Done: false, to, PauseMs: 0, problem);

    private async Task StandBackAsync(
        string name,
        TimeSpan time,
        CancellationToken cancellationToken
    )
    {
        var path = string.Create(
            CultureInfo.InvariantCulture,
            $"{PeerEndpoints.StandBackPath}?ms={(int)time.TotalMilliseconds}"
        );
        try
        {
            await peers
                .SendAsync(HttpMethod.Post, membership.File.Find(name)!, path, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (HttpRequestException)
        {
            // Then it may be elected in the successor's place, which harms nobody.
        }
    }

    /// <summary>The successor has applied everything that was acknowledged here.</summary>
    private async Task<bool> CaughtUpAsync(string name, CancellationToken cancellationToken)
    {
        var goal = node.AppliedIndex;
        var started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started).TotalMilliseconds < CatchUpMs)
        {
            if (
                await peers
                    .AppliedIndexAsync(membership.File.Find(name)!, cancellationToken)
                    .ConfigureAwait(false) >= goal
            )
            {
                return true;
            }
            await Task.Delay(LookMs, cancellationToken).ConfigureAwait(false);
        }
        return false;
    }

    private async Task<bool> LeadsAsync(string name, CancellationToken cancellationToken)
    {
        var successor = membership.File.Find(name)!.RaftEndpoint;
        var started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < StandBack)
        {
            if (node.Leader is { } leader && !leader.Equals(membership.Self.RaftEndpoint))
            {
                return leader.Equals(successor);
            }
            await Task.Delay(LookMs, cancellationToken).ConfigureAwait(false);
        }
        return false;
    }
}
