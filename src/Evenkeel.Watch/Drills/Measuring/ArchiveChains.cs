using Evenkeel.Replication;

namespace Evenkeel.Watch.Drills.Measuring;

/// <summary>
/// Chain hashes of archives, read from the files of nodes: equal at one index means equal in every
/// byte before it.
/// </summary>
internal static class ArchiveChains
{
    private const string Folder = "archive";

    /// <summary>Also compared at each multiple of this, so that a fork is found near where it began.</summary>
    private const ulong Every = 64;

    /// <param name="directories">Data directories of nodes, by name.</param>
    /// <returns>Of each node its chain hashes by index, at positions that all can be compared at.</returns>
    public static IReadOnlyDictionary<string, IReadOnlyDictionary<ulong, string>> Read(
        IReadOnlyList<(string Node, string Directory)> directories,
        CancellationToken cancellationToken
    )
    {
        HashSet<ulong> ends =
        [
            .. directories.Select(d => Walk(d.Directory, [], [], cancellationToken)),
        ];
        Dictionary<string, IReadOnlyDictionary<ulong, string>> all = new(StringComparer.Ordinal);
        foreach (var (node, directory) in directories)
        {
            Dictionary<ulong, string> chains = [];
            Walk(directory, ends, chains, cancellationToken);
            all[node] = chains;
        }
        return all;
    }

    /// <returns>The last index.</returns>
    private static ulong Walk(
        string directory,
        HashSet<ulong> wanted,
        Dictionary<ulong, string> chains,
        CancellationToken cancellationToken
    )
    {
        using ArchiveReader reader = new(Path.Combine(directory, Folder), fromIndex: 1);
        while (reader.Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (reader.Index % Every == 0 || wanted.Contains(reader.Index))
            {
                chains[reader.Index] = reader.Chain.ToString();
            }
        }
        return reader.Index;
    }
}
