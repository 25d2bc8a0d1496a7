using System.Text;

namespace Evenkeel.Replication;

/// <summary>
/// Keeps a second process off a data directory for as long as this one lives. The operating system
/// lets go when the process ends, however it ends.
/// </summary>
public sealed class DirectoryLock : IDisposable
{
    private const string FileName = "lock";

    private readonly FileStream file;

    private DirectoryLock(FileStream file) => this.file = file;

    /// <summary>Takes the lock, creating the directory when it is missing.</summary>
    /// <exception cref="DirectoryInUseException">Another process (or object) holds it.</exception>
    public static DirectoryLock Acquire(string directory)
    {
        Directory.CreateDirectory(directory);
        var path = Path.Combine(directory, FileName);
        FileStream opened;
        try
        {
            opened = new FileStream(
                path,
                FileMode.OpenOrCreate,
                FileAccess.ReadWrite,
                FileShare.None
            );
        }
        catch (IOException inUse)
        {
            throw new DirectoryInUseException(
                $"The data directory {directory} is in use by another process (lock file {path}).",
                inUse
            );
        }
        // Informative only: what keeps others out is the lock on the open file.
        opened.SetLength(0);
        opened.Write(Encoding.UTF8.GetBytes($"{Environment.ProcessId}\n"));
        opened.Flush();
        return new DirectoryLock(opened);
    }

    public void Dispose() => file.Dispose();
}

/// <summary>Another process works on this data directory.</summary>
public sealed class DirectoryInUseException(string message, Exception inner)
    : IOException(message, inner);
