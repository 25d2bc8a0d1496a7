using System.Globalization;
using System.Security.Cryptography;
using Evenkeel.Model;

namespace Evenkeel.Node.Checkpoints;

/// <summary>
/// Append-only files of checkpoints, <c>checkpoints/*.ekp</c>. A torn last record is cut off when the
/// files are opened; what stands before it is never touched.
/// </summary>
internal sealed class CheckpointFiles : IDisposable
{
    /// <summary>Records of one file: 16 MiB.</summary>
    public const int RecordsPerFile = 65_536;

    private readonly string _directory;
    private readonly byte[] _lastHash = new byte[Checkpoint.HashSize];
    private FileStream? _file;

    private CheckpointFiles(string directory) => _directory = directory;

    public Checkpoint? Last { get; private set; }

    public byte[]? LastRecord { get; private set; }

    /// <summary>SHA-256 of the record written last; zeros before the first.</summary>
    public ReadOnlySpan<byte> LastHash => _lastHash;

    public ulong NextNumber => (Last?.Number ?? 0) + 1;

    public static CheckpointFiles Open(string directory)
    {
        Directory.CreateDirectory(directory);
        var files = new CheckpointFiles(directory);
        foreach (
            string path in Directory
                .GetFiles(directory, "*.ekp")
                .OrderDescending(StringComparer.Ordinal)
        )
        {
            if (files.TryContinue(path))
            {
                break;
            }
        }
        return files;
    }

    /// <summary>Appends and flushes.</summary>
    public void Append(Checkpoint checkpoint, byte[] record)
    {
        Check.That(checkpoint.Number == NextNumber);
        if (_file is null || _file.Length >= (long)RecordsPerFile * Checkpoint.Size)
        {
            _file?.Dispose();
            string name = checkpoint.Number.ToString("d20", CultureInfo.InvariantCulture);
            _file = new FileStream(
                Path.Combine(_directory, name + ".ekp"),
                FileMode.OpenOrCreate,
                FileAccess.ReadWrite,
                FileShare.Read
            );
            // Only a torn first record can stand here.
            _file.SetLength(0);
        }
        _file.Position = _file.Length;
        _file.Write(record);
        _file.Flush(flushToDisk: true);
        Remember(checkpoint, record);
    }

    public void Dispose() => _file?.Dispose();

    private bool TryContinue(string path)
    {
        var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read);
        long whole = file.Length / Checkpoint.Size * Checkpoint.Size;
        var record = new byte[Checkpoint.Size];
        if (whole > 0)
        {
            file.Position = whole - Checkpoint.Size;
            file.ReadExactly(record);
            if (Checkpoint.Read(record) is { } last)
            {
                file.SetLength(whole);
                _file = file;
                Remember(last, record);
                return true;
            }
            if (whole > Checkpoint.Size)
            {
                file.Position = whole - (2 * Checkpoint.Size);
                file.ReadExactly(record);
                if (Checkpoint.Read(record) is { } before)
                {
                    file.SetLength(whole - Checkpoint.Size);
                    _file = file;
                    Remember(before, record);
                    return true;
                }
            }
        }
        file.Dispose();
        return whole > Checkpoint.Size
            ? throw new InvalidDataException(
                $"{path} ends in more than one record that is no checkpoint."
            )
            : false;
    }

    private void Remember(Checkpoint checkpoint, byte[] record)
    {
        Last = checkpoint;
        LastRecord = [.. record];
        SHA256.HashData(record, _lastHash);
    }
}
