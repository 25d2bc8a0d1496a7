using System.Collections.Concurrent;
using System.Diagnostics;
using Evenkeel.Client;
using Evenkeel.Host.CommandLine;
using Evenkeel.Model;
using Evenkeel.Watch.Drills.TestBed;

namespace Evenkeel.Host.Benches;

/// <param name="Kill">From 1.</param>
/// <param name="Leader">The node that was killed.</param>
/// <param name="GapMs">
/// The longest time that any one customer was without an answer: from its last success before the
/// kill to its first one after.
/// </param>
/// <param name="BankGapMs">From anybody's last success to anybody's first.</param>
internal sealed record KillResult(int Kill, string Leader, double GapMs, double BankGapMs);

/// <summary>What so many leader kills under load did to customers and to their money.</summary>
internal sealed record FailoverResult
{
    public required int Kills { get; init; }
    public required int Nodes { get; init; }
    public required int Clients { get; init; }
    public required double MedianMs { get; init; }
    public required double P90Ms { get; init; }
    public required double WorstMs { get; init; }
    public required double BankMedianMs { get; init; }
    public required double BankWorstMs { get; init; }

    /// <summary>Answers that the gateway gave and that were not "done".</summary>
    public required long Errors { get; init; }
    public required long Acknowledged { get; init; }

    /// <summary>Acknowledged and not in the ledger.</summary>
    public required long AcknowledgedLost { get; init; }

    /// <summary>Minor units that accounts moved beyond what their transfers say.</summary>
    public required long PostedTwice { get; init; }

    /// <summary>Positions at which every node stated the digest of its state.</summary>
    public required int DigestsCompared { get; init; }

    /// <summary>They were equal at each; null when there was none to compare.</summary>
    public required bool? DigestsEqual { get; init; }

    /// <summary>The archives of all nodes are the same, byte by byte, up to the last common entry.</summary>
    public required bool ArchivesEqual { get; init; }
    public required double TransfersPerSecond { get; init; }
    public required double Seconds { get; init; }
    public required IReadOnlyList<KillResult> Each { get; init; }

    /// <summary>The goal: median below 0.6 s, worst below 2 s, nothing lost, nothing twice.</summary>
    public bool Met =>
        MedianMs < 600
        && WorstMs < 2_000
        && AcknowledgedLost == 0
        && PostedTwice == 0
        && Errors == 0
        && DigestsEqual != false
        && ArchivesEqual;
}

internal sealed record FailoverOptions
{
    public required int Kills { get; init; }
    public int Clients { get; init; } = 16;

    /// <summary>Pause of a customer after each answer.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromMilliseconds(10);
    public int Accounts { get; init; } = 200;
    public int Seed { get; init; } = 1;
}

/// <summary>
/// Three real nodes and a gateway; customers call the gateway without a pause in their calls while
/// the leader is killed again and again. At the end every answer is compared with the ledger.
/// </summary>
internal sealed class FailoverBench : IAsyncDisposable
{
    private static readonly TimeSpan RecoveryMax = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(10);

    private readonly FailoverOptions _options;
    private readonly TestCluster _cluster;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<(
        UInt128 Id,
        UInt128 Debit,
        UInt128 Credit,
        uint Amount
    )> _done = new();
    private readonly ConcurrentQueue<long>[] _successes;
    private long _errors;

    private FailoverBench(FailoverOptions options, TestCluster cluster)
    {
        _options = options;
        _cluster = cluster;
        _successes =
        [
            .. Enumerable.Range(0, options.Clients).Select(_ => new ConcurrentQueue<long>()),
        ];
    }

    public static async Task<FailoverResult> RunAsync(
        FailoverOptions options,
        Action<KillResult> report,
        CancellationToken cancellationToken
    )
    {
        var cluster = await TestCluster
            .StartAsync(
                new TestClusterOptions { Binary = Environment.ProcessPath!, WithGateway = true },
                cancellationToken
            )
            .ConfigureAwait(false);
        await using (cluster.ConfigureAwait(false))
        {
            var bench = new FailoverBench(options, cluster);
            await using (bench.ConfigureAwait(false))
            {
                return await bench.RunAsync(report, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        _stop.Dispose();
    }

    private Uri Gateway => _cluster.Gateway!.Rest;

    private async Task<FailoverResult> RunAsync(
        Action<KillResult> report,
        CancellationToken cancellationToken
    )
    {
        using (var operatorOf = new RestCustomer(Gateway, _cluster.Key))
        {
            await operatorOf
                .OpenAccountsAsync(_options.Accounts, cancellationToken)
                .ConfigureAwait(false);
        }
        var began = Stopwatch.GetTimestamp();
        var customers = Enumerable
            .Range(0, _options.Clients)
            .Select(i => Task.Run(() => CustomerAsync(i), CancellationToken.None))
            .ToArray();
        List<KillResult> each = [];
        (int Positions, bool Equal) states;
        try
        {
            await UntilAllSucceedAsync(began, cancellationToken).ConfigureAwait(false);
            for (var kill = 1; kill <= _options.Kills; kill++)
            {
                var result = await KillAsync(kill, cancellationToken).ConfigureAwait(false);
                each.Add(result);
                report(result);
            }
            // While customers go on: digests are taken as the log moves.
            states = await NodeDigests
                .CompareStatesAsync(_cluster, cancellationToken)
                .ConfigureAwait(false);
        }
        finally
        {
            await _stop.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(customers).ConfigureAwait(false);
        }
        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        var (lost, twice) = await CompareAsync(cancellationToken).ConfigureAwait(false);
        return new FailoverResult
        {
            Kills = each.Count,
            Nodes = _cluster.Nodes.Count,
            Clients = _options.Clients,
            MedianMs = Quantile(each, 0.5, k => k.GapMs),
            P90Ms = Quantile(each, 0.9, k => k.GapMs),
            WorstMs = Quantile(each, 1, k => k.GapMs),
            BankMedianMs = Quantile(each, 0.5, k => k.BankGapMs),
            BankWorstMs = Quantile(each, 1, k => k.BankGapMs),
            Errors = Interlocked.Read(ref _errors),
            Acknowledged = _done.Count,
            AcknowledgedLost = lost,
            PostedTwice = twice,
            DigestsCompared = states.Positions,
            DigestsEqual = states.Positions == 0 ? null : states.Equal,
            ArchivesEqual = await NodeDigests
                .StopAndCompareArchivesAsync(_cluster)
                .ConfigureAwait(false),
            TransfersPerSecond = _done.Count / seconds,
            Seconds = seconds,
            Each = each,
        };
    }

    /// <summary>One payment after another, each asked again with its id until it is known.</summary>
    private async Task CustomerAsync(int number)
    {
        using var customer = new RestCustomer(Gateway, _cluster.Key);
        Random random = new(_options.Seed + number);
        for (ulong n = 1; !_stop.IsCancellationRequested; n++)
        {
            UInt128 id = new((ulong)number + 1, n);
            UInt128 debit = (UInt128)random.Next(1, _options.Accounts + 1);
            UInt128 credit = (debit % (UInt128)_options.Accounts) + 1;
            var amount = (uint)random.Next(1, 1_000);
            while (
                await customer
                    .PutTransferAsync(id, debit, credit, amount, CancellationToken.None)
                    .ConfigureAwait(false) != RestOutcome.Done
            )
            {
                Interlocked.Increment(ref _errors);
                await Task.Delay(Poll, CancellationToken.None).ConfigureAwait(false);
            }
            _successes[number].Enqueue(Stopwatch.GetTimestamp());
            _done.Enqueue((id, debit, credit, amount));
            await Task.Delay(_options.Pause, CancellationToken.None).ConfigureAwait(false);
        }
    }

    private async Task<KillResult> KillAsync(int kill, CancellationToken cancellationToken)
    {
        var leader = await _cluster.LeaderAsync(cancellationToken).ConfigureAwait(false);
        foreach (var queue in _successes)
        {
            queue.Clear();
        }
        // Every customer's last success before the kill.
        await UntilAllSucceedAsync(Stopwatch.GetTimestamp(), cancellationToken)
            .ConfigureAwait(false);
        var killed = Stopwatch.GetTimestamp();
        await leader.KillAsync().ConfigureAwait(false);
        await UntilAllSucceedAsync(Stopwatch.GetTimestamp(), cancellationToken)
            .ConfigureAwait(false);
        long[][] seen = [.. _successes.Select(q => q.ToArray())];
        var result = new KillResult(
            kill,
            leader.Name,
            seen.Max(s => LongestAround(s, killed)),
            LongestAround([.. seen.SelectMany(s => s).Order()], killed)
        );
        leader.Start();
        await _cluster.WaitReadyAsync(cancellationToken).ConfigureAwait(false);
        return result;
    }

    /// <summary>The longest time between two successes that ends after the kill, in milliseconds.</summary>
    private static double LongestAround(long[] successes, long killed)
    {
        double longest = 0;
        for (var i = 1; i < successes.Length; i++)
        {
            if (successes[i] > killed)
            {
                longest = Math.Max(
                    longest,
                    Stopwatch.GetElapsedTime(successes[i - 1], successes[i]).TotalMilliseconds
                );
            }
        }
        return longest;
    }

    private async Task UntilAllSucceedAsync(long after, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        while (!_successes.All(q => q.Any(t => t > after)))
        {
            if (Stopwatch.GetElapsedTime(began) > RecoveryMax)
            {
                throw new CommandFailedException(
                    ExitCode.NotDone,
                    Text.BenchNodeSilent(RecoveryMax.TotalSeconds)
                );
            }
            await Task.Delay(Poll, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Every acknowledged id is there, and no account moved more than its transfers.</summary>
    private async Task<(long Lost, long Twice)> CompareAsync(CancellationToken cancellationToken)
    {
        var client = new EvenkeelClient(
            new ClientOptions { Endpoints = _cluster.BinaryEndpoints, ApiKey = _cluster.Key }
        );
        await using (client.ConfigureAwait(false))
        {
            Dictionary<UInt128, (UInt128 Debits, UInt128 Credits)> expected = [];
            long lost = 0;
            foreach (var page in _done.Chunk(Limits.BatchEventsMax))
            {
                UInt128[] ids = [.. page.Select(t => t.Id)];
                var found = (
                    await client
                        .UntilKnownAsync(
                            () => client.LookupTransfersAsync(ids, cancellationToken),
                            cancellationToken
                        )
                        .ConfigureAwait(false)
                )
                    .Require()
                    .ToDictionary(t => t.Id);
                foreach (var (id, debit, credit, amount) in page)
                {
                    var isThere =
                        found.TryGetValue(id, out var kept)
                        && kept.DebitAccountId == debit
                        && kept.CreditAccountId == credit
                        && kept.Amount == amount;
                    lost += isThere ? 0 : 1;
                    Add(debit, amount, 0);
                    Add(credit, 0, amount);
                }
            }
            UInt128[] accounts =
            [
                .. Enumerable.Range(1, _options.Accounts).Select(i => (UInt128)i),
            ];
            var balances = (
                await client
                    .UntilKnownAsync(
                        () => client.LookupAccountsAsync(accounts, cancellationToken),
                        cancellationToken
                    )
                    .ConfigureAwait(false)
            ).Require();
            long twice = 0;
            foreach (var account in balances)
            {
                var (debits, credits) = expected.GetValueOrDefault(account.Id);
                twice += Excess(account.DebitsPosted, debits);
                twice += Excess(account.CreditsPosted, credits);
            }
            return (lost, twice);

            void Add(UInt128 account, uint debit, uint credit)
            {
                var (debits, credits) = expected.GetValueOrDefault(account);
                expected[account] = (debits + debit, credits + credit);
            }
        }

        static long Excess(UInt128 is_, UInt128 should) => is_ > should ? (long)(is_ - should) : 0;
    }

    private static double Quantile(
        List<KillResult> kills,
        double quantile,
        Func<KillResult, double> value
    )
    {
        double[] sorted = [.. kills.Select(value).Order()];
        return sorted.Length == 0
            ? 0
            : sorted[Math.Max(0, (int)Math.Ceiling(quantile * sorted.Length) - 1)];
    }
}
