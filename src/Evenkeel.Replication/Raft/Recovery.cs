using Evenkeel.Model;

namespace Evenkeel.Replication;

/// <summary>What start-up found; the log goes on from here.</summary>
/// <param name="EngineSnapshot">
/// The point before the first entry that the engine reads from its own files.
/// </param>
/// <param name="SnapshotSoon">A copy was lost: a new snapshot restores the redundancy.</param>
internal sealed record RecoveredState(
    Lineage Lineage,
    ArchivePoint Snapshot,
    ArchiveTail Archive,
    ArchivePoint EngineSnapshot,
    ulong EntriesFromArchive,
    bool SnapshotSoon,
    List<RecoveryNote> Notes
);

/// <summary>
/// Start-up: the newest whole snapshot, then the archive, then the engine's log. What is damaged is
/// rebuilt when another copy is whole; else the start is refused, naming file, offset and entry.
/// </summary>
internal sealed class Recovery(RaftLogOptions options, IStateMachine machine, SnapshotStore store)
{
    private readonly List<RecoveryNote> notes = [];
    private bool snapshotSoon;

    public required Lineage Lineage { get; init; }

    public required string ArchiveDirectory { get; init; }

    public required string EngineDirectory { get; init; }

    public RecoveredState Run(CancellationToken cancellationToken)
    {
        using var engine = new RaftFiles(EngineDirectory, options.ChunkBytes);
        var (commit, counted) = engine.ReadCheckpoint();
        var engineLast = options.Guards.HashEntries
            ? engine.AdoptWholeEntries(commit, counted)
            : counted;
        if (engineLast > counted)
        {
            notes.Add(
                new(
                    Path.Combine(EngineDirectory, "checkpoint"),
                    12,
                    counted + 1,
                    $"{engineLast - counted} whole entries behind the checkpoint taken"
                )
            );
        }
        var snapshot = RestoreSnapshot();
        CheckOldSegments(snapshot.Index);
        var archive = ReplayArchive(snapshot, engine.FirstIndex(), engineLast, cancellationToken);
        Check.That(machine.AppliedIndex == archive.Index);
        var fromArchive = archive.Index - snapshot.Index;
        var engineSnapshot = ChooseEngineStart(engine, engineLast, snapshot, archive);
        return new(Lineage, snapshot, archive, engineSnapshot, fromArchive, snapshotSoon, notes);
    }

    private ArchivePoint RestoreSnapshot()
    {
        if (store.FindNewestValid(notes) is not { } snapshot)
        {
            snapshotSoon |= notes.Count > 0;
            return default;
        }
        machine.Restore(snapshot);
        Check.That(machine.AppliedIndex == snapshot.Index);
        return new(snapshot.Index, snapshot.Term, snapshot.Chain);
    }

    /// <summary>
    /// Segments that end before the snapshot are not read whole, but they must be there, sealed and
    /// linked.
    /// </summary>
    private void CheckOldSegments(ulong snapshotIndex)
    {
        var segments = SegmentFile.List(ArchiveDirectory);
        SegmentCursor? previous = null;
        try
        {
            for (var i = 0; i + 1 < segments.Length; i++)
            {
                if (segments[i + 1].FirstIndex > snapshotIndex + 1)
                {
                    return;
                }
                previous?.Dispose();
                previous = SegmentCursor.Open(segments[i], Lineage.Of(segments[i].FirstIndex));
                if (previous.Seal?.LastIndex + 1 != segments[i + 1].FirstIndex)
                {
                    throw new ArchiveDamageException(
                        new(
                            segments[i].Path,
                            0,
                            (previous.Seal?.LastIndex ?? 0) + 1,
                            $"does not reach to {Path.GetFileName(segments[i + 1].Path)}"
                        )
                    );
                }
            }
        }
        catch (ArchiveDamageException damaged)
        {
            throw Refuse(damaged.Damage, "the archive before the snapshot can't be rebuilt here");
        }
        finally
        {
            previous?.Dispose();
        }
    }

    /// <summary>Applies what the archive holds after the snapshot; cuts off what is not whole.</summary>
    private ArchiveTail ReplayArchive(
        ArchivePoint snapshot,
        ulong engineFirst,
        ulong engineLast,
        CancellationToken cancellationToken
    )
    {
        var last = snapshot;
        try
        {
            using var reader = new ArchiveReader(
                ArchiveDirectory,
                Math.Max(1, snapshot.Index),
                toIndex: null,
                Lineage
            );
            while (reader.Read())
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (reader.Index == snapshot.Index)
                {
                    CheckSnapshotChain(snapshot, reader);
                    continue;
                }
                machine.Apply(new(reader.Index, reader.Term, reader.Payload.Span), context: null);
                last = new(reader.Index, reader.Term, reader.Chain);
            }
            if (snapshot.Index > 0 && reader.Index < snapshot.Index)
            {
                throw new ArchiveDamageException(
                    new(
                        ArchiveDirectory,
                        0,
                        reader.Index + 1,
                        $"ends before the snapshot at entry {snapshot.Index}"
                    )
                );
            }
        }
        catch (ArchiveDamageException damaged)
        {
            CutOff(damaged.Damage, last.Index, snapshot.Index, engineFirst, engineLast);
        }
        return FindTail(last);
    }

    private static void CheckSnapshotChain(ArchivePoint snapshot, ArchiveReader reader)
    {
        if (reader.Chain != snapshot.Chain)
        {
            throw new RecoveryException(
                new(
                    reader.File,
                    reader.Offset,
                    reader.Index,
                    "archive and snapshot disagree about the chain hash: they are of two histories"
                )
            );
        }
    }

    private void CutOff(
        ArchiveDamage damage,
        ulong lastWhole,
        ulong snapshotIndex,
        ulong engineFirst,
        ulong engineLast
    )
    {
        if (damage.Entry <= snapshotIndex)
        {
            throw Refuse(damage, "the archive before the snapshot can't be rebuilt here");
        }
        var later = SegmentFile
            .List(ArchiveDirectory)
            .Where(segment => segment.FirstIndex > damage.Entry)
            .ToList();
        // Rebuilding needs every entry from the damage on in the engine's log; a torn tail may be
        // the entry after the engine's last one, which nobody was told of.
        var needed = Math.Max(damage.Entry - 1, later.Count == 0 ? 0 : later[^1].FirstIndex);
        if (engineLast < needed || (engineLast > lastWhole && engineFirst > lastWhole + 1))
        {
            throw Refuse(damage, "the consensus log does not hold what is missing");
        }
        foreach (var segment in later)
        {
            SetAside(segment.Path);
        }
        var cut = Truncate(damage);
        snapshotSoon = true;
        notes.Add(
            new(
                damage.File,
                damage.Offset,
                damage.Entry,
                $"{damage.Reason}; {cut} bytes cut off, rebuilt from the consensus log"
            )
        );
    }

    /// <summary>Keeps the file up to the damage; the rest is kept beside it as evidence.</summary>
    private static long Truncate(ArchiveDamage damage)
    {
        var length = new FileInfo(damage.File).Length;
        var evidence = SetAside(damage.File);
        if (damage.Offset < ArchiveFormat.BlockSize)
        {
            return length;
        }
        using var source = File.OpenRead(evidence);
        using var whole = new FileStream(damage.File, FileMode.CreateNew, FileAccess.Write);
        var buffer = new byte[1 << 20];
        for (var left = damage.Offset; left > 0; )
        {
            var part = source.Read(buffer, 0, (int)Math.Min(left, buffer.Length));
            Check.That(part > 0);
            whole.Write(buffer, 0, part);
            left -= part;
        }
        whole.SetLength(ArchiveFormat.RoundUpToBlock(damage.Offset));
        whole.Flush(flushToDisk: true);
        return length - damage.Offset;
    }

    private static string SetAside(string path)
    {
        for (var i = 1; ; i++)
        {
            var target = $"{path}.damaged-{i}";
            if (!File.Exists(target))
            {
                File.Move(path, target);
                return target;
            }
        }
    }

    /// <summary>Where the writer goes on, after a scan of the last segment.</summary>
    private ArchiveTail FindTail(ArchivePoint last)
    {
        if (SegmentFile.List(ArchiveDirectory) is not [.., var newest])
        {
            return new(last.Index, last.Term, last.Chain, null, 0, 0);
        }
        using var cursor = SegmentCursor.Open(newest, Lineage.Of(newest.FirstIndex));
        if (!cursor.IsSealed && newest.FirstIndex <= Lineage.ForkIndex)
        {
            throw new RecoveryException(
                new(newest.Path, 0, newest.FirstIndex, "the parent's last segment is not sealed")
            );
        }
        if (cursor.IsSealed)
        {
            return new(last.Index, last.Term, last.Chain, null, 0, 0);
        }
        ScanToEnd(cursor, newest.Path, last.Index);
        var end = ArchiveFormat.RoundUpToBlock(cursor.EndOffset);
        TrimZeros(newest.Path, end);
        return new(last.Index, last.Term, last.Chain, newest.Path, newest.FirstIndex, end);
    }

    /// <summary>
    /// What lies before the snapshot in this segment was not read in replay; while it was sealed its
    /// footer led past it.
    /// </summary>
    private static void ScanToEnd(SegmentCursor cursor, string path, ulong lastIndex)
    {
        try
        {
            while (cursor.Read(skipPayload: true)) { }
        }
        catch (ArchiveDamageException damaged)
        {
            throw Refuse(damaged.Damage, "the archive before the snapshot can't be rebuilt here");
        }
        if (cursor.NextIndex != lastIndex + 1)
        {
            throw new RecoveryException(
                new(
                    path,
                    cursor.EndOffset,
                    cursor.NextIndex,
                    $"is not whole up to entry {lastIndex}; the archive before the snapshot can't "
                        + "be rebuilt here"
                )
            );
        }
    }

    /// <summary>A segment that goes on must not hold anything after its last record.</summary>
    private static void TrimZeros(string path, long end)
    {
        using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
        if (RandomAccess.GetLength(handle) != end)
        {
            RandomAccess.SetLength(handle, end);
            RandomAccess.FlushToDisk(handle);
        }
    }

    private ArchivePoint ChooseEngineStart(
        RaftFiles engine,
        ulong engineLast,
        ArchivePoint snapshot,
        ArchiveTail archive
    )
    {
        var archived = new ArchivePoint(archive.Index, archive.Term, archive.Chain);
        if (engineLast < archive.Index)
        {
            var isSeeded = SeededState.Read(options.Directory) is not null;
            if (options.HasPeers && !isSeeded)
            {
                throw LostLog(engineLast, archive.Index);
            }
            if (!isSeeded)
            {
                notes.Add(
                    new(
                        EngineDirectory,
                        0,
                        engineLast + 1,
                        $"consensus log ends before the archive (entry {archive.Index}) and begins anew there"
                    )
                );
            }
            snapshotSoon = true;
            engine.BeginAnewAfter(archive.Index);
            return archived;
        }
        if (engineLast == 0)
        {
            return default;
        }
        var first = engine.FirstIndex();
        if (first > archive.Index + 1 || (first == 0 && engineLast > archive.Index))
        {
            throw new RecoveryException(
                new(EngineDirectory, 0, archive.Index + 1, "entries after the archive are missing")
            );
        }
        var start =
            first != 0
            && first <= snapshot.Index + 1
            && engine.IsSoundStart(snapshot.Index, engineLast)
                ? snapshot
                : archived;
        if (!options.Guards.HashEntries)
        {
            return start;
        }
        for (var index = start.Index + 1; index <= engineLast; index++)
        {
            if (engine.Verify(index) is not { } damaged)
            {
                continue;
            }
            if (index > archive.Index)
            {
                throw new RecoveryException(damaged);
            }
            notes.Add(
                damaged with
                {
                    Message = damaged.Message + "; read from the archive instead",
                }
            );
            snapshotSoon = true;
            start = archived;
            index = archive.Index;
        }
        if (!engine.IsSoundStart(start.Index, engineLast))
        {
            return BeginAnew(engine, engineLast, archived);
        }
        return start;
    }

    /// <summary>
    /// One of several members has told others that it holds entries which it has no more, perhaps
    /// beyond the archive: it may neither vote nor count until it is seeded.
    /// </summary>
    private ReseedRequiredException LostLog(ulong engineLast, ulong archived)
    {
        var required = new ReseedRequiredException(
            $"The consensus log in {EngineDirectory} ends at entry {engineLast}, the archive at "
                + $"{archived}: this member no longer has what it acknowledged."
        );
        MemberStart.MarkReseed(options.Directory, required.Message);
        return required;
    }

    private ArchivePoint BeginAnew(RaftFiles engine, ulong engineLast, ArchivePoint archived)
    {
        var note = new RecoveryNote(
            EngineDirectory,
            0,
            archived.Index,
            "metadata of the entry before the first one does not match"
        );
        if (engineLast > archived.Index)
        {
            throw new RecoveryException(note);
        }
        notes.Add(note with { Message = note.Message + "; the consensus log begins anew" });
        snapshotSoon = true;
        engine.BeginAnewAfter(archived.Index);
        return archived;
    }

    private static RecoveryException Refuse(ArchiveDamage damage, string why) =>
        new(new(damage.File, damage.Offset, damage.Entry, $"{damage.Reason}; {why}"));
}
