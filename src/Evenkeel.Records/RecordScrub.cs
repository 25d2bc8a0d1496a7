using Microsoft.Data.Sqlite;

namespace Evenkeel.Records;

/// <summary>What a scrub found.</summary>
/// <param name="AppliedIndex">The entry whose state was verified.</param>
/// <param name="Findings">The first findings, each naming table and row.</param>
/// <param name="FindingCount">All of them.</param>
public sealed record ScrubReport(
    ulong AppliedIndex,
    UInt128 Digest,
    ulong RowsVerified,
    IReadOnlyList<string> Findings,
    int FindingCount
)
{
    public bool IsClean => FindingCount == 0;
}

/// <summary>
/// Recomputes every checksum and every sum from the rows. An altered row is named by its checksum; a
/// deleted one shows in its table's sum, and is named by the change feed or by an index.
/// </summary>
internal sealed class RecordScrub(SqliteConnection connection, string path, RecordIndexes? indexes)
{
    /// <summary>Findings kept in a report; more are only counted.</summary>
    private const int FindingsMax = 100;

    private readonly List<string> _findings = [];
    private int _findingCount;
    private ulong _rows;

    public static ScrubReport Run(
        SqliteConnection connection,
        string path,
        RecordIndexes? indexes,
        CancellationToken cancellationToken
    )
    {
        RecordDatabase.Execute(connection, "BEGIN");
        try
        {
            return new RecordScrub(connection, path, indexes).Run(cancellationToken);
        }
        finally
        {
            RecordDatabase.Execute(connection, "ROLLBACK");
        }
    }

    private ScrubReport Run(CancellationToken cancellationToken)
    {
        StoreState? state = null;
        Guarded("state", () => state = RecordDatabase.ReadState(connection, path));
        if (state is null)
        {
            return new ScrubReport(0, 0, 0, _findings, _findingCount);
        }

        var records = Sum(
            "record",
            Schema.RecordColumns,
            reader => RowHash.Of(RowReader.ReadRecord(reader, path)),
            cancellationToken
        );
        var counters = Sum(
            "counter",
            Schema.CounterColumns,
            reader => RowHash.Of(RowReader.ReadCounter(reader, path)),
            cancellationToken
        );
        var operations = Sum(
            "operation",
            Schema.OperationColumns,
            reader => RowHash.Of(RowReader.ReadOperation(reader, path)),
            cancellationToken
        );
        var changes = Sum(
            "change",
            Schema.ChangeColumns,
            reader => RowHash.Of(RowReader.ReadChange(reader, path)),
            cancellationToken
        );
        Compare("record", state.Records, records);
        Compare("counter", state.Counters, counters);
        Compare("operation", state.Operations, operations);
        Compare("change", state.Changes, changes);
        if (state.Records != records)
        {
            Guarded("record", NameMissingRecords);
        }

        if (indexes is not null)
        {
            Guarded("record_index", () => CompareIndexes(indexes, cancellationToken));
        }

        Guarded("file", CheckStructure);
        return new ScrubReport(
            state.AppliedIndex,
            RowHash.Digest(state),
            _rows,
            _findings,
            _findingCount
        );
    }

    private TableSum Sum(
        string table,
        string columns,
        Func<SqlRows, UInt128> checksum,
        CancellationToken cancellationToken
    )
    {
        var sum = default(TableSum);
        Guarded(
            table,
            () =>
            {
                using var statement = new Statement(connection, $"SELECT {columns} FROM {table}");
                using var reader = statement.Query();
                while (reader.Read())
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    _rows++;
                    Guarded(table, () => sum = sum.Add(checksum(reader)));
                }
            }
        );
        return sum;
    }

    private void Compare(string table, TableSum stored, TableSum computed)
    {
        if (stored != computed)
        {
            Find(
                $"table {table}: {stored.Rows} rows with sum {stored.Sum:x32} were written, "
                    + $"{computed.Rows} whole rows with sum {computed.Sum:x32} are there"
            );
        }
    }

    private void NameMissingRecords()
    {
        using var statement = new Statement(
            connection,
            """
            SELECT c.collection, c.key, max(c.version), r.version FROM change AS c
            LEFT JOIN record AS r ON r.collection = c.collection AND r.key = c.key
            WHERE c.kind IN (1, 2) GROUP BY c.collection, c.key
            HAVING r.version IS NULL OR r.version <> max(c.version)
            """
        );
        using var reader = statement.Query();
        while (reader.Read())
        {
            var found = reader.IsDBNull(3) ? "no such row" : $"version {reader.GetInt64(3)}";
            Find(
                $"table record, row {reader.GetString(0)}/{reader.GetString(1)}: "
                    + $"version {reader.GetInt64(2)} was written last, found {found}"
            );
        }
    }

    private void CompareIndexes(RecordIndexes declared, CancellationToken cancellationToken)
    {
        long expected = 0;
        using var find = new Statement(
            connection,
            "SELECT 1 FROM record_index "
                + "WHERE collection = ?1 AND name = ?2 AND value = ?3 AND key = ?4"
        );
        foreach (var row in RecordDatabase.Records(connection, path))
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var (name, value) in declared.Values(row.Key.Collection, row.Json))
            {
                expected++;
                using var reader = find.Query(row.Key.Collection, name, value, row.Key.Key);
                if (!reader.Read())
                {
                    Find($"index {name} lacks row {row.Key.Collection}/{row.Key.Key}");
                }
            }
        }

        var found = RecordDatabase.Scalar(connection, "SELECT count(*) FROM record_index");
        if (found != expected)
        {
            Find($"the indexes hold {found} values, the records have {expected}");
        }
    }

    private void CheckStructure()
    {
        using var statement = new Statement(connection, "PRAGMA quick_check");
        using var reader = statement.Query();
        while (reader.Read())
        {
            if (reader.GetString(0) is var finding and not "ok")
            {
                Find($"file structure: {finding}");
            }
        }
    }

    private void Guarded(string table, Action action)
    {
        try
        {
            action();
        }
        catch (RecordDamageException exception)
        {
            Find($"table {exception.Table}, row {exception.Row}: checksum");
        }
        catch (SqliteException exception)
        {
            Find($"table {table}: {exception.Message}");
        }
    }

    private void Find(string finding)
    {
        _findingCount++;
        if (_findings.Count < FindingsMax && !_findings.Contains(finding, StringComparer.Ordinal))
        {
            _findings.Add(finding);
        }
    }
}
