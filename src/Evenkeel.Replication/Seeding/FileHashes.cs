using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;

namespace Evenkeel.Replication;

/// <summary>
/// SHA-256 of files whose bytes never change any more, each computed once, at a bounded rate, on a
/// thread that customers don't wait for. What is known goes into the next snapshot's manifest and
/// is read from there after a restart.
/// </summary>
internal sealed class FileHashes : IAsyncDisposable
{
    private const int ReadBytes = 1 << 20;

    private readonly string directory;
    private readonly ILogger logger;
    private readonly ByteRate later;
    private readonly ByteRate now;
    private readonly ConcurrentDictionary<(string Path, long Length), string> known = new();
    private readonly CancellationTokenSource stopping = new();
    private readonly Lock gate = new();
    private Task running = Task.CompletedTask;

    public FileHashes(string directory, TimeProvider time, ILogger logger)
    {
        this.directory = directory;
        this.logger = logger;
        later = new ByteRate(SeedLimits.HashedBytesPerSecond, time);
        now = new ByteRate(SeedLimits.HashedNowBytesPerSecond, time);
    }

    /// <summary>Null until it was computed.</summary>
    public string? Find(string path, long length) => known.GetValueOrDefault((path, length));

    /// <summary>Takes over what a manifest says, for files that were not written since.</summary>
    public void Remember(IEnumerable<SharedFile> files, DateTime writtenUtc)
    {
        foreach (var file in files)
        {
            var info = new FileInfo(Path.Combine(directory, file.Path));
            if (
                file.Sha256 is { } hash
                && info.Exists
                && info.Length == file.Length
                && info.LastWriteTimeUtc < writtenUtc
            )
            {
                known.TryAdd((file.Path, file.Length), hash);
            }
        }
    }

    /// <summary>Hashes them one after the other in the background; one such run at a time.</summary>
    public void ComputeLater(IReadOnlyList<SharedFile> files)
    {
        lock (gate)
        {
            if (!running.IsCompleted || stopping.IsCancellationRequested)
            {
                return;
            }
            running = Task.Run(() => ComputeAllAsync(files));
        }
    }

    /// <summary>The hash of the file's first bytes; somebody waits for it.</summary>
    /// <exception cref="IOException">The file is gone or shorter.</exception>
    public async Task<string> ComputeNowAsync(
        string path,
        long length,
        CancellationToken cancellationToken
    ) => Find(path, length) ?? await ComputeAsync(path, length, now, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        Task last;
        await stopping.CancelAsync();
        lock (gate)
        {
            last = running;
        }
        await last.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stopping.Dispose();
    }

    private async Task ComputeAllAsync(IReadOnlyList<SharedFile> files)
    {
        try
        {
            foreach (var file in files.Where(file => Find(file.Path, file.Length) is null))
            {
                await ComputeAsync(file.Path, file.Length, later, stopping.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping: the rest is hashed when somebody asks for it.
        }
        catch (IOException unreadable)
        {
            logger.HashingFailed(unreadable);
        }
    }

    private async Task<string> ComputeAsync(
        string path,
        long length,
        ByteRate rate,
        CancellationToken cancellationToken
    )
    {
        using var file = File.OpenHandle(
            Path.Combine(directory, path),
            share: FileShare.ReadWrite | FileShare.Delete,
            options: FileOptions.SequentialScan
        );
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[ReadBytes];
        for (var at = 0L; at < length; )
        {
            var part = buffer.AsMemory(0, (int)Math.Min(buffer.Length, length - at));
            await rate.TakeAsync(part.Length, cancellationToken);
            var read = RandomAccess.Read(file, part.Span, at);
            if (read == 0)
            {
                throw new EndOfStreamException($"{path} ends at {at}, not at {length}");
            }
            hash.AppendData(part.Span[..read]);
            at += read;
        }
        var text = Convert.ToHexStringLower(hash.GetHashAndReset());
        known[(path, length)] = text;
        return text;
    }
}
