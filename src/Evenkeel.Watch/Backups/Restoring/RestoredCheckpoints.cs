using System.Buffers.Binary;

namespace Evenkeel.Watch.Backups;

/// <summary>
/// Keeps of copied checkpoint files (docs/formats/checkpoints.md) the whole records up to a position:
/// what was signed later is of the history that was left.
/// </summary>
internal static class RestoredCheckpoints
{
    private const int RecordBytes = 256;
    private const int IndexOffset = 48;

    public static void Cut(string folder, ulong lastIndex)
    {
        if (!Directory.Exists(folder))
        {
            return;
        }
        var isBehind = false;
        foreach (
            var path in Directory
                .EnumerateFiles(folder, "*.ekp")
                .Order(StringComparer.Ordinal)
                .ToList()
        )
        {
            var keep = isBehind ? 0 : Whole(path, lastIndex, out isBehind);
            if (keep == 0)
            {
                File.Delete(path);
                continue;
            }
            using var file = new FileStream(path, FileMode.Open, FileAccess.Write);
            file.SetLength(keep);
            file.Flush(flushToDisk: true);
        }
    }

    private static long Whole(string path, ulong lastIndex, out bool isBehind)
    {
        using var file = File.OpenRead(path);
        var record = new byte[RecordBytes];
        long keep = 0;
        isBehind = false;
        while (file.ReadAtLeast(record, RecordBytes, throwOnEndOfStream: false) == RecordBytes)
        {
            if (BinaryPrimitives.ReadUInt64LittleEndian(record.AsSpan(IndexOffset)) > lastIndex)
            {
                isBehind = true;
                break;
            }
            keep += RecordBytes;
        }
        return keep;
    }
}
