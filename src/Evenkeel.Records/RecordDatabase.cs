using System.Globalization;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Evenkeel.Records;

/// <summary>Opening, creating and syncing the database file.</summary>
internal static class RecordDatabase
{
    /// <summary>
    /// Pages of 4 KiB in the WAL before a commit itself copies them into the file, as far as the
    /// <see cref="WalKeeper"/> has not.
    /// </summary>
    public const int WalPagesMax = 16_000;

    /// <summary>KiB of pages that the writer keeps in memory; SQLite's own default is 2,000.</summary>
    private const int PageCacheKiB = 64 * 1_024;

    /// <summary>How long a connection waits for another's lock, seconds.</summary>
    private const int LockTimeoutSeconds = 10;

    public static SqliteConnection OpenWriter(string path)
    {
        var connection = new SqliteConnection(
            ConnectionString(path, SqliteOpenMode.ReadWriteCreate, pooling: false)
        );
        try
        {
            connection.Open();
            RaiseLockTimeout(connection);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public static SqliteConnection OpenReader(string path)
    {
        var connection = new SqliteConnection(ReaderConnectionString(path));
        try
        {
            connection.Open();
            RaiseLockTimeout(connection);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public static void ReleaseReaders(string path)
    {
        using var connection = new SqliteConnection(ReaderConnectionString(path));
        SqliteConnection.ClearPool(connection);
    }

    /// <summary>Checks or creates the format, sets the mode of writing, and reads the state row.</summary>
    public static StoreState Prepare(SqliteConnection connection, string path)
    {
        var isNew = Scalar(connection, "SELECT count(*) FROM sqlite_schema") == 0;
        if (!isNew)
        {
            CheckFormat(connection, path);
        }

        Execute(connection, "PRAGMA journal_mode = WAL");
        Execute(connection, $"PRAGMA wal_autocheckpoint = {WalPagesMax}");
        Execute(connection, $"PRAGMA cache_size = -{PageCacheKiB}");
        // The first commit waits for the disk: it makes the WAL's directory entry durable too, which
        // later syncs of the open file rely on.
        Execute(connection, "PRAGMA synchronous = FULL");
        Execute(connection, "BEGIN IMMEDIATE");
        if (isNew)
        {
            Execute(connection, Schema.Create);
            Execute(connection, $"PRAGMA application_id = {Schema.ApplicationId}");
            Execute(connection, $"PRAGMA user_version = {Schema.Version}");
            using var statements = new RecordStatements(connection);
            statements.WriteState(new StoreState(0, 0, default, default, default, default));
        }

        Execute(connection, "INSERT OR REPLACE INTO local (name, value) VALUES ('opened', 'yes')");
        Execute(connection, "COMMIT");
        Execute(connection, "PRAGMA synchronous = NORMAL");
        return ReadState(connection, path);
    }

    public static void CheckFormat(SqliteConnection connection, string path)
    {
        if (Scalar(connection, "PRAGMA application_id") != Schema.ApplicationId)
        {
            throw new RecordStoreException($"{path} is not a records file.");
        }

        var version = Scalar(connection, "PRAGMA user_version");
        if (version != Schema.Version)
        {
            throw new RecordStoreException(
                $"{path} has format {version}; this binary reads {Schema.Version}."
            );
        }
    }

    public static StoreState ReadState(SqliteConnection connection, string path)
    {
        using var statement = new Statement(
            connection,
            $"SELECT {Schema.StateColumns} FROM state WHERE id = 1"
        );
        using var reader = statement.Query();
        return reader.Read()
            ? RowReader.ReadState(reader, path)
            : throw new RecordDamageException(path, "state", "1");
    }

    public static IEnumerable<RecordRow> Records(SqliteConnection connection, string path)
    {
        using var statement = new Statement(
            connection,
            $"SELECT {Schema.RecordColumns} FROM record ORDER BY collection, key"
        );
        using var reader = statement.Query();
        while (reader.Read())
        {
            yield return RowReader.ReadRecord(reader, path);
        }
    }

    /// <summary>
    /// Waits until the WAL is on disk. SQLite itself syncs the main file before it reuses the WAL,
    /// so that everything committed is then durable. (The main file must never be opened and closed
    /// outside SQLite: that would drop SQLite's own locks on it.)
    /// </summary>
    public static void SyncWal(string path)
    {
        using var wal = File.OpenHandle(
            path + "-wal",
            FileMode.Open,
            FileAccess.ReadWrite,
            FileShare.ReadWrite | FileShare.Delete
        );
        RandomAccess.FlushToDisk(wal);
    }

    public static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public static long Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    // Statements that speak to SQLite directly have only this; the wrapper's commands wait by themselves.
    private static void RaiseLockTimeout(SqliteConnection connection) =>
        raw.sqlite3_busy_timeout(connection.Handle, LockTimeoutSeconds * 1_000);

    private static string ReaderConnectionString(string path) =>
        ConnectionString(path, SqliteOpenMode.ReadOnly, pooling: true);

    private static string ConnectionString(string path, SqliteOpenMode mode, bool pooling) =>
        new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = mode,
            Pooling = pooling,
            DefaultTimeout = LockTimeoutSeconds,
        }.ConnectionString;
}
