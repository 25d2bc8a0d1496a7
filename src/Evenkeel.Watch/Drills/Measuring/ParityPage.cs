using System.Net;
using System.Text.Json.Nodes;
using Evenkeel.Watch.Drills.Checking;
using Evenkeel.Watch.Drills.TestBed;

namespace Evenkeel.Watch.Drills.Measuring;

/// <summary>The parity certificate as an operator asks for it.</summary>
public static class ParityPage
{
    private const string Path = "/v1/parity";
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);

    /// <summary>Waits for the colour.</summary>
    /// <returns>Milliseconds since a moment on the clock of all calls; null when it did not come.</returns>
    public static async Task<double?> WaitForAsync(
        TestCluster cluster,
        bool green,
        long sinceNs,
        double patienceMs,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(cluster);
        while (true)
        {
            double elapsedMs = (CallLog.NowNs() - sinceNs) / 1e6;
            if ((await AskAsync(cluster, cancellationToken))?.IsGreen == green)
            {
                return elapsedMs;
            }
            if (elapsedMs > patienceMs)
            {
                return null;
            }
            await Task.Delay(Look, cancellationToken);
        }
    }

    /// <summary>Waits until it is red for a reason: it is red for others while a node is away.</summary>
    /// <inheritdoc cref="WaitForAsync"/>
    public static async Task<double?> WaitForReasonAsync(
        TestCluster cluster,
        string reason,
        long sinceNs,
        double patienceMs,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(cluster);
        while (true)
        {
            double elapsedMs = (CallLog.NowNs() - sinceNs) / 1e6;
            if (
                await AskAsync(cluster, cancellationToken) is { IsGreen: false } red
                && red.Reasons.Contains(reason, StringComparison.Ordinal)
            )
            {
                return elapsedMs;
            }
            if (elapsedMs > patienceMs)
            {
                return null;
            }
            await Task.Delay(Look, cancellationToken);
        }
    }

    /// <summary>The certificate's reasons in one line.</summary>
    public static async Task<string> DescribeAsync(
        TestCluster cluster,
        CancellationToken cancellationToken
    ) =>
        await AskAsync(cluster, cancellationToken) is { } certificate
            ? certificate.IsGreen
                ? "green"
                : $"red: {certificate.Reasons}"
            : "no answer";

    private static async Task<(bool IsGreen, string Reasons)?> AskAsync(
        TestCluster cluster,
        CancellationToken cancellationToken
    )
    {
        if (await cluster.FindLeaderAsync(cancellationToken) is not { } leader)
        {
            return null;
        }
        var (status, body) = await cluster.Http.GetAsync(
            new Uri(leader.Rest, Path),
            cluster.Key,
            cancellationToken
        );
        return status == HttpStatusCode.OK && body?["green"] is { } green
            ? (
                green.GetValue<bool>(),
                string.Join("; ", (body["reasons"] as JsonArray ?? []).Select(r => (string?)r))
            )
            : null;
    }
}
