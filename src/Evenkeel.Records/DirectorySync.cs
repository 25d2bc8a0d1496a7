using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Evenkeel.Records;

/// <summary>Makes renames and deletions in a directory durable (fsync of the directory itself).</summary>
public static partial class DirectorySync
{
    private const int ReadOnly = 0;

    public static void Flush(string directory)
    {
        if (OperatingSystem.IsWindows())
        {
            return; // NTFS journals names; a directory can't be flushed there.
        }

        using var handle = Open(directory, ReadOnly);
        if (handle.IsInvalid || FileSync(handle) != 0)
        {
            throw new IOException(
                $"Can't flush {directory}.",
                new Win32Exception(Marshal.GetLastPInvokeError())
            );
        }
    }

    [LibraryImport(
        "libc",
        EntryPoint = "open",
        SetLastError = true,
        StringMarshalling = StringMarshalling.Utf8
    )]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial SafeFileHandle Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int FileSync(SafeFileHandle handle);
}
