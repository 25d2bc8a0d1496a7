using System.Diagnostics.Metrics;
using Evenkeel.Channels.Iso8583.Codec;

namespace Evenkeel.Channels.Iso8583;

/// <summary>Counts and times of the channel, by message type and response code.</summary>
internal sealed class IsoMetrics : IDisposable
{
    public const string MeterName = "Evenkeel.Channels.Iso8583";

    private readonly Meter _meter = new(MeterName);
    private readonly Counter<long> _received;
    private readonly Counter<long> _answered;
    private readonly Histogram<double> _answer;

    public IsoMetrics()
    {
        _received = _meter.CreateCounter<long>("evenkeel.iso8583.received", "{message}");
        _answered = _meter.CreateCounter<long>("evenkeel.iso8583.answered", "{message}");
        _answer = _meter.CreateHistogram<double>("evenkeel.iso8583.answer.duration", "s");
    }

    public void Received(Mti mti) =>
        _received.Add(1, new KeyValuePair<string, object?>("mti", mti.ToString()));

    public void Answered(Mti mti, string code, TimeSpan took)
    {
        KeyValuePair<string, object?> type = new("mti", mti.ToString());
        _answered.Add(1, type, new KeyValuePair<string, object?>("code", code));
        if (took > TimeSpan.Zero)
        {
            _answer.Record(took.TotalSeconds, type);
        }
    }

    public void Dispose() => _meter.Dispose();
}
