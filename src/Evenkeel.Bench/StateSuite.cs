using System.Diagnostics;
using Evenkeel.Model;

namespace Evenkeel.Bench;

/// <summary>A restart that was measured.</summary>
public sealed record RestartResult(
    int Accounts,
    long Transfers,
    double SecondsToServe,
    long ResidentBytes
);

/// <summary>Reads of an account's newest movements among many.</summary>
public sealed record HistoryResult(
    long Transfers,
    int Accounts,
    int Reads,
    bool Cold,
    double P50Ms,
    double P99Ms,
    double FillTransfersPerSecond
);

/// <summary>Memory by account and by remembered id.</summary>
public sealed record MemoryResult(
    int Accounts,
    long Transfers,
    double BytesPerAccount,
    double BytesPerTransferId
);

/// <summary>Measurements of how much state costs: restart, cold history, memory.</summary>
public sealed class StateSuite(StartNode startNode)
{
    /// <summary>Fills a node, kills it, and measures until it answers again.</summary>
    public async Task<RestartResult> RestartAsync(
        int accounts,
        long transfers,
        CancellationToken cancellationToken
    )
    {
        await using var node = await startNode(cancellationToken);
        var load = Load(node, accounts);
        await load.SetUpAsync(null, cancellationToken);
        await load.FillAsync(transfers, clients: 4, null, cancellationToken);
        await node.KillAsync(cancellationToken);
        var clock = Stopwatch.StartNew();
        await node.StartAsync(cancellationToken);
        return new RestartResult(
            accounts,
            transfers,
            clock.Elapsed.TotalSeconds,
            node.ResidentBytes
        );
    }

    /// <summary>
    /// Fills a node, restarts it (its own caches are empty then), drops the system's caches if it may,
    /// and reads the last 50 movements of accounts picked at random.
    /// </summary>
    public async Task<HistoryResult> HistoryAsync(
        long transfers,
        int accounts,
        int reads,
        CancellationToken cancellationToken
    )
    {
        await using var node = await startNode(cancellationToken);
        var load = Load(node, accounts);
        await load.SetUpAsync(null, cancellationToken);
        var fill = Stopwatch.StartNew();
        await load.FillAsync(transfers, clients: 4, null, cancellationToken);
        var rate = transfers / fill.Elapsed.TotalSeconds;
        await node.KillAsync(cancellationToken);
        await node.StartAsync(cancellationToken);
        var cold = DropCaches();
        var random = new SplitMix(5);
        await using var target = await ClientTarget.Opener(node.Endpoints, node.ApiKey)(
            cancellationToken
        );
        var latencies = new double[reads];
        for (var i = 0; i < reads; i++)
        {
            var filter = new AccountFilter
            {
                AccountId = Workload.AccountId((int)(random.Next() % (ulong)accounts)),
                Limit = 50,
                Flags =
                    AccountFilterFlags.Debits
                    | AccountFilterFlags.Credits
                    | AccountFilterFlags.Reversed,
            };
            var before = Stopwatch.GetTimestamp();
            await target.GetAccountTransfersAsync(filter, cancellationToken);
            latencies[i] = Stopwatch.GetElapsedTime(before).TotalMilliseconds;
        }
        Array.Sort(latencies);
        return new HistoryResult(
            transfers,
            accounts,
            reads,
            cold,
            latencies[reads / 2],
            latencies[(int)(reads * 0.99)],
            rate
        );
    }

    /// <summary>Resident memory before and after accounts, and before and after transfers.</summary>
    public async Task<MemoryResult> MemoryAsync(
        int accounts,
        long transfers,
        CancellationToken cancellationToken
    )
    {
        await using var node = await startNode(cancellationToken);
        // Warm: code, buffers and caches are at their full size before anything is counted.
        var warm = new LedgerLoad(
            ClientTarget.Opener(node.Endpoints, node.ApiKey),
            new WorkloadOptions { Accounts = 10_000, Seed = 3 }
        );
        await warm.SetUpAsync(null, cancellationToken);
        await warm.FillAsync(3_000_000, clients: 4, null, cancellationToken);
        var empty = node.ResidentBytes;
        var load = Load(node, accounts);
        await load.SetUpAsync(null, cancellationToken);
        var withAccounts = node.ResidentBytes;
        await load.FillAsync(transfers, clients: 4, null, cancellationToken);
        var withTransfers = node.ResidentBytes;
        return new MemoryResult(
            accounts,
            transfers,
            (withAccounts - empty) / (double)(accounts - 10_000),
            (withTransfers - withAccounts) / (double)transfers
        );
    }

    private static LedgerLoad Load(INodeUnderTest node, int accounts) =>
        new(
            ClientTarget.Opener(node.Endpoints, node.ApiKey),
            new WorkloadOptions { Accounts = accounts, Seed = 7 }
        );

    /// <summary>Empties the page cache where this process may (root); else the reads are warm, and said so.</summary>
    private static bool DropCaches()
    {
        try
        {
            File.WriteAllText("/proc/sys/vm/drop_caches", "3");
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
