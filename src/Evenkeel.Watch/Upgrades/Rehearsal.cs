using System.Diagnostics;
using System.Globalization;
using Evenkeel.Replication;

namespace Evenkeel.Watch.Upgrades;

/// <summary>
/// Lets the current program and a candidate replay the same real archive side by side and compares
/// what they say, line by line, until the first difference or the end.
/// </summary>
/// <remarks>
/// A candidate that stops, breaks off or cannot begin where the current program can is refused, too.
/// When the current program fails nothing is known, and that is an <see cref="UpgradeException"/>.
/// </remarks>
public sealed class Rehearsal
{
    private readonly RehearsalOptions _options;
    private readonly ShadowSource _source;
    private readonly DateTimeOffset _startedAt;
    private ulong _lastEqual;
    private ulong _entries;
    private ulong _events;
    private ulong _states;

    private Rehearsal(RehearsalOptions options, ShadowSource source)
    {
        _options = options;
        _source = source;
        _startedAt = options.Time.GetUtcNow();
    }

    /// <param name="progress">Receives the last entry that was equal, now and then.</param>
    public static async Task<RehearsalReport> RunAsync(
        RehearsalOptions options,
        IProgress<ulong>? progress,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(options);
        var extent =
            ArchiveExtent.Find(options.ArchiveDirectory)
            ?? throw new UpgradeException(
                $"{options.ArchiveDirectory} holds no archive: there is nothing to rehearse on"
            );
        var scratch = Path.Combine(
            options.ScratchDirectory,
            $"evenkeel-rehearsal-{Environment.ProcessId}-{Guid.NewGuid():N}"
        );
        Directory.CreateDirectory(scratch);
        try
        {
            var source = new ShadowSource(
                options.ArchiveDirectory,
                ChooseSnapshot(options)?.Path,
                options.HistoryDirectory,
                options.OverridesDirectory,
                extent.LastIndex,
                scratch
            );
            return await new Rehearsal(options, source)
                .RunAsync(progress, cancellationToken)
                .ConfigureAwait(false);
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }

    private static SnapshotFile? ChooseSnapshot(RehearsalOptions options)
    {
        if (options.SnapshotsDirectory is not { } directory)
        {
            return null;
        }
        if (options.Last is null && !options.FromSnapshot)
        {
            return null;
        }
        var found = SnapshotFile.List(directory).Select(s => SnapshotFile.Open(s.Path)).ToList();
        if (options.Last is not { } last)
        {
            return found.FirstOrDefault()
                ?? throw new UpgradeException($"{directory} holds no finished snapshot");
        }
        var since = (ulong)(options.Time.GetUtcNow() - last).ToUnixTimeMilliseconds() * 1_000_000;
        // Older than asked for is more than asked for; when all are younger, all of the log it is.
        return found.FirstOrDefault(s => s.LogTime > 0 && s.LogTime <= since);
    }

    private async Task<RehearsalReport> RunAsync(
        IProgress<ulong>? progress,
        CancellationToken cancellationToken
    )
    {
        var clock = Stopwatch.StartNew();
        var every = _options.DigestEvery.ToString(CultureInfo.InvariantCulture);
        using var current = ShadowProcess.Start(
            _options.CurrentPath,
            _source,
            "current",
            "--digest-every",
            every
        );
        using var candidate = ShadowProcess.Start(
            _options.CandidatePath,
            _source,
            "candidate",
            "--digest-every",
            every
        );
        var first = await current.ReadLineAsync(cancellationToken).ConfigureAwait(false);
        RehearsalDifference? difference;
        ShadowLine other;
        try
        {
            other = await candidate.ReadLineAsync(cancellationToken).ConfigureAwait(false);
            difference = CompareStarts(first, other);
        }
        catch (UpgradeException refused)
        {
            other = new ShadowLine();
            difference = Ended(first.Start ?? 0, refused.Message);
        }
        difference ??= await CompareAsync(current, candidate, progress, cancellationToken)
            .ConfigureAwait(false);
        if (difference is not null)
        {
            difference = await new DifferenceFinder(_options, _source)
                .ExplainAsync(difference, cancellationToken)
                .ConfigureAwait(false);
        }
        return new RehearsalReport
        {
            Format = RehearsalReport.CurrentFormat,
            Passed = difference is null,
            StartedAt = _startedAt,
            Current = Program(current, first),
            Candidate = Program(candidate, other),
            Lineage = first.Lineage ?? "",
            StartEntry = first.Start ?? 0,
            LastEqualEntry = _lastEqual,
            EntriesCompared = _entries,
            EventsCompared = _events,
            StatesCompared = _states,
            Seconds = clock.Elapsed.TotalSeconds,
            Difference = difference,
        };
    }

    private async Task<RehearsalDifference?> CompareAsync(
        ShadowProcess current,
        ShadowProcess candidate,
        IProgress<ulong>? progress,
        CancellationToken cancellationToken
    )
    {
        var said = Stopwatch.GetTimestamp();
        while (true)
        {
            var ours =
                await current.ReadAsync(cancellationToken).ConfigureAwait(false)
                ?? throw await current.EndedAsync().ConfigureAwait(false);
            var theirs = await candidate.ReadAsync(cancellationToken).ConfigureAwait(false);
            var line = current.Parse(ours);
            if (line.End is { } end)
            {
                if (line.Failed is > 0)
                {
                    throw new UpgradeException(
                        $"the current program can't apply entry {line.Failed} itself: {line.Reason}"
                    );
                }
                return CompareEnds(line, theirs is null ? null : candidate.Parse(theirs));
            }
            if (!string.Equals(ours, theirs, StringComparison.Ordinal))
            {
                return theirs is null
                    ? Ended(
                        _lastEqual + 1,
                        (await candidate.EndedAsync().ConfigureAwait(false)).Message
                    )
                    : Differ(line, candidate.Parse(theirs));
            }
            Count(line);
            if (Stopwatch.GetElapsedTime(said) > TimeSpan.FromSeconds(1))
            {
                said = Stopwatch.GetTimestamp();
                progress?.Report(_lastEqual);
            }
        }
    }

    private void Count(ShadowLine line)
    {
        if (line.Entry is { } entry)
        {
            _lastEqual = entry;
            _entries++;
            _events += line.Events ?? 0;
        }
        else if (line.State is not null)
        {
            _states++;
        }
    }

    private static RehearsalDifference? CompareStarts(ShadowLine current, ShadowLine candidate)
    {
        if (candidate.Shadow != current.Shadow)
        {
            return Ended(0, $"it writes lines of version {candidate.Shadow}");
        }
        return candidate.Start == current.Start && candidate.To == current.To
            ? null
            : Ended(
                candidate.Start ?? 0,
                $"it replays {candidate.Start} to {candidate.To}, not {current.Start} to {current.To}"
            );
    }

    private RehearsalDifference? CompareEnds(ShadowLine current, ShadowLine? candidate) =>
        candidate?.End == current.End && candidate?.Failed is 0
            ? null
            : Ended(_lastEqual, "it goes on where the current program has ended");

    private static RehearsalDifference Differ(ShadowLine current, ShadowLine candidate)
    {
        if (candidate.End is not null)
        {
            return new RehearsalDifference
            {
                Entry = candidate.Failed ?? 0,
                Kind = "failed",
                Detail = $"the candidate can't apply it: {candidate.Reason}",
            };
        }
        if (current.Entry is { } entry)
        {
            var inResults = !string.Equals(
                current.Results,
                candidate.Results,
                StringComparison.Ordinal
            );
            return new RehearsalDifference
            {
                Entry = entry,
                Kind = inResults ? "results" : "rows",
                Detail = inResults ? "the results differ" : "the rows of history differ",
            };
        }
        return new RehearsalDifference
        {
            Entry = current.State ?? 0,
            Kind = "state",
            Detail = WhichState(current, candidate),
        };
    }

    internal static string WhichState(ShadowLine current, ShadowLine candidate)
    {
        List<string> parts = [];
        if (current.StateVersion != candidate.StateVersion)
        {
            parts.Add($"state version {current.StateVersion} or {candidate.StateVersion}");
        }
        if (!string.Equals(current.Ledger, candidate.Ledger, StringComparison.Ordinal))
        {
            parts.Add("the ledger");
        }
        if (!string.Equals(current.Records, candidate.Records, StringComparison.Ordinal))
        {
            parts.Add("the records");
        }
        return $"the state after it differs: {string.Join(", ", parts)}";
    }

    private static RehearsalDifference Ended(ulong entry, string detail) =>
        new()
        {
            Entry = entry,
            Kind = "ended",
            Detail = detail,
        };

    private static RehearsedProgram Program(ShadowProcess process, ShadowLine line) =>
        new(process.Path, line.Program ?? "", line.StateVersionMax ?? 0);
}
