using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Evenkeel.Ledger;
using Evenkeel.Model;
using Evenkeel.Replication;
using Microsoft.Win32.SafeHandles;

namespace Evenkeel.Node.History;

/// <summary>Receives rows in order, for example to rebuild the id index.</summary>
internal delegate void HistoryRowsHandler(ulong firstPosition, ReadOnlySpan<HistoryRow> rows);

/// <summary>The transfer history in segment files (docs/formats/history.md).</summary>
/// <remarks>
/// <para>
/// After <see cref="Open"/> it only reads: <see cref="RequireRows"/>, <see cref="Scan"/> and one
/// <see cref="TruncateTo"/> to the row count of the snapshot that was restored. The first
/// <see cref="Reserve"/> or <see cref="FlushTo"/> cuts the files there and starts to append.
/// </para>
/// <para>
/// One thread applies (<see cref="IHistory"/>); reading is safe on any thread below a sealed count.
/// The checksum of rows handed out by <c>Read</c> is 0: it belongs to the file.
/// </para>
/// </remarks>
internal sealed class FileHistory : IHistory, IDisposable
{
    // Room is asked for in steps, so that one fence serves many small reservations.
    private const ulong RoomStepRows = 8_192;

    private readonly HistoryOptions _options;
    private readonly SegmentSet _segments;
    private readonly ulong _entryRowsMax;
    private readonly Lock _begin = new();
    private HistoryRow[] _straddle = [];
    private bool _isStraddling;
    private int _reserved;
    private ulong _count;
    private ulong _sealed;
    private ulong _room;
    private volatile RowRing? _ring;
    private HistoryWriter? _writer;
    private SegmentSealer? _sealer;

    private FileHistory(HistoryOptions options, SegmentSet segments, HistoryRecovery recovery)
    {
        _options = options;
        _segments = segments;
        _entryRowsMax = (ulong)options.RingRows / 2;
        Indexes = new SegmentIndexes(segments);
        Recovery = recovery;
        _count = _sealed = recovery.Count;
    }

    /// <summary>Finds the rows that are whole on disk. Nothing is changed yet.</summary>
    /// <exception cref="HistoryDamagedException">
    /// A segment is missing, or a header is not what was written.
    /// </exception>
    public static FileHistory Open(HistoryOptions options)
    {
        options.Verify();
        Directory.CreateDirectory(options.Directory);
        var segments = new SegmentSet(options);
        try
        {
            return new FileHistory(options, segments, HistoryRecovery.Run(segments));
        }
        catch
        {
            segments.Dispose();
            throw;
        }
    }

    /// <summary>What <see cref="Open"/> found.</summary>
    public HistoryRecovery Recovery { get; }

    /// <inheritdoc/>
    public ulong Count => Volatile.Read(ref _count);

    /// <summary>Rows of applied entries: what other threads may read.</summary>
    public ulong SealedCount => Volatile.Read(ref _sealed);

    internal SegmentSet Segments => _segments;

    internal SegmentIndexes Indexes { get; }

    internal RowRing? Ring => _ring;

    internal SegmentSealer? Sealer => Volatile.Read(ref _sealer);

    /// <summary>Refuses when fewer whole rows are on disk than a snapshot counts on.</summary>
    /// <exception cref="HistoryDamagedException">Names the first row that is missing or damaged.</exception>
    public void RequireRows(ulong count)
    {
        if (_count < count)
        {
            throw new HistoryDamagedException(
                Recovery.Cut ?? _segments.DamageAt(_count, "rows are missing")
            );
        }
    }

    /// <summary>
    /// Reads and verifies rows in order with read-ahead on other threads, and hands them over on
    /// the calling thread.
    /// </summary>
    /// <exception cref="HistoryDamagedException">Names the first damaged row.</exception>
    public void Scan(
        ulong from,
        ulong to,
        HistoryRowsHandler handler,
        CancellationToken cancellationToken
    )
    {
        Check.That(from <= to && to <= Count && _ring is null);
        HistoryScan.Run(_segments, from, to, handler, cancellationToken);
    }

    /// <inheritdoc/>
    public Span<HistoryRow> Reserve(int rows)
    {
        Check.That(rows >= 0);
        var end = _count + (ulong)rows;
        Check.That(end - _sealed <= _entryRowsMax);
        if (end > _room || _ring is null)
        {
            MakeRoom(end);
        }

        _reserved = rows;
        _isStraddling = (ulong)rows > _ring!.ContiguousFrom(_count);
        return _isStraddling ? StraddleBuffer(rows) : _ring.Slots(_count, rows);
    }

    /// <inheritdoc/>
    public void Advance(int rows)
    {
        Check.That(rows >= 0 && rows <= _reserved);
        if (_isStraddling)
        {
            var ring = _ring!;
            var head = (int)Math.Min((ulong)rows, ring.ContiguousFrom(_count));
            _straddle.AsSpan(0, head).CopyTo(ring.Slots(_count, head));
            var rest = _straddle.AsSpan(head, rows - head);
            rest.CopyTo(ring.Slots(_count + (ulong)head, rest.Length));
        }

        _reserved = 0;
        Volatile.Write(ref _count, _count + (ulong)rows);
    }

    /// <summary>
    /// Takes back provisional rows; before the first row is appended, also rows that a restored
    /// snapshot doesn't count.
    /// </summary>
    public void TruncateTo(ulong position)
    {
        _reserved = 0;
        if (_ring is null)
        {
            Check.That(position <= _count);
            Volatile.Write(ref _sealed, position);
        }

        Check.That(position >= _sealed && position <= _count);
        Volatile.Write(ref _count, position);
    }

    /// <inheritdoc/>
    public void Seal(ulong entryIndex)
    {
        if (_sealed == _count)
        {
            return;
        }

        Volatile.Write(ref _sealed, _count);
        _writer!.Offer(_count);
    }

    /// <inheritdoc/>
    /// <exception cref="HistoryDamagedException">The row on disk is not the one that was written.</exception>
    public void Read(ulong position, out HistoryRow row)
    {
        Check.That(position < Count);
        if (_ring is not { } ring || !ring.TryRead(position, out row))
        {
            _segments.Read(position, out row);
        }

        row.Checksum = 0;
    }

    /// <inheritdoc/>
    /// <exception cref="HistoryDamagedException">A row on disk is not the one that was written.</exception>
    public void ReadRange(ulong position, Span<HistoryRow> rows)
    {
        Check.That(position + (ulong)rows.Length <= Count);
        var firstPosition = position;
        var done = 0;
        while (done < rows.Length)
        {
            position = firstPosition + (ulong)done;
            if (_ring is { } ring && ring.TryRead(position, out rows[done]))
            {
                done++;
                continue;
            }

            // Rows that left RAM, up to where RAM or the next segment begins.
            var end = Math.Min(
                firstPosition + (ulong)rows.Length,
                _segments.Layout.FirstPosition(_segments.Layout.SegmentOf(position) + 1)
            );
            if (_ring is { } now)
            {
                end = Math.Min(end, Math.Max(position + 1, now.OldestReadable));
            }

            var part = rows.Slice(done, (int)(end - position));
            _segments.Read(position, part);
            done += part.Length;
        }

        foreach (ref var row in rows)
        {
            row.Checksum = 0;
        }
    }

    /// <summary>Returns when the first <paramref name="count"/> rows are on stable storage.</summary>
    /// <remarks>Any thread, once appending has begun; <paramref name="count"/> must be sealed.</remarks>
    /// <exception cref="IOException">The disk refused; the rows are kept and tried again.</exception>
    public void FlushTo(ulong count, CancellationToken cancellationToken)
    {
        Check.That(count <= SealedCount);
        if (_ring is null)
        {
            BeginToAppend();
        }

        _writer!.FlushTo(count, cancellationToken);
    }

    /// <summary>
    /// The files that hold the first <paramref name="rows"/> rows, which are flushed: full segments with
    /// what is derived from them by now, and the part of the last one. None of these bytes change.
    /// </summary>
    public IReadOnlyList<SharedFile> FilesOf(ulong rows)
    {
        string root = Path.GetFileName(_options.Directory);
        var files = new List<SharedFile>();
        ulong tail = _segments.Layout.SegmentOf(rows);
        for (ulong segment = 0; segment < tail; segment++)
        {
            Add(segment, HistoryFormat.SegmentExtension, _segments.Layout.SegmentBytes);
            AddDerived(segment, HistoryFormat.SealExtension);
            AddDerived(segment, HistoryFormat.IndexExtension);
        }

        if (rows > _segments.Layout.FirstPosition(tail))
        {
            Add(tail, HistoryFormat.SegmentExtension, _segments.Layout.OffsetOf(rows));
        }

        return files;

        void AddDerived(ulong segment, string extension)
        {
            var file = new FileInfo(_segments.PathOf(segment, extension));
            if (file.Exists)
            {
                Add(segment, extension, file.Length);
            }
        }

        void Add(ulong segment, string extension, long length) =>
            files.Add(new SharedFile($"{root}/{HistoryFormat.Name(segment, extension)}", length));
    }

    /// <summary>
    /// Reads the sealed segments back once, at a bounded rate; findings also stay in
    /// <see cref="Status"/>. Any thread, once appending has begun; blocks until done.
    /// </summary>
    public IReadOnlyList<HistoryDamage> Scrub(
        long bytesPerSecond,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        var found = new List<HistoryDamage>();
        if (Sealer is { } sealer)
        {
            var scrub = new HistoryScrub(_segments, Indexes, sealer.Remake, bytesPerSecond, time);
            scrub.Run(
                sealer.SealedSegments,
                damage =>
                {
                    found.Add(damage);
                    sealer.Report(damage);
                },
                cancellationToken
            );
        }

        return found;
    }

    /// <summary>Where the history stands, for metrics and health.</summary>
    public HistoryStatus Status =>
        new()
        {
            Rows = SealedCount,
            WrittenRows = _writer?.Written ?? SealedCount,
            SyncedRows = _writer?.Synced ?? 0,
            BytesOnDisk = _segments.BytesOnDisk(),
            WritesBlocked = _writer?.Blocked,
            Fault = _writer?.Fault?.Message,
            ApplyWaited = _writer?.Waited ?? TimeSpan.Zero,
            SealedSegments = Sealer?.SealedSegments ?? 0,
            SealFault = Sealer?.Fault?.Message,
            Damages = Sealer?.Damages ?? [],
        };

    private void MakeRoom(ulong end)
    {
        if (_ring is null)
        {
            BeginToAppend();
        }

        var ring = _ring!;
        var writer = _writer!;
        var needed = end > ring.Capacity ? end - ring.Capacity : 0;
        writer.WaitUntilReusable(needed);
        var room = Math.Min(end + RoomStepRows, writer.Reusable + ring.Capacity);
        if (room > _room)
        {
            _room = room;
            ring.Publish(room);
        }
    }

    // Cuts the files at the count and opens the ring on the unit that holds the last row.
    private void BeginToAppend()
    {
        lock (_begin)
        {
            if (_ring is null)
            {
                CutAndOpenRing();
            }
        }
    }

    private void CutAndOpenRing()
    {
        var unitStart = _count - (_count % HistoryLimits.UnitRows);
        Indexes.Clear();
        var tailFile = HistoryRecovery.CutAt(_segments, _count);
        var ring = new RowRing(_options.RingRows, unitStart);
        _segments.Read(unitStart, ring.Slots(unitStart, (int)(_count - unitStart)));
        _room = _count;
        ring.Publish(_room);
        var sealer = new SegmentSealer(_segments, Indexes, _segments.Layout.SegmentOf(_count));
        Volatile.Write(ref _sealer, sealer);
        _writer = new HistoryWriter(_segments, ring, _count, tailFile, sealer.Offer);
        _ring = ring;
    }

    private Span<HistoryRow> StraddleBuffer(int rows)
    {
        if (_straddle.Length < rows)
        {
            _straddle = new HistoryRow[rows];
        }

        return _straddle.AsSpan(0, rows);
    }

    /// <summary>Makes all sealed rows durable and closes the files.</summary>
    public void Dispose()
    {
        _writer?.Dispose();
        _sealer?.Dispose();
        _segments.Dispose();
    }
}

/// <summary>Where the history stands.</summary>
internal sealed record HistoryStatus
{
    /// <summary>Rows of applied entries.</summary>
    public required ulong Rows { get; init; }

    /// <summary>Rows in the files.</summary>
    public required ulong WrittenRows { get; init; }

    /// <summary>Rows on stable storage since this start.</summary>
    public required ulong SyncedRows { get; init; }

    public required long BytesOnDisk { get; init; }

    /// <summary>Why rows can't be written now (disk full); null when they can. Retried by itself.</summary>
    public required string? WritesBlocked { get; init; }

    /// <summary>Why the writer ended for good; the node must stop.</summary>
    public required string? Fault { get; init; }

    /// <summary>How long the applying thread has waited for the disk in all.</summary>
    public required TimeSpan ApplyWaited { get; init; }

    public required ulong SealedSegments { get; init; }

    /// <summary>Why segments are no longer sealed and indexed; rows are kept all the same.</summary>
    public required string? SealFault { get; init; }

    /// <summary>Damage found while segments were sealed or scrubbed.</summary>
    public required IReadOnlyList<HistoryDamage> Damages { get; init; }
}
