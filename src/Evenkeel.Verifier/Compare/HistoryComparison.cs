using System.Globalization;

namespace Evenkeel.Verifier.Compare;

/// <summary>
/// Compares history rows with those that the archive makes, one by one, and names what was altered,
/// taken out or put in. After a row was taken out or put in, links and places are no longer compared:
/// one deleted row must not accuse all that follow it.
/// </summary>
internal sealed class HistoryComparison : IDisposable
{
    private const string Table = "history";
    private const int Window = 4_096;
    private const int Size = 192;
    private const int NamedBehindMax = 10_000;

    private readonly HistoryWalk _walk;
    private readonly Findings _findings;
    private readonly IEnumerator<PlacedRow> _rows;
    private readonly List<PlacedRow> _ahead = [];
    private readonly List<(ulong Position, string Key, ulong Entry)> _behindRows = [];
    private int _aheadFirst;
    private bool _isShifted;
    private bool _isExhausted;

    public HistoryComparison(HistoryWalk walk, Findings findings)
    {
        _walk = walk;
        _findings = findings;
        _rows = walk.Rows().GetEnumerator();
    }

    public long FilesRead => _walk.Files;
    public long BytesRead => _walk.ReadBytes;

    /// <summary>Rows of the files so far.</summary>
    public ulong Rows { get; private set; }

    /// <summary>Rows that the archive makes and the files end before.</summary>
    public ulong Behind { get; private set; }

    /// <summary>Rows of entries behind the archive's end.</summary>
    public long Ahead { get; private set; }

    /// <param name="expected">Rows of one entry, back to back, checksums zero.</param>
    /// <param name="firstPosition">Of the first of them.</param>
    public void Compare(ReadOnlySpan<byte> expected, ulong firstPosition, ulong entry)
    {
        for (var at = 0; at < expected.Length; at += Size)
        {
            var position = firstPosition + (ulong)(at / Size);
            CompareOne(expected[at..], position, entry);
        }
    }

    /// <summary>After the last entry: what is left in the files, and what is missing at their end.</summary>
    /// <param name="promised">Rows that a snapshot counts on: they were durable before it was named.</param>
    /// <param name="isWhole">False when not all entries could be replayed.</param>
    public void Finish(ulong promised, ulong lastEntry, bool isWhole)
    {
        while (Peek(0) is { } row)
        {
            Take();
            if (!row.ChecksumHolds)
            {
                Add(FindingKind.RowAltered, row, RowKey(row), "checksum does not match its bytes");
            }
            else if (isWhole && row.Entry <= lastEntry)
            {
                Add(FindingKind.RowAdded, row, RowKey(row), "no entry makes this row");
            }
            Ahead++;
        }
        foreach (var (position, key, entry) in _behindRows.Where(r => r.Position < promised))
        {
            _findings.Add(
                FindingKind.RowMissing,
                "history",
                0,
                entry,
                $"the history ends before row {position}, which a snapshot counts on",
                Table,
                key
            );
        }
    }

    public void Dispose() => _rows.Dispose();

    /// <param name="expected">The row, and those of its entry that follow it.</param>
    private void CompareOne(ReadOnlySpan<byte> expected, ulong position, ulong entry)
    {
        if (Peek(0) is not { } actual)
        {
            Behind++;
            if (_behindRows.Count < NamedBehindMax)
            {
                _behindRows.Add((position, ExpectedKey(expected, position), entry));
            }
            return;
        }
        if (!_isShifted && actual.Position > position)
        {
            return; // A whole segment is gone; the walk has said so.
        }
        var row = actual.Row.Span;
        if (row[..184].SequenceEqual(expected[..184]) && actual.ChecksumHolds)
        {
            Take();
            return;
        }
        var key = ExpectedKey(expected, position);
        if (IsSameRow(row, expected) || !actual.ChecksumHolds)
        {
            CompareFields(actual, expected, key);
            Take();
            return;
        }
        if (FindAhead(expected) is { } distance)
        {
            for (var i = 0; i < distance; i++)
            {
                var added = Peek(0)!.Value;
                Add(FindingKind.RowAdded, added, RowKey(added), "no entry makes this row");
                Take();
            }
            _isShifted = true;
            CompareOne(expected, position, entry);
            return;
        }
        if (IsLater(actual, expected, entry))
        {
            _isShifted = true;
            _findings.Add(
                FindingKind.RowMissing,
                actual.File,
                actual.Offset,
                entry,
                $"row {position} is not there; another one stands in its place",
                Table,
                key
            );
            return;
        }
        CompareFields(actual, expected, key);
        Take();
    }

    private void CompareFields(in PlacedRow actual, ReadOnlySpan<byte> expected, string key)
    {
        var row = actual.Row.Span;
        var differences = new List<string>();
        foreach (var (name, offset, size, isLink) in RowFields.All)
        {
            if (isLink && _isShifted)
            {
                continue;
            }
            var have = row.Slice(offset, size);
            var want = expected.Slice(offset, size);
            if (!have.SequenceEqual(want))
            {
                differences.Add($"{name} {RowFields.Show(have)}, must be {RowFields.Show(want)}");
            }
        }
        if (!actual.ChecksumHolds)
        {
            differences.Add("checksum does not match its bytes");
        }
        if (differences.Count > 0)
        {
            Add(
                FindingKind.RowAltered,
                actual,
                key,
                string.Join("; ", differences),
                Bytes.U64(expected, 80)
            );
        }
    }

    /// <summary>Another entry's row, or a later one of this entry: then the expected one was taken out.</summary>
    private static bool IsLater(in PlacedRow actual, ReadOnlySpan<byte> expectedOn, ulong entry)
    {
        if (actual.Entry > entry)
        {
            return true;
        }
        for (var at = Size; at < expectedOn.Length; at += Size)
        {
            if (IsSameRow(actual.Row.Span, expectedOn[at..]))
            {
                return true;
            }
        }
        return false;
    }

    private int? FindAhead(ReadOnlySpan<byte> expected)
    {
        for (var i = 1; i < Window && Peek(i) is { } candidate; i++)
        {
            if (IsSameRow(candidate.Row.Span, expected))
            {
                return i;
            }
            if (candidate.Entry > Bytes.U64(expected, 80) && candidate.ChecksumHolds)
            {
                return null;
            }
        }
        return null;
    }

    // An expiry has no id of its own: the accounts and its time tell it apart.
    private static bool IsSameRow(ReadOnlySpan<byte> row, ReadOnlySpan<byte> expected) =>
        row[108] == expected[108]
        && row[..16].SequenceEqual(expected[..16])
        && (
            row[108] != 3
            || (
                row.Slice(40, 16).SequenceEqual(expected.Slice(40, 16))
                && row.Slice(88, 8).SequenceEqual(expected.Slice(88, 8))
            )
        );

    private PlacedRow? Peek(int distance)
    {
        while (_ahead.Count - _aheadFirst <= distance)
        {
            if (_isExhausted || !_rows.MoveNext())
            {
                _isExhausted = true;
                return null;
            }
            _ahead.Add(_rows.Current);
        }
        return _ahead[_aheadFirst + distance];
    }

    private void Take()
    {
        Rows++;
        if (++_aheadFirst >= Window)
        {
            _ahead.RemoveRange(0, _aheadFirst);
            _aheadFirst = 0;
        }
    }

    private void Add(string kind, in PlacedRow row, string key, string what, ulong? entry = null) =>
        _findings.Add(kind, row.File, row.Offset, entry ?? row.Entry, what, Table, key);

    private static string RowKey(in PlacedRow row) => ExpectedKey(row.Row.Span, row.Position);

    private static string ExpectedKey(ReadOnlySpan<byte> row, ulong position) =>
        row[108] is 1 or 2
            ? Bytes.U128(row, 0).ToString(CultureInfo.InvariantCulture)
            : string.Create(CultureInfo.InvariantCulture, $"row {position}");
}

/// <summary>The fields of a history row (docs/formats/history.md).</summary>
internal static class RowFields
{
    public static readonly (string Name, int Offset, int Size, bool IsLink)[] All =
    [
        ("id", 0, 16, false),
        ("user data 128", 16, 16, false),
        ("user data 64", 32, 8, false),
        ("amount", 40, 8, false),
        ("timestamp", 48, 8, false),
        ("link to the hold", 56, 8, true),
        ("link of the debit account", 64, 8, true),
        ("link of the credit account", 72, 8, true),
        ("entry", 80, 8, false),
        ("debit slot", 88, 4, false),
        ("credit slot", 92, 4, false),
        ("user data 32", 96, 4, false),
        ("timeout", 100, 4, false),
        ("code", 104, 2, false),
        ("flags", 106, 2, false),
        ("kind", 108, 1, false),
        ("pending status", 109, 1, false),
        ("debit account's flags", 110, 2, false),
        ("credit account's flags", 112, 2, false),
        ("reserved", 114, 2, false),
        ("ledger", 116, 4, false),
        ("debit account's debits pending", 120, 8, false),
        ("debit account's debits posted", 128, 8, false),
        ("debit account's credits pending", 136, 8, false),
        ("debit account's credits posted", 144, 8, false),
        ("credit account's debits pending", 152, 8, false),
        ("credit account's debits posted", 160, 8, false),
        ("credit account's credits pending", 168, 8, false),
        ("credit account's credits posted", 176, 8, false),
    ];

    public static string Show(ReadOnlySpan<byte> field)
    {
        UInt128 value = 0;
        for (var i = field.Length - 1; i >= 0; i--)
        {
            value = (value << 8) | field[i];
        }
        return value.ToString(CultureInfo.InvariantCulture);
    }
}
