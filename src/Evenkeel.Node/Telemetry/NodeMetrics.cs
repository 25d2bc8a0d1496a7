using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Evenkeel.Node.Telemetry;

/// <summary>What the node measures: meter and activity source "Evenkeel.Node".</summary>
public sealed class NodeMetrics : IDisposable
{
    public const string Name = "Evenkeel.Node";

    private readonly Meter _meter = new(Name);
    private readonly Counter<long> _entries;
    private readonly Counter<long> _entryBytes;
    private readonly Counter<long> _transfers;
    private readonly Counter<long> _accounts;
    private readonly Counter<long> _operations;
    private readonly Counter<long> _expiries;
    private readonly Counter<long> _framesMalformed;
    private readonly Histogram<long> _requestsPerEntry;
    private readonly Histogram<long> _eventsPerEntry;
    private readonly Histogram<double> _applyMs;
    private readonly Histogram<double> _commitMs;

    public NodeMetrics()
    {
        _entries = _meter.CreateCounter<long>("evenkeel.node.entries", "{entry}");
        _entryBytes = _meter.CreateCounter<long>("evenkeel.node.entry_bytes", "By");
        _transfers = _meter.CreateCounter<long>(
            "evenkeel.node.transfers",
            "{event}",
            "Transfer events applied, refused ones included"
        );
        _accounts = _meter.CreateCounter<long>("evenkeel.node.account_events", "{event}");
        _operations = _meter.CreateCounter<long>("evenkeel.node.operations", "{operation}");
        _expiries = _meter.CreateCounter<long>("evenkeel.node.holds_expired", "{hold}");
        _framesMalformed = _meter.CreateCounter<long>("evenkeel.node.frames_malformed", "{frame}");
        RequestsRefusedBusy = _meter.CreateCounter<long>(
            "evenkeel.node.requests_busy",
            "{request}"
        );
        _requestsPerEntry = _meter.CreateHistogram<long>(
            "evenkeel.node.entry_requests",
            "{request}"
        );
        _eventsPerEntry = _meter.CreateHistogram<long>("evenkeel.node.entry_events", "{event}");
        _applyMs = _meter.CreateHistogram<double>("evenkeel.node.apply_time", "ms");
        _commitMs = _meter.CreateHistogram<double>("evenkeel.node.commit_time", "ms");
    }

    /// <summary>Traces of requests.</summary>
    public static ActivitySource Activities { get; } = new(Name);

    internal Counter<long> RequestsRefusedBusy { get; }

    internal void EntryProposed(int bytes, int requests, uint events)
    {
        _entries.Add(1);
        _entryBytes.Add(bytes);
        _requestsPerEntry.Record(requests);
        _eventsPerEntry.Record(events);
    }

    internal void EntryCommitted(TimeSpan elapsed) => _commitMs.Record(elapsed.TotalMilliseconds);

    internal void EntryApplied(
        TimeSpan elapsed,
        long transfers,
        long accounts,
        long operations,
        long expiries
    )
    {
        _applyMs.Record(elapsed.TotalMilliseconds);
        _transfers.Add(transfers);
        _accounts.Add(accounts);
        _operations.Add(operations);
        _expiries.Add(expiries);
    }

    internal void FrameMalformed() => _framesMalformed.Add(1);

    /// <summary>A value that is read when somebody collects.</summary>
    internal void Gauge(string name, string unit, Func<long> read) =>
        _meter.CreateObservableGauge(name, read, unit);

    public void Dispose() => _meter.Dispose();
}
