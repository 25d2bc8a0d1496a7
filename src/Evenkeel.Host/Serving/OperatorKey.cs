namespace Evenkeel.Host.Serving;

/// <summary>
/// The operator's key in the data directory, readable by its owner alone, so that local commands work
/// without anyone typing a key.
/// </summary>
internal static class OperatorKey
{
    public const string FileName = "operator.key";

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public static string PathIn(string dataDirectory) => Path.Combine(dataDirectory, FileName);

    /// <summary>Null where there is none.</summary>
    public static string? Read(string dataDirectory)
    {
        var path = PathIn(dataDirectory);
        return File.Exists(path) ? File.ReadAllText(path).Trim() : null;
    }

    public static void Write(string dataDirectory, string token)
    {
        var path = PathIn(dataDirectory);
        Replace(path, token + "\n");
    }

    /// <summary>
    /// Left behind when the process dies between making the first key and keeping it: nobody knows
    /// that key then, so the next start makes another one.
    /// </summary>
    public static string MarkerIn(string dataDirectory) => PathIn(dataDirectory) + ".pending";

    /// <summary>A whole file or none: written aside, flushed, renamed; never readable by others.</summary>
    internal static void Replace(string path, string text)
    {
        var aside = path + ".tmp";
        FileStreamOptions options = new() { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }
        using (FileStream stream = new(aside, options))
        {
            stream.Write(System.Text.Encoding.UTF8.GetBytes(text));
            stream.Flush(flushToDisk: true);
        }
        File.Move(aside, path, overwrite: true);
    }
}
