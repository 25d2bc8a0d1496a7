using System.Runtime.InteropServices;
using Evenkeel.Ledger;
using Evenkeel.Model;
using Evenkeel.Node.History;
using Microsoft.Win32.SafeHandles;

namespace Evenkeel.History.Tests;

/// <summary>A directory that goes away with the test.</summary>
internal sealed class Scratch : IDisposable
{
    public Scratch() => Path = Directory.CreateTempSubdirectory("evenkeel-history-").FullName;

    public string Path { get; }

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

internal static class Kit
{
    public static readonly UInt128 Lineage = new(0x1122334455667788, 0x99AABBCCDDEEFF00);

    public static bool IsLong => Environment.GetEnvironmentVariable("EVENKEEL_LONG") == "1";

    /// <summary>Small files and a small ring, so that every edge is met often.</summary>
    public static HistoryOptions Options(string directory, IHistoryFiles? files = null) =>
        new()
        {
            Directory = directory,
            Lineage = Lineage,
            RowsPerSegment = 256,
            RingRows = 512,
            WriteRowsMin = 100,
            WriteRetryMs = 1,
            Files = files ?? new DirectHistoryFiles(),
        };

    /// <summary>The row that belongs at a position in the history with this seed.</summary>
    public static HistoryRow Row(ulong position, ulong seed = 1)
    {
        var row = default(HistoryRow);
        var words = MemoryMarshal.Cast<HistoryRow, ulong>(new Span<HistoryRow>(ref row));
        for (var i = 0; i < words.Length; i++)
        {
            words[i] = Mix(unchecked((position * 31) + (ulong)i + (seed * 0x9E3779B97F4A7C15)));
        }

        row.Kind = HistoryRowKind.Transfer;
        row.EntryIndex = (position / 10) + 1;
        row.Timestamp = 1_000_000 + position;
        row.Checksum = 0;
        return row;
    }

    public static void Append(IHistory history, int rows, ulong seed = 1)
    {
        var span = history.Reserve(rows);
        for (var i = 0; i < rows; i++)
        {
            span[i] = Row(history.Count + (ulong)i, seed);
        }

        history.Advance(rows);
    }

    public static void AppendSealed(IHistory history, ulong until, int batch = 50, ulong seed = 1)
    {
        while (history.Count < until)
        {
            Append(history, (int)Math.Min((ulong)batch, until - history.Count), seed);
            history.Seal(history.Count);
        }
    }

    public static void AssertRow(in HistoryRow expected, in HistoryRow actual) =>
        Assert.True(Bytes(expected).SequenceEqual(Bytes(actual)));

    /// <summary>Bytes of a row without its checksum.</summary>
    public static ReadOnlySpan<byte> Bytes(in HistoryRow row) =>
        MemoryMarshal.AsBytes(new ReadOnlySpan<HistoryRow>(in row))[..184];

    /// <summary>Every row below the count is the one that belongs there.</summary>
    public static void AssertRows(FileHistory history, ulong seed = 1)
    {
        for (var position = 0UL; position < history.Count; position++)
        {
            history.Read(position, out var row);
            AssertRow(Row(position, seed), row);
        }
    }

    public static void Flip(string path, long offset)
    {
        using var file = File.OpenHandle(
            path,
            FileMode.Open,
            FileAccess.ReadWrite,
            FileShare.ReadWrite
        );
        var one = new byte[1];
        Assert.Equal(1, RandomAccess.Read(file, one, offset));
        one[0] ^= 0x10;
        RandomAccess.Write(file, one, offset);
        RandomAccess.FlushToDisk(file);
    }

    public static void Until(Func<bool> condition) =>
        Assert.True(SpinWait.SpinUntil(condition, TimeSpan.FromSeconds(30)));

    public static ulong Mix(ulong x)
    {
        unchecked
        {
            x += 0x9E3779B97F4A7C15;
            x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
            x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
            return x ^ (x >> 31);
        }
    }
}

/// <summary>Files on a disk that can be told to refuse.</summary>
internal sealed class RefusingFiles : IHistoryFiles
{
    private readonly DirectHistoryFiles _files = new();

    public volatile bool IsFull;
    public volatile bool SyncFails;

    public SafeFileHandle Create(string path, long bytes)
    {
        ThrowIfFull();
        return _files.Create(path, bytes);
    }

    public SafeFileHandle OpenToWrite(string path, long bytes) => _files.OpenToWrite(path, bytes);

    public void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset)
    {
        ThrowIfFull();
        _files.Write(file, bytes, offset);
    }

    public void Sync(SafeFileHandle file)
    {
        if (SyncFails)
        {
            throw new IOException("device error");
        }

        _files.Sync(file);
    }

    private void ThrowIfFull()
    {
        if (IsFull)
        {
            throw new IOException("no space left on device");
        }
    }
}

/// <summary>
/// Files on a disk that can lose power: of what was written after the last sync, any subset of
/// 512-byte sectors may have arrived.
/// </summary>
internal sealed class PowerLossFiles : IHistoryFiles
{
    private const int SectorBytes = 512;

    private readonly DirectHistoryFiles _files = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<SafeFileHandle, string> _names = [];
    private readonly Dictionary<string, byte[]> _durable = [];
    private readonly Dictionary<string, List<(long Offset, byte[] Bytes)>> _pending = [];

    public SafeFileHandle Create(string path, long bytes) =>
        Track(_files.Create(path, bytes), path, new byte[bytes]);

    public SafeFileHandle OpenToWrite(string path, long bytes)
    {
        var file = _files.OpenToWrite(path, bytes);
        return Track(file, path, File.ReadAllBytes(path));
    }

    public void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset)
    {
        lock (_gate)
        {
            _files.Write(file, bytes, offset);
            _pending[_names[file]].Add((offset, bytes.ToArray()));
        }
    }

    public void Sync(SafeFileHandle file)
    {
        lock (_gate)
        {
            var name = _names[file];
            foreach (var (offset, bytes) in _pending[name])
            {
                bytes.CopyTo(_durable[name], offset);
            }

            _pending[name].Clear();
        }
    }

    /// <summary>What a machine finds after the power comes back.</summary>
    public void CopyAfterPowerLoss(string destination, Random random)
    {
        lock (_gate)
        {
            foreach (var (name, durable) in _durable)
            {
                var image = durable.ToArray();
                foreach (var (offset, bytes) in _pending[name])
                {
                    for (var at = 0; at < bytes.Length; at += SectorBytes)
                    {
                        if (random.Next(3) != 0)
                        {
                            bytes.AsSpan(at, SectorBytes).CopyTo(image.AsSpan((int)offset + at));
                        }
                    }
                }

                File.WriteAllBytes(Path.Combine(destination, name), image);
            }
        }
    }

    private SafeFileHandle Track(SafeFileHandle file, string path, byte[] content)
    {
        lock (_gate)
        {
            var name = Path.GetFileName(path);
            _names[file] = name;
            _durable[name] = content;
            _pending[name] = [];
            return file;
        }
    }
}
