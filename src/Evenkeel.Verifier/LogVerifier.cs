using Evenkeel.Verifier.Compare;
using Evenkeel.Verifier.Replay;

namespace Evenkeel.Verifier;

/// <summary>What to verify, and what to believe.</summary>
public sealed record VerifyRequest
{
    /// <summary>A node's data directory; read only, and never written into.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>
    /// Public keys (PEM) from elsewhere. Without any, those beside the checkpoints are believed: enough
    /// against whoever can't replace them together with everything else.
    /// </summary>
    public IReadOnlyList<string> PublicKeyFiles { get; init; } = [];

    /// <summary>Copies of checkpoints that were kept elsewhere.</summary>
    public IReadOnlyList<string> CheckpointCopies { get; init; } = [];

    /// <summary>Bytes read so far.</summary>
    public IProgress<long>? Progress { get; init; }
}

/// <summary>
/// Judges a node's files: what <c>evenkeel verify log</c> runs. The archive's chain is compared with the
/// signed checkpoints; then everything else (history, snapshots' balances, records) with what the
/// archive's entries make when they are applied again, by code that shares nothing with the node.
/// </summary>
public static class LogVerifier
{
    public static Judgement Verify(VerifyRequest request, CancellationToken cancellationToken) =>
        new Run(request).Verify(cancellationToken);

    private sealed class Run
    {
        private readonly VerifyRequest _request;
        private readonly Findings _findings = new();
        private readonly ArchiveWalk _archive;
        private readonly CheckpointWalk _checkpoints;
        private readonly EntryReplay _replay;
        private readonly QuarantineOrders _orders;
        private readonly List<ulong> _quarantined = [];
        private readonly List<SnapshotComparison> _snapshots;
        private readonly RecordComparison? _records;
        private ulong? _recordsIndex;
        private bool _recordsCompared;

        public Run(VerifyRequest request)
        {
            _request = request;
            _archive = new ArchiveWalk(Folder("archive"), _findings);
            _checkpoints = new CheckpointWalk(
                request.DataDirectory,
                request.PublicKeyFiles,
                request.CheckpointCopies,
                _findings
            );
            _replay = new EntryReplay(_findings);
            _orders = new QuarantineOrders(request.DataDirectory, _findings);
            _snapshots = SnapshotComparison.Find(request.DataDirectory, _findings);
            var records = Folder("records.db");
            if (File.Exists(records))
            {
                _records = new RecordComparison(records, "records.db", _findings);
                _recordsIndex = _records.ReadAppliedIndex();
            }
        }

        public Judgement Verify(CancellationToken cancellationToken)
        {
            using var history = new HistoryComparison(
                new HistoryWalk(Folder("history"), _findings),
                _findings
            );
            ulong entries = 0;
            var goesOn = true;
            foreach (var entry in _archive.Entries())
            {
                cancellationToken.ThrowIfCancellationRequested();
                entries++;
                _checkpoints.Compare(_archive.Lineage, entry.Index, _archive.Chain);
                goesOn = goesOn && entry.Index == _replay.Index + 1 && TryApply(entry);
                if (goesOn)
                {
                    CompareAt(entry.Index, history);
                }
                if ((entries & 0xFF) == 0)
                {
                    _request.Progress?.Report(_archive.ReadBytes + history.BytesRead);
                }
            }
            _checkpoints.Finish(_archive.Lineage, _archive.Last);
            goesOn &= _replay.Index == _archive.Last;
            Finish(history, goesOn);
            return new Judgement
            {
                Files =
                    _archive.Files
                    + history.FilesRead
                    + _snapshots.Sum(s => s.Files)
                    + (_records is null ? 0 : 1),
                Bytes = _archive.ReadBytes + history.BytesRead,
                Entries = entries,
                Rows = history.Rows,
                FirstIndex = _archive.First,
                LastIndex = _archive.Last,
                ChainHash = _archive.ChainHash,
                MovedByLedger = _replay.Books.MovedByLedger(),
                TornBytes = _archive.TornBytes,
                ComparedTo = _replay.Index,
                Quarantined = _quarantined,
                BalancesCompared = _snapshots.Sum(s => s.Accounts),
                RecordsCompared = _snapshots.Sum(s => s.Records) + (_records?.Rows ?? 0),
                RowsAhead = history.Ahead + (_records?.Ahead ?? 0),
                RowsBehind = (long)history.Behind,
                Checkpoints = _checkpoints.Agreed,
                SignedTo = _checkpoints.SignedTo,
                IsAnchored = _checkpoints.IsAnchored,
                Findings = _findings.List,
                FindingsTruncated = _findings.Truncated,
            };
        }

        private bool TryApply(in ArchivedEntry entry)
        {
            if (!_orders.Covers(_archive.Lineage, entry))
            {
                return _replay.TryApply(entry);
            }
            _replay.PassOver(entry.Index);
            _quarantined.Add(entry.Index);
            return true;
        }

        private void CompareAt(ulong index, HistoryComparison history)
        {
            history.Compare(_replay.Books.EntryRows, _replay.Books.EntryFirstRow, index);
            foreach (var snapshot in _snapshots.Where(s => s.Index == index))
            {
                CompareState(snapshot);
            }
            if (_recordsIndex == index)
            {
                // A running node may have moved on since; then its rows are of a later entry.
                _recordsIndex = _records!.ReadAppliedIndex();
                if (_recordsIndex == index)
                {
                    _recordsCompared = true;
                    _records.Compare(_replay, isEnd: false);
                }
            }
        }

        private void CompareState(SnapshotComparison snapshot)
        {
            snapshot.Compare(_replay, _archive.Chain);
            var signed = _checkpoints
                .StatesAt(_archive.Lineage, snapshot.Index)
                .FirstOrDefault(p =>
                    !string.Equals(p.StateDigest, snapshot.StateDigest, StringComparison.Ordinal)
                );
            if (signed is not null)
            {
                _findings.Add(
                    FindingKind.StateMismatch,
                    signed.File,
                    signed.Offset,
                    snapshot.Index,
                    $"signed state digest {signed.StateDigest}, the snapshot says {snapshot.StateDigest}"
                );
            }
        }

        private void Finish(HistoryComparison history, bool isWhole)
        {
            foreach (var snapshot in _snapshots.Where(s => s.Index > _archive.Last))
            {
                _findings.Add(
                    FindingKind.ArchiveCut,
                    $"snapshots/{snapshot.Index:d20}",
                    0,
                    snapshot.Index,
                    $"a snapshot counts on entry {snapshot.Index}, the archive ends at {_archive.Last}"
                );
            }
            if (isWhole && _records is not null && !_recordsCompared && _recordsIndex is not null)
            {
                _records.Compare(_replay, isEnd: true);
            }
            history.Finish(
                _snapshots.Select(s => s.HistoryRows).DefaultIfEmpty().Max(),
                _replay.Index,
                isWhole
            );
            if (!isWhole || _archive.First != 1)
            {
                JudgeHistoryByItself();
            }
        }

        /// <summary>Without entries to replay, rows must at least follow from each other.</summary>
        private void JudgeHistoryByItself()
        {
            var already = _findings.List.Select(f => (f.File, f.Offset)).ToHashSet();
            var found = new Findings();
            var judge = new RowJudge(found);
            foreach (var row in new HistoryWalk(Folder("history"), new Findings()).Rows())
            {
                judge.Judge(row.Row.Span, row.File, row.Offset);
            }
            foreach (var f in found.List.Where(f => !already.Contains((f.File, f.Offset))))
            {
                _findings.Add(f.Kind, f.File, f.Offset, f.Entry, f.What, f.Table, f.Key);
            }
        }

        private string Folder(string name) => Path.Combine(_request.DataDirectory, name);
    }
}
