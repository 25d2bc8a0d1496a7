using System.Buffers;

namespace Evenkeel.Gateway.Attempts;

/// <summary>
/// Reads the segments of a gateway's directory, also while the gateway writes. A torn or damaged
/// record ends its segment: what was read up to there is true, and the loss is told as a gap.
/// </summary>
public static class AttemptReader
{
    private const int BufferBytes = 1 << 20;

    /// <summary>Every record in the order of writing; gaps that only the reader can see included.</summary>
    /// <exception cref="IOException">A file can't be read.</exception>
    public static IEnumerable<AttemptEntry> Read(string directory)
    {
        AttemptEntry? last = null;
        foreach ((_, string path) in SegmentName.In(directory))
        {
            if (
                last is { Kind: not AttemptKind.Closed }
                && HeaderOf(path) is { Continues: false } next
            )
            {
                // Another process began without this one having closed: it was killed.
                yield return GapOf(
                    GapCause.Crash,
                    last.Sequence,
                    last.When,
                    AttemptFormat.TimeOf(next.CreatedNs)
                );
            }
            foreach (AttemptEntry entry in ReadSegment(path))
            {
                last = entry;
                yield return entry;
            }
        }
    }

    /// <summary>The sequence of the last record that can be read, so that the next process goes on.</summary>
    internal static ulong LastSequence(IReadOnlyList<(ulong Number, string Path)> segments)
    {
        for (int i = segments.Count - 1; i >= 0; i--)
        {
            ulong last = 0;
            foreach (AttemptEntry entry in ReadSegment(segments[i].Path))
            {
                last = Math.Max(last, entry.Sequence);
            }
            if (last > 0)
            {
                return last;
            }
        }
        return 0;
    }

    private static IEnumerable<AttemptEntry> ReadSegment(string path)
    {
        using var file = new FileStream(
            path,
            FileMode.Open,
            FileAccess.Read,
            FileShare.ReadWrite | FileShare.Delete,
            bufferSize: 0
        );
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            int filled = Fill(file, buffer, 0);
            DateTimeOffset modified = new(File.GetLastWriteTimeUtc(path));
            if (!AttemptFormat.TryReadSegmentHeader(buffer.AsSpan(0, filled), out _))
            {
                // An empty file is one that was named and never written.
                if (filled > 0)
                {
                    yield return GapOf(GapCause.Damage, 0, modified, modified);
                }
                yield break;
            }
            int at = AttemptFormat.SegmentHeaderSize;
            AttemptEntry? last = null;
            while (true)
            {
                AttemptEntry? entry = AttemptFormat.Decode(
                    buffer.AsSpan(at, filled - at),
                    out int length
                );
                if (entry is null)
                {
                    if (at > 0 && filled == buffer.Length)
                    {
                        // The record may only be cut by the buffer's end.
                        buffer.AsSpan(at, filled - at).CopyTo(buffer);
                        filled = Fill(file, buffer, filled - at);
                        at = 0;
                        continue;
                    }
                    break;
                }
                last = entry;
                at += length;
                yield return entry;
            }
            if (filled > at)
            {
                DateTimeOffset since = last?.When ?? modified;
                yield return GapOf(GapCause.Damage, last?.Sequence ?? 0, since, modified);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static AttemptFormat.SegmentHeader? HeaderOf(string path)
    {
        Span<byte> header = stackalloc byte[AttemptFormat.SegmentHeaderSize];
        using var file = new FileStream(
            path,
            FileMode.Open,
            FileAccess.Read,
            FileShare.ReadWrite | FileShare.Delete,
            bufferSize: 0
        );
        int read = file.ReadAtLeast(header, header.Length, throwOnEndOfStream: false);
        return AttemptFormat.TryReadSegmentHeader(header[..read], out var value) ? value : null;
    }

    private static AttemptEntry GapOf(
        GapCause cause,
        ulong sequence,
        DateTimeOffset since,
        DateTimeOffset until
    ) =>
        new()
        {
            Kind = AttemptKind.Gap,
            Sequence = sequence,
            When = since,
            Gap = new AttemptGap(since, until < since ? since : until, AtLeast: 0, cause),
        };

    private static int Fill(FileStream file, byte[] buffer, int filled)
    {
        while (filled < buffer.Length)
        {
            int read = file.Read(buffer, filled, buffer.Length - filled);
            if (read == 0)
            {
                break;
            }
            filled += read;
        }
        return filled;
    }
}
