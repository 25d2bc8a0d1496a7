using Evenkeel.Model;

namespace Evenkeel.Bench;

/// <summary>Drives a running node over real sockets.</summary>
public sealed class LedgerLoad(OpenTarget open, WorkloadOptions options)
{
    private ulong _runs;

    /// <summary>Creates the accounts of the workload; those that exist stay.</summary>
    public async Task SetUpAsync(IProgress<int>? progress, CancellationToken cancellationToken)
    {
        await using var target = await open(cancellationToken);
        var batch = new Account[Limits.BatchEventsMax];
        for (var first = 0; first < options.Accounts; first += batch.Length)
        {
            var count = Math.Min(batch.Length, options.Accounts - first);
            for (var i = 0; i < count; i++)
            {
                batch[i] = new Account
                {
                    Id = Workload.AccountId(first + i),
                    Ledger = Workload.Ledger,
                    Code = Workload.Code,
                };
            }
            await target.CreateAccountsAsync(batch.AsMemory(0, count), cancellationToken);
            progress?.Report(first + count);
        }
    }

    /// <summary>Each client sends a batch, waits for its answer, sends the next.</summary>
    public async Task<Measurement> RunAsync(
        string name,
        int clients,
        int batch,
        TimeSpan warmUp,
        TimeSpan duration,
        CancellationToken cancellationToken
    )
    {
        var run = options.ForRun(++_runs);
        var targets = new List<ILoadTarget>();
        try
        {
            var requests = new List<LoadRunner.Request>();
            for (var i = 0; i < clients; i++)
            {
                var target = await open(cancellationToken);
                targets.Add(target);
                requests.Add(Client(target, new Workload(run, i), batch));
            }
            return await LoadRunner.RunAsync(
                name,
                requests,
                batch,
                options.Accounts,
                durable: true,
                warmUp,
                duration,
                cancellationToken
            );
        }
        finally
        {
            foreach (var target in targets)
            {
                await target.DisposeAsync();
            }
        }
    }

    /// <summary>Sends a fixed number of transfers as fast as batches go; for filling a ledger.</summary>
    public async Task FillAsync(
        long transfers,
        int clients,
        IProgress<long>? progress,
        CancellationToken cancellationToken
    )
    {
        var run = options.ForRun(++_runs);
        long left = transfers,
            done = 0;
        await Task.WhenAll(Enumerable.Range(0, clients).Select(ClientLoopAsync));

        async Task ClientLoopAsync(int client)
        {
            await using var target = await open(cancellationToken);
            var workload = new Workload(run, client);
            var events = new Transfer[Limits.BatchEventsMax];
            while (true)
            {
                var count = (int)
                    Math.Min(
                        events.Length,
                        Interlocked.Add(ref left, -events.Length) + events.Length
                    );
                if (count <= 0)
                {
                    return;
                }
                Fill(workload, events.AsSpan(0, count));
                await target.CreateTransfersAsync(events.AsMemory(0, count), cancellationToken);
                progress?.Report(Interlocked.Add(ref done, count));
            }
        }
    }

    private static LoadRunner.Request Client(ILoadTarget target, Workload workload, int batch)
    {
        var events = new Transfer[batch];
        return async token =>
        {
            Fill(workload, events);
            var refused = await target.CreateTransfersAsync(events, token);
            return (batch - refused, refused);
        };
    }

    private static void Fill(Workload workload, Span<Transfer> events)
    {
        for (var i = 0; i < events.Length; i++)
        {
            events[i] = workload.Next();
        }
    }
}
