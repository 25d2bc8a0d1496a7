using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Evenkeel.Journal;
using Evenkeel.Model;
using Microsoft.Data.Sqlite;

namespace Evenkeel.Records;

/// <summary>One change of a record, or one message, in the order of the log.</summary>
/// <param name="Sequence">Position in the feed, from 1, without gaps.</param>
/// <param name="Entry">Log index that made it.</param>
/// <param name="Key">The record; of a message: its topic and an empty key.</param>
/// <param name="Version">The record's version after the change; 0 for messages.</param>
/// <param name="Json">The message; empty for records, whose present state is read by key.</param>
public sealed record Change(
    ulong Sequence,
    ulong Entry,
    ulong Timestamp,
    ChangeKind Kind,
    RecordKey Key,
    ulong Version,
    ReadOnlyMemory<byte> Json
);

/// <summary>An operation that was decided for good.</summary>
/// <param name="Entry">Log index that decided it.</param>
public sealed record StoredOperation(
    OperationId Id,
    UInt128 ContentHash,
    ulong Entry,
    OperationResult Result
);

/// <summary>
/// Reads of committed entries, from any thread, each on its own connection. Every row's checksum is
/// verified; a damaged one is a <see cref="RecordDamageException"/>, never an answer.
/// </summary>
public sealed class RecordReader
{
    private readonly string _path;
    private readonly RecordIndexes _indexes;

    internal RecordReader(string path, RecordIndexes indexes)
    {
        _path = path;
        _indexes = indexes;
    }

    /// <summary>True when <see cref="Read"/> can answer it: names well formed, limit and index known.</summary>
    public bool CanAnswer(RecordQuery query) =>
        query is { Limit: > 0 and <= OperationLimits.PageRecordsMax }
        && OperationRules.IsPlainText(query.Collection, OperationLimits.NameBytesMax)
        && IsKeyOrNull(query.Key)
        && IsKeyOrNull(query.Prefix)
        && IsKeyOrNull(query.After)
        && (query.Index is null) == (query.Value is null)
        && (query.Index is null || _indexes.IsDeclared(query.Collection, query.Index));

    /// <summary>One page in key order.</summary>
    /// <exception cref="ArgumentException">See <see cref="CanAnswer"/>.</exception>
    public RecordPage Read(RecordQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        if (!CanAnswer(query))
        {
            throw new ArgumentException("The query is not well formed.", nameof(query));
        }

        return Run(connection => ReadPage(connection, query));
    }

    /// <summary>Null when there is no such record.</summary>
    public StoredRecord? Find(RecordKey key) =>
        Read(new RecordQuery { Collection = key.Collection, Key = key.Key }).Records is [var record]
            ? record
            : null;

    /// <summary>A counter; 0 when nothing was ever added.</summary>
    public long ReadCounter(RecordKey key) =>
        Run(connection =>
        {
            using var statement = new Statement(
                connection,
                $"SELECT {Schema.CounterColumns} FROM counter WHERE collection = ?1 AND key = ?2"
            );
            using var reader = statement.Query(key.Collection, key.Key);
            return reader.Read() ? RowReader.ReadCounter(reader, _path).Value : 0;
        });

    /// <summary>Null when the id was never decided: ask again, or try it.</summary>
    public StoredOperation? FindOperation(OperationId id) =>
        Run(connection =>
        {
            using var statement = new Statement(
                connection,
                $"SELECT {Schema.OperationColumns} FROM operation WHERE id = ?1"
            );
            using var reader = statement.Query(RowHash.ToBytes(id.Value));
            if (!reader.Read())
            {
                return null;
            }

            var row = RowReader.ReadOperation(reader, _path);
            return new StoredOperation(row.Id, row.ContentHash, row.Entry, row.Result);
        });

    /// <summary>
    /// Changes after a position, oldest first, at most <paramref name="limit"/>. A consumer keeps
    /// the last sequence it has worked through.
    /// </summary>
    public IReadOnlyList<Change> ReadChanges(ulong after, int limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, OperationLimits.PageRecordsMax);
        return Run(connection =>
        {
            using var statement = new Statement(
                connection,
                $"SELECT {Schema.ChangeColumns} FROM change WHERE sequence > ?1 "
                    + "ORDER BY sequence LIMIT ?2"
            );
            using var reader = statement.Query((long)after, limit);
            var changes = new List<Change>();
            var expected = after;
            while (reader.Read())
            {
                var row = RowReader.ReadChange(reader, _path);
                expected++;
                if (row.Sequence != expected)
                {
                    throw new RecordDamageException(_path, "change", $"{expected}");
                }

                changes.Add(
                    new(
                        row.Sequence,
                        row.Entry,
                        row.Timestamp,
                        row.Kind,
                        row.Key,
                        row.Version,
                        row.Json
                    )
                );
            }

            return (IReadOnlyList<Change>)changes;
        });
    }

    /// <summary>
    /// Verifies every row, every index entry and the digest, in one consistent view. May take long;
    /// entries go on being applied meanwhile.
    /// </summary>
    public ScrubReport Scrub(CancellationToken cancellationToken) =>
        Run(connection => RecordScrub.Run(connection, _path, _indexes, cancellationToken));

    private static bool IsKeyOrNull(string? key) =>
        key is null || OperationRules.IsPlainText(key, OperationLimits.KeyBytesMax);

    private RecordPage ReadPage(SqliteConnection connection, RecordQuery query)
    {
        var (sql, values) = Sql(query);
        using var statement = new Statement(connection, sql);
        using var reader = statement.Query(CollectionsMarshal.AsSpan(values));
        var records = new List<StoredRecord>();
        var bytes = 0;
        while (reader.Read())
        {
            var row = RowReader.ReadRecord(reader, _path);
            Check.That(row.Json is not null);
            bytes += row.Json.Length;
            if (records.Count == query.Limit || bytes > OperationLimits.PageBytesMax)
            {
                return new RecordPage(records, Next: records[^1].Key.Key);
            }

            records.Add(new StoredRecord(row.Key, row.Version, row.Json));
        }

        return new RecordPage(records, Next: null);
    }

    // Each condition is there only when it narrows: SQLite seeks to one lower and one upper bound.
    private static (string Sql, List<SqlValue> Values) Sql(RecordQuery query)
    {
        const string Columns =
            "r.collection, r.key, r.version, r.json, r.created, r.updated, r.checksum";
        List<SqlValue> values = [query.Collection];
        string source;
        string key;
        if (query.Index is null)
        {
            source = "record AS r WHERE r.collection = ?1";
            key = "r.key";
        }
        else
        {
            source =
                "record_index AS i CROSS JOIN record AS r WHERE i.collection = ?1 AND i.name = ?2 "
                + "AND i.value = ?3 AND r.collection = ?1 AND r.key = i.key";
            key = "i.key";
            values.AddRange([query.Index, RecordIndexes.Cut(query.Value!)]);
        }

        var conditions = new StringBuilder();
        void Where(string comparison, string bound)
        {
            values.Add(bound);
            conditions.Append(
                CultureInfo.InvariantCulture,
                $" AND {key} {comparison} ?{values.Count}"
            );
        }

        if (query.Key is not null)
        {
            Where("=", query.Key);
        }

        if (query.Prefix is not null)
        {
            Where("<", query.Prefix + "\U0010FFFF");
        }

        if (
            query.After is not null
            && (query.Prefix is null || !IsBefore(query.After, query.Prefix))
        )
        {
            Where(">", query.After);
        }
        else if (query.Prefix is not null)
        {
            Where(">=", query.Prefix);
        }

        values.Add(query.Limit + 1);
        return (
            $"SELECT {Columns} FROM {source}{conditions} AND r.json IS NOT NULL "
                + $"ORDER BY {key} LIMIT ?{values.Count}",
            values
        );
    }

    // As SQLite compares: by UTF-8 bytes, which differs from UTF-16 units beyond U+FFFF.
    private static bool IsBefore(string a, string b) =>
        Encoding.UTF8.GetBytes(a).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(b)) < 0;

    private T Run<T>(Func<SqliteConnection, T> read)
    {
        try
        {
            using var connection = RecordDatabase.OpenReader(_path);
            return read(connection);
        }
        catch (SqliteException exception)
        {
            throw new RecordStoreException($"Can't read {_path}: {exception.Message}", exception);
        }
    }
}
