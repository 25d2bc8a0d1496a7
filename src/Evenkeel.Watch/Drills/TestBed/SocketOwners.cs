using System.Globalization;
using System.Net;

namespace Evenkeel.Watch.Drills.TestBed;

/// <summary>
/// Tells which process dialled a connection on this machine, by the kernel's own tables. So the
/// nodes need no option, and no address of their own, for a fault between two of them.
/// </summary>
internal static class SocketOwners
{
    private const int LocalColumn = 1;
    private const int RemoteColumn = 2;
    private const int InodeColumn = 9;

    /// <param name="dialler">The dialling end as the accepting one sees it; IPv4.</param>
    /// <param name="processes">Those that may have dialled.</param>
    /// <returns>Null when none of them holds it (any more).</returns>
    public static int? Find(IPEndPoint dialler, int listeningPort, IEnumerable<int> processes)
    {
        if (FindInode(dialler.Port, listeningPort) is not { } inode)
        {
            return null;
        }
        string wanted = $"socket:[{inode}]";
        foreach (int process in processes)
        {
            if (Holds(process, wanted))
            {
                return process;
            }
        }
        return null;
    }

    private static string? FindInode(int diallingPort, int listeningPort)
    {
        string local = Suffix(diallingPort);
        string remote = Suffix(listeningPort);
        foreach (string table in (string[])["/proc/net/tcp", "/proc/net/tcp6"])
        {
            if (!File.Exists(table))
            {
                continue;
            }
            foreach (string line in File.ReadLines(table))
            {
                string[] columns = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                if (
                    columns.Length > InodeColumn
                    && columns[LocalColumn].EndsWith(local, StringComparison.Ordinal)
                    && columns[RemoteColumn].EndsWith(remote, StringComparison.Ordinal)
                    && columns[InodeColumn] is not "0"
                )
                {
                    return columns[InodeColumn];
                }
            }
        }
        return null;
    }

    private static string Suffix(int port) =>
        ":" + port.ToString("X4", CultureInfo.InvariantCulture);

    private static bool Holds(int process, string wanted)
    {
        try
        {
            return Directory
                .EnumerateFiles($"/proc/{process}/fd")
                .Any(file =>
                    string.Equals(new FileInfo(file).LinkTarget, wanted, StringComparison.Ordinal)
                );
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            // The process, or one of its files, is gone meanwhile.
            return false;
        }
    }
}
