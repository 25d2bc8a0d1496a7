using System.Diagnostics;
using Evenkeel.CardKeys;
using Evenkeel.Demo.Month;
using Evenkeel.Host.CommandLine;
using Evenkeel.Host.Serving;
using Evenkeel.Watch.Drills.TestBed;

namespace Evenkeel.Host.Demos;

/// <summary>
/// The month on a cluster of real processes: whoever leads goes on with it, and the leader is killed with
/// SIGKILL again and again, payments and half-closed days under way; it comes back as a follower.
/// </summary>
internal static class MonthCluster
{
    private const int MinutesMax = 30;

    /// <summary>A leader lives at least this long: the next one must come to do something, too.</summary>
    private const int LifeMsMin = 500;

    public static async Task<(MonthReport Report, int Kills)> RunAsync(
        MonthOptions options,
        string directory,
        int nodes,
        int kills,
        TimeSpan inPeace,
        Action<string> say,
        CancellationToken cancellationToken
    )
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(TimeSpan.FromMinutes(MinutesMax));
        var token = patience.Token;
        // One set of keys, made before any node starts: whoever leads next must verify the same cards.
        using (
            SoftwareCardKeys.Open(
                SoftwareCardKeys.Profile,
                Path.Combine(directory, HostedBank.CardKeysFile)
            )
        ) { }
        var cluster = await TestCluster
            .StartAsync(
                new TestClusterOptions
                {
                    Binary = Environment.ProcessPath!,
                    Directory = directory,
                    Nodes = nodes,
                    Prepare = static node =>
                        node.Arguments.AddRange(["--profile", SoftwareCardKeys.Profile]),
                },
                token
            )
            .ConfigureAwait(false);
        await using (cluster.ConfigureAwait(false))
        {
            var killer = new Killer(cluster, options.Seed, kills, inPeace, say);
            using var over = CancellationTokenSource.CreateLinkedTokenSource(token);
            var killing = killer.RunAsync(over.Token);
            try
            {
                while (true)
                {
                    if (await AskAsync(cluster, options, token).ConfigureAwait(false) is { } report)
                    {
                        return (report, killer.Kills);
                    }
                }
            }
            finally
            {
                await over.CancelAsync().ConfigureAwait(false);
                await killing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <returns>Null when it is not over, or its leader died.</returns>
    private static async Task<MonthReport?> AskAsync(
        TestCluster cluster,
        MonthOptions options,
        CancellationToken token
    )
    {
        try
        {
            var leader = await cluster.LeaderAsync(token).ConfigureAwait(false);
            RestBank bank = new(leader.Rest, cluster.Key, certificateSha256: null, own: null);
            await using (bank.ConfigureAwait(false))
            {
                return (
                    await bank.PostAsync(
                            MonthEndpoint.Path,
                            new MonthRequest(options.Seed, options.Persons),
                            MonthEndpointJson.Default.MonthRequest,
                            MonthEndpointJson.Default.MonthAnswer,
                            token
                        )
                        .ConfigureAwait(false)
                ).Report;
            }
        }
        catch (Exception lost)
            when (lost is CommandFailedException or HttpRequestException or IOException)
        {
            return null;
        }
    }

    private sealed class Killer(
        TestCluster cluster,
        int seed,
        int kills,
        TimeSpan inPeace,
        Action<string> say
    )
    {
        public int Kills { get; private set; }

        public async Task RunAsync(CancellationToken token)
        {
            var random = new Random(seed);
            // On average the lives together are as long as the month in peace, so that kills fall everywhere.
            var lifeMsMax = Math.Max(
                2 * LifeMsMin,
                (int)(2 * inPeace.TotalMilliseconds / Math.Max(1, kills))
            );
            while (Kills < kills)
            {
                var leader = await cluster.LeaderAsync(token).ConfigureAwait(false);
                await Task.Delay(random.Next(LifeMsMin, lifeMsMax), token).ConfigureAwait(false);
                var began = Stopwatch.GetTimestamp();
                await leader.KillAsync().ConfigureAwait(false);
                Kills++;
                leader.Start();
                // With two nodes of three away nobody can go on: that is another drill's matter.
                var next = await cluster.LeaderAsync(token).ConfigureAwait(false);
                await cluster.WaitReadyAsync(token).ConfigureAwait(false);
                say(
                    Text.MonthKilled(
                        Kills,
                        leader.Name,
                        next.Name,
                        Stopwatch.GetElapsedTime(began).TotalSeconds
                    )
                );
            }
        }
    }
}
