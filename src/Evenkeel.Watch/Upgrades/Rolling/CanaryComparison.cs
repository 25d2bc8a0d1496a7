using System.Globalization;

namespace Evenkeel.Watch.Upgrades.Rolling;

/// <summary>
/// Compares an upgraded node with a control that was not touched, both probed at the same moments:
/// what makes the machine slow makes both slow.
/// </summary>
public sealed class CanaryComparison(CanaryLimits limits)
{
    private readonly Side _canary = new();
    private readonly Side _control = new();

    public void Add(Probe canary, Probe control)
    {
        _canary.Add(canary);
        _control.Add(control);
    }

    public CanaryFigures Figures =>
        new(
            _canary.Probes,
            _canary.ErrorsPerMille,
            _control.ErrorsPerMille,
            _canary.MedianMs,
            _control.MedianMs,
            _canary.GrownBytes,
            _control.GrownBytes
        );

    /// <summary>Why the upgrade stops here; null while it goes on.</summary>
    public string? WhyStop()
    {
        var f = Figures;
        var grown = f.CanaryGrownBytes - Math.Max(0, f.ControlGrownBytes);
        if (grown > limits.MemoryBytesMax)
        {
            return Text(
                $"its memory grew by {f.CanaryGrownBytes >> 20} MiB, that of the control by {f.ControlGrownBytes >> 20} MiB"
            );
        }
        if (f.Probes < limits.ProbesMin)
        {
            return null;
        }
        if (f.CanaryErrorsPerMille - f.ControlErrorsPerMille > limits.ErrorsPerMilleMax)
        {
            return Text(
                $"{f.CanaryErrorsPerMille} of 1,000 probes failed, of the control {f.ControlErrorsPerMille}"
            );
        }
        return
            f.CanaryMedianMs - f.ControlMedianMs > limits.LatencyMsIgnored
            && f.CanaryMedianMs * 100 > f.ControlMedianMs * limits.LatencyPercentMax
            ? Text(
                $"its median latency is {f.CanaryMedianMs:F1} ms, that of the control {f.ControlMedianMs:F1} ms"
            )
            : null;
    }

    private static string Text(FormattableString text) =>
        text.ToString(CultureInfo.InvariantCulture);

    private sealed class Side
    {
        private readonly List<double> _latencies = [];
        private int _errors;
        private long _firstBytes;
        private long _lastBytes;

        public int Probes => _latencies.Count;

        public int ErrorsPerMille => Probes == 0 ? 0 : _errors * 1_000 / Probes;

        public double MedianMs => Probes == 0 ? 0 : _latencies.Order().ElementAt(Probes / 2);

        public long GrownBytes => _lastBytes - _firstBytes;

        public void Add(Probe probe)
        {
            _latencies.Add(probe.Latency.TotalMilliseconds);
            _errors += probe.Ok ? 0 : 1;
            if (probe.ResidentBytes > 0)
            {
                _firstBytes = _firstBytes == 0 ? probe.ResidentBytes : _firstBytes;
                _lastBytes = probe.ResidentBytes;
            }
        }
    }
}

/// <summary>What was measured; latencies are medians, memory is since the warm-up.</summary>
public sealed record CanaryFigures(
    int Probes,
    int CanaryErrorsPerMille,
    int ControlErrorsPerMille,
    double CanaryMedianMs,
    double ControlMedianMs,
    long CanaryGrownBytes,
    long ControlGrownBytes
);
