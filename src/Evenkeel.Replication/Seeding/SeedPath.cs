namespace Evenkeel.Replication;

/// <summary>
/// Names of files that travel between members. A name is judged by this grammar on both sides and
/// then looked up in a list: what came over the network is never joined to a path as it came.
/// </summary>
public static class SeedPath
{
    private const int LengthMax = 160;
    private const int PartsMax = 3;

    /// <summary>What may be sent, and nothing else: no keys, no consensus log, no locks.</summary>
    public static IReadOnlyList<string> Roots { get; } =
    [
        "archive",
        "history",
        "snapshots",
        MembershipBook.ListName,
        MembershipBook.FileName,
        Lineage.FileName,
    ];

    /// <summary>
    /// One to three parts of letters, digits, '-' and '.', none beginning with '.', the first of
    /// them a root.
    /// </summary>
    public static bool IsValid(string? path)
    {
        if (path is null || path.Length is 0 or > LengthMax)
        {
            return false;
        }
        var parts = path.Split('/');
        return parts.Length <= PartsMax
            && Roots.Contains(parts[0], StringComparer.Ordinal)
            && Array.TrueForAll(parts, IsPart);
    }

    private static bool IsPart(string part) =>
        part.Length > 0
        && part[0] != '.'
        && part.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.');
}
