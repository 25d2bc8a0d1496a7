using System.Diagnostics;
using System.Runtime.InteropServices;
using Evenkeel.Ledger;
using Evenkeel.Model;
using Evenkeel.Node.History;
using Evenkeel.Node.Quarantine;
using Evenkeel.Node.Telemetry;
using Evenkeel.Replication;

namespace Evenkeel.Node.Shadow;

/// <summary>
/// Applies an archive with this program to a scratch ledger, scratch records and scratch history,
/// and writes what each entry did as one line (docs/formats/shadow.md). Upgrade rehearsal compares
/// the lines of two programs; backup verification compares the digests with what is known.
/// </summary>
public sealed class ShadowReplay : IDisposable
{
    /// <summary>How often what is written is handed on, so that a comparison keeps pace.</summary>
    private static readonly TimeSpan FlushEvery = TimeSpan.FromSeconds(1);

    private readonly ShadowOptions _options;
    private readonly ShadowLines _lines;
    private readonly ArchiveExtent _extent;
    private readonly FileHistory _history;
    private readonly NodeMetrics _metrics = new();
    private readonly NodeParts _parts;
    private readonly NodeStateMachine _machine;
    private readonly EntryDigester _digester;
    private ulong _entries;
    private ulong _events;
    private uint _detailNumber;

    private ShadowReplay(ShadowOptions options, ArchiveExtent extent, Stream output)
    {
        _options = options;
        _extent = extent;
        LendHistory();
        _lines = new ShadowLines(output);
        _history = FileHistory.Open(
            new HistoryOptions
            {
                Directory = Path.Combine(options.ScratchDirectory, "history"),
                Lineage = extent.Lineage.Value,
                Ancestors = [.. extent.Lineages.Select(lineage => lineage.Value)],
            }
        );
        _digester = new EntryDigester(_history);
        _parts = new NodeParts
        {
            History = _history,
            Files = _history,
            Ledger = new LedgerState(new LedgerOptions { HugePages = true }, _history),
            RecordsPath = Path.Combine(options.ScratchDirectory, "records.db"),
            ScratchDirectory = options.ScratchDirectory,
            Quarantine = QuarantineSet.LoadForReplay(options.OverridesDirectory),
        };
        _machine = new NodeStateMachine(_parts, _metrics)
        {
            KnownStateVersion = options.StateVersionMax,
            Observer = _digester.Observe,
        };
    }

    /// <summary>Replays, and returns when the last line is written.</summary>
    /// <remarks>
    /// An entry that can't be applied ends the replay and is named in the last line; it is not an
    /// exception, since that is what a rehearsal is for.
    /// </remarks>
    /// <exception cref="ShadowException">The replay can't begin.</exception>
    /// <exception cref="ArchiveDamageException">The archive is damaged before its end.</exception>
    public static ShadowSummary Run(
        ShadowOptions options,
        Stream output,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(output);
        ArchiveExtent extent =
            ArchiveExtent.Find(options.ArchiveDirectory)
            ?? throw new ShadowException($"{options.ArchiveDirectory} holds no archive segment");
        if (
            Directory.Exists(options.ScratchDirectory)
            && Directory.EnumerateFileSystemEntries(options.ScratchDirectory).Any()
        )
        {
            throw new ShadowException($"{options.ScratchDirectory} is not empty");
        }
        Directory.CreateDirectory(options.ScratchDirectory);
        try
        {
            using var replay = new ShadowReplay(options, extent, output);
            return replay.Run(cancellationToken);
        }
        finally
        {
            Directory.Delete(options.ScratchDirectory, recursive: true);
        }
    }

    public void Dispose()
    {
        _parts.Dispose();
        _metrics.Dispose();
    }

    private ShadowSummary Run(CancellationToken cancellationToken)
    {
        long started = Stopwatch.GetTimestamp();
        SnapshotFile? snapshot = Restore();
        ulong first = _machine.AppliedIndex + 1;
        ulong last = Math.Min(_options.To ?? ulong.MaxValue, _extent.LastIndex);
        if (first < _extent.FirstIndex)
        {
            throw new ShadowException(
                $"the archive begins at entry {_extent.FirstIndex}: begin at a snapshot of entry "
                    + $"{_extent.FirstIndex - 1} or later"
            );
        }
        _lines.Header(
            _extent.Lineage,
            _options.Program,
            _options.StateVersionMax,
            _machine.AppliedIndex,
            last
        );
        ulong failed = 0;
        string? reason = null;
        try
        {
            ReplayUpTo(last, snapshot, cancellationToken);
        }
#pragma warning disable CA1031 // Whatever apply throws is the finding that a rehearsal looks for.
        catch (Exception failure)
            when (failure
                    is not (OperationCanceledException or ArchiveDamageException or IOException)
            )
#pragma warning restore CA1031
        {
            failed = _machine.AppliedIndex + 1;
            reason = $"{failure.GetType().Name}: {failure.Message}";
        }
        if (failed == 0)
        {
            WriteState();
        }
        var summary = new ShadowSummary(
            _machine.AppliedIndex,
            _entries,
            _events,
            _history.Count,
            Stopwatch.GetElapsedTime(started),
            failed,
            reason
        );
        _lines.End(summary);
        return summary;
    }

    private void LendHistory()
    {
        if (_options.SnapshotDirectory is not { } directory)
        {
            return;
        }
        ScratchHistory.Lend(
            _options.HistoryDirectory
                ?? throw new ShadowException(
                    "a snapshot needs the history whose rows it counts on"
                ),
            Path.Combine(_options.ScratchDirectory, "history"),
            NodeSnapshot.RowsOf(SnapshotFile.Open(directory))
        );
    }

    private SnapshotFile? Restore()
    {
        if (_options.SnapshotDirectory is not { } directory)
        {
            return null;
        }
        SnapshotFile snapshot = SnapshotFile.Open(directory);
        _machine.Restore(snapshot);
        return snapshot;
    }

    private void ReplayUpTo(ulong last, SnapshotFile? snapshot, CancellationToken cancellationToken)
    {
        ulong start = _machine.AppliedIndex;
        using var archive = new ArchiveReader(
            _options.ArchiveDirectory,
            Math.Max(1, Math.Max(start, _extent.FirstIndex)),
            last
        );
        long flushed = Stopwatch.GetTimestamp();
        while (archive.Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (archive.Index == start)
            {
                if (archive.Chain != snapshot!.Chain)
                {
                    throw new ShadowException(
                        $"archive and snapshot disagree about the chain hash at entry {start}: they "
                            + "are of two histories"
                    );
                }
                continue;
            }
            Apply(archive);
            if (Stopwatch.GetElapsedTime(flushed) > FlushEvery)
            {
                _lines.Flush();
                flushed = Stopwatch.GetTimestamp();
            }
        }
    }

    private void Apply(ArchiveReader archive)
    {
        ulong rows = _history.Count;
        ReadOnlySpan<byte> payload = archive.Payload.Span;
        bool isDetailed = _options.DetailOf == archive.Index;
        _detailNumber = 0;
        _digester.Detail = isDetailed ? WriteDetail : null;
        _digester.BeginEntry();
        _machine.Apply(new CommittedEntry(archive.Index, archive.Term, payload), context: null);
        _entries++;
        _events += _digester.Events;
        if (archive.Index >= _options.From)
        {
            ulong timestamp = payload.IsEmpty
                ? 0
                : MemoryMarshal.Read<EntryHeader>(payload).Timestamp;
            UInt128 results = _digester.FinishResults();
            _lines.Entry(
                archive.Index,
                archive.Term,
                timestamp,
                _digester.Events,
                results,
                _digester.DigestRows(rows, _history.Count, isDetailed ? WriteRow : null)
            );
        }
        if (
            archive.Index == _options.DigestAt
            || (
                _options.DigestEvery > 0
                && archive.Index >= _options.From
                && archive.Index % _options.DigestEvery == 0
            )
        )
        {
            WriteState();
        }
    }

    private void WriteDetail(
        int command,
        OperationCode operation,
        ulong timestamp,
        uint status,
        uint more
    ) =>
        _lines.Detail(
            _machine.AppliedIndex + 1,
            command,
            operation,
            _detailNumber++,
            timestamp,
            status,
            more
        );

    private void WriteRow(ulong position, HistoryRow row) =>
        _lines.Row(
            _machine.AppliedIndex,
            position,
            MemoryMarshal.AsBytes(new ReadOnlySpan<HistoryRow>(in row))[..EntryDigester.RowBytes]
        );

    private void WriteState() =>
        _lines.State(
            _machine.StateVersion,
            new NodeDigest(
                _machine.AppliedIndex,
                _parts.Ledger.Digest(),
                _parts.Records?.Digest ?? 0
            ),
            _history.Count
        );
}
