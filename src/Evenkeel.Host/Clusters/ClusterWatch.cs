using System.Text.Json;
using Evenkeel.Model.Clusters;
using Evenkeel.Node;
using Evenkeel.Node.Clock;
using Evenkeel.Replication;
using Microsoft.Extensions.Logging;

namespace Evenkeel.Host.Clusters;

/// <summary>
/// Hears all members once a second: bounds log time by the median of their clocks, says when parity
/// is lost, and stops this node when the others agree that its state is wrong.
/// </summary>
internal sealed class ClusterWatch : IAsyncDisposable
{
    private const int EveryMs = 1_000;

    /// <summary>Red so many times in a row is reported.</summary>
    private const int RedLooks = 3;

    /// <summary>A member's answer that took longer says too little about its clock, milliseconds.</summary>
    private const double ClockRoundTripMsMax = 400;

    private readonly EvenkeelNode _node;
    private readonly Membership _membership;
    private readonly PeerClient _peers;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _watching;
    private bool? _wasGreen;
    private int _redLooks;

    public ClusterWatch(
        EvenkeelNode node,
        Membership membership,
        PeerClient peers,
        TimeProvider time,
        ILogger logger
    )
    {
        _node = node;
        _membership = membership;
        _peers = peers;
        _time = time;
        _logger = logger;
        Statements = new StatementMaker(node, membership, time);
        _watching = Task.Run(WatchAsync);
    }

    public StatementMaker Statements { get; }

    /// <summary>Asks everybody now and judges.</summary>
    public async Task<ParityCertificate> CertifyAsync(CancellationToken cancellationToken) =>
        Judge(await HearAsync(cancellationToken).ConfigureAwait(false));

    /// <summary>What every member of the cluster file says now, this one included.</summary>
    public async Task<IReadOnlyList<Heard>> HearAsync(CancellationToken cancellationToken) =>
        await Task.WhenAll(_membership.File.Members.Select(m => HearAsync(m, cancellationToken)))
            .ConfigureAwait(false);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private async Task WatchAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            var heard = await HearAsync(_stopping.Token).ConfigureAwait(false);
            _node.BoundClock(Median(heard));
            StopIfWrong(heard);
            await FollowMembersAsync(heard).ConfigureAwait(false);
            Report(Judge(heard));
            await Task.Delay(EveryMs, _stopping.Token)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private ParityCertificate Judge(IReadOnlyList<Heard> heard) =>
        ParityJudge.Judge(
            _membership.Self.Name,
            _membership.File.Lineage,
            _membership.File.Hash,
            _time.GetUtcNow(),
            heard
        );

    private async Task<Heard> HearAsync(ClusterMember member, CancellationToken cancellationToken)
    {
        if (IsSelf(member.Name))
        {
            return new Heard(member.Name, Statements.Make(), ClockOffsetNs: 0, Problem: null);
        }
        try
        {
            var before = StatementMaker.WallNs(_time);
            var started = _time.GetTimestamp();
            var text = await _peers
                .SendAsync(HttpMethod.Get, member, PeerEndpoints.StatementPath, cancellationToken)
                .ConfigureAwait(false);
            var roundTrip = _time.GetElapsedTime(started);
            var said = JsonSerializer.Deserialize(text, ClusterJson.Default.PeerStatement)!;
            var here = before + (ulong)(roundTrip.TotalNanoseconds / 2);
            return new Heard(
                member.Name,
                said,
                unchecked((long)(said.WallNs - here)),
                roundTrip.TotalMilliseconds <= ClockRoundTripMsMax ? null : "slow"
            );
        }
        catch (Exception e) when (e is HttpRequestException or JsonException)
        {
            return new Heard(member.Name, Statement: null, ClockOffsetNs: 0, e.Message);
        }
        catch (OperationCanceledException)
        {
            return new Heard(member.Name, Statement: null, ClockOffsetNs: 0, "stopping");
        }
    }

    /// <summary>Of an even number the lower one: never ahead for lack of a member.</summary>
    private ClockMedian? Median(IReadOnlyList<Heard> heard)
    {
        var offsets = heard
            .Where(static h => h is { Statement: not null, Problem: null })
            .Select(static h => h.ClockOffsetNs)
            .Order()
            .ToList();
        if (offsets.Count < _membership.File.Quorum || offsets.Count < 2)
        {
            return null;
        }
        var median = offsets[(offsets.Count - 1) / 2];
        var at = _time.GetTimestamp();
        return new ClockMedian(unchecked((ulong)((long)StatementMaker.WallNs(_time) + median)), at);
    }

    /// <summary>
    /// A member that missed a change, or was taken out while it was away, learns it from any other.
    /// </summary>
    private async Task FollowMembersAsync(IReadOnlyList<Heard> heard)
    {
        var own = _membership.File;
        foreach (
            var other in heard.Where(h =>
                h.Statement is { } said
                && (
                    said.ConfigurationVersion > own.VersionNow
                    || !string.Equals(said.Lineage, own.Lineage, StringComparison.Ordinal)
                )
            )
        )
        {
            if (own.Find(other.Name) is not { } member)
            {
                continue;
            }
            var answer = await MembershipSync
                .AskAsync(_peers, member, _stopping.Token)
                .ConfigureAwait(false);
            if (answer is not null && MembershipSync.WhyEnded(own, answer) is { } ended)
            {
                _node.HaltAsEnded(ended);
            }
            else if (answer is not null)
            {
                await _node.CatchUpMembersAsync(answer, _stopping.Token).ConfigureAwait(false);
            }
        }
    }

    private void StopIfWrong(IReadOnlyList<Heard> heard)
    {
        if (heard.SingleOrDefault(h => IsSelf(h.Name))?.Statement is not { } own)
        {
            // Joining: it is no member yet.
            return;
        }
        List<PeerStatement> others =
        [
            .. heard.Select(static h => h.Statement).OfType<PeerStatement>().Where(s => s != own),
        ];
        if (ParityJudge.WrongAt(own, others, _membership.File.Members.Count) is { } index)
        {
            var detail =
                $"behind entry {index} this member's state is not what the others agree on";
            // Started again it would make the same mistake, or have the same damage.
            MemberStart.MarkReseed(_membership.DataDirectory, detail);
            _node.HaltAsWrong(detail);
        }
    }

    private bool IsSelf(string name) => _membership.IsSelf(name);

    private void Report(ParityCertificate certificate)
    {
        // An election is red for a moment and no news.
        _redLooks = certificate.Green ? 0 : _redLooks + 1;
        if (certificate.Green != _wasGreen && (certificate.Green || _redLooks >= RedLooks))
        {
            if (certificate.Green)
            {
                _logger.ParityGreen(certificate.EqualAtEntry);
            }
            else if (_wasGreen is not null)
            {
                _logger.ParityRed(string.Join("; ", certificate.Reasons));
            }
            _wasGreen = certificate.Green;
        }
    }
}

internal static partial class ClusterLog
{
    [LoggerMessage(
        4101,
        LogLevel.Information,
        "Parity is green: all members equal at entry {Index}"
    )]
    public static partial void ParityGreen(this ILogger logger, ulong index);

    [LoggerMessage(4102, LogLevel.Error, "Parity is red: {Reasons}")]
    public static partial void ParityRed(this ILogger logger, string reasons);

    [LoggerMessage(4103, LogLevel.Warning, "Handing over to {Name}")]
    public static partial void HandingOver(this ILogger logger, string name);
}
