using Evenkeel.Node.History;

namespace Evenkeel.Node.Shadow;

/// <summary>
/// Lends the rows below a snapshot to a scratch directory: full, sealed segments as links (they
/// never change), the one that holds the last row as a copy, since it is cut and written on.
/// </summary>
internal static class ScratchHistory
{
    public static void Lend(string source, string scratch, ulong rows)
    {
        Directory.CreateDirectory(scratch);
        var layout = new HistoryLayout(HistoryLimits.RowsPerSegment);
        for (ulong segment = 0; layout.FirstPosition(segment) < rows; segment++)
        {
            string file = HistoryFormat.Name(segment, HistoryFormat.SegmentExtension);
            string seal = HistoryFormat.Name(segment, HistoryFormat.SealExtension);
            string index = HistoryFormat.Name(segment, HistoryFormat.IndexExtension);
            string from = Path.Combine(source, file);
            if (!File.Exists(from))
            {
                throw new ShadowException($"{from} is missing: the snapshot counts on its rows");
            }
            bool isWhole = layout.FirstPosition(segment + 1) <= rows;
            if (!isWhole || !File.Exists(Path.Combine(source, seal)))
            {
                File.Copy(from, Path.Combine(scratch, file));
                continue;
            }
            File.CreateSymbolicLink(Path.Combine(scratch, file), Path.GetFullPath(from));
            foreach (string derived in (ReadOnlySpan<string>)[seal, index])
            {
                if (File.Exists(Path.Combine(source, derived)))
                {
                    File.Copy(Path.Combine(source, derived), Path.Combine(scratch, derived));
                }
            }
        }
    }
}
