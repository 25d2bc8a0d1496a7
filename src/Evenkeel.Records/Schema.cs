namespace Evenkeel.Records;

/// <summary>Tables of <c>records.db</c> (docs/formats/records.md).</summary>
internal static class Schema
{
    /// <summary>"EKR1": SQLite's application id, read as a big-endian number.</summary>
    public const int ApplicationId = 0x454B5231;

    public const int Version = 1;

    public const string Create = """
        CREATE TABLE record (
          collection TEXT NOT NULL, key TEXT NOT NULL, version INTEGER NOT NULL, json BLOB,
          created INTEGER NOT NULL, updated INTEGER NOT NULL, checksum BLOB NOT NULL,
          PRIMARY KEY (collection, key)) WITHOUT ROWID;
        CREATE TABLE counter (
          collection TEXT NOT NULL, key TEXT NOT NULL, value INTEGER NOT NULL,
          updated INTEGER NOT NULL, checksum BLOB NOT NULL,
          PRIMARY KEY (collection, key)) WITHOUT ROWID;
        CREATE TABLE operation (
          id BLOB NOT NULL PRIMARY KEY, content_hash BLOB NOT NULL, entry INTEGER NOT NULL,
          ordinal INTEGER NOT NULL, result BLOB NOT NULL, checksum BLOB NOT NULL) WITHOUT ROWID;
        CREATE TABLE change (
          sequence INTEGER NOT NULL PRIMARY KEY, entry INTEGER NOT NULL,
          timestamp INTEGER NOT NULL, kind INTEGER NOT NULL, collection TEXT NOT NULL,
          key TEXT NOT NULL, version INTEGER NOT NULL, json BLOB, checksum BLOB NOT NULL);
        CREATE TABLE record_index (
          collection TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, key TEXT NOT NULL,
          PRIMARY KEY (collection, name, value, key)) WITHOUT ROWID;
        CREATE TABLE state (
          id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
          applied_index INTEGER NOT NULL, sequence INTEGER NOT NULL,
          record_rows INTEGER NOT NULL, record_sum BLOB NOT NULL,
          counter_rows INTEGER NOT NULL, counter_sum BLOB NOT NULL,
          operation_rows INTEGER NOT NULL, operation_sum BLOB NOT NULL,
          change_rows INTEGER NOT NULL, change_sum BLOB NOT NULL,
          checksum BLOB NOT NULL);
        CREATE TABLE local (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
        """;

    public const string RecordColumns =
        "collection, key, version, json, created, updated, checksum";
    public const string CounterColumns = "collection, key, value, updated, checksum";
    public const string OperationColumns = "id, content_hash, entry, ordinal, result, checksum";
    public const string ChangeColumns =
        "sequence, entry, timestamp, kind, collection, key, version, json, checksum";
    public const string StateColumns =
        "applied_index, sequence, record_rows, record_sum, counter_rows, counter_sum, "
        + "operation_rows, operation_sum, change_rows, change_sum, checksum";
}
