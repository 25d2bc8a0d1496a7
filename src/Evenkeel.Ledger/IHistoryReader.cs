namespace Evenkeel.Ledger;

/// <summary>Reads history rows. Safe on any thread for rows that were sealed before it was asked.</summary>
public interface IHistoryReader
{
    /// <summary>Rows so far; the position of the next row.</summary>
    ulong Count { get; }

    /// <summary>
    /// Copies the row at <paramref name="position"/>. The ledger calls it for duplicates, posts and
    /// voids, and (rarely) for a tag that collides; queries for each row they look at. A row that
    /// fails its checksum stops the node.
    /// </summary>
    void Read(ulong position, out HistoryRow row);

    /// <summary>Copies the rows from <paramref name="position"/> on; all of them must exist.</summary>
    void ReadRange(ulong position, Span<HistoryRow> rows)
    {
        for (var i = 0; i < rows.Length; i++)
        {
            Read(position + (ulong)i, out rows[i]);
        }
    }

    /// <summary>
    /// The first position below <paramref name="rows"/> whose row is not older than
    /// <paramref name="timestamp"/>; <paramref name="rows"/> when all are older.
    /// </summary>
    ulong FirstNotBefore(ulong timestamp, ulong rows)
    {
        ulong low = 0;
        var high = rows;
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            Read(middle, out var row);
            if (row.Timestamp < timestamp)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}
