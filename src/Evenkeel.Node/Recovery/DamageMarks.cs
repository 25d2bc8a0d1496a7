using System.Globalization;
using System.Text;
using Evenkeel.Node.History;

namespace Evenkeel.Node.Recovery;

/// <summary>
/// Remembers across a restart what was found damaged while the node ran, so that the start rebuilds
/// it: the file <c>repair</c> of the data directory (docs/formats/host-files.md).
/// </summary>
internal sealed class DamageMarks(string dataDirectory)
{
    private const string RecordsLine = "records";
    private const string HistoryPrefix = "history ";

    private readonly Lock _gate = new();
    private readonly string _path = Path.Combine(dataDirectory, "repair");

    /// <summary>A row of the records can't be trusted.</summary>
    public void MarkRecords() => Add(RecordsLine);

    /// <summary>Rows of the history can't be trusted.</summary>
    public void MarkHistory(HistoryDamage damage) =>
        Add(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{HistoryPrefix}{damage.File} {damage.Offset} {damage.Position} {damage.EntryIndex}"
            )
        );

    public bool Records => Lines().Contains(RecordsLine, StringComparer.Ordinal);

    /// <summary>The first damage of the history that was marked; null when there was none.</summary>
    public HistoryDamage? History()
    {
        foreach (string line in Lines())
        {
            string[] words = line.Split(' ');
            if (
                words is ["history", var file, var offset, var position, var entry]
                && long.TryParse(offset, CultureInfo.InvariantCulture, out long at)
                && ulong.TryParse(position, CultureInfo.InvariantCulture, out ulong row)
                && ulong.TryParse(entry, CultureInfo.InvariantCulture, out ulong index)
            )
            {
                return new HistoryDamage(file, at, row, index, "found by the scrub");
            }
        }
        return null;
    }

    /// <summary>What was marked is whole again.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            File.Delete(_path);
        }
    }

    private void Add(string line)
    {
        lock (_gate)
        {
            if (Lines().Contains(line, StringComparer.Ordinal))
            {
                return;
            }
            using var file = new FileStream(_path, FileMode.Append, FileAccess.Write);
            file.Write(Encoding.UTF8.GetBytes(line + "\n"));
            file.Flush(flushToDisk: true);
        }
    }

    private string[] Lines() => File.Exists(_path) ? File.ReadAllLines(_path) : [];
}
