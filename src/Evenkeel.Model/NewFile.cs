using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Evenkeel.Model;

/// <summary>Gives a finished file its name, once: of several processes that try, one wins.</summary>
/// <remarks>
/// <see cref="File.Move(string, string, bool)"/> without overwriting looks first and renames then: two at
/// once both go through, and the first one's file is gone.
/// </remarks>
public static partial class NewFile
{
    private const int NameIsTaken = 17;

    /// <param name="beside">The whole file, flushed, in the same directory; gone afterwards.</param>
    /// <returns>False: somebody else had the name already.</returns>
    /// <exception cref="IOException">The file system refuses, or can't give a file two names.</exception>
    public static bool TryName(string beside, string path)
    {
        if (OperatingSystem.IsWindows())
        {
            try
            {
                File.Move(beside, path, overwrite: false);
                return true;
            }
            catch (IOException) when (File.Exists(path))
            {
                File.Delete(beside);
                return false;
            }
        }
        var isNamed = Link(beside, path) == 0;
        var why = Marshal.GetLastPInvokeError();
        File.Delete(beside);
        if (!isNamed && why != NameIsTaken)
        {
            throw new IOException($"{path} can't be made.", new Win32Exception(why));
        }
        return isNamed;
    }

    [LibraryImport(
        "libc",
        EntryPoint = "link",
        SetLastError = true,
        StringMarshalling = StringMarshalling.Utf8
    )]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Link(string existing, string added);
}
