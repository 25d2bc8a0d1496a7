namespace Evenkeel.Watch.Backups;

/// <summary>A set as found in a target; <see cref="Manifest"/> is null when it can't be trusted.</summary>
/// <param name="Peeked">What the manifest says of itself, proved or not; null when it is none.</param>
public sealed record FoundSet(
    string Set,
    SetManifest? Manifest,
    SetManifest? Peeked,
    BackupException? Problem
);

/// <summary>The sets of one target.</summary>
public static class BackupCatalog
{
    private const string Prefix = "sets/";
    private const string Suffix = ".json";

    /// <summary>All sets, newest first.</summary>
    /// <param name="key">Null lists without proving anything.</param>
    public static async Task<IReadOnlyList<FoundSet>> ListAsync(
        IBackupTarget target,
        BackupKey? key,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(target);
        var names = (await target.ListAsync(Prefix, cancellationToken))
            .Where(static o => o.Name.EndsWith(Suffix, StringComparison.Ordinal))
            .Select(static o => o.Name[Prefix.Length..^Suffix.Length])
            .OrderDescending(StringComparer.Ordinal);
        var sets = new List<FoundSet>();
        foreach (var name in names)
        {
            sets.Add(await ReadAsync(target, name, key, cancellationToken));
        }
        return sets;
    }

    private static async Task<FoundSet> ReadAsync(
        IBackupTarget target,
        string name,
        BackupKey? key,
        CancellationToken cancellationToken
    )
    {
        SetManifest? peeked = null;
        try
        {
            var bytes = await ReadBytesAsync(target, SetManifest.PathOf(name), cancellationToken);
            peeked = SetManifest.Peek(bytes, name);
            return new(
                name,
                key is null ? null : SetManifest.Decode(bytes, name, key),
                peeked,
                null
            );
        }
        catch (BackupException bad) when (bad.Problem != BackupProblem.TargetFailed)
        {
            return new(name, null, peeked, bad);
        }
    }

    private static async Task<byte[]> ReadBytesAsync(
        IBackupTarget target,
        string name,
        CancellationToken cancellationToken
    )
    {
        await using var stream = await target.OpenAsync(name, cancellationToken);
        using var memory = new MemoryStream();
        var buffer = new byte[64 << 10];
        int read;
        while ((read = await TargetReads.FillAsync(stream, buffer, cancellationToken)) > 0)
        {
            if (memory.Length + read > BackupLimits.ManifestBytesMax)
            {
                throw new BackupException(BackupProblem.Altered, $"{name} is too large");
            }
            await memory.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        }
        return memory.ToArray();
    }
}
