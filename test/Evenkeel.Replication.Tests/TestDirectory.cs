namespace Evenkeel.Replication.Tests;

/// <summary>A directory of its own for one test, removed afterwards.</summary>
internal sealed class TestDirectory : IDisposable
{
    public TestDirectory()
    {
        Path = Directory.CreateTempSubdirectory("evenkeel-replication-").FullName;
    }

    public string Path { get; }

    public string this[params string[] parts] => System.IO.Path.Combine([Path, .. parts]);

    /// <summary>What a machine would find after losing power now.</summary>
    public TestDirectory Copy()
    {
        var copy = new TestDirectory();
        foreach (var file in Directory.EnumerateFiles(Path, "*", SearchOption.AllDirectories))
        {
            var target = System.IO.Path.Combine(
                copy.Path,
                System.IO.Path.GetRelativePath(Path, file)
            );
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(target)!);
            // Not File.Copy: the lock file is open.
            using var source = new FileStream(
                file,
                FileMode.Open,
                FileAccess.Read,
                FileShare.ReadWrite | FileShare.Delete
            );
            using var destination = File.Create(target);
            source.CopyTo(destination);
        }
        return copy;
    }

    public static void FlipBit(string file, long offset)
    {
        using var handle = File.OpenHandle(file, FileMode.Open, FileAccess.ReadWrite);
        Span<byte> one = stackalloc byte[1];
        RandomAccess.Read(handle, one, offset);
        one[0] ^= 1;
        RandomAccess.Write(handle, one, offset);
    }

    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (IOException)
        {
            // A killed child may still hold it; the system's temporary directory is cleaned anyway.
        }
    }
}
