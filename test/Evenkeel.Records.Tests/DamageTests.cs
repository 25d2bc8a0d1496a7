using Evenkeel.Journal;
using Microsoft.Data.Sqlite;
using Xunit;

namespace Evenkeel.Records.Tests;

/// <summary>Flipped bits, lost rows, failing SQLite: found, named, never served.</summary>
public sealed class DamageTests : IDisposable
{
    private static readonly RecordKey Alice = new("customer", "alice");

    private readonly Bank _bank = new(new RecordIndex("customer", "by-city", "city"));

    public DamageTests() =>
        _bank.Apply(
            Bank.Operation(1) with
            {
                Guards = [new Guard.Counter(new("limit", "day"), Delta: 5, Min: 0, Max: 10)],
                Writes =
                [
                    Bank.Write("customer", "alice", """{"city":"Brno","balance":1000}"""),
                    Bank.Write("customer", "bob", """{"city":"Wien","balance":2000}"""),
                ],
                Messages = [new Message("welcome", "\"marker-message\""u8.ToArray())],
            }
        );

    [Fact]
    public void Whole_records_are_clean()
    {
        var report = _bank.Reader.Scrub(CancellationToken.None);
        Assert.True(report.IsClean, string.Join("; ", report.Findings));
        Assert.Equal(_bank.Store.Digest, report.Digest);
        // Two records, one counter, one operation, three changes.
        Assert.Equal(7ul, report.RowsVerified);
    }

    [Fact]
    public void Every_flipped_bit_of_a_document_on_disk_is_found_and_the_row_is_not_served()
    {
        _bank.Crash(); // Closing moves everything from the WAL into the file.
        var whole = File.ReadAllBytes(_bank.Path);
        var start = whole.AsSpan().IndexOf("{\"city\":\"Brno\",\"balance\":1000}"u8);
        Assert.True(start > 0);
        for (var bit = 0; bit < 30 * 8; bit += 7)
        {
            var copy = _bank.Scratch($"bit-{bit}.db");
            var bytes = (byte[])whole.Clone();
            bytes[start + (bit / 8)] ^= (byte)(1 << (bit % 8));
            File.WriteAllBytes(copy, bytes);
            using var store = RecordStore.Open(
                copy,
                [new RecordIndex("customer", "by-city", "city")]
            );
            var reader = store.CreateReader();

            var damage = Assert.Throws<RecordDamageException>(() => reader.Find(Alice));
            Assert.Equal(("record", "customer/alice"), (damage.Table, damage.Row));
            Assert.Equal(copy, damage.File);
            Assert.NotNull(reader.Find(new RecordKey("customer", "bob")));
            var report = reader.Scrub(CancellationToken.None);
            Assert.Contains("table record, row customer/alice: checksum", report.Findings);
        }
    }

    /// <summary>One statement for each column that a flipped bit could hit.</summary>
    [Theory]
    [InlineData(
        "UPDATE record SET version = version + 1 WHERE key = 'alice'",
        "record",
        "customer/alice"
    )]
    [InlineData("UPDATE record SET version = -1 WHERE key = 'alice'", "record", "customer/alice")]
    [InlineData("UPDATE record SET version = 'x' WHERE key = 'alice'", "record", "customer/alice")]
    [InlineData("UPDATE record SET key = 'alicf' WHERE key = 'alice'", "record", "customer/alicf")]
    [InlineData("UPDATE record SET json = NULL WHERE key = 'alice'", "record", "customer/alice")]
    [InlineData(
        "UPDATE record SET updated = updated + 1 WHERE key = 'alice'",
        "record",
        "customer/alice"
    )]
    [InlineData(
        "UPDATE record SET created = created + 1 WHERE key = 'alice'",
        "record",
        "customer/alice"
    )]
    [InlineData(
        "UPDATE record SET checksum = x'00' WHERE key = 'alice'",
        "record",
        "customer/alice"
    )]
    [InlineData("UPDATE counter SET value = 1", "counter", "limit/day")]
    [InlineData("UPDATE operation SET entry = 9", "operation", "1")]
    [InlineData("UPDATE operation SET result = x'00'", "operation", "1")]
    [InlineData("UPDATE operation SET ordinal = 7", "operation", "1")]
    [InlineData("UPDATE change SET version = 8 WHERE sequence = 2", "change", "2")]
    [InlineData("UPDATE change SET json = x'30' WHERE sequence = 3", "change", "3")]
    [InlineData("UPDATE state SET applied_index = 7", "state", "1")]
    [InlineData("UPDATE state SET record_sum = change_sum", "state", "1")]
    public void Altered_column_is_found_and_the_row_named(string sql, string table, string row)
    {
        Tamper(sql);
        var report = _bank.Reader.Scrub(CancellationToken.None);
        Assert.Contains($"table {table}, row {row}: checksum", report.Findings);
    }

    [Theory]
    [InlineData("record", "DELETE FROM record WHERE key = 'alice'")]
    [InlineData("counter", "DELETE FROM counter")]
    [InlineData("operation", "DELETE FROM operation")]
    [InlineData("change", "DELETE FROM change WHERE sequence = 2")]
    public void Deleted_row_is_found_by_the_digest(string table, string sql)
    {
        Tamper(sql);
        var report = _bank.Reader.Scrub(CancellationToken.None);
        Assert.Contains(
            report.Findings,
            finding => finding.StartsWith($"table {table}: ", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void Deleted_record_is_named_by_the_change_feed()
    {
        Tamper("DELETE FROM record WHERE key = 'alice'");
        var report = _bank.Reader.Scrub(CancellationToken.None);
        Assert.Contains(
            "table record, row customer/alice: version 1 was written last, found no such row",
            report.Findings
        );
    }

    [Fact]
    public void Record_that_was_set_back_to_an_earlier_whole_row_is_found()
    {
        Tamper("CREATE TABLE old AS SELECT * FROM record WHERE key = 'alice'");
        _bank.ApplyOne(Bank.Operation(2) with { Writes = [Bank.Write("customer", "alice", "{}")] });
        Tamper("INSERT OR REPLACE INTO record SELECT * FROM old");
        var report = _bank.Reader.Scrub(CancellationToken.None);
        Assert.Contains(
            "table record, row customer/alice: version 2 was written last, found version 1",
            report.Findings
        );
    }

    [Theory]
    [InlineData("DELETE FROM record_index WHERE key = 'alice'")]
    [InlineData("INSERT INTO record_index VALUES ('customer', 'by-city', 'Paris', 'alice')")]
    public void Index_that_differs_from_its_records_is_found(string sql)
    {
        Tamper(sql);
        Assert.False(_bank.Reader.Scrub(CancellationToken.None).IsClean);
    }

    [Fact]
    public void Gap_in_the_change_feed_is_not_passed_over()
    {
        Tamper("DELETE FROM change WHERE sequence = 2");
        var damage = Assert.Throws<RecordDamageException>(() =>
            _bank.Reader.ReadChanges(after: 0, limit: 10)
        );
        Assert.Equal(("change", "2"), (damage.Table, damage.Row));
    }

    [Fact]
    public void Guard_on_a_damaged_record_stops_the_node()
    {
        // A node that has just started: what it read or wrote of late it does not read again.
        _bank.Crash();
        Tamper("UPDATE record SET version = 2 WHERE key = 'alice'");
        var guarded = Bank.Operation(2) with
        {
            Guards = [new Guard.Version(Alice, 2)],
            Writes = [Bank.Write("customer", "alice", "1")],
        };
        Assert.Throws<RecordDamageException>(() => _bank.ApplyOne(guarded));
    }

    [Fact]
    public void SQLite_error_in_apply_stops_the_node_for_good()
    {
        var write = Bank.Operation(2) with { Writes = [Bank.Write("customer", "carol", "1")] };
        Tamper("CREATE TRIGGER broken BEFORE INSERT ON change BEGIN SELECT RAISE(ABORT, 'x'); END");
        var error = Assert.Throws<RecordStoreException>(() => _bank.ApplyOne(write));
        Assert.Contains("entry 2", error.Message);
        // Even if the cause is gone: what this entry has written so far is not known.
        Assert.Throws<RecordStoreException>(() => _bank.Applier.CommitEntry());

        _bank.Crash();
        Assert.Equal(1ul, _bank.Store.AppliedIndex);
        Assert.Null(_bank.Read("customer", "carol"));
    }

    [Fact]
    public void Damaged_state_row_refuses_to_open()
    {
        Tamper("UPDATE state SET applied_index = 7");
        Assert.Throws<RecordDamageException>(_bank.Crash);
    }

    [Fact]
    public void Foreign_or_newer_file_refuses_to_open()
    {
        var foreign = _bank.Scratch("foreign.db");
        using (var connection = new SqliteConnection($"Data Source={foreign};Pooling=False"))
        {
            connection.Open();
            RecordDatabase.Execute(connection, "CREATE TABLE x (y)");
        }

        // Only damage may be put aside and rebuilt; the others hold something else.
        Assert.False(Assert.Throws<RecordStoreException>(() => RecordStore.Open(foreign)).IsDamage);
        var noise = _bank.Scratch("noise.db");
        File.WriteAllBytes(noise, [.. Enumerable.Range(0, 5_000).Select(i => (byte)(i % 251))]);
        Assert.True(Assert.Throws<RecordStoreException>(() => RecordStore.Open(noise)).IsDamage);
        Tamper("PRAGMA user_version = 2");
        Assert.False(Assert.Throws<RecordStoreException>(_bank.Crash).IsDamage);
    }

    public void Dispose() => _bank.Dispose();

    private void Tamper(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={_bank.Path};Pooling=False");
        connection.Open();
        RecordDatabase.Execute(connection, sql);
    }
}
