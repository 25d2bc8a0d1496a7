using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Evenkeel.Bench;
using Evenkeel.Host.CommandLine;
using Evenkeel.Host.Serving;
using Evenkeel.Watch.Drills.TestBed;

namespace Evenkeel.Host.Benches;

/// <summary>What the gateway adds to a payment.</summary>
internal sealed record GatewayResult(IReadOnlyList<Measurement> Measurements)
{
    /// <summary>Median through the gateway less median straight to the node, one customer; milliseconds.</summary>
    public double AddedP50Ms => Measurements[1].P50Ms - Measurements[0].P50Ms;

    public double AddedP99Ms => Measurements[1].P99Ms - Measurements[0].P99Ms;
}

/// <summary>
/// The same payments by REST straight to one node and through a gateway before it, with one customer
/// and with many.
/// </summary>
internal static class GatewayBench
{
    private const int Accounts = 1_000;
    private const int ManyCustomers = 16;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan StartMax = TimeSpan.FromSeconds(30);

    public static async Task<GatewayResult> RunAsync(
        StartNode start,
        TimeSpan duration,
        IProgress<Measurement> progress,
        CancellationToken cancellationToken
    )
    {
        var node = (ScratchNode)await start(cancellationToken).ConfigureAwait(false);
        await using (node.ConfigureAwait(false))
        {
            var rest = EndpointFile.Read(node.DataDirectory)!.Rest!;
            Uri gateway = new($"http://127.0.0.1:{FreePort()}");
            var folder = node.DataDirectory + "-gateway";
            using var process = BedProcess.Start(
                "gateway",
                [
                    Environment.ProcessPath!,
                    "gateway",
                    "--node",
                    rest.ToString(),
                    "--data",
                    folder,
                    "--port",
                    gateway.Port.ToString(CultureInfo.InvariantCulture),
                ],
                folder + ".log"
            );
            try
            {
                await UntilReadyAsync(gateway, cancellationToken).ConfigureAwait(false);
                return await MeasureAsync(
                        rest,
                        gateway,
                        node.ApiKey,
                        duration,
                        progress,
                        cancellationToken
                    )
                    .ConfigureAwait(false);
            }
            finally
            {
                await process.KillAsync().ConfigureAwait(false);
                Directory.Delete(folder, recursive: true);
                File.Delete(folder + ".log");
            }
        }
    }

    private static async Task<GatewayResult> MeasureAsync(
        Uri node,
        Uri gateway,
        string key,
        TimeSpan duration,
        IProgress<Measurement> progress,
        CancellationToken cancellationToken
    )
    {
        string[] keys;
        using (var operatorOf = new RestCustomer(node, key))
        {
            await operatorOf.OpenAccountsAsync(Accounts, cancellationToken).ConfigureAwait(false);
            keys = new string[ManyCustomers];
            for (var i = 0; i < keys.Length; i++)
            {
                keys[i] = await operatorOf.IssueKeyAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        List<Measurement> all =
        [
            .. await AlternateAsync(node, gateway, keys[0], duration * 2, cancellationToken)
                .ConfigureAwait(false),
        ];
        all.ForEach(progress.Report);
        ulong run = 0;
        foreach (var (name, address) in ((string, Uri)[])[("node", node), ("gateway", gateway)])
        {
            var part = ++run;
            RestCustomer[] doors = [.. keys.Select(k => new RestCustomer(address, k))];
            var measured = await LoadRunner
                .RunAsync(
                    name,
                    [.. doors.Select((d, i) => Payments(d, part, (ulong)i))],
                    batch: 1,
                    Accounts,
                    durable: true,
                    WarmUp,
                    duration,
                    cancellationToken
                )
                .ConfigureAwait(false);
            Array.ForEach(doors, d => d.Dispose());
            all.Add(measured);
            progress.Report(measured);
        }
        return new GatewayResult(all);
    }

    /// <summary>
    /// One customer pays here and there in turn: whatever else the machine does meets both alike.
    /// </summary>
    private static async Task<Measurement[]> AlternateAsync(
        Uri node,
        Uri gateway,
        string key,
        TimeSpan duration,
        CancellationToken cancellationToken
    )
    {
        using RestCustomer direct = new(node, key);
        using RestCustomer through = new(gateway, key);
        (string Name, LoadRunner.Request Pay, List<double> Ms)[] ways =
        [
            ("node", Payments(direct, run: 1_000, number: 0), []),
            ("gateway", Payments(through, run: 1_001, number: 0), []),
        ];
        var began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began) < WarmUp + duration)
        {
            var isWarm = Stopwatch.GetElapsedTime(began) >= WarmUp;
            foreach (var (_, pay, ms) in ways)
            {
                var start = Stopwatch.GetTimestamp();
                var (done, _) = await pay(cancellationToken).ConfigureAwait(false);
                if (isWarm && done == 1)
                {
                    ms.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                }
            }
        }
        return
        [
            .. ways.Select(way =>
            {
                way.Ms.Sort();
                return new Measurement
                {
                    Name = way.Name,
                    Transfers = way.Ms.Count,
                    Seconds = way.Ms.Sum() / 1_000,
                    P50Ms = way.Ms[way.Ms.Count / 2],
                    P99Ms = way.Ms[way.Ms.Count * 99 / 100],
                    MaxMs = way.Ms[^1],
                    Clients = 1,
                    Batch = 1,
                    Accounts = Accounts,
                    Durable = true,
                };
            }),
        ];
    }

    private static LoadRunner.Request Payments(RestCustomer customer, ulong run, ulong number)
    {
        ulong n = 0;
        return async token =>
        {
            n++;
            var debit = (n % Accounts) + 1;
            var outcome = await customer
                .PutTransferAsync(
                    new UInt128((run << 32) | number, n),
                    debit,
                    (debit % Accounts) + 1,
                    amount: 1,
                    token
                )
                .ConfigureAwait(false);
            return outcome == RestOutcome.Done ? (1, 0) : (0, 1);
        };
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async Task UntilReadyAsync(Uri gateway, CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        var began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began) < StartMax)
        {
            try
            {
                using var ready = await http.GetAsync(
                        new Uri(gateway, "/readyz"),
                        cancellationToken
                    )
                    .ConfigureAwait(false);
                if (ready.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }
            await Task.Delay(TimeSpan.FromMilliseconds(20), cancellationToken)
                .ConfigureAwait(false);
        }
        throw new CommandFailedException(
            ExitCode.NotDone,
            Text.BenchNodeSilent(StartMax.TotalSeconds)
        );
    }
}
