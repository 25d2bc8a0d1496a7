using System.IO.Hashing;

namespace Evenkeel.Verifier;

/// <summary>One history row as it stands in its file.</summary>
internal readonly record struct PlacedRow(string File, long Offset, ReadOnlyMemory<byte> Row)
{
    public ulong Entry => Bytes.U64(Row.Span, 80);
}

/// <summary>Walks history segments in order by docs/formats/history.md alone.</summary>
internal sealed class HistoryWalk(string directory, Findings findings)
{
    private const int HeaderBytes = 4096;
    private const ulong Magic = 0x3130545349484B45; // EKHIST01
    private const int RowsPerRead = 4096;

    public long Files { get; private set; }
    public long ReadBytes { get; private set; }

    public IEnumerable<PlacedRow> Rows()
    {
        var files = Directory.Exists(directory)
            ? Directory.GetFiles(directory, "*.seg").Order(StringComparer.Ordinal).ToArray()
            : [];
        ulong position = 0;
        for (var i = 0; i < files.Length; i++)
        {
            Files++;
            foreach (var row in Segment(files[i], position, isLast: i == files.Length - 1))
            {
                position++;
                yield return row;
            }
        }
    }

    private IEnumerable<PlacedRow> Segment(string path, ulong firstPosition, bool isLast)
    {
        var name = Path.GetFileName(path);
        using var stream = new FileStream(
            path,
            FileMode.Open,
            FileAccess.Read,
            FileShare.ReadWrite | FileShare.Delete,
            1
        );
        var head = new byte[HeaderBytes];
        if (
            stream.ReadAtLeast(head, HeaderBytes, throwOnEndOfStream: false) < HeaderBytes
            || Bytes.U64(head, 0) != Magic
            || XxHash3.HashToUInt64(head.AsSpan(0, 120)) != Bytes.U64(head, 120)
        )
        {
            findings.Add(name, 0, 0, "segment header does not match its checksum");
            yield break;
        }
        if (Bytes.U64(head, 24) != firstPosition)
        {
            findings.Add(
                name,
                24,
                0,
                $"begins at row {Bytes.U64(head, 24)}, row {firstPosition} must follow: rows are missing"
            );
        }
        var rows = isLast
            ? CountToLastWhole(stream, firstPosition)
            : (stream.Length - HeaderBytes) / RowJudge.RowBytes;
        var buffer = new byte[RowsPerRead * RowJudge.RowBytes];
        for (long done = 0; done < rows; )
        {
            var count = (int)Math.Min(RowsPerRead, rows - done);
            var offset = HeaderBytes + (done * RowJudge.RowBytes);
            stream.Position = offset;
            stream.ReadExactly(buffer, 0, count * RowJudge.RowBytes);
            for (var r = 0; r < count; r++)
            {
                yield return new PlacedRow(
                    name,
                    offset + (r * RowJudge.RowBytes),
                    buffer.AsMemory(r * RowJudge.RowBytes, RowJudge.RowBytes)
                );
            }
            done += count;
        }
        ReadBytes += HeaderBytes + (rows * RowJudge.RowBytes);
    }

    /// <summary>
    /// The open file is preallocated, and its last rows may not be written yet: rows count up to the
    /// last whole one. A row that is not whole before it is damage.
    /// </summary>
    private static long CountToLastWhole(FileStream stream, ulong firstPosition)
    {
        var capacity = (stream.Length - HeaderBytes) / RowJudge.RowBytes;
        var buffer = new byte[RowsPerRead * RowJudge.RowBytes];
        for (var end = capacity; end > 0; )
        {
            var count = (int)Math.Min(RowsPerRead, end);
            stream.Position = HeaderBytes + ((end - count) * RowJudge.RowBytes);
            stream.ReadExactly(buffer, 0, count * RowJudge.RowBytes);
            for (var r = count - 1; r >= 0; r--)
            {
                var row = buffer.AsSpan(r * RowJudge.RowBytes, RowJudge.RowBytes);
                var ordinal = end - count + r;
                if (row[108] != 0 && RowJudge.ChecksumHolds(row, firstPosition + (ulong)ordinal))
                {
                    return ordinal + 1;
                }
            }
            end -= count;
        }
        return 0;
    }
}
