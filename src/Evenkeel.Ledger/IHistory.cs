namespace Evenkeel.Ledger;

/// <summary>
/// Where the ledger puts the rows it makes and reads back the ones it needs. The ledger itself does
/// no I/O: one implementation keeps rows in memory (tests, <c>ledger exec</c>), one in files.
/// </summary>
/// <remarks>
/// Single writer: the thread that applies. Rows of the entry that is being applied are provisional
/// until <see cref="Seal"/>; <see cref="TruncateTo"/> takes rows of a failed chain back.
/// </remarks>
public interface IHistory : IHistoryReader
{
    /// <summary>
    /// Memory for up to <paramref name="rows"/> next rows, contiguous and valid until
    /// <see cref="Advance"/>; never shorter than asked. Contents are undefined.
    /// </summary>
    Span<HistoryRow> Reserve(int rows);

    /// <summary>Appends the first <paramref name="rows"/> rows of the reserved memory.</summary>
    void Advance(int rows);

    /// <summary>Takes back provisional rows from <paramref name="position"/> on.</summary>
    void TruncateTo(ulong position);

    /// <summary>
    /// The entry is applied: its rows are final and may be checksummed and written out.
    /// </summary>
    void Seal(ulong entryIndex);
}
