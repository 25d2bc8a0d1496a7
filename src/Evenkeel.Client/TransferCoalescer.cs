using Evenkeel.Model;

namespace Evenkeel.Client;

/// <summary>
/// Sends single transfers of many callers together: while one batch is on its way, the next one
/// fills. Each caller gets the answer for its own transfer. Thread-safe.
/// </summary>
/// <remarks>
/// Transfers of one batch are independent of each other, so linked ones are refused: send those with
/// <see cref="EvenkeelClient.CreateTransfersAsync"/>.
/// </remarks>
public sealed class TransferCoalescer(EvenkeelClient client, int batchesInFlightMax = 2)
{
    private readonly Lock _gate = new();
    private List<Waiting> _filling = [];
    private int _inFlight;

    private readonly record struct Waiting(
        Transfer Transfer,
        TaskCompletionSource<CallResult<CreateTransferResult>> Answer
    );

    /// <summary>Creates one transfer. Waiters are bounded by the callers, each of whom awaits.</summary>
    /// <exception cref="ArgumentException">The transfer is linked.</exception>
    public Task<CallResult<CreateTransferResult>> CreateTransferAsync(Transfer transfer)
    {
        if ((transfer.Flags & TransferFlags.Linked) != 0)
        {
            throw new ArgumentException("A linked transfer can't be sent alone.", nameof(transfer));
        }
        var answer = new TaskCompletionSource<CallResult<CreateTransferResult>>(
            TaskCreationOptions.RunContinuationsAsynchronously
        );
        lock (_gate)
        {
            _filling.Add(new Waiting(transfer, answer));
            if (_inFlight == batchesInFlightMax)
            {
                return answer.Task;
            }
            _inFlight++;
        }
        _ = SendLoopAsync();
        return answer.Task;
    }

    private async Task SendLoopAsync()
    {
        while (true)
        {
            List<Waiting> batch;
            lock (_gate)
            {
                if (_filling.Count == 0)
                {
                    _inFlight--;
                    return;
                }
                int count = Math.Min(_filling.Count, Limits.BatchEventsMax);
                batch = _filling;
                _filling = batch[count..];
                batch.RemoveRange(count, batch.Count - count);
            }
            await SendAsync(batch);
        }
    }

    private async Task SendAsync(List<Waiting> batch)
    {
        var events = new Transfer[batch.Count];
        for (int i = 0; i < events.Length; i++)
        {
            events[i] = batch[i].Transfer;
        }
        try
        {
            CallResult<CreateTransferResult[]> result = await client.CreateTransfersAsync(events);
            for (int i = 0; i < events.Length; i++)
            {
                batch[i].Answer.SetResult(ForOne(result, i, events[i].Id));
            }
        }
        catch (Exception failure)
        {
            // A disposed client, for one: every caller hears of it.
            foreach (Waiting waiting in batch)
            {
                waiting.Answer.TrySetException(failure);
            }
        }
    }

    private static CallResult<CreateTransferResult> ForOne(
        CallResult<CreateTransferResult[]> result,
        int index,
        UInt128 id
    ) =>
        result switch
        {
            CallResult<CreateTransferResult[]>.Done done =>
                new CallResult<CreateTransferResult>.Done(done.Value[index], done.AppliedIndex),
            CallResult<CreateTransferResult[]>.NotDone refused =>
                new CallResult<CreateTransferResult>.NotDone(
                    refused.Reason,
                    refused.Detail,
                    refused.Advice
                ),
            CallResult<CreateTransferResult[]>.Unknown unknown =>
                new CallResult<CreateTransferResult>.Unknown(unknown.Detail, id),
            _ => throw new EvenkeelException("An answer of no kind."),
        };
}
