namespace Evenkeel.Node.History;

/// <summary>
/// Bytes of the history are not what was written. The row is named and never served; the file is
/// rebuilt from the archive.
/// </summary>
public sealed class HistoryDamagedException : Exception
{
    public HistoryDamagedException(HistoryDamage damage)
        : base(damage.ToString()) => Damage = damage;

    public HistoryDamage Damage { get; }
}

/// <summary>Where the history is damaged.</summary>
/// <param name="File">File name within the history directory.</param>
/// <param name="Offset">Byte offset in the file.</param>
/// <param name="Position">Position of the damaged row, or of the first row the damage covers.</param>
/// <param name="EntryIndex">
/// The log entry that made the row, as far as it can be told from the nearest whole row at or
/// before it; 0 = not known.
/// </param>
/// <param name="Reason">What does not hold.</param>
public sealed record HistoryDamage(
    string File,
    long Offset,
    ulong Position,
    ulong EntryIndex,
    string Reason
)
{
    public override string ToString() =>
        $"History damaged: {File} at offset {Offset}, row {Position}, entry {EntryIndex}: {Reason}";
}
