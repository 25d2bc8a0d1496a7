using System.Diagnostics;
using System.Globalization;

namespace Evenkeel.Watch.Upgrades.Rolling;

/// <summary>
/// Exchanges the program of a cluster node by node, followers first. Each one must come back ready,
/// caught up and with an equal state, and is then compared with a control; when it is worse it goes
/// back to what it ran before, and the upgrade ends there.
/// </summary>
public sealed class RollingUpgrade(
    IRollTarget target,
    RollOptions options,
    IProgress<string>? progress
)
{
    /// <summary>Entries that a node may be behind and still count as caught up.</summary>
    private const ulong LagEntriesMax = 1_000;

    private readonly List<RolledNode> _rolled = [];

    private TimeProvider Time => options.Time;

    /// <summary>Brings the candidate to every node.</summary>
    public async Task<RollReport> RunAsync(CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        var before = await WaitForAllAsync(cancellationToken).ConfigureAwait(false);
        string? stopped = null;
        foreach (var name in Order(before))
        {
            if (Same(target.ExecutableOf(name), options.CandidatePath))
            {
                continue;
            }
            stopped = await UpgradeAsync(name, cancellationToken).ConfigureAwait(false);
            if (stopped is not null)
            {
                break;
            }
        }
        return Report(stopped, clock.Elapsed);
    }

    /// <summary>Brings every node back to the program of before, without comparing: it is known.</summary>
    public async Task<RollReport> BackAsync(string previous, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        var now = await target.LookAsync(cancellationToken).ConfigureAwait(false);
        string? stopped = null;
        foreach (var name in Order(now))
        {
            if (Same(target.ExecutableOf(name), previous))
            {
                continue;
            }
            var started = Time.GetTimestamp();
            var view = await ExchangeAsync(name, previous, cancellationToken).ConfigureAwait(false);
            Note(name, view is null ? "failed" : "back", started, view, control: null, null);
            if (view is null)
            {
                stopped = $"{name} did not come back ready with {previous}";
                break;
            }
        }
        return Report(stopped, clock.Elapsed);
    }

    // Followers first: the leader changes once, at the end.
    private IEnumerable<string> Order(IReadOnlyList<NodeView> views)
    {
        var leader = views.FirstOrDefault(v => v.Leads)?.Name;
        return target.Nodes.OrderBy(n => string.Equals(n, leader, StringComparison.Ordinal));
    }

    private async Task<string?> UpgradeAsync(string name, CancellationToken cancellationToken)
    {
        var previous = target.ExecutableOf(name);
        var started = Time.GetTimestamp();
        progress?.Report($"{name}: {options.CandidatePath}");
        var view = await ExchangeAsync(name, options.CandidatePath, cancellationToken)
            .ConfigureAwait(false);
        if (view is null)
        {
            return await GoBackAsync(
                    name,
                    previous,
                    started,
                    "it did not come back ready, caught up and with an equal state",
                    null,
                    null,
                    cancellationToken
                )
                .ConfigureAwait(false);
        }
        var ready = Time.GetElapsedTime(started);
        progress?.Report(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{name}: ready after {ready.TotalSeconds:F1} s, equal at entry {view.EqualAtEntry}"
            )
        );
        var control = ControlFor(name);
        if (control is null)
        {
            Note(name, "upgraded", started, view, control, null);
            return null;
        }
        var comparison = new CanaryComparison(options.Limits);
        if (
            await CompareAsync(name, control, comparison, cancellationToken)
                .ConfigureAwait(false) is
            { } worse
        )
        {
            return await GoBackAsync(
                    name,
                    previous,
                    started,
                    worse,
                    control,
                    comparison.Figures,
                    cancellationToken
                )
                .ConfigureAwait(false);
        }
        _rolled.Add(
            new RolledNode(
                name,
                "upgraded",
                ready.TotalSeconds,
                view.EqualAtEntry,
                control,
                comparison.Figures
            )
        );
        return null;
    }

    private async Task<string> GoBackAsync(
        string name,
        string previous,
        long started,
        string why,
        string? control,
        CanaryFigures? figures,
        CancellationToken cancellationToken
    )
    {
        progress?.Report($"{name}: {why}; back to {previous}");
        var view = await ExchangeAsync(name, previous, cancellationToken).ConfigureAwait(false);
        Note(name, view is null ? "failed" : "back", started, view, control, figures);
        return view is null
            ? $"{name}: {why}; and it did not come back with {previous}"
            : $"{name}: {why}; it runs {previous} again";
    }

    /// <summary>Null when it was not ready, caught up and equal in time.</summary>
    private async Task<NodeView?> ExchangeAsync(
        string name,
        string executable,
        CancellationToken cancellationToken
    )
    {
        await target.HandOverAsync(name, cancellationToken).ConfigureAwait(false);
        await target.RestartAsync(name, executable, cancellationToken).ConfigureAwait(false);
        var started = Time.GetTimestamp();
        ulong? since = null;
        while (Time.GetElapsedTime(started) < options.ReadyMax)
        {
            var views = await target.LookAsync(cancellationToken).ConfigureAwait(false);
            var view = views.FirstOrDefault(v => Same(v.Name, name));
            if (view is { Answers: true } && Same(target.ExecutableOf(name), executable))
            {
                // Equality counts from an entry on that it applied with this program.
                since ??= view.AppliedIndex;
                if (
                    view.Problems.Count == 0
                    && view.LagEntries <= LagEntriesMax
                    && view.EqualAtEntry >= since
                    && views.Any(v => v.Leads)
                )
                {
                    return view;
                }
            }
            await Task.Delay(options.SampleEvery, Time, cancellationToken).ConfigureAwait(false);
        }
        return null;
    }

    private async Task<string?> CompareAsync(
        string canary,
        string control,
        CanaryComparison comparison,
        CancellationToken cancellationToken
    )
    {
        await Task.Delay(options.WarmUp, Time, cancellationToken).ConfigureAwait(false);
        var started = Time.GetTimestamp();
        while (Time.GetElapsedTime(started) < options.Soak)
        {
            var both = await Task.WhenAll(
                    target.ProbeAsync(canary, cancellationToken),
                    target.ProbeAsync(control, cancellationToken)
                )
                .ConfigureAwait(false);
            comparison.Add(both[0], both[1]);
            if (comparison.WhyStop() is { } worse)
            {
                return worse;
            }
            await Task.Delay(options.SampleEvery, Time, cancellationToken).ConfigureAwait(false);
        }
        return null;
    }

    /// <summary>A node that still runs the old program; the last one is compared with nobody.</summary>
    private string? ControlFor(string canary) =>
        target.Nodes.FirstOrDefault(n =>
            !Same(n, canary) && !Same(target.ExecutableOf(n), options.CandidatePath)
        );

    private async Task<IReadOnlyList<NodeView>> WaitForAllAsync(CancellationToken cancellationToken)
    {
        var started = Time.GetTimestamp();
        while (true)
        {
            var views = await target.LookAsync(cancellationToken).ConfigureAwait(false);
            var missing = target
                .Nodes.Where(n =>
                    !views.Any(v => Same(v.Name, n) && v.Answers && v.Problems.Count == 0)
                )
                .ToList();
            if (missing.Count == 0 && views.Any(v => v.Leads))
            {
                return views;
            }
            if (Time.GetElapsedTime(started) > options.ReadyMax)
            {
                var reasons = views.SelectMany(v => v.Problems.Select(p => $"{v.Name} {p}"));
                throw new UpgradeException(
                    $"not all members are ready, so none is taken away: {string.Join("; ", missing.Concat(reasons))}"
                );
            }
            await Task.Delay(options.SampleEvery, Time, cancellationToken).ConfigureAwait(false);
        }
    }

    private void Note(
        string name,
        string outcome,
        long started,
        NodeView? view,
        string? control,
        CanaryFigures? figures
    ) =>
        _rolled.Add(
            new RolledNode(
                name,
                outcome,
                Time.GetElapsedTime(started).TotalSeconds,
                view?.EqualAtEntry,
                control,
                figures
            )
        );

    private RollReport Report(string? stopped, TimeSpan time) =>
        new()
        {
            Done = stopped is null,
            Nodes = _rolled,
            Stopped = stopped,
            Seconds = time.TotalSeconds,
        };

    private static bool Same(string a, string b) => string.Equals(a, b, StringComparison.Ordinal);
}
