using Evenkeel.Model;

namespace Evenkeel.Gateway.Attempts;

/// <summary>
/// The segment that is written now. A process never appends to what another one left: a torn end
/// stays as it is, at the end of its segment.
/// </summary>
internal sealed class SegmentWriter : IDisposable
{
    private static readonly TimeSpan RetentionEvery = TimeSpan.FromHours(1);

    private readonly AttemptOptions _options;
    private readonly IAttemptFiles _files;
    private readonly TimeProvider _time;
    private readonly UInt128 _keyCheck;
    private IAttemptFile? _file;
    private ulong _number;
    private ulong _sequence;
    private long _bytes;
    private DateTimeOffset _createdAt;
    private DateTimeOffset _retentionAt;
    private string _path = "";
    private bool _hasWritten;

    public SegmentWriter(
        AttemptOptions options,
        IAttemptFiles files,
        TimeProvider time,
        UInt128 keyCheck
    )
    {
        _options = options;
        _files = files;
        _time = time;
        _keyCheck = keyCheck;
        var segments = SegmentName.In(options.Directory);
        if (segments.Count > 0)
        {
            _number = segments[^1].Number;
            _sequence = AttemptReader.LastSequence(segments);
        }
    }

    public ulong NextSequence() => ++_sequence;

    /// <summary>Makes sure that there is a segment with room and of the right age.</summary>
    public void Begin()
    {
        DateTimeOffset now = _time.GetUtcNow();
        if (
            _file is not null
            && _bytes < _options.SegmentBytesMax
            && now - _createdAt < _options.SegmentAgeMax
        )
        {
            return;
        }
        _file?.Flush();
        Abandon();
        _number++;
        _path = Path.Combine(_options.Directory, SegmentName.Of(_number));
        _file = _files.Create(_path);
        _createdAt = now;
        Span<byte> header = stackalloc byte[AttemptFormat.SegmentHeaderSize];
        AttemptFormat.WriteSegmentHeader(
            header,
            new AttemptFormat.SegmentHeader(
                _number,
                AttemptFormat.Nanoseconds(now),
                _keyCheck,
                _sequence + 1,
                Continues: _hasWritten
            )
        );
        _file.Append(header);
        _bytes = header.Length;
        _hasWritten = true;
        _retentionAt = default;
    }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        Check.That(_file is not null);
        _file.Append(bytes);
        _bytes += bytes.Length;
    }

    public void Flush()
    {
        Check.That(_file is not null);
        _file.Flush();
    }

    /// <summary>The file is not written any more; the next record begins another one.</summary>
    public void Abandon()
    {
        _file?.Dispose();
        _file = null;
    }

    /// <summary>
    /// Segments whose time is over, looked for once an hour and with each new segment. A segment is
    /// as old as its last write.
    /// </summary>
    public IReadOnlyList<string> BeyondRetention()
    {
        DateTimeOffset now = _time.GetUtcNow();
        if (now < _retentionAt)
        {
            return [];
        }
        _retentionAt = now + RetentionEvery;
        List<string> old = [];
        long kept = 0;
        foreach ((_, string path) in SegmentName.In(_options.Directory).Reverse())
        {
            if (string.Equals(path, _path, StringComparison.Ordinal))
            {
                continue;
            }
            var file = new FileInfo(path);
            kept += file.Length;
            if (
                now - new DateTimeOffset(file.LastWriteTimeUtc) > _options.Retention
                || kept > _options.TotalBytesMax - _options.SegmentBytesMax
            )
            {
                old.Add(path);
            }
        }
        return old;
    }

    public void Dispose() => Abandon();
}
