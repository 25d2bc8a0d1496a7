using System.IO.Hashing;

namespace Evenkeel.Verifier;

/// <summary>One history row as it stands in its file.</summary>
/// <param name="Position">By its place, not by what it says.</param>
internal readonly record struct PlacedRow(
    string File,
    long Offset,
    ulong Position,
    ReadOnlyMemory<byte> Row
)
{
    public ulong Entry => Bytes.U64(Row.Span, 80);

    public bool ChecksumHolds => RowJudge.ChecksumHolds(Row.Span, Position);
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
            using var stream = new FileStream(
                files[i],
                FileMode.Open,
                FileAccess.Read,
                FileShare.ReadWrite | FileShare.Delete,
                1
            );
            var name = $"history/{Path.GetFileName(files[i])}";
            position = FirstPosition(stream, name, position);
            foreach (var row in Segment(stream, name, position, isLast: i == files.Length - 1))
            {
                position = row.Position + 1;
                yield return row;
            }
        }
    }

    private ulong FirstPosition(FileStream stream, string name, ulong expected)
    {
        var head = new byte[HeaderBytes];
        if (
            stream.ReadAtLeast(head, HeaderBytes, throwOnEndOfStream: false) < HeaderBytes
            || Bytes.U64(head, 0) != Magic
            || XxHash3.HashToUInt64(head.AsSpan(0, 120)) != Bytes.U64(head, 120)
        )
        {
            findings.Add(
                FindingKind.HistoryDamaged,
                name,
                0,
                0,
                "segment header does not match its checksum"
            );
            return expected;
        }
        var first = Bytes.U64(head, 24);
        if (first == expected)
        {
            return first;
        }
        findings.Add(
            FindingKind.RowsMissing,
            name,
            24,
            0,
            $"begins at row {first}, row {expected} must follow: rows are missing"
        );
        return Math.Max(first, expected);
    }

    private IEnumerable<PlacedRow> Segment(
        FileStream stream,
        string name,
        ulong firstPosition,
        bool isLast
    )
    {
        var rows = isLast
            ? CountToLastWhole(stream, firstPosition)
            : Math.Max(0, (stream.Length - HeaderBytes) / RowJudge.RowBytes);
        for (long done = 0; done < rows; )
        {
            // A new buffer for each piece: rows may be kept a while by whoever compares them.
            var count = (int)Math.Min(RowsPerRead, rows - done);
            var buffer = new byte[count * RowJudge.RowBytes];
            var offset = HeaderBytes + (done * RowJudge.RowBytes);
            stream.Position = offset;
            stream.ReadExactly(buffer);
            for (var r = 0; r < count; r++)
            {
                yield return new PlacedRow(
                    name,
                    offset + (r * RowJudge.RowBytes),
                    firstPosition + (ulong)(done + r),
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
