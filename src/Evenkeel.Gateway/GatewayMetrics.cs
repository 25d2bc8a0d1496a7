using System.Diagnostics.Metrics;
using Evenkeel.Gateway.Attempts;
using Evenkeel.Gateway.Forwarding;
using Evenkeel.Gateway.Leaders;

namespace Evenkeel.Gateway;

/// <summary>What the gateway counts.</summary>
internal sealed class GatewayMetrics : IDisposable
{
    public const string Name = "Evenkeel.Gateway";

    private readonly Meter _meter = new(Name);
    private readonly Counter<long> _requests;
    private readonly Counter<long> _tries;
    private readonly Counter<long> _refused;
    private readonly Histogram<double> _held;
    private readonly Histogram<double> _recording;
    private int _inside;

    public GatewayMetrics(LeaderFinder leaders, AttemptRecorder recorder, BufferBudget budget)
    {
        _requests = _meter.CreateCounter<long>(
            "evenkeel.gateway.requests",
            "{request}",
            "Requests by service and outcome."
        );
        _tries = _meter.CreateCounter<long>(
            "evenkeel.gateway.tries",
            "{try}",
            "Tries at nodes by how they ended."
        );
        _refused = _meter.CreateCounter<long>(
            "evenkeel.gateway.refusals",
            "{request}",
            "Requests that the gateway itself refused, by reason."
        );
        _held = _meter.CreateHistogram<double>(
            "evenkeel.gateway.held",
            "s",
            "Time that requests were held without a leader."
        );
        _recording = _meter.CreateHistogram<double>(
            "evenkeel.gateway.recording",
            "s",
            "Time until a payment's record was durable."
        );
        Gauge("evenkeel.gateway.leader_known", "{leader}", () => leaders.Current is null ? 0 : 1);
        Gauge("evenkeel.gateway.recorder_failing", "{recorder}", () => recorder.IsFailing ? 1 : 0);
        Gauge("evenkeel.gateway.buffered_bytes", "By", () => budget.Used);
        Gauge("evenkeel.gateway.requests_inside", "{request}", () => _inside);
        Total("evenkeel.gateway.attempts_written", "{record}", () => recorder.Written);
        Total("evenkeel.gateway.attempts_lost", "{record}", () => recorder.Lost);
        Total("evenkeel.gateway.attempts_late", "{record}", () => recorder.Late);
        Total("evenkeel.gateway.attempt_flushes", "{flush}", () => recorder.Flushes);
    }

    /// <summary>Requests in the house, this one included.</summary>
    public int Enter() => Interlocked.Increment(ref _inside);

    public void Leave() => Interlocked.Decrement(ref _inside);

    public void Ended(Service service, AttemptOutcome outcome) =>
        _requests.Add(
            1,
            new KeyValuePair<string, object?>("service", service),
            new KeyValuePair<string, object?>("outcome", outcome)
        );

    public void Tried(TryOutcome outcome) =>
        _tries.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    public void Refused(GatewayProblem problem) =>
        _refused.Add(1, new KeyValuePair<string, object?>("reason", problem.Reason));

    public void Held(TimeSpan time) => _held.Record(time.TotalSeconds);

    public void Recorded(TimeSpan time) => _recording.Record(time.TotalSeconds);

    public void Dispose() => _meter.Dispose();

    private void Gauge(string name, string unit, Func<long> value) =>
        _meter.CreateObservableGauge(name, value, unit);

    private void Total(string name, string unit, Func<long> value) =>
        _meter.CreateObservableCounter(name, value, unit);
}
