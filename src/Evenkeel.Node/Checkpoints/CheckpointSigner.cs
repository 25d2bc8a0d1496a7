using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Evenkeel.Model;
using Evenkeel.Replication;
using Microsoft.Extensions.Logging;

namespace Evenkeel.Node.Checkpoints;

/// <summary>
/// Signs where the archive's chain stands, every few seconds while entries come and once more at the
/// end. On a timer's thread: no entry and no customer waits for it.
/// </summary>
internal sealed class CheckpointSigner : IAsyncDisposable
{
    public const string DirectoryName = "checkpoints";

    private readonly string _dataDirectory;
    private readonly Func<ReplicationStatus> _status;
    private readonly Func<ulong> _logTime;
    private readonly ILogger _logger;
    private readonly CheckpointKey _key;
    private readonly CheckpointFiles _files;
    private readonly ITimer _timer;
    private readonly Lock _lock = new();
    private (ulong Index, UInt128 Digest) _snapshot;
    private SignedCheckpoint? _latest;
    private bool _refuses;

    private CheckpointSigner(
        string dataDirectory,
        Func<ReplicationStatus> status,
        Func<ulong> logTime,
        TimeProvider time,
        ILogger logger
    )
    {
        _dataDirectory = dataDirectory;
        _status = status;
        _logTime = logTime;
        _logger = logger;
        string directory = Path.Combine(dataDirectory, DirectoryName);
        Directory.CreateDirectory(directory);
        _key = CheckpointKey.OpenOrCreate(dataDirectory, directory);
        _files = CheckpointFiles.Open(directory);
        if (_files.Last is { } last)
        {
            _latest = new SignedCheckpoint(last, _files.LastRecord, _key.PublicPem);
        }
        var period = TimeSpan.FromMilliseconds(NodeLimits.CheckpointIntervalMs);
        _timer = time.CreateTimer(
            static self => ((CheckpointSigner)self!).Sign(),
            this,
            period,
            period
        );
    }

    /// <summary>The newest one; null before the first.</summary>
    public SignedCheckpoint? Latest => Volatile.Read(ref _latest);

    /// <summary>Null when keys or files can't be used: the log says why, and payments go on.</summary>
    public static CheckpointSigner? Start(
        string dataDirectory,
        Func<ReplicationStatus> status,
        Func<ulong> logTime,
        TimeProvider time,
        ILogger logger
    )
    {
        try
        {
            return new CheckpointSigner(dataDirectory, status, logTime, time, logger);
        }
        catch (Exception failure) when (IsForTheLog(failure))
        {
            logger.CheckpointFailed(failure.Message);
            return null;
        }
    }

    /// <summary>Signs the archive's end when it moved since the last time.</summary>
    public void Sign()
    {
        lock (_lock)
        {
            try
            {
                SignNow();
            }
            catch (Exception failure) when (IsForTheLog(failure))
            {
                // A missing checkpoint weakens evidence; it must not stop payments.
                _logger.CheckpointFailed(failure.Message);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync();
        lock (_lock)
        {
            _files.Dispose();
            _key.Dispose();
            _refuses = true;
        }
    }

    private static bool IsForTheLog(Exception failure) =>
        failure
            is IOException
                or CryptographicException
                or InvalidDataException
                or ArgumentException
                or JsonException
                or UnauthorizedAccessException;

    private void SignNow()
    {
        ReplicationStatus status = _status();
        UInt128 lineage = LineageId.Parse(status.Lineage).Value;
        bool isSameLineage = _files.Last?.Lineage == lineage;
        if (_refuses || status.ArchiveIndex == 0)
        {
            return;
        }
        if (isSameLineage && status.ArchiveIndex <= _files.Last!.Index)
        {
            RefuseAnotherHistory(status);
            return;
        }
        ReadSnapshot(status.SnapshotIndex);
        var checkpoint = new Checkpoint(
            _files.NextNumber,
            _key.Id,
            lineage,
            status.ArchiveIndex,
            _logTime(),
            ChainHash.From(Convert.FromHexString(status.ChainHash)),
            _snapshot.Index,
            _snapshot.Digest
        );
        byte[] record = checkpoint.Sign(_files.LastHash, _key.Key);
        _files.Append(checkpoint, record);
        Volatile.Write(ref _latest, new SignedCheckpoint(checkpoint, record, _key.PublicPem));
    }

    // Signing over a chain that this very key once contradicted would launder an altered archive.
    private void RefuseAnotherHistory(ReplicationStatus status)
    {
        Checkpoint last = _files.Last!;
        if (
            status.ArchiveIndex == last.Index
            && !string.Equals(
                status.ChainHash,
                last.Chain.ToString(),
                StringComparison.OrdinalIgnoreCase
            )
        )
        {
            _refuses = true;
            _logger.CheckpointContradicted(last.Index);
        }
    }

    private void ReadSnapshot(ulong index)
    {
        if (index == _snapshot.Index)
        {
            return;
        }
        string path = Path.Combine(
            _dataDirectory,
            "snapshots",
            index.ToString("d20", CultureInfo.InvariantCulture),
            "manifest.json"
        );
        if (!File.Exists(path))
        {
            return;
        }
        using JsonDocument manifest = JsonDocument.Parse(File.ReadAllBytes(path));
        string digest = manifest.RootElement.GetProperty("stateDigest").GetString()!;
        _snapshot = (
            index,
            UInt128.Parse(digest, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)
        );
    }
}
