using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Evenkeel.Records;

/// <summary>
/// A prepared statement with positional parameters ?1, ?2, ... It speaks to SQLite directly: the
/// apply thread runs a dozen statements for each payment, and objects made for each of them took
/// longer than SQLite itself.
/// </summary>
internal sealed class Statement : IDisposable
{
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;

    /// <exception cref="SqliteException">The statement can't be prepared.</exception>
    public Statement(SqliteConnection connection, string sql)
    {
        _database = connection.Handle!;
        Check(raw.sqlite3_prepare_v2(_database, sql, out _statement));
    }

    public void Execute(params ReadOnlySpan<SqlValue> values)
    {
        using var rows = Query(values);
        while (rows.Read())
        {
            // What a pragma answers is of no interest here.
        }
    }

    /// <summary>The rows, one after the other. Dispose before the statement is used again.</summary>
    public SqlRows Query(params ReadOnlySpan<SqlValue> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            Check(values[i].Bind(_statement, i + 1));
        }
        return new SqlRows(this, _statement);
    }

    public void Dispose() => _statement.Dispose();

    internal bool Step()
    {
        var result = raw.sqlite3_step(_statement);
        if (result == raw.SQLITE_ROW)
        {
            return true;
        }
        if (result != raw.SQLITE_DONE)
        {
            SqliteException.ThrowExceptionForRC(result, _database);
        }
        return false;
    }

    // What a failed step said was thrown already; reset only says it again.
    internal void Reset() => raw.sqlite3_reset(_statement);

    private void Check(int result)
    {
        if (result != raw.SQLITE_OK)
        {
            SqliteException.ThrowExceptionForRC(result, _database);
        }
    }
}

/// <summary>A parameter: a number, text, bytes or null.</summary>
internal readonly struct SqlValue
{
    private readonly object? _object;
    private readonly long _number;

    private SqlValue(object? text, long number)
    {
        _object = text;
        _number = number;
    }

    public static implicit operator SqlValue(long number) => new(Number.Instance, number);

    public static implicit operator SqlValue(string? text) => new(text, 0);

    public static implicit operator SqlValue(byte[]? bytes) => new(bytes, 0);

    /// <returns>SQLite's result code.</returns>
    public int Bind(sqlite3_stmt statement, int place) =>
        _object switch
        {
            null => raw.sqlite3_bind_null(statement, place),
            Number => raw.sqlite3_bind_int64(statement, place, _number),
            string text => raw.sqlite3_bind_text(statement, place, text),
            // An empty span has no address, which SQLite takes for null.
            byte[] { Length: 0 } => raw.sqlite3_bind_zeroblob(statement, place, 0),
            var bytes => raw.sqlite3_bind_blob(statement, place, (byte[])bytes),
        };

    private sealed class Number
    {
        public static readonly Number Instance = new();
    }
}

/// <summary>The rows of a query; columns from 0.</summary>
internal readonly struct SqlRows(Statement owner, sqlite3_stmt statement) : IDisposable
{
    public bool Read() => owner.Step();

    public bool IsDBNull(int column) =>
        raw.sqlite3_column_type(statement, column) == raw.SQLITE_NULL;

    public long GetInt64(int column) => raw.sqlite3_column_int64(statement, column);

    public string GetString(int column) =>
        raw.sqlite3_column_text(statement, column).utf8_to_string() ?? "";

    /// <summary>Null for null.</summary>
    public byte[]? GetBlob(int column) =>
        IsDBNull(column) ? null : raw.sqlite3_column_blob(statement, column).ToArray();

    public void Dispose() => owner.Reset();
}
