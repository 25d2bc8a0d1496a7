using System.Runtime.InteropServices;
using Evenkeel.Ledger;
using Evenkeel.Model;

namespace Evenkeel.Node.History;

/// <summary>
/// Replays the archive from entry 1 into a scratch ledger that writes its rows to
/// <paramref name="history"/>, until there are at least <paramref name="rows"/> rows or the archive
/// ends.
/// </summary>
internal delegate void HistoryReplay(
    IHistory history,
    ulong rows,
    CancellationToken cancellationToken
);

/// <summary>
/// Makes damaged segments again from the archive. A file is replaced only when every row that is
/// still whole, in it and in all other segments, equals the row that the replay made.
/// </summary>
/// <remarks>The history must not be open. The damaged file is kept as <c>.seg.damaged</c>.</remarks>
internal static class HistoryRebuild
{
    public const string SideDirectorySuffix = ".rebuild";
    public const string DamagedSuffix = ".damaged";

    /// <param name="rows">Rows that the history must have: those of the snapshot, or all.</param>
    public static HistoryRebuildReport Run(
        HistoryOptions options,
        ulong rows,
        HistoryReplay replay,
        CancellationToken cancellationToken
    )
    {
        options.Verify();
        Directory.CreateDirectory(options.Directory);
        using var segments = new SegmentSet(options);
        var damages = Inspect(segments, rows, cancellationToken);
        if (damages.Count == 0)
        {
            return new HistoryRebuildReport
            {
                Damages = [],
                Replaced = [],
                Refusal = null,
            };
        }

        var side = options with { Directory = options.Directory + SideDirectorySuffix };
        DeleteDirectory(side.Directory);
        try
        {
            ulong made;
            using (var history = FileHistory.Open(side))
            {
                replay(history, rows, cancellationToken);
                made = history.SealedCount;
                history.FlushTo(made, cancellationToken);
            }

            return Replace(segments, side, rows, made, damages, cancellationToken);
        }
        finally
        {
            DeleteDirectory(side.Directory);
        }
    }

    /// <summary>Every damaged or missing row below a count, by segment file; changes nothing.</summary>
    public static List<HistoryDamage> Inspect(
        SegmentSet segments,
        ulong rows,
        CancellationToken cancellationToken
    )
    {
        var damages = new List<HistoryDamage>();
        for (var segment = 0UL; segments.Layout.FirstPosition(segment) < rows; segment++)
        {
            var pass = SegmentPass.Run(segments, segment, cancellationToken);
            damages.AddRange(pass.Damages.Where(damage => damage.Position < rows));
            if (
                pass.IsWhole
                && segments.TryReadSeal(segment, out var seal)
                && seal.ContentHash != pass.Seal.ContentHash
            )
            {
                damages.Add(
                    segments.DamageOfHeader(segment, "rows are not those that were sealed")
                );
            }
        }

        return damages;
    }

    private static HistoryRebuildReport Replace(
        SegmentSet segments,
        HistoryOptions sideOptions,
        ulong rows,
        ulong made,
        List<HistoryDamage> damages,
        CancellationToken cancellationToken
    )
    {
        var report = new HistoryRebuildReport
        {
            Damages = damages,
            Replaced = [],
            Refusal = null,
        };
        if (made < rows)
        {
            return report with { Refusal = $"the archive makes {made} rows, {rows} are needed" };
        }

        var layout = segments.Layout;
        using var side = new SegmentSet(sideOptions);
        var damaged = damages.Select(damage => layout.SegmentOf(damage.Position)).ToHashSet();
        for (var segment = 0UL; layout.FirstPosition(segment) < rows; segment++)
        {
            if (Disagreement(segments, side, segment, rows, cancellationToken) is { } reason)
            {
                // Both are whole and say different things: that is not damage but another past.
                return report with { Refusal = reason };
            }
        }

        var replaced = damaged.Order().ToList();
        foreach (var segment in replaced)
        {
            ReplaceFile(segments, side, segment);
        }

        Posix.SyncDirectory(segments.Options.Directory);
        return report with
        {
            Replaced =
            [
                .. replaced.Select(segment =>
                    HistoryFormat.Name(segment, HistoryFormat.SegmentExtension)
                ),
            ],
        };
    }

    // The seal decides where there is one: it was made from rows that were read back whole.
    private static string? Disagreement(
        SegmentSet segments,
        SegmentSet side,
        ulong segment,
        ulong rows,
        CancellationToken cancellationToken
    )
    {
        if (segments.TryReadSeal(segment, out var seal))
        {
            var made = SegmentPass.Run(side, segment, cancellationToken);
            return made.IsWhole && made.Seal.ContentHash == seal.ContentHash
                ? null
                : $"the archive makes other rows than those sealed in segment {segment}";
        }

        return FirstDifference(segments, side, segment, rows, cancellationToken) is { } position
            ? $"row {position} is whole but the archive makes another"
            : null;
    }

    // The first row that is whole in the old file and differs from the one made now.
    private static ulong? FirstDifference(
        SegmentSet segments,
        SegmentSet side,
        ulong segment,
        ulong rows,
        CancellationToken cancellationToken
    )
    {
        if (!File.Exists(segments.PathOf(segment)))
        {
            return null;
        }

        using var old = new SegmentReader(segments, segment);
        using var made = new SegmentReader(side, segment);
        var first = segments.Layout.FirstPosition(segment);
        for (var row = 0UL; row < segments.Layout.RowsPerSegment; )
        {
            cancellationToken.ThrowIfCancellationRequested();
            var oldRows = old.Read(row);
            var madeRows = made.Read(row);
            var count = Math.Min(oldRows.Length, madeRows.Length);
            for (var i = 0; i < count && first + row + (ulong)i < rows; i++)
            {
                var position = first + row + (ulong)i;
                if (
                    HistoryFormat.IsWhole(position, oldRows[i])
                    && !BytesOf(in oldRows[i]).SequenceEqual(BytesOf(in madeRows[i]))
                )
                {
                    return position;
                }
            }

            if (count == 0)
            {
                return null;
            }

            row += (ulong)count;
        }

        return null;
    }

    private static ReadOnlySpan<byte> BytesOf(in HistoryRow row) =>
        MemoryMarshal.AsBytes(new ReadOnlySpan<HistoryRow>(in row));

    private static void ReplaceFile(SegmentSet segments, SegmentSet side, ulong segment)
    {
        var path = segments.PathOf(segment);
        segments.Handles.Forget(path);
        segments.DeleteDerived(segment);
        if (File.Exists(path))
        {
            File.Move(path, path + DamagedSuffix, overwrite: true);
        }

        File.Move(side.PathOf(segment), path);
    }

    private static void DeleteDirectory(string path)
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
    }
}

/// <summary>What a rebuild found and did.</summary>
internal sealed record HistoryRebuildReport
{
    /// <summary>What was damaged before, by file, offset, row and entry.</summary>
    public required IReadOnlyList<HistoryDamage> Damages { get; init; }

    /// <summary>Segment files that were replaced.</summary>
    public required IReadOnlyList<string> Replaced { get; init; }

    /// <summary>Why nothing was replaced although something is damaged.</summary>
    public required string? Refusal { get; init; }
}
