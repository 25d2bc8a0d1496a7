namespace Evenkeel.Watch.Backups;

/// <summary>
/// A directory, best on another disk or machine. Files are read-only once they are whole; what keeps
/// them inside their window is <see cref="BackupPruner"/>, since an owner can always delete a file.
/// </summary>
internal sealed class DirectoryTarget : IBackupTarget
{
    private const string PartSuffix = ".part";

    private readonly string root;

    public DirectoryTarget(string path)
    {
        root = Path.GetFullPath(path);
        Directory.CreateDirectory(root);
    }

    public string Name => root;

    public Task<IReadOnlyList<StoredObject>> ListAsync(
        string prefix,
        CancellationToken cancellationToken
    )
    {
        var folder = Path.GetDirectoryName(PathOf(prefix + "x"))!;
        IReadOnlyList<StoredObject> found = !Directory.Exists(folder)
            ? []
            :
            [
                .. new DirectoryInfo(folder)
                    .EnumerateFiles("*", SearchOption.AllDirectories)
                    .Where(static f => !f.Name.EndsWith(PartSuffix, StringComparison.Ordinal))
                    .Select(f => new StoredObject(
                        Path.GetRelativePath(root, f.FullName)
                            .Replace(Path.DirectorySeparatorChar, '/'),
                        f.Length,
                        new DateTimeOffset(f.LastWriteTimeUtc)
                    ))
                    .Where(o => o.Name.StartsWith(prefix, StringComparison.Ordinal))
                    .OrderBy(static o => o.Name, StringComparer.Ordinal),
            ];
        return Task.FromResult(found);
    }

    public async Task PutAsync(
        string name,
        string file,
        DateTimeOffset? retainUntil,
        CancellationToken cancellationToken
    )
    {
        var path = PathOf(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var part = path + PartSuffix;
        try
        {
            await using (var source = File.OpenRead(file))
            await using (
                var target = new FileStream(
                    part,
                    FileMode.Create,
                    FileAccess.Write,
                    FileShare.None,
                    1 << 20,
                    FileOptions.Asynchronous
                )
            )
            {
                await source.CopyToAsync(target, 1 << 20, cancellationToken);
                target.Flush(flushToDisk: true);
            }
            File.SetAttributes(part, FileAttributes.ReadOnly);
            // Refuses to replace: nothing that was stored is ever written again.
            File.Move(part, path, overwrite: false);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw new BackupException(
                BackupProblem.TargetFailed,
                $"{root}: {name} can't be written: {failed.Message}",
                failed
            );
        }
    }

    public Task<Stream> OpenAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            return Task.FromResult<Stream>(
                new FileStream(
                    PathOf(name),
                    FileMode.Open,
                    FileAccess.Read,
                    FileShare.Read,
                    1 << 20,
                    FileOptions.SequentialScan
                )
            );
        }
        catch (Exception missing)
            when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new BackupException(BackupProblem.Missing, $"{name} is not in {root}", missing);
        }
    }

    public Task RetainAsync(
        string name,
        DateTimeOffset until,
        CancellationToken cancellationToken
    ) => Task.CompletedTask;

    public Task DeleteAsync(string name, CancellationToken cancellationToken)
    {
        var path = PathOf(name);
        if (File.Exists(path))
        {
            File.SetAttributes(path, FileAttributes.Normal);
            File.Delete(path);
        }
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private string PathOf(string name)
    {
        var path = Path.GetFullPath(Path.Combine(root, name));
        return path.StartsWith(root + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            ? path
            : throw new BackupException(
                BackupProblem.Altered,
                $"{name} would lie outside of {root}"
            );
    }
}
