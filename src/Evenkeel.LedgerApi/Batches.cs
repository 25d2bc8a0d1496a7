using System.Globalization;
using Evenkeel.LedgerApi.Idempotency;
using Evenkeel.LedgerApi.Problems;
using Evenkeel.Model;

namespace Evenkeel.LedgerApi;

/// <summary>What every batch must keep.</summary>
internal static class Batches
{
    public static T[] Checked<T>(T[] events)
        where T : class
    {
        if (events.Length is 0 or > Limits.BatchEventsMax)
        {
            throw new RefusedException(
                Reasons.InvalidRequest,
                $"Expected 1 to {Limits.BatchEventsMax.ToString(CultureInfo.InvariantCulture)} events."
            );
        }
        // A null in an array is not a missing member: the serializer lets it pass.
        return Array.TrueForAll(events, e => e is not null)
            ? events
            : throw new RefusedException(Reasons.InvalidJson, "An event is null.");
    }

    public static UInt128 Derive(IdempotencyKey? key, DerivedKind kind, int index) =>
        key?.DeriveId(kind, index) ?? throw new RefusedException(Reasons.IdRequired);

    public static void CheckSameId(UInt128 inPath, UInt128? inBody)
    {
        if (inBody is { } id && id != inPath)
        {
            throw new RefusedException(
                Reasons.InvalidRequest,
                "The id in the body is not the one in the path."
            );
        }
    }
}
