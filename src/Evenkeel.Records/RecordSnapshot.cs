using Evenkeel.Model;
using Microsoft.Data.Sqlite;

namespace Evenkeel.Records;

/// <summary>
/// A consistent view of the records at one index, pinned by an open read: entries go on being
/// applied while it is copied. Dispose it soon, since the WAL can't be reused meanwhile.
/// </summary>
public sealed class RecordSnapshot : IDisposable
{
    private readonly SqliteConnection _connection;

    private RecordSnapshot(SqliteConnection connection, StoreState state)
    {
        _connection = connection;
        Index = state.AppliedIndex;
        Digest = RowHash.Digest(state);
    }

    /// <summary>The entry whose state this is.</summary>
    public ulong Index { get; }

    /// <summary>128-bit digest of all logical rows at <see cref="Index"/>.</summary>
    public UInt128 Digest { get; }

    /// <summary>Copies the records as one SQLite file into a stream.</summary>
    /// <param name="destination">Where the bytes go.</param>
    /// <param name="scratchPath">
    /// A file to copy into first, in a directory with room for all records; deleted afterwards.
    /// </param>
    /// <exception cref="RecordStoreException">The disk or SQLite failed.</exception>
    public void CopyTo(Stream destination, string scratchPath)
    {
        ArgumentNullException.ThrowIfNull(destination);
        try
        {
            File.Delete(scratchPath);
            CopyToFile(scratchPath);
            using var copy = File.OpenRead(scratchPath);
            copy.CopyTo(destination);
        }
        catch (SqliteException exception)
        {
            throw new RecordStoreException($"Can't copy records: {exception.Message}", exception);
        }
        finally
        {
            File.Delete(scratchPath);
        }
    }

    /// <summary>
    /// Puts a copy in the place of the records at <paramref name="path"/>, after every row and the
    /// digest were verified. No store may be open there.
    /// </summary>
    /// <exception cref="RecordStoreException">The copy is damaged or of another state.</exception>
    public static void Restore(Stream copy, string path, UInt128 expectedDigest)
    {
        ArgumentNullException.ThrowIfNull(copy);
        var incoming = path + ".incoming";
        Delete(incoming);
        using (
            var file = new FileStream(
                incoming,
                FileMode.CreateNew,
                FileAccess.Write,
                FileShare.None
            )
        )
        {
            copy.CopyTo(file);
            file.Flush(flushToDisk: true);
        }

        var report = Verify(incoming);
        if (!report.IsClean || report.Digest != expectedDigest)
        {
            Delete(incoming);
            throw new RecordStoreException(
                report.IsClean
                    ? $"The copy has digest {report.Digest:x32}, expected {expectedDigest:x32}."
                    : $"The copy is damaged: {string.Join("; ", report.Findings)}"
            );
        }

        // The old WAL goes first and for good: replayed into the new file it would destroy it.
        var directory = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!;
        Delete(path);
        DirectorySync.Flush(directory);
        File.Move(incoming, path);
        DirectorySync.Flush(directory);
    }

    public void Dispose()
    {
        RecordDatabase.Execute(_connection, "ROLLBACK");
        _connection.Dispose();
    }

    internal static RecordSnapshot Pin(string path, StoreState expected)
    {
        var connection = RecordDatabase.OpenReader(path);
        try
        {
            RecordDatabase.Execute(connection, "BEGIN");
            // A read transaction begins with its first read.
            var state = RecordDatabase.ReadState(connection, path);
            Check.That(state == expected);
            return new RecordSnapshot(connection, state);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static ScrubReport Verify(string path)
    {
        try
        {
            using var connection = RecordDatabase.OpenReader(path);
            RecordDatabase.CheckFormat(connection, path);
            return RecordScrub.Run(connection, path, indexes: null, CancellationToken.None);
        }
        catch (SqliteException exception)
        {
            throw new RecordStoreException($"The copy is damaged: {exception.Message}", exception);
        }
        finally
        {
            RecordDatabase.ReleaseReaders(path);
        }
    }

    private static void Delete(string path)
    {
        File.Delete(path + "-wal");
        File.Delete(path + "-shm");
        File.Delete(path);
    }

    private void CopyToFile(string path)
    {
        using var destination = RecordDatabase.OpenWriter(path);
        // It is a scratch file: whoever keeps the bytes makes them durable.
        RecordDatabase.Execute(destination, "PRAGMA synchronous = OFF");
        _connection.BackupDatabase(destination);
        RecordDatabase.Execute(destination, "PRAGMA journal_mode = DELETE");
    }
}
