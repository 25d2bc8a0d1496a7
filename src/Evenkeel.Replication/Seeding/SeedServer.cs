using System.Diagnostics.CodeAnalysis;
using Evenkeel.Model;
using Microsoft.Win32.SafeHandles;

namespace Evenkeel.Replication;

/// <summary>
/// The giving side of seeding: says what a member needs and hands it out, only while this node
/// leads, only files of its list, at a bounded rate.
/// </summary>
public sealed class SeedServer : IDisposable
{
    /// <summary>Plans whose files stay within reach; an older one is asked for anew.</summary>
    private const int PlansKept = 2;

    private static readonly TimeSpan ArchiveLook = TimeSpan.FromMilliseconds(1);

    private readonly RaftLogOptions options;
    private readonly RaftLog log;
    private readonly SnapshotStore store;
    private readonly Lineage lineage;
    private readonly FileHashes hashes;
    private readonly ByteRate rate;
    private readonly SemaphoreSlim planning = new(1);
    private readonly Lock gate = new();
    private readonly List<Dictionary<string, Served>> catalogs = [];

    internal SeedServer(
        RaftLogOptions options,
        RaftLog log,
        SnapshotStore store,
        Lineage lineage,
        FileHashes hashes
    )
    {
        this.options = options;
        this.log = log;
        this.store = store;
        this.lineage = lineage;
        this.hashes = hashes;
        rate = new ByteRate(options.SeedBytesPerSecond, options.Time);
    }

    /// <summary>
    /// Confirms by a read barrier that this node leads, then says what makes a whole member. The
    /// files stay within reach until two newer plans were made.
    /// </summary>
    /// <returns>Null when this node does not lead.</returns>
    /// <exception cref="IOException">A file of its own can't be read.</exception>
    public async Task<SeedPlan?> PlanAsync(CancellationToken cancellationToken)
    {
        await planning.WaitAsync(cancellationToken);
        try
        {
            return await ConfirmAsync(cancellationToken) is { } term
                ? await PlanAsync(term, cancellationToken)
                : null;
        }
        finally
        {
            planning.Release();
        }
    }

    /// <summary>Bytes of a file that may be asked for; false when it is in no plan of late.</summary>
    public bool TryFind(string path, out long length)
    {
        var found = TryFind(path, out Served? served);
        length = served?.Length ?? 0;
        return found;
    }

    /// <summary>Copies a range of a file of a plan, at the rate that all share.</summary>
    /// <returns>False when the file is in no plan of late or does not reach so far.</returns>
    public async Task<bool> CopyAsync(
        string path,
        long offset,
        long count,
        Stream destination,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(destination);
        if (
            !TryFind(path, out Served? served)
            || offset < 0
            || count < 0
            || offset > served.Length
            || count > served.Length - offset
        )
        {
            return false;
        }
        using var opened = served.Pinned is null
            ? File.OpenHandle(served.FullPath, share: FileShare.ReadWrite | FileShare.Delete)
            : null;
        var file = opened ?? served.Pinned!;
        var buffer = new byte[Math.Min(SeedLimits.StepBytes, count)];
        for (var done = 0L; done < count; )
        {
            var part = buffer.AsMemory(0, (int)Math.Min(buffer.Length, count - done));
            await rate.TakeAsync(part.Length, cancellationToken);
            var read = RandomAccess.Read(file, part.Span, offset + done);
            if (read == 0)
            {
                throw new EndOfStreamException($"{path} ends at {offset + done}");
            }
            await destination.WriteAsync(part[..read], cancellationToken);
            done += read;
        }
        return true;
    }

    public void Dispose()
    {
        lock (gate)
        {
            catalogs.ForEach(Release);
            catalogs.Clear();
        }
        planning.Dispose();
    }

    /// <summary>The term in which this node leads before and after the barrier; else null.</summary>
    private async Task<ulong?> ConfirmAsync(CancellationToken cancellationToken)
    {
        var term = log.Term;
        if (!log.IsLeader)
        {
            return null;
        }
        try
        {
            await log.ReadBarrierAsync(cancellationToken);
        }
        catch (Exception unconfirmed)
            when (unconfirmed is InvalidOperationException or TimeoutException
                || unconfirmed is DotNext.Net.Cluster.Consensus.Raft.LeaderOperationException
            )
        {
            return null;
        }
        return log.IsLeader && log.Term == term ? term : null;
    }

    private async Task<SeedPlan> PlanAsync(ulong term, CancellationToken cancellationToken)
    {
        var barrier = log.Status.AppliedIndex;
        while (log.Position.Index < barrier)
        {
            // Its own thread writes the archive, a moment behind.
            await Task.Delay(ArchiveLook, options.Time, cancellationToken);
        }
        var archived = log.Position.Index;
        var catalog = new Dictionary<string, Served>(StringComparer.Ordinal);
        try
        {
            var snapshot = AddSnapshot(catalog);
            AddArchive(catalog, archived);
            AddSmall(catalog, MembershipBook.ListName);
            AddSmall(catalog, MembershipBook.FileName);
            AddSmall(catalog, Lineage.FileName);
            var files = new List<SeedFile>(catalog.Count);
            foreach (var (path, served) in catalog)
            {
                files.Add(
                    new(
                        path,
                        served.Length,
                        served.Sha256
                            ?? await hashes.ComputeNowAsync(path, served.Length, cancellationToken)
                    )
                );
            }
            Keep(catalog);
            return new SeedPlan
            {
                FormatVersion = SeedPlan.CurrentVersion,
                Lineage = lineage.Id.ToString(),
                Member = (options.Endpoint ?? SoleMember.Name).ToString(),
                Term = term,
                BarrierIndex = barrier,
                SnapshotIndex = snapshot,
                ArchiveIndex = archived,
                Files = files,
            };
        }
        catch
        {
            Release(catalog);
            throw;
        }
    }

    /// <summary>The newest snapshot that says which files it counts on.</summary>
    private ulong AddSnapshot(Dictionary<string, Served> catalog)
    {
        foreach (var (path, index) in store.List())
        {
            var pinned = new Dictionary<string, Served>(StringComparer.Ordinal);
            try
            {
                if (SnapshotStore.ReadManifest(path, index) is not { Files: { } files } manifest)
                {
                    return 0;
                }
                foreach (
                    var name in manifest
                        .Pieces.Select(piece => piece.Name)
                        .Append(SnapshotStore.ManifestName)
                        .Append(SnapshotStore.ManifestHashName)
                )
                {
                    Pin(
                        pinned,
                        Path.Combine(path, name),
                        $"snapshots/{Path.GetFileName(path)}/{name}",
                        manifest
                            .Pieces.FirstOrDefault(piece =>
                                string.Equals(piece.Name, name, StringComparison.Ordinal)
                            )
                            ?.Sha256
                    );
                }
                foreach (var file in files)
                {
                    AddShared(pinned, file);
                }
            }
            catch (Exception gone) when (gone is IOException or RecoveryException)
            {
                // Removed meanwhile, since newer ones exist, or damaged: the next one will do.
                Release(pinned);
                continue;
            }
            foreach (var (name, served) in pinned)
            {
                catalog[name] = served;
            }
            return index;
        }
        return 0;
    }

    /// <summary>Open from now on, so that it can be read to its end after its name is gone.</summary>
    private static void Pin(
        Dictionary<string, Served> catalog,
        string fullPath,
        string path,
        string? sha256
    )
    {
        Check.That(SeedPath.IsValid(path));
        var handle = File.OpenHandle(fullPath, share: FileShare.ReadWrite | FileShare.Delete);
        catalog[path] = new(fullPath, RandomAccess.GetLength(handle), handle, sha256);
    }

    private void AddShared(Dictionary<string, Served> catalog, SharedFile file)
    {
        Check.That(SeedPath.IsValid(file.Path));
        var info = new FileInfo(Path.Combine(options.Directory, file.Path));
        // What is derived may have been dropped: whoever lacks it makes it again.
        if (info.Exists && info.Length >= file.Length)
        {
            catalog[file.Path] = new(info.FullName, file.Length, null, file.Sha256);
        }
    }

    private void AddArchive(Dictionary<string, Served> catalog, ulong archived)
    {
        foreach (var segment in SegmentFile.List(log.ArchiveDirectory))
        {
            if (segment.FirstIndex > archived)
            {
                break;
            }
            using var cursor = SegmentCursor.Open(segment, lineage.Of(segment.FirstIndex));
            var length = new FileInfo(segment.Path).Length;
            if (!cursor.IsSealed)
            {
                // Records are only appended: the bytes up to the end of one never change.
                while (cursor.NextIndex <= archived && cursor.Read(skipPayload: true)) { }
                if (cursor.NextIndex <= archived)
                {
                    throw new IOException($"{segment.Path} ends before entry {archived}.");
                }
                length = cursor.EndOffset;
            }
            catalog["archive/" + Path.GetFileName(segment.Path)] = new(
                segment.Path,
                length,
                null,
                null
            );
        }
    }

    private void AddSmall(Dictionary<string, Served> catalog, string name)
    {
        var path = Path.Combine(options.Directory, name);
        if (File.Exists(path))
        {
            var bytes = File.ReadAllBytes(path);
            catalog[name] = new(
                path,
                bytes.Length,
                null,
                Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes))
            );
        }
    }

    private void Keep(Dictionary<string, Served> catalog)
    {
        lock (gate)
        {
            catalogs.Insert(0, catalog);
            while (catalogs.Count > PlansKept)
            {
                Release(catalogs[^1]);
                catalogs.RemoveAt(catalogs.Count - 1);
            }
        }
    }

    private bool TryFind(string path, [NotNullWhen(true)] out Served? served)
    {
        served = null;
        if (!SeedPath.IsValid(path))
        {
            return false;
        }
        lock (gate)
        {
            foreach (var catalog in catalogs)
            {
                if (catalog.TryGetValue(path, out served))
                {
                    return true;
                }
            }
        }
        return false;
    }

    private static void Release(Dictionary<string, Served> catalog)
    {
        foreach (var served in catalog.Values)
        {
            served.Pinned?.Dispose();
        }
    }

    /// <param name="Pinned">Of files whose name may go away; null for those that stay.</param>
    /// <param name="Sha256">Null until it is asked for.</param>
    private sealed record Served(
        string FullPath,
        long Length,
        SafeFileHandle? Pinned,
        string? Sha256
    );
}
