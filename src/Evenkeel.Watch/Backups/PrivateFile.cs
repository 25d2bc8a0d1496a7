namespace Evenkeel.Watch.Backups;

/// <summary>Files that only their owner can read.</summary>
internal static class PrivateFile
{
    /// <summary>A new file with mode 0600, durable when it returns.</summary>
    /// <exception cref="IOException">It exists already.</exception>
    public static void Create(string path, ReadOnlySpan<byte> content)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }
        using var file = new FileStream(path, options);
        file.Write(content);
        file.Flush(flushToDisk: true);
    }
}
