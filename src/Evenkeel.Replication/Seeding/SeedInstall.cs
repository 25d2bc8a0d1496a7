namespace Evenkeel.Replication;

/// <summary>
/// Puts fetched files in the place of whatever is there. A mark says that all of them are whole;
/// from then on any crash is followed by doing the rest.
/// </summary>
internal static class SeedInstall
{
    /// <summary>Everything that a seeding fetches lies here until it is whole.</summary>
    public const string Staging = ".seeding";

    private const string Ready = "ready";
    private const string Files = "files";

    /// <summary>State that belongs to a history which this member no longer has.</summary>
    private static readonly string[] Forgotten =
    [
        "raft",
        "records.db",
        "records.db-wal",
        "records.db-shm",
        "repair",
    ];

    public static string FilesDirectory(string directory) =>
        Path.Combine(directory, Staging, Files);

    /// <summary>Everything in the staging directory is whole and durable: it counts from now on.</summary>
    public static void Run(string directory, IFileLayer files)
    {
        MemberStart.Write(Path.Combine(directory, Staging, Ready), "");
        Resume(directory, files);
    }

    /// <summary>Finishes what was begun; nothing when nothing was.</summary>
    public static void Resume(string directory, IFileLayer files)
    {
        var staging = Path.Combine(directory, Staging);
        if (!File.Exists(Path.Combine(staging, Ready)))
        {
            return;
        }
        var staged = FilesDirectory(directory);
        var names = Directory.Exists(staged)
            ? Directory.GetFileSystemEntries(staged).Select(path => Path.GetFileName(path)!)
            : [];
        if (File.Exists(Path.Combine(staged, MemberStart.SeededName)))
        {
            // The last one to move: until then nothing that was in the way may stay.
            foreach (var name in Forgotten)
            {
                Remove(Path.Combine(directory, name));
            }
            foreach (var root in SeedPath.Roots)
            {
                if (!names.Contains(root, StringComparer.Ordinal) && !Moved(directory, root))
                {
                    Remove(Path.Combine(directory, root));
                }
            }
        }
        foreach (
            var name in names.OrderBy(name =>
                string.Equals(name, MemberStart.SeededName, StringComparison.Ordinal)
            )
        )
        {
            var target = Path.Combine(directory, name);
            Remove(target);
            MarkMoved(directory, name);
            Move(Path.Combine(staged, name), target);
            files.FlushDirectory(directory);
        }
        File.Delete(Path.Combine(directory, MemberStart.ReseedMarker));
        File.Delete(Path.Combine(directory, MemberStart.FoundingMarker));
        files.FlushDirectory(directory);
        Directory.Delete(staging, recursive: true);
        files.FlushDirectory(directory);
    }

    private static bool Moved(string directory, string name) =>
        File.Exists(Path.Combine(directory, Staging, "moved-" + name));

    /// <summary>So that what was moved into place before a crash is not taken for what was there.</summary>
    private static void MarkMoved(string directory, string name) =>
        MemberStart.Write(Path.Combine(directory, Staging, "moved-" + name), "");

    private static void Move(string source, string target)
    {
        if (Directory.Exists(source))
        {
            Directory.Move(source, target);
        }
        else
        {
            File.Move(source, target);
        }
    }

    private static void Remove(string path)
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
        else
        {
            File.Delete(path);
        }
    }
}
