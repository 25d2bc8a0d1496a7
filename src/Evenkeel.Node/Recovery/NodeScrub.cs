using Evenkeel.Node.History;
using Evenkeel.Records;
using Microsoft.Extensions.Logging;

namespace Evenkeel.Node.Recovery;

/// <summary>What the last scrub found.</summary>
/// <param name="Passes">Passes that reached their end since the start.</param>
/// <param name="EndedAt">End of the last one; null before the first.</param>
/// <param name="Findings">The first findings since the start, each naming file and row.</param>
public sealed record ScrubState(
    long Passes,
    DateTimeOffset? EndedAt,
    IReadOnlyList<string> Findings
)
{
    internal static readonly ScrubState None = new(0, EndedAt: null, []);
}

/// <summary>
/// Reads history and records back now and then, at a bounded rate: damage is found while the archive
/// to mend it from is at hand, not when a customer asks. What is found is marked, and the next start
/// rebuilds it.
/// </summary>
internal sealed class NodeScrub : IAsyncDisposable
{
    private const int FindingsMax = 20;

    private readonly NodeParts _parts;
    private readonly DamageMarks _marks;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ITimer _timer;
    private readonly Lock _gate = new();
    private Task _pass = Task.CompletedTask;
    private volatile ScrubState _state = ScrubState.None;

    public NodeScrub(NodeParts parts, DamageMarks marks, TimeProvider time, ILogger logger)
    {
        _parts = parts;
        _marks = marks;
        _time = time;
        _logger = logger;
        _timer = time.CreateTimer(
            static self => _ = ((NodeScrub)self!).PassAsync(),
            this,
            TimeSpan.FromMilliseconds(NodeLimits.ScrubFirstMs),
            TimeSpan.FromMilliseconds(NodeLimits.ScrubIntervalMs)
        );
    }

    public ScrubState State => _state;

    /// <summary>One pass now, or the end of the one that is running.</summary>
    public Task PassAsync()
    {
        lock (_gate)
        {
            if (_pass.IsCompleted && !_stopping.IsCancellationRequested)
            {
                _pass = Task.Run(Pass);
            }
            return _pass;
        }
    }

    /// <summary>Takes a finding, of a pass or of somebody who met the damage while reading.</summary>
    public void Report(string finding)
    {
        lock (_gate)
        {
            ScrubState state = _state;
            if (
                state.Findings.Count >= FindingsMax
                || state.Findings.Contains(finding, StringComparer.Ordinal)
            )
            {
                return;
            }
            _state = state with { Findings = [.. state.Findings, finding] };
        }
        _logger.ScrubFound(finding);
    }

    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync();
        await _stopping.CancelAsync();
        await PassAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private void Pass()
    {
        try
        {
            foreach (HistoryDamage damage in ScrubHistory())
            {
                _marks.MarkHistory(damage);
                Report(damage.ToString());
            }
            if (_parts.Records?.CreateReader().Scrub(_stopping.Token) is { IsClean: false } records)
            {
                _marks.MarkRecords();
                foreach (string finding in records.Findings)
                {
                    Report(finding);
                }
            }
            lock (_gate)
            {
                _state = _state with { Passes = _state.Passes + 1, EndedAt = _time.GetUtcNow() };
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
        catch (Exception failed) when (failed is IOException or RecordStoreException)
        {
            Report($"the scrub could not go on: {failed.Message}");
        }
    }

    private IReadOnlyList<HistoryDamage> ScrubHistory() =>
        _parts.Files?.Scrub(NodeLimits.ScrubBytesPerSecond, _time, _stopping.Token) ?? [];
}
