using System.Diagnostics.CodeAnalysis;
using Evenkeel.Journal;
using Evenkeel.Model;
using Microsoft.Data.Sqlite;

namespace Evenkeel.Records;

/// <summary>
/// Documents, counters, results of operations and the change feed of one node, in SQLite.
/// </summary>
/// <remarks>
/// <para>
/// Written only by the thread that applies entries, one database transaction for each entry that
/// bears records; that transaction also moves the applied index. Reads come from other connections
/// (<see cref="RecordReader"/>) and see whole entries only.
/// </para>
/// <para>
/// The log is the durable truth, so a commit does not wait for the disk (WAL,
/// <c>synchronous = NORMAL</c>): after power loss the file is an earlier whole state, and replay
/// brings it forward. <see cref="Flush"/> says up to which index it is durable; the log may be
/// trimmed only behind that.
/// </para>
/// </remarks>
public sealed class RecordStore : IDisposable
{
    /// <summary>Bytes of rows of a table that the writer keeps in memory.</summary>
    private const long CacheBytesMax = 32L << 20;

    private readonly SqliteConnection _connection;
    private readonly RecordStatements _statements;
    private readonly RecordIndexes _indexes;
    private readonly Lock _flushLock = new();
    private readonly WalKeeper _wal;
    private readonly RowCache<RecordRow> _records = new(
        static row => row.Json?.Length ?? 0,
        CacheBytesMax
    );
    private readonly RowCache<CounterRow> _counters = new(static _ => 0, CacheBytesMax);
    private StoreState _committed;
    private StoreState _current;
    private ulong _entry;
    private ulong _durableIndex;
    private bool _inEntry;
    private int _rowsWritten;
    private Exception? _failure;

    private RecordStore(
        string path,
        SqliteConnection connection,
        RecordIndexes indexes,
        StoreState state
    )
    {
        Path = path;
        _connection = connection;
        _indexes = indexes;
        _statements = new RecordStatements(connection);
        _wal = new WalKeeper(path);
        _committed = state;
        _current = state;
    }

    /// <summary>The database file.</summary>
    public string Path { get; }

    /// <summary>Index of the last entry whose records are committed; 0 at the beginning.</summary>
    public ulong AppliedIndex => Volatile.Read(ref _committed).AppliedIndex;

    /// <summary>
    /// Everything up to this index survives power loss (see <see cref="Flush"/>); 0 until the first
    /// flush of this process.
    /// </summary>
    public ulong DurableIndex => Volatile.Read(ref _durableIndex);

    /// <summary>Sequence of the last change; 0 at the beginning.</summary>
    public ulong ChangeSequence => Volatile.Read(ref _committed).Sequence;

    /// <summary>128-bit digest of all logical rows at <see cref="AppliedIndex"/>.</summary>
    public UInt128 Digest => RowHash.Digest(_committed);

    /// <summary>Opens or creates the records at <paramref name="path"/>.</summary>
    /// <exception cref="RecordStoreException">
    /// The file is damaged, foreign, of a newer format, or can't be written.
    /// </exception>
    public static RecordStore Open(string path, IEnumerable<RecordIndex>? indexes = null)
    {
        var declared = new RecordIndexes(indexes ?? []);
        SqliteConnection? connection = null;
        try
        {
            connection = RecordDatabase.OpenWriter(path);
            var state = RecordDatabase.Prepare(connection, path);
            var store = new RecordStore(path, connection, declared, state);
            store.RebuildIndexesIfChanged();
            connection = null;
            return store;
        }
        catch (SqliteException exception)
        {
            throw new RecordStoreException($"Can't open {path}: {exception.Message}", exception);
        }
        finally
        {
            connection?.Dispose();
        }
    }

    /// <summary>A source of reads on other connections; valid while this store is open.</summary>
    public RecordReader CreateReader() => new(Path, _indexes);

    /// <summary>
    /// Declares that every entry up to <paramref name="index"/> is applied, those without records
    /// included. Called before a snapshot, so that its records are at exactly its index.
    /// </summary>
    public void AdvanceTo(ulong index)
    {
        if (index > AppliedIndex)
        {
            BeginEntry(index);
            CommitEntry();
        }
    }

    /// <summary>
    /// Makes everything committed so far durable and answers up to which index. Waits for the disk;
    /// may be called from any thread, while entries go on being applied.
    /// </summary>
    public ulong Flush()
    {
        lock (_flushLock)
        {
            var index = AppliedIndex;
            Run("flush", () => RecordDatabase.SyncWal(Path));
            Volatile.Write(ref _durableIndex, Math.Max(_durableIndex, index));
            return index;
        }
    }

    /// <summary>
    /// Pins the state at <see cref="AppliedIndex"/> at once; it is copied out later on any thread.
    /// Called between entries.
    /// </summary>
    public RecordSnapshot Capture()
    {
        Check.That(!_inEntry);
        return Run("capture", () => RecordSnapshot.Pin(Path, _committed));
    }

    /// <summary>Begins the records half of an entry.</summary>
    internal void BeginEntry(ulong index)
    {
        Check.That(!_inEntry);
        Check.That(index > _committed.AppliedIndex);
        Run("begin", () => _statements.Begin.Execute());
        _inEntry = true;
        _entry = index;
        _current = _committed;
    }

    /// <summary>Commits it: rows, results and applied index at once, or nothing.</summary>
    internal void CommitEntry()
    {
        Check.That(_inEntry);
        _current = _current with { AppliedIndex = _entry };
        Run(
            "commit",
            () =>
            {
                _statements.WriteState(_current);
                _statements.Commit.Execute();
            }
        );
        _inEntry = false;
        _committed = _current;
        _wal.Committed(_rowsWritten);
        _rowsWritten = 0;
    }

    internal RecordRow? FindRecord(RecordKey key)
    {
        ThrowIfFailed();
        if (!_records.TryGet(key, out var row))
        {
            row = Run("read", () => _statements.FindRecord(key, Path));
            _records.Put(key, row);
        }
        return row;
    }

    internal CounterRow? FindCounter(RecordKey key)
    {
        ThrowIfFailed();
        if (!_counters.TryGet(key, out var row))
        {
            row = Run("read", () => _statements.FindCounter(key, Path));
            _counters.Put(key, row);
        }
        return row;
    }

    internal OperationRow? FindOperation(OperationId id) =>
        Run("read", () => _statements.FindOperation(id, Path));

    /// <summary>Writes or deletes a record under its next version.</summary>
    internal void Write(RecordWrite write, ulong timestamp)
    {
        Check.That(_inEntry);
        var old = FindRecord(write.Key);
        if (write.Json is null && old?.Json is null)
        {
            return;
        }

        var row = new RecordRow(
            write.Key,
            Version: (old?.Version ?? 0) + 1,
            Json: write.Json?.ToArray(),
            Created: old?.Json is null ? timestamp : old.Value.Created,
            Updated: timestamp
        );
        var checksum = RowHash.Of(row);
        var sum = old is { } before
            ? _current.Records.Replace(RowHash.Of(before), checksum)
            : _current.Records.Add(checksum);
        Run(
            "write",
            () =>
            {
                _statements.WriteRecord(row, checksum);
                foreach (var (name, value) in _indexes.Values(write.Key.Collection, old?.Json))
                {
                    _rowsWritten++;
                    _statements.DeleteIndex.Execute(
                        write.Key.Collection,
                        name,
                        value,
                        write.Key.Key
                    );
                }

                foreach (var (name, value) in _indexes.Values(write.Key.Collection, row.Json))
                {
                    _rowsWritten++;
                    _statements.InsertIndex.Execute(
                        write.Key.Collection,
                        name,
                        value,
                        write.Key.Key
                    );
                }
            }
        );
        _rowsWritten++;
        _records.Put(write.Key, row);
        _current = _current with { Records = sum };
        var kind = row.Json is null ? ChangeKind.Deleted : ChangeKind.Written;
        AppendChange(kind, write.Key, row.Version, json: null, timestamp);
    }

    internal void WriteCounter(RecordKey key, long value, ulong timestamp)
    {
        Check.That(_inEntry);
        var old = FindCounter(key);
        var row = new CounterRow(key, value, timestamp);
        var checksum = RowHash.Of(row);
        Run("write", () => _statements.WriteCounter(row, checksum));
        _rowsWritten++;
        _counters.Put(key, row);
        _current = _current with
        {
            Counters = old is { } before
                ? _current.Counters.Replace(RowHash.Of(before), checksum)
                : _current.Counters.Add(checksum),
        };
    }

    internal void AppendMessage(Message message, ulong timestamp) =>
        AppendChange(
            ChangeKind.Message,
            new RecordKey(message.Topic, ""),
            version: 0,
            message.Json.ToArray(),
            timestamp
        );

    internal void Remember(OperationId id, UInt128 contentHash, int ordinal, OperationResult result)
    {
        Check.That(_inEntry);
        var row = new OperationRow(id, contentHash, _entry, ordinal, result);
        var checksum = RowHash.Of(row);
        Run("write", () => _statements.WriteOperation(row, checksum));
        _rowsWritten++;
        _current = _current with { Operations = _current.Operations.Add(checksum) };
    }

    public void Dispose()
    {
        _wal.Dispose();
        _statements.Dispose();
        _connection.Dispose();
        RecordDatabase.ReleaseReaders(Path);
    }

    private void AppendChange(
        ChangeKind kind,
        RecordKey key,
        ulong version,
        byte[]? json,
        ulong timestamp
    )
    {
        var sequence = _current.Sequence + 1;
        var row = new ChangeRow(sequence, _entry, timestamp, kind, key, version, json);
        var checksum = RowHash.Of(row);
        Run("write", () => _statements.WriteChange(row, checksum));
        _rowsWritten++;
        _current = _current with { Sequence = sequence, Changes = _current.Changes.Add(checksum) };
    }

    private void RebuildIndexesIfChanged()
    {
        var written = _statements.ReadLocal("indexes");
        if (string.Equals(written, _indexes.Declaration, StringComparison.Ordinal))
        {
            return;
        }

        _statements.Begin.Execute();
        RecordDatabase.Execute(_connection, "DELETE FROM record_index");
        foreach (var row in RecordDatabase.Records(_connection, Path))
        {
            foreach (var (name, value) in _indexes.Values(row.Key.Collection, row.Json))
            {
                _statements.InsertIndex.Execute(row.Key.Collection, name, value, row.Key.Key);
            }
        }

        _statements.WriteLocal("indexes", _indexes.Declaration);
        _statements.Commit.Execute();
    }

    private void Run(string what, Action action) =>
        Run(
            what,
            () =>
            {
                action();
                return 0;
            }
        );

    // The first failure is final: after it the transaction's state is not known, and a node that
    // went on could acknowledge what its records never took.
    private T Run<T>(string what, Func<T> function)
    {
        ThrowIfFailed();
        try
        {
            return function();
        }
        catch (Exception exception) when (exception is SqliteException or IOException)
        {
            _failure = exception;
            throw new RecordStoreException(
                $"Records failed to {what} in {Path} at entry {_entry}: {exception.Message}",
                exception
            );
        }
        catch (RecordDamageException exception)
        {
            _failure = exception;
            throw;
        }
    }

    private void ThrowIfFailed()
    {
        if (_failure is not null)
        {
            Refuse();
        }

        [DoesNotReturn]
        void Refuse() =>
            throw new RecordStoreException($"Records in {Path} failed before.", _failure!);
    }
}
