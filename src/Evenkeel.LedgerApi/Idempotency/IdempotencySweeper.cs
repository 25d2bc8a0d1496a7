using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Evenkeel.LedgerApi.Idempotency;

/// <summary>Lets go of first answers that are older than their retention, page by page.</summary>
internal sealed class IdempotencySweeper(
    IdempotencyStore store,
    LedgerApiOptions options,
    TimeProvider time,
    ILogger<IdempotencySweeper> log
) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.IdempotencySweepEvery, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                var removed = await store.SweepAsync(options.IdempotencyRetention, stoppingToken);
                log.IdempotencySwept(removed);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // What stays is only memory of old requests; the next round tries again.
                log.IdempotencySweepFailed(e);
            }
        }
    }
}
