using Evenkeel.Journal;
using Microsoft.Data.Sqlite;

namespace Evenkeel.Records;

/// <summary>The writer's prepared statements.</summary>
internal sealed class RecordStatements(SqliteConnection connection) : IDisposable
{
    private readonly Statement _findRecord = new(
        connection,
        $"SELECT {Schema.RecordColumns} FROM record WHERE collection = ?1 AND key = ?2"
    );

    private readonly Statement _findCounter = new(
        connection,
        $"SELECT {Schema.CounterColumns} FROM counter WHERE collection = ?1 AND key = ?2"
    );

    private readonly Statement _findOperation = new(
        connection,
        $"SELECT {Schema.OperationColumns} FROM operation WHERE id = ?1"
    );

    private readonly Statement _writeRecord = new(
        connection,
        $"INSERT OR REPLACE INTO record ({Schema.RecordColumns}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
    );

    private readonly Statement _writeCounter = new(
        connection,
        $"INSERT OR REPLACE INTO counter ({Schema.CounterColumns}) VALUES (?1, ?2, ?3, ?4, ?5)"
    );

    private readonly Statement _writeOperation = new(
        connection,
        $"INSERT INTO operation ({Schema.OperationColumns}) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
    );

    private readonly Statement _writeChange = new(
        connection,
        $"INSERT INTO change ({Schema.ChangeColumns}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
    );

    private readonly Statement _writeState = new(
        connection,
        $"INSERT OR REPLACE INTO state (id, {Schema.StateColumns}) "
            + "VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"
    );

    private readonly Statement _readLocal = new(
        connection,
        "SELECT value FROM local WHERE name = ?1"
    );

    private readonly Statement _writeLocal = new(
        connection,
        "INSERT OR REPLACE INTO local (name, value) VALUES (?1, ?2)"
    );

    public Statement Begin { get; } = new(connection, "BEGIN IMMEDIATE");

    public Statement Commit { get; } = new(connection, "COMMIT");

    public Statement InsertIndex { get; } =
        new(
            connection,
            "INSERT INTO record_index (collection, name, value, key) VALUES (?1, ?2, ?3, ?4)"
        );

    public Statement DeleteIndex { get; } =
        new(
            connection,
            "DELETE FROM record_index "
                + "WHERE collection = ?1 AND name = ?2 AND value = ?3 AND key = ?4"
        );

    public RecordRow? FindRecord(RecordKey key, string file)
    {
        using var reader = _findRecord.Query(key.Collection, key.Key);
        return reader.Read() ? RowReader.ReadRecord(reader, file) : null;
    }

    public CounterRow? FindCounter(RecordKey key, string file)
    {
        using var reader = _findCounter.Query(key.Collection, key.Key);
        return reader.Read() ? RowReader.ReadCounter(reader, file) : null;
    }

    public OperationRow? FindOperation(OperationId id, string file)
    {
        using var reader = _findOperation.Query(RowHash.ToBytes(id.Value));
        return reader.Read() ? RowReader.ReadOperation(reader, file) : null;
    }

    public void WriteRecord(in RecordRow row, UInt128 checksum) =>
        _writeRecord.Execute(
            row.Key.Collection,
            row.Key.Key,
            (long)row.Version,
            row.Json,
            (long)row.Created,
            (long)row.Updated,
            RowHash.ToBytes(checksum)
        );

    public void WriteCounter(in CounterRow row, UInt128 checksum) =>
        _writeCounter.Execute(
            row.Key.Collection,
            row.Key.Key,
            row.Value,
            (long)row.Updated,
            RowHash.ToBytes(checksum)
        );

    public void WriteOperation(in OperationRow row, UInt128 checksum)
    {
        var result = new byte[OperationCodec.ResultSize];
        OperationCodec.EncodeResult(row.Result, result);
        _writeOperation.Execute(
            RowHash.ToBytes(row.Id.Value),
            RowHash.ToBytes(row.ContentHash),
            (long)row.Entry,
            row.Ordinal,
            result,
            RowHash.ToBytes(checksum)
        );
    }

    public void WriteChange(in ChangeRow row, UInt128 checksum) =>
        _writeChange.Execute(
            (long)row.Sequence,
            (long)row.Entry,
            (long)row.Timestamp,
            (long)row.Kind,
            row.Key.Collection,
            row.Key.Key,
            (long)row.Version,
            row.Json,
            RowHash.ToBytes(checksum)
        );

    public void WriteState(StoreState state) =>
        _writeState.Execute(
            (long)state.AppliedIndex,
            (long)state.Sequence,
            (long)state.Records.Rows,
            RowHash.ToBytes(state.Records.Sum),
            (long)state.Counters.Rows,
            RowHash.ToBytes(state.Counters.Sum),
            (long)state.Operations.Rows,
            RowHash.ToBytes(state.Operations.Sum),
            (long)state.Changes.Rows,
            RowHash.ToBytes(state.Changes.Sum),
            RowHash.ToBytes(RowHash.Of(state))
        );

    public string? ReadLocal(string name)
    {
        using var reader = _readLocal.Query(name);
        return reader.Read() ? reader.GetString(0) : null;
    }

    public void WriteLocal(string name, string value) => _writeLocal.Execute(name, value);

    public void Dispose()
    {
        foreach (
            var statement in (Statement[])
                [
                    _findRecord,
                    _findCounter,
                    _findOperation,
                    _writeRecord,
                    _writeCounter,
                    _writeOperation,
                    _writeChange,
                    _writeState,
                    _readLocal,
                    _writeLocal,
                    Begin,
                    Commit,
                    InsertIndex,
                    DeleteIndex,
                ]
        )
        {
            statement.Dispose();
        }
    }
}
