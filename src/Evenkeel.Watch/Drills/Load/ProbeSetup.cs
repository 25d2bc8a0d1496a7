using Evenkeel.Model;
using Evenkeel.Watch.Drills.Checking;

namespace Evenkeel.Watch.Drills.Load;

/// <summary>Opens a probe's accounts through the gateway, and moves its first money.</summary>
internal sealed class ProbeSetup(ProbeOptions options, RestCaller bank, CallLog log)
{
    private const int TriesMax = 100;
    private const int PauseMs = 100;
    private const uint Ledger = 1;

    public async Task OpenAsync(
        IReadOnlyList<(UInt128 Id, ulong Content)> accounts,
        CancellationToken cancellationToken
    )
    {
        for (int i = 0; i < TriesMax; i++)
        {
            if (await bank.PostAccountsAsync(accounts, Ledger))
            {
                return;
            }
            await Task.Delay(PauseMs, cancellationToken);
        }
        throw new InvalidOperationException("The probe's accounts were not opened.");
    }

    public async Task FundAsync(
        IReadOnlyList<Movement> movements,
        CancellationToken cancellationToken
    )
    {
        for (int i = 0; i < TriesMax; i++)
        {
            long start = CallLog.NowNs();
            CreateTransferResult[]? results = await bank.PostTransfersAsync(movements, Ledger);
            log.Add(
                new WriteCall(
                    $"probe {options.Range}",
                    start,
                    CallLog.NowNs(),
                    movements,
                    results is null ? CallOutcome.Unknown : CallOutcome.Done,
                    results ?? [],
                    ""
                )
            );
            if (results is not null)
            {
                return;
            }
            await Task.Delay(PauseMs, cancellationToken);
        }
        throw new InvalidOperationException("The probe's accounts were not funded.");
    }
}
