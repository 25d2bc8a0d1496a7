using System.Runtime.InteropServices;
using System.Text;
using Evenkeel.Journal;
using Evenkeel.LedgerApi.Problems;
using Evenkeel.Model;

namespace Evenkeel.LedgerApi.Idempotency;

/// <summary>What is the same for batches of accounts and of transfers.</summary>
/// <typeparam name="TEvent">The wire struct of an event.</typeparam>
/// <typeparam name="TResult">The wire struct of a result, 16 bytes.</typeparam>
internal sealed record BatchKind<TEvent, TResult>(
    DerivedKind Derived,
    Func<TEvent, UInt128> IdOf,
    Func<TResult, bool> IsCreated,
    Func<TResult, bool> MayHideCreated,
    Func<ulong, TResult> Created,
    Func<ReadOnlyMemory<TEvent>, ApiCall, ValueTask<Answer<TResult[]>>> DecideAsync,
    Func<ReadOnlyMemory<UInt128>, ApiCall, ValueTask<Answer<TEvent[]>>> LookupAsync,
    Func<TEvent, TEvent, bool> IsSameRequest,
    Func<TEvent, ulong> TimestampOf
)
    where TEvent : unmanaged
    where TResult : unmanaged;

/// <summary>
/// Decides a batch so that a repeated request gets its first answer again (ADR 0012).
/// </summary>
internal static class IdempotentBatch
{
    /// <param name="events">With ids, given or derived.</param>
    /// <param name="derived">Which of the ids follow from the key.</param>
    public static async ValueTask<TResult[]> DecideAsync<TEvent, TResult>(
        ApiCall call,
        IdempotencyStore store,
        IdempotencyKey? key,
        TEvent[] events,
        bool[] derived,
        BatchKind<TEvent, TResult> kind
    )
        where TEvent : unmanaged
        where TResult : unmanaged
    {
        if (key is null)
        {
            return call.Written(await kind.DecideAsync(events, call));
        }
        var claim = await store.ClaimAsync(call, key, ContentOf(call, events));
        if (claim.Record.Results is { } kept)
        {
            return Read<TResult>(kept, events.Length);
        }
        var results = call.Written(await kind.DecideAsync(events, call));
        try
        {
            await RestoreCreatedAsync(call, claim, events, derived, results, kind);
            if (Array.TrueForAll(results, r => kind.IsCreated(r)))
            {
                // Nothing to keep: the ledger tells the same again, with the same timestamps.
                return results;
            }
            var bytes = MemoryMarshal.AsBytes(results.AsSpan()).ToArray();
            return Read<TResult>(await store.KeepAsync(call, claim, bytes), events.Length);
        }
        catch (RefusedException e) when (e.Reason != Reasons.UnknownOutcome)
        {
            // "Not done" would be a lie from here on: the batch is decided.
            throw new RefusedException(
                Reasons.UnknownOutcome,
                $"It was decided, but its answer could not be kept ({e.Reason.Code})."
            );
        }
    }

    /// <summary>
    /// What an earlier attempt of this request created is answered as created. The ledger says
    /// "exists" of it, and "linked event failed" of its neighbours in a chain.
    /// </summary>
    private static async ValueTask RestoreCreatedAsync<TEvent, TResult>(
        ApiCall call,
        Claim claim,
        TEvent[] events,
        bool[] derived,
        TResult[] results,
        BatchKind<TEvent, TResult> kind
    )
        where TEvent : unmanaged
        where TResult : unmanaged
    {
        // An id that was given may have been created by another request, unless this is a repetition.
        int[] open =
        [
            .. Enumerable
                .Range(0, events.Length)
                .Where(i => kind.MayHideCreated(results[i]) && (derived[i] || !claim.IsNew)),
        ];
        if (open.Length == 0)
        {
            return;
        }
        UInt128[] ids = [.. open.Select(i => kind.IdOf(events[i]))];
        var found = ApiCall.Done(await kind.LookupAsync(ids, call)).ToDictionary(kind.IdOf, e => e);
        foreach (var i in open)
        {
            if (
                found.TryGetValue(kind.IdOf(events[i]), out var existing)
                && kind.IsSameRequest(events[i], existing)
            )
            {
                results[i] = kind.Created(kind.TimestampOf(existing));
            }
        }
    }

    private static byte[] ContentOf<TEvent>(ApiCall call, TEvent[] events)
        where TEvent : unmanaged
    {
        var resource = Encoding.UTF8.GetBytes(
            $"{call.Http.Request.Method} {call.Http.Request.Path}\n"
        );
        return [.. resource, .. MemoryMarshal.AsBytes(events.AsSpan())];
    }

    private static TResult[] Read<TResult>(byte[] bytes, int count)
        where TResult : unmanaged
    {
        var results = MemoryMarshal.Cast<byte, TResult>(bytes).ToArray();
        Check.That(results.Length == count);
        return results;
    }
}
