using System.Diagnostics;
using System.Diagnostics.Metrics;
using Evenkeel.LedgerApi.Problems;

namespace Evenkeel.LedgerApi;

/// <summary>What this interface counts itself; durations come from the web server's own metrics.</summary>
internal static class ApiMeter
{
    public const string Name = "Evenkeel.LedgerApi";

    private static readonly Meter Meter = new(Name);

    private static readonly Counter<long> Refusals = Meter.CreateCounter<long>(
        "evenkeel.api.refusals",
        "{request}",
        "Requests answered with problem details, by reason."
    );

    private static readonly Counter<long> Events = Meter.CreateCounter<long>(
        "evenkeel.api.events",
        "{event}",
        "Ledger events decided through this interface, by kind and whether refused."
    );

    private static readonly Counter<long> Replays = Meter.CreateCounter<long>(
        "evenkeel.api.idempotent_replays",
        "{request}",
        "Requests whose Idempotency-Key was known."
    );

    /// <summary>Reasons are a fixed table, so the label is bounded.</summary>
    public static void Refused(Reason reason) =>
        Refusals.Add(1, new KeyValuePair<string, object?>("reason", reason.Code));

    public static void Decided(string kind, int events, int refused)
    {
        Events.Add(events - refused, new TagList { { "kind", kind }, { "refused", "false" } });
        Events.Add(refused, new TagList { { "kind", kind }, { "refused", "true" } });
    }

    public static void Replayed() => Replays.Add(1);
}
