namespace Evenkeel.Client;

/// <summary>One record as read.</summary>
/// <param name="Json">UTF-8.</param>
public sealed record ClientRecord(string Key, ulong Version, ReadOnlyMemory<byte> Json);

/// <param name="Next">Pass as <see cref="ClientRecordQuery.After"/>; null at the end.</param>
public sealed record ClientRecordPage(IReadOnlyList<ClientRecord> Records, string? Next);

/// <summary>Reads records of one collection in the order of their keys.</summary>
public sealed record ClientRecordQuery
{
    public required string Collection { get; init; }

    /// <summary>Exactly this key when set.</summary>
    public string? Key { get; init; }

    /// <summary>Only keys that start so.</summary>
    public string? Prefix { get; init; }

    /// <summary>Only records whose index of this name has <see cref="Value"/>.</summary>
    public string? Index { get; init; }

    public string? Value { get; init; }

    /// <summary>Continue after this key.</summary>
    public string? After { get; init; }

    /// <summary>Records of one page, 1 to 1,000.</summary>
    public int Limit { get; init; } = 100;
}
