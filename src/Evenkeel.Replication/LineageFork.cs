using System.Runtime.InteropServices;
using Evenkeel.Model;

namespace Evenkeel.Replication;

/// <summary>
/// Begins a new lineage in a data directory that no process works on: after a restore to a position,
/// and where a lost quorum is forced.
/// </summary>
public static class LineageFork
{
    /// <summary>
    /// Ends the archive after an entry, seals it there and writes the lineage.json of the child. The
    /// next start replays the archive and goes on under the new lineage. The consensus log, snapshots
    /// and segments behind the entry are set aside with the ending <c>.beyond-fork</c>; a state
    /// machine's own files behind it (the records' database) are the caller's to set aside.
    /// </summary>
    /// <param name="directory">Its archive reaches from entry 1 at least to <paramref name="index"/>.</param>
    /// <param name="parent">The lineage of what is there.</param>
    /// <param name="index">The last entry to keep, from 1.</param>
    /// <param name="random">Makes the child's id.</param>
    /// <exception cref="ArchiveDamageException">An entry up to there is missing or damaged.</exception>
    public static Lineage Begin(string directory, Lineage parent, ulong index, Random random)
    {
        ArgumentNullException.ThrowIfNull(parent);
        Check.That(index >= 1);
        using var directoryLock = DirectoryLock.Acquire(directory);
        var archive = Path.Combine(directory, "archive");
        var time = CheckAll(archive, parent, index);
        Cut(archive, parent, index);
        SetStateAside(directory, index);
        var child = Child(parent, index, time, Lineage.NewId(random));
        Lineage.Write(Path.Combine(directory, Lineage.FileName), child, RealFileLayer.Instance);
        return child;
    }

    /// <summary>The lineage that forks from a history after an entry of it.</summary>
    internal static Lineage Child(Lineage parent, ulong index, ulong time, LineageId id)
    {
        // Whoever wrote the entry is the parent, even where the history was forked again later.
        var ancestors = parent
            .Ancestors.Where(a => a.ForkIndex < index)
            .Append(new Ancestor(parent.Of(index), index, time))
            .ToArray();
        return new Lineage(id, ancestors[^1].Id, index) { Ancestors = ancestors };
    }

    /// <summary>Reads every entry up to the fork: checksums and chain.</summary>
    /// <returns>Log time of the newest entry that carries one.</returns>
    private static ulong CheckAll(string archive, Lineage parent, ulong index)
    {
        ulong time = 0;
        using var reader = new ArchiveReader(archive, 1, index, parent);
        while (reader.Read())
        {
            time = EntryTime.Of(reader.Payload.Span) ?? time;
        }
        return reader.Index == index
            ? time
            : throw new ArchiveDamageException(
                new(archive, 0, reader.Index + 1, $"the archive ends before entry {index}")
            );
    }

    private static void Cut(string archive, Lineage parent, ulong index)
    {
        foreach (var segment in SegmentFile.List(archive).Reverse())
        {
            if (segment.FirstIndex > index)
            {
                SetAside(segment.Path);
                continue;
            }
            using (var cursor = SegmentCursor.Open(segment, parent.Of(segment.FirstIndex)))
            {
                if (cursor.Seal?.LastIndex <= index)
                {
                    break;
                }
                Rewrite(cursor, segment, parent, index);
            }
            SetAside(segment.Path);
            File.Move(segment.Path + ".fork", segment.Path);
            break;
        }
        RealFileLayer.Instance.FlushDirectory(archive);
    }

    private static void Rewrite(
        SegmentCursor cursor,
        SegmentFile segment,
        Lineage parent,
        ulong index
    )
    {
        var path = segment.Path + ".fork";
        File.Delete(path);
        using var writer = new ArchiveSegmentWriter(
            path,
            segment.FirstIndex,
            parent.Of(segment.FirstIndex),
            cursor.Chain
        );
        while (writer.LastIndex < index && cursor.Read(skipPayload: false))
        {
            writer.Append(cursor.Index, cursor.Term, cursor.Payload.Span);
        }
        Check.That(writer.LastIndex == index && writer.Chain == cursor.Chain);
        writer.Seal();
    }

    private static void SetStateAside(string directory, ulong index)
    {
        var log = Path.Combine(directory, "raft");
        if (Directory.Exists(log))
        {
            SetDirectoryAside(log);
        }
        var snapshots = Path.Combine(directory, "snapshots");
        var store = new SnapshotStore(snapshots, default, RealFileLayer.Instance);
        foreach (var snapshot in store.List().Where(s => s.Index > index))
        {
            SetDirectoryAside(snapshot.Path);
        }
    }

    private static void SetDirectoryAside(string path)
    {
        for (var i = 1; ; i++)
        {
            var target = string.Create(
                System.Globalization.CultureInfo.InvariantCulture,
                $"{path}.beyond-fork-{i}"
            );
            if (!Directory.Exists(target))
            {
                Directory.Move(path, target);
                return;
            }
        }
    }

    private static void SetAside(string path) =>
        File.Move(path, path + ".beyond-fork", overwrite: true);
}

/// <summary>The log time inside an entry's payload (docs/formats/entry.md).</summary>
public static class EntryTime
{
    /// <summary>Nanoseconds since the Unix epoch; null for entries of the consensus engine.</summary>
    public static ulong? Of(ReadOnlySpan<byte> payload)
    {
        if (payload.Length < EntryHeader.Size)
        {
            return null;
        }
        var header = MemoryMarshal.Read<EntryHeader>(payload);
        return header.Magic == EntryHeader.MagicValue ? header.Timestamp : null;
    }
}
