namespace Evenkeel.Verifier;

/// <summary>
/// Judges a node's archive and history from their raw files: what <c>evenkeel verify log</c> runs.
/// Written from the format documents; it shares no code with what wrote the files.
/// </summary>
public static class LogVerifier
{
    /// <param name="archiveDirectory">Holds <c>*.eka</c>.</param>
    /// <param name="historyDirectory">Holds <c>*.seg</c>; may be missing.</param>
    /// <param name="progress">Bytes read so far.</param>
    public static Judgement Verify(
        string archiveDirectory,
        string historyDirectory,
        IProgress<long>? progress,
        CancellationToken cancellationToken
    )
    {
        var findings = new Findings();
        var archive = new ArchiveWalk(archiveDirectory, findings);
        var history = new HistoryWalk(historyDirectory, findings);
        var entryJudge = new EntryJudge(findings);
        var rowJudge = new RowJudge(findings);
        ulong entries = 0;

        using var rows = history.Rows().GetEnumerator();
        var more = rows.MoveNext();
        foreach (var entry in archive.Entries())
        {
            cancellationToken.ThrowIfCancellationRequested();
            entries++;
            entryJudge.Judge(entry);
            var matcher = new Matcher(entryJudge, findings);
            while (more && rows.Current.Entry <= entry.Index)
            {
                var row = rows.Current;
                rowJudge.Judge(row.Row.Span, row.File, row.Offset);
                if (row.Entry == entry.Index)
                {
                    matcher.Match(row);
                }
                else if (row.Entry >= archive.First)
                {
                    findings.Add(
                        row.File,
                        row.Offset,
                        row.Entry,
                        "row of an entry that is not in the archive"
                    );
                }
                more = rows.MoveNext();
            }
            if ((entries & 0xFFF) == 0)
            {
                progress?.Report(archive.ReadBytes + history.ReadBytes);
            }
        }
        while (more)
        {
            // Rows ahead of the archive are of entries that it has not taken over yet.
            var row = rows.Current;
            rowJudge.Judge(row.Row.Span, row.File, row.Offset);
            more = rows.MoveNext();
        }
        return new Judgement
        {
            Files = archive.Files + history.Files,
            Bytes = archive.ReadBytes + history.ReadBytes,
            Entries = entries,
            Rows = rowJudge.Rows,
            FirstIndex = archive.First,
            LastIndex = archive.Last,
            ChainHash = archive.ChainHash,
            MovedByLedger = rowJudge.MovedByLedger,
            TornBytes = archive.TornBytes,
            Findings = findings.List,
            FindingsTruncated = findings.Truncated,
        };
    }

    /// <summary>Each row of an entry must be one of the transfers asked for in it, in the same order.</summary>
    private sealed class Matcher(EntryJudge entry, Findings findings)
    {
        private const ushort Forced = 1 << 15;
        private const ushort Inexact = (1 << 2) | (1 << 3) | (1 << 4) | (1 << 5);
        private int _next;

        public void Match(in PlacedRow placed)
        {
            var row = placed.Row.Span;
            if (entry.HasOperations || row[108] is not (1 or 2))
            {
                return;
            }
            var id = Bytes.U128(row, 0);
            while (_next < entry.Asked.Count && entry.Asked[_next].Id != id)
            {
                _next++; // Refused for good: no row.
            }
            if (_next == entry.Asked.Count)
            {
                findings.Add(
                    placed.File,
                    placed.Offset,
                    placed.Entry,
                    $"row {id} was never asked for in its entry"
                );
                _next = 0;
                return;
            }
            var asked = entry.Asked[_next++];
            if (row[108] == 1 && !Agrees(row, asked))
            {
                findings.Add(
                    placed.File,
                    placed.Offset,
                    placed.Entry,
                    $"row {id} differs from what was asked for"
                );
            }
        }

        private static bool Agrees(ReadOnlySpan<byte> row, in AskedTransfer asked)
        {
            var resolves = (asked.Flags & ((1 << 2) | (1 << 3))) != 0;
            var amount = Bytes.U64(row, 40);
            return Bytes.U16(row, 106) == asked.Flags
                && (
                    (asked.Flags & (Inexact | Forced)) != 0
                        ? amount <= asked.Amount || asked.Amount == 0
                        : amount == asked.Amount
                )
                && (asked.UserData64 == Bytes.U64(row, 32) || (resolves && asked.UserData64 == 0))
                && (asked.UserData32 == Bytes.U32(row, 96) || (resolves && asked.UserData32 == 0))
                && (asked.Code == Bytes.U16(row, 104) || (resolves && asked.Code == 0));
        }
    }
}
