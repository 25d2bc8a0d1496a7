namespace Evenkeel.Node.History;

/// <summary>Small files that can be made again: written whole under another name, then renamed.</summary>
internal static class DerivedFile
{
    public static void Write(string path, ReadOnlySpan<byte> bytes)
    {
        var temporary = path + ".tmp";
        using (
            var file = File.OpenHandle(
                temporary,
                FileMode.Create,
                FileAccess.Write,
                FileShare.ReadWrite | FileShare.Delete
            )
        )
        {
            RandomAccess.Write(file, bytes, 0);
            RandomAccess.FlushToDisk(file);
        }

        File.Move(temporary, path, overwrite: true);
        Posix.SyncDirectory(Path.GetDirectoryName(path)!);
    }
}
