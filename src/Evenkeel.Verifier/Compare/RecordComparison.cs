using System.Buffers.Binary;
using System.Globalization;
using System.IO.Hashing;
using System.Security.Cryptography;
using System.Text;
using Evenkeel.Verifier.Replay;
using Evenkeel.Verifier.Sqlite;

namespace Evenkeel.Verifier.Compare;

/// <summary>
/// A records database against the rows that the archive makes (docs/formats/records.md): names every
/// record, counter, result and change that was altered, taken out or put in, and every wrong checksum.
/// </summary>
internal sealed class RecordComparison(string path, string name, Findings findings)
{
    private EntryReplay _replay = null!;
    private RecordBook _book = null!;
    private bool _isEnd;

    /// <summary>Rows read.</summary>
    public long Rows { get; private set; }

    /// <summary>Rows of entries that the archive does not hold yet.</summary>
    public long Ahead { get; private set; }

    /// <summary>The entry that the database stands at; null, with a finding, when it can't be read.</summary>
    public ulong? ReadAppliedIndex()
    {
        try
        {
            using var file = SqliteFile.Open(path, name);
            return (ulong)(long)file.Rows("state").Single().Values[1]!;
        }
        catch (Exception e) when (IsDamage(e))
        {
            findings.Add(FindingKind.RecordsDamaged, name, 0, 0, $"can't be read: {e.Message}");
            return null;
        }
    }

    /// <param name="isEnd">
    /// True when the archive ends here, though the database stands at a later entry: rows of later
    /// entries are counted, not judged.
    /// </param>
    public void Compare(EntryReplay replay, bool isEnd)
    {
        _replay = replay;
        _book = replay.Records;
        _isEnd = isEnd;
        try
        {
            using var file = SqliteFile.Open(path, name);
            Totals[] totals =
            [
                CompareRecords(file),
                CompareCounters(file),
                CompareOperations(file),
                CompareChanges(file),
            ];
            CompareState(file, totals);
        }
        catch (Exception e) when (IsDamage(e))
        {
            findings.Add(
                FindingKind.RecordsDamaged,
                name,
                0,
                replay.Index,
                $"can't be read: {e.Message}"
            );
        }
    }

    private static bool IsDamage(Exception e) =>
        e
            is SqliteDamageException
                or IOException
                or InvalidCastException
                or InvalidOperationException
                or IndexOutOfRangeException
                or NullReferenceException
                or ArgumentException
                or OverflowException;

    private Totals CompareRecords(SqliteFile file)
    {
        var totals = new Totals();
        var missing = _book.Records.Keys.ToHashSet();
        foreach (var row in file.Rows("record"))
        {
            var v = row.Values;
            var key = ((string)v[0]!, (string)v[1]!);
            var json = (byte[]?)v[3];
            var (version, created, updated) = ((long)v[2]!, (long)v[4]!, (long)v[5]!);
            var hash = new RowHash('R')
                .Text(key.Item1)
                .Text(key.Item2)
                .Number(version)
                .Number(created)
                .Number(updated)
                .Number(json is null ? 0 : 1)
                .Blob(json ?? []);
            var place = new Place(row, "record", $"{key.Item1}/{key.Item2}");
            Judge(place, hash, (byte[])v[6]!, totals);
            missing.Remove(key);
            if (IsAhead((ulong)updated))
            {
                continue;
            }
            if (!_book.Records.TryGetValue(key, out var expected))
            {
                Add(FindingKind.RowAdded, place, 0, "no entry writes this record");
                continue;
            }
            Differ(
                place,
                expected.Entry,
                Field("version", (ulong)version, expected.Version),
                Field("created", (ulong)created, expected.Created),
                Field("updated", (ulong)updated, expected.Updated),
                Document(json, expected.Hash)
            );
        }
        foreach (var key in missing)
        {
            Missing("record", $"{key.Collection}/{key.Key}", _book.Records[key].Entry);
        }
        return totals;
    }

    private Totals CompareCounters(SqliteFile file)
    {
        var totals = new Totals();
        var missing = _book.Counters.Keys.ToHashSet();
        foreach (var row in file.Rows("counter"))
        {
            var v = row.Values;
            var key = ((string)v[0]!, (string)v[1]!);
            var (value, updated) = ((long)v[2]!, (long)v[3]!);
            var hash = new RowHash('C')
                .Text(key.Item1)
                .Text(key.Item2)
                .Number(value)
                .Number(updated);
            var place = new Place(row, "counter", $"{key.Item1}/{key.Item2}");
            Judge(place, hash, (byte[])v[4]!, totals);
            missing.Remove(key);
            if (IsAhead((ulong)updated))
            {
                continue;
            }
            if (!_book.Counters.TryGetValue(key, out var expected))
            {
                Add(FindingKind.RowAdded, place, 0, "no entry moves this counter");
                continue;
            }
            Differ(
                place,
                expected.Entry,
                Field("value", unchecked((ulong)value), unchecked((ulong)expected.Value)),
                Field("updated", (ulong)updated, expected.Updated)
            );
        }
        foreach (var key in missing)
        {
            Missing("counter", $"{key.Collection}/{key.Key}", _book.Counters[key].Entry);
        }
        return totals;
    }

    private Totals CompareOperations(SqliteFile file)
    {
        var totals = new Totals();
        var missing = _book.Operations.Keys.ToHashSet();
        foreach (var row in file.Rows("operation"))
        {
            var v = row.Values;
            var id = BinaryPrimitives.ReadUInt128LittleEndian((byte[])v[0]!);
            var content = BinaryPrimitives.ReadUInt128LittleEndian((byte[])v[1]!);
            var (entry, ordinal, result) = ((long)v[2]!, (long)v[3]!, (byte[])v[4]!);
            var hash = new RowHash('O')
                .Id(id)
                .Id(content)
                .Number(entry)
                .Number(ordinal)
                .Raw(result);
            var place = new Place(row, "operation", Show(id));
            Judge(place, hash, (byte[])v[5]!, totals);
            missing.Remove(id);
            if (IsAheadEntry((ulong)entry))
            {
                continue;
            }
            if (!_book.Operations.TryGetValue(id, out var expected))
            {
                Add(FindingKind.RowAdded, place, (ulong)entry, "no entry holds this operation");
                continue;
            }
            Differ(
                place,
                expected.Entry,
                Field("entry", (ulong)entry, expected.Entry),
                Field("ordinal", (ulong)ordinal, (ulong)expected.Ordinal),
                content == expected.ContentHash
                    ? null
                    : "content hash is not that of what was asked for",
                result.AsSpan().SequenceEqual(expected.Result)
                    ? null
                    : $"result {Hex(result)}, must be {Hex(expected.Result)}"
            );
        }
        foreach (var id in missing)
        {
            Missing("operation", Show(id), _book.Operations[id].Entry);
        }
        return totals;
    }

    private Totals CompareChanges(SqliteFile file)
    {
        var totals = new Totals();
        var changes = _book.Changes;
        long next = 1;
        foreach (var row in file.Rows("change"))
        {
            var v = row.Values;
            // The sequence is the table's row id.
            var sequence = v[0] as long? ?? row.RowId;
            var (entry, time, kind) = ((long)v[1]!, (long)v[2]!, (long)v[3]!);
            var (collection, key) = ((string)v[4]!, (string)v[5]!);
            var (version, json) = ((long)v[6]!, (byte[]?)v[7]);
            var hash = new RowHash('M')
                .Number(sequence)
                .Number(entry)
                .Number(time)
                .Number(kind)
                .Text(collection)
                .Text(key)
                .Number(version)
                .Blob(json ?? []);
            var place = new Place(row, "change", sequence.ToString(CultureInfo.InvariantCulture));
            Judge(place, hash, (byte[])v[8]!, totals);
            for (; next < sequence && next <= changes.Count; next++)
            {
                MissingChange(next);
            }
            next = Math.Max(next, sequence + 1);
            if (IsAheadEntry((ulong)entry))
            {
                continue;
            }
            if (sequence < 1 || sequence > changes.Count)
            {
                Add(FindingKind.RowAdded, place, (ulong)entry, "no entry makes this change");
                continue;
            }
            var expected = changes[(int)sequence - 1];
            Differ(
                place,
                expected.Entry,
                Field("entry", (ulong)entry, expected.Entry),
                Field("timestamp", (ulong)time, expected.Timestamp),
                Field("kind", (ulong)kind, (ulong)expected.Kind),
                Field("version", (ulong)version, expected.Version),
                string.Equals(collection, expected.Collection, StringComparison.Ordinal)
                && string.Equals(key, expected.Key, StringComparison.Ordinal)
                    ? null
                    : $"of {collection}/{key}, must be {expected.Collection}/{expected.Key}",
                Document(json, expected.Hash)
            );
        }
        for (; next <= changes.Count; next++)
        {
            MissingChange(next);
        }
        return totals;
    }

    private void MissingChange(long sequence)
    {
        var change = _book.Changes[(int)sequence - 1];
        Missing("change", sequence.ToString(CultureInfo.InvariantCulture), change.Entry);
    }

    private void CompareState(SqliteFile file, Totals[] totals)
    {
        var row = file.Rows("state").Single();
        var v = row.Values;
        var place = new Place(row, "state", "1");
        var applied = (ulong)(long)v[1]!;
        var sequence = (ulong)(long)v[2]!;
        var digest = new RowHash(null).Number((long)sequence);
        for (var t = 0; t < totals.Length; t++)
        {
            var rows = (ulong)(long)v[3 + (2 * t)]!;
            var sum = BinaryPrimitives.ReadUInt128LittleEndian((byte[])v[4 + (2 * t)]!);
            digest.Number((long)rows).Id(sum);
            var table = (string[])["record", "counter", "operation", "change"];
            Differ(
                place,
                applied,
                Field($"rows of {table[t]}", rows, totals[t].Rows),
                sum == totals[t].Sum ? null : $"sum of {table[t]} is not that of its rows"
            );
        }
        var checksum = new RowHash('S').Number((long)applied).Id(digest.Value);
        if (checksum.Value != BinaryPrimitives.ReadUInt128LittleEndian((byte[])v[11]!))
        {
            Add(FindingKind.RowAltered, place, applied, "checksum does not match the row");
        }
        if (!_isEnd)
        {
            Differ(place, applied, Field("sequence", sequence, (ulong)_book.Changes.Count));
        }
    }

    /// <summary>What is later than the archive's end can't be judged by it.</summary>
    private bool IsAhead(ulong updated)
    {
        var isAhead = _isEnd && updated > _replay.LogTime;
        Ahead += isAhead ? 1 : 0;
        return isAhead;
    }

    private bool IsAheadEntry(ulong entry)
    {
        var isAhead = _isEnd && entry > _replay.Index;
        Ahead += isAhead ? 1 : 0;
        return isAhead;
    }

    private void Judge(in Place place, RowHash hash, byte[] stored, Totals totals)
    {
        Rows++;
        totals.Add(hash.Value);
        if (hash.Value != BinaryPrimitives.ReadUInt128LittleEndian(stored))
        {
            Add(FindingKind.RowAltered, place, 0, "checksum does not match the row");
        }
    }

    private void Differ(in Place place, ulong entry, params ReadOnlySpan<string?> problems)
    {
        var found = new List<string>();
        foreach (var problem in problems)
        {
            if (problem is not null)
            {
                found.Add(problem);
            }
        }
        if (found.Count > 0)
        {
            Add(FindingKind.RowAltered, place, entry, string.Join("; ", found));
        }
    }

    private static string? Field(string field, ulong have, ulong want) =>
        have == want
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"{field} {have}, must be {want}");

    private static string? Document(byte[]? json, byte[]? hash) =>
        (json, hash) switch
        {
            (null, null) => null,
            (null, not null) => "the document is not there",
            (not null, null) => "a document where there must be none",
            _ => SHA256.HashData(json).AsSpan().SequenceEqual(hash)
                ? null
                : "the document is not what was written",
        };

    private void Missing(string table, string key, ulong entry) =>
        findings.Add(FindingKind.RowMissing, name, 0, entry, "the row is not there", table, key);

    private void Add(string kind, in Place place, ulong entry, string what) =>
        findings.Add(kind, place.Row.File, place.Row.Offset, entry, what, place.Table, place.Key);

    private static string Show(UInt128 id) => id.ToString(CultureInfo.InvariantCulture);

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);

    private readonly record struct Place(SqliteRow Row, string Table, string Key);

    private sealed class Totals
    {
        public ulong Rows { get; private set; }
        public UInt128 Sum { get; private set; }

        public void Add(UInt128 checksum)
        {
            Rows++;
            unchecked
            {
                Sum += checksum;
            }
        }
    }

    /// <summary>XxHash128 over fields, as the document gives them.</summary>
    private sealed class RowHash
    {
        private readonly XxHash128 _hash = new();

        public RowHash(char? tag)
        {
            if (tag is { } t)
            {
                _hash.Append([(byte)t]);
            }
        }

        public UInt128 Value => _hash.GetCurrentHashAsUInt128();

        public RowHash Number(long value)
        {
            Span<byte> bytes = stackalloc byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
            _hash.Append(bytes);
            return this;
        }

        public RowHash Id(UInt128 value)
        {
            Span<byte> bytes = stackalloc byte[16];
            BinaryPrimitives.WriteUInt128LittleEndian(bytes, value);
            _hash.Append(bytes);
            return this;
        }

        public RowHash Text(string text) => Blob(Encoding.UTF8.GetBytes(text));

        public RowHash Blob(ReadOnlySpan<byte> bytes)
        {
            Number(bytes.Length);
            return Raw(bytes);
        }

        public RowHash Raw(ReadOnlySpan<byte> bytes)
        {
            _hash.Append(bytes);
            return this;
        }
    }
}
