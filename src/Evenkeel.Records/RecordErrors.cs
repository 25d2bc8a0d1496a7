using Evenkeel.Journal;
using Microsoft.Data.Sqlite;

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

    /// <summary>
    /// The file itself is damaged: put it aside and restore it. False for what may pass or must not
    /// be overwritten: a full disk, a lock, a foreign file, a newer format.
    /// </summary>
    public virtual bool IsDamage =>
        InnerException is SqliteException { SqliteErrorCode: CorruptError or NotADatabaseError };

    private const int CorruptError = 11;
    private const int NotADatabaseError = 26;
}

/// <summary>A row is not what was written. It is named, and never served.</summary>
public sealed class RecordDamageException(string file, string table, string row)
    : RecordStoreException($"Damaged row in {file}: table {table}, row {row}.")
{
    public override bool IsDamage => true;

    public string File { get; } = file;
    public string Table { get; } = table;
    public string Row { get; } = row;

    internal static RecordDamageException Of(string file, string table, RecordKey key) =>
        new(file, table, $"{key.Collection}/{key.Key}");
}
