namespace Evenkeel.Verifier;

/// <summary>What a finding is about; the names are part of the command's output (docs/cli.md).</summary>
public static class FindingKind
{
    /// <summary>An entry's bytes, checksum or chain hash: altered, or not readable.</summary>
    public const string EntryAltered = "entry-altered";

    /// <summary>Entries are not where they must be.</summary>
    public const string EntryMissing = "entry-missing";

    /// <summary>An entry that nobody could have proposed: its content breaks the rules of entries.</summary>
    public const string EntryInvalid = "entry-invalid";

    /// <summary>A segment's header, footer, order or lineage.</summary>
    public const string ArchiveDamaged = "archive-damaged";

    /// <summary>The archive ends before an entry that was signed.</summary>
    public const string ArchiveCut = "archive-cut";

    /// <summary>The chain is whole, but not the one that was signed: it was computed anew.</summary>
    public const string CheckpointMismatch = "checkpoint-mismatch";

    /// <summary>A checkpoint's signature, number or link to the one before.</summary>
    public const string CheckpointInvalid = "checkpoint-invalid";

    /// <summary>Totals of an account are not those that the archive makes.</summary>
    public const string BalanceAltered = "balance-altered";
    public const string RowAltered = "row-altered";
    public const string RowMissing = "row-missing";
    public const string RowAdded = "row-added";

    /// <summary>Several rows, named by where they begin and end.</summary>
    public const string RowsMissing = "rows-missing";
    public const string HistoryDamaged = "history-damaged";
    public const string SnapshotDamaged = "snapshot-damaged";
    public const string RecordsDamaged = "records-damaged";

    /// <summary>An order that an entry has no effect, which two people did not give for this entry.</summary>
    public const string QuarantineInvalid = "quarantine-invalid";

    /// <summary>The state that was signed is not the one that the entries make.</summary>
    public const string StateMismatch = "state-mismatch";
}

/// <summary>One thing that is wrong, with the place where it is.</summary>
/// <param name="Kind">One of <see cref="FindingKind"/>.</param>
/// <param name="File">File name within the data directory.</param>
/// <param name="Offset">Bytes from the file's start; 0 when the thing is not there.</param>
/// <param name="Entry">Log index concerned, or 0 when the place has none.</param>
/// <param name="Table">account, hold, history, record, counter, operation, change, state; null for files.</param>
/// <param name="Key">Names the row in its table: an id in decimal, or collection/key.</param>
public sealed record Finding(
    string Kind,
    string File,
    long Offset,
    ulong Entry,
    string? Table,
    string? Key,
    string What
)
{
    public override string ToString()
    {
        var row = Table is null ? "" : $", {Table} {Key}";
        var entry = Entry == 0 ? "" : $", entry {Entry}";
        return $"{Kind}: {File} at {Offset}{entry}{row}: {What}";
    }
}

/// <summary>What a verification read and found.</summary>
public sealed record Judgement
{
    public required long Files { get; init; }
    public required long Bytes { get; init; }
    public required ulong Entries { get; init; }
    public required ulong Rows { get; init; }
    public required ulong FirstIndex { get; init; }
    public required ulong LastIndex { get; init; }

    /// <summary>SHA-256 chain hash at <see cref="LastIndex"/>, lower-case hex; empty without an archive.</summary>
    public required string ChainHash { get; init; }

    /// <summary>Sum of debits posted over all accounts, by ledger.</summary>
    public required IReadOnlyDictionary<uint, UInt128> MovedByLedger { get; init; }

    /// <summary>Bytes after the last whole record of the open file: a torn write, cut off at the next start.</summary>
    public required long TornBytes { get; init; }

    /// <summary>Everything was made again from the entries up to here and compared; 0 = nothing.</summary>
    public required ulong ComparedTo { get; init; }

    /// <summary>Entries that have no effect by order of two people.</summary>
    public required IReadOnlyList<ulong> Quarantined { get; init; }

    /// <summary>Accounts of snapshots that were compared, over all snapshots.</summary>
    public required long BalancesCompared { get; init; }

    /// <summary>Rows of record databases that were compared, over all of them.</summary>
    public required long RecordsCompared { get; init; }

    /// <summary>Rows of entries that the archive does not hold yet: they could not be judged.</summary>
    public required long RowsAhead { get; init; }

    /// <summary>Rows that the history does not hold yet; the next start makes them again.</summary>
    public required long RowsBehind { get; init; }

    /// <summary>Checkpoints whose signature and chain hash both hold.</summary>
    public required long Checkpoints { get; init; }

    /// <summary>Entry of the newest of them; entries after it are covered by no signature.</summary>
    public required ulong SignedTo { get; init; }

    /// <summary>True when the public key came from elsewhere than the verified directory.</summary>
    public required bool IsAnchored { get; init; }
    public required IReadOnlyList<Finding> Findings { get; init; }

    /// <summary>True when more was wrong than is listed.</summary>
    public required bool FindingsTruncated { get; init; }

    public bool Sound => Findings.Count == 0;

    /// <summary>Rows and balances named, each once even if several files are wrong about it.</summary>
    public int RowsNamed =>
        Findings.Where(f => f.Table is not null).Select(f => (f.Table, f.Key)).Distinct().Count();
}

/// <summary>Collects findings up to a bound: a file of noise must not fill the memory.</summary>
internal sealed class Findings
{
    public const int Max = 100_000;
    private readonly List<Finding> _list = [];

    public bool Truncated { get; private set; }

    public IReadOnlyList<Finding> List => _list;

    public void Add(
        string kind,
        string file,
        long offset,
        ulong entry,
        string what,
        string? table = null,
        string? key = null
    )
    {
        if (_list.Count < Max)
        {
            _list.Add(new Finding(kind, file, offset, entry, table, key, what));
        }
        else
        {
            Truncated = true;
        }
    }
}
