namespace Evenkeel.Verifier;

/// <summary>One thing that is wrong, with the place where it is.</summary>
/// <param name="File">File name within the data directory.</param>
/// <param name="Offset">Bytes from the file's start.</param>
/// <param name="Entry">Log index concerned, or 0 when the place has none.</param>
public sealed record Finding(string File, long Offset, ulong Entry, string What)
{
    public override string ToString() =>
        Entry == 0 ? $"{File} at {Offset}: {What}" : $"{File} at {Offset}, entry {Entry}: {What}";
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

    /// <summary>Sum of debits posted over all rows, by ledger: equals the credits, or a finding says so.</summary>
    public required IReadOnlyDictionary<uint, UInt128> MovedByLedger { get; init; }

    /// <summary>Bytes after the last whole record of the open file: a torn write, cut off at the next start.</summary>
    public required long TornBytes { get; init; }
    public required IReadOnlyList<Finding> Findings { get; init; }

    /// <summary>True when more was wrong than is listed.</summary>
    public required bool FindingsTruncated { get; init; }

    public bool Sound => Findings.Count == 0;
}

/// <summary>Collects findings up to a bound: a file of noise must not fill the memory.</summary>
internal sealed class Findings
{
    public const int Max = 1_000;
    private readonly List<Finding> _list = [];

    public bool Truncated { get; private set; }

    public IReadOnlyList<Finding> List => _list;

    public void Add(string file, long offset, ulong entry, string what)
    {
        if (_list.Count < Max)
        {
            _list.Add(new Finding(file, offset, entry, what));
        }
        else
        {
            Truncated = true;
        }
    }
}
