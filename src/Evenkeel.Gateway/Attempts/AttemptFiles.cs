using System.Globalization;

namespace Evenkeel.Gateway.Attempts;

/// <summary>What the recorder asks of a disk, so that tests can make any of it fail.</summary>
internal interface IAttemptFiles
{
    /// <summary>A new file; its name is durable when this returns.</summary>
    IAttemptFile Create(string path);

    void Delete(string path);
}

/// <summary>A file that only grows.</summary>
internal interface IAttemptFile : IDisposable
{
    void Append(ReadOnlySpan<byte> bytes);

    /// <summary>Returns when all that was appended is durable.</summary>
    void Flush();
}

/// <summary>Names of segments: <c>attempts-00000000000000000001.log</c>.</summary>
internal static class SegmentName
{
    private const string Prefix = "attempts-";
    private const string Suffix = ".log";

    public static string Of(ulong number) =>
        string.Create(CultureInfo.InvariantCulture, $"{Prefix}{number:D20}{Suffix}");

    /// <summary>Segments of a directory in their order; empty when there is none.</summary>
    public static IReadOnlyList<(ulong Number, string Path)> In(string directory) =>
        Directory.Exists(directory)
            ?
            [
                .. Directory
                    .EnumerateFiles(directory, Prefix + "*" + Suffix)
                    .Select(path => (Number: NumberOf(Path.GetFileName(path)), Path: path))
                    .Where(s => s.Number != 0)
                    .OrderBy(s => s.Number),
            ]
            : [];

    private static ulong NumberOf(string name) =>
        ulong.TryParse(
            name.AsSpan(Prefix.Length, name.Length - Prefix.Length - Suffix.Length),
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out ulong number
        )
            ? number
            : 0;
}

/// <summary>The operating system's files, readable by their owner alone.</summary>
internal sealed class AttemptFiles : IAttemptFiles
{
    public IAttemptFile Create(string path)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            Share = FileShare.Read,
            BufferSize = 0,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }
        var file = new AppendedFile(new FileStream(path, options));
        FlushDirectory(Path.GetDirectoryName(path)!);
        return file;
    }

    public void Delete(string path) => File.Delete(path);

    /// <summary>Without it a power cut may take the file's name and leave nothing to read.</summary>
    private static void FlushDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }
        int descriptor = NativeMethods.Open(path, NativeMethods.ReadOnly);
        if (descriptor < 0)
        {
            throw new IOException($"The directory {path} can't be opened.");
        }
        int result = NativeMethods.FSync(descriptor);
        _ = NativeMethods.Close(descriptor);
        if (result != 0)
        {
            throw new IOException($"The directory {path} can't be flushed.");
        }
    }

    private sealed class AppendedFile(FileStream stream) : IAttemptFile
    {
        public void Append(ReadOnlySpan<byte> bytes) => stream.Write(bytes);

        public void Flush()
        {
            if (!OperatingSystem.IsLinux())
            {
                stream.Flush(flushToDisk: true);
                return;
            }
            // The data and the length; not the times, which cost a second journal write.
            if (NativeMethods.FDataSync(stream.SafeFileHandle) != 0)
            {
                throw new IOException("The attempts can't be flushed.");
            }
        }

        public void Dispose() => stream.Dispose();
    }
}
