using Evenkeel.Journal;

namespace Evenkeel.Records;

/// <summary>
/// The records can't go on: the disk or SQLite failed. In apply it stops the node, since the entry
/// is then applied in part; in a read it fails that read.
/// </summary>
public class RecordStoreException : Exception
{
    public RecordStoreException(string message)
        : base(message) { }

    public RecordStoreException(string message, Exception inner)
        : base(message, inner) { }
}

/// <summary>A row is not what was written. It is named, and never served.</summary>
public sealed class RecordDamageException(string file, string table, string row)
    : RecordStoreException($"Damaged row in {file}: table {table}, row {row}.")
{
    public string File { get; } = file;
    public string Table { get; } = table;
    public string Row { get; } = row;

    internal static RecordDamageException Of(string file, string table, RecordKey key) =>
        new(file, table, $"{key.Collection}/{key.Key}");
}
