using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using DotNext.Net.Cluster;
using Evenkeel.Model;

namespace Evenkeel.Replication;

/// <summary>Where the survivor of a lost quorum stands.</summary>
/// <param name="Lineage">The one that ends.</param>
/// <param name="Index">The last entry that is certainly committed: the fork.</param>
/// <param name="Chain">Chain hash after it.</param>
/// <param name="LogIndex">
/// The last entry of its log. What lies behind <paramref name="Index"/> may have been acknowledged;
/// it is taken over into the new lineage.
/// </param>
/// <param name="Term">The highest term that it knows of.</param>
public sealed record SurvivorPosition(
    LineageId Lineage,
    ulong Index,
    ChainHash Chain,
    ulong LogIndex,
    ulong Term
);

/// <summary>
/// Lets one survivor go on when the others are gone for good: as a new lineage, alone, in a term
/// that no lost member can have led in (ADR 24). Whether that may be is for two people to say.
/// </summary>
public static class QuorumRecovery
{
    /// <summary>
    /// Terms left out. An election takes tens of milliseconds, so the lost ones can't have reached so
    /// far without the survivor.
    /// </summary>
    public const ulong TermsSkipped = 1UL << 32;

    private const string LogName = "raft";
    private const string Aside = ".beyond-fork";

    /// <summary>State that is made again from snapshot and archive.</summary>
    private static readonly string[] Derived =
    [
        "records.db",
        "records.db-wal",
        "records.db-shm",
        MembershipBook.ListName,
        MembershipBook.FileName,
    ];

    /// <summary>Reads the whole archive and log of a directory that no process works on.</summary>
    /// <exception cref="RecoveryException">There is no history, or what lies in the middle is damaged.</exception>
    public static SurvivorPosition Look(string directory)
    {
        using var held = DirectoryLock.Acquire(directory);
        var lineage =
            Lineage.Find(directory)
            ?? throw new RecoveryException(new(directory, 0, 0, "there is no history here"));
        var (index, term, chain) = ReadArchive(directory, lineage);
        if (index == 0)
        {
            throw new RecoveryException(new(directory, 0, 0, "the archive has no entry"));
        }
        var log = Path.Combine(directory, LogName);
        var last = index;
        if (Directory.Exists(log))
        {
            using var files = Open(log);
            var (commit, counted) = files.ReadCheckpoint();
            var end = files.AdoptWholeEntries(commit, counted);
            if (end > index && files.FirstIndex() > index + 1)
            {
                throw new RecoveryException(
                    new(log, 0, index + 1, "entries between archive and log are missing")
                );
            }
            for (; last < end && files.Verify(last + 1) is null; last++)
            {
                term = Math.Max(term, files.ReadVerified().Term);
            }
        }
        return new(lineage.Id, index, chain, last, Math.Max(term, StoredTerm(log)));
    }

    /// <summary>
    /// Ends the old lineage at the position and begins its child. What is in the way is set aside with
    /// the ending <c>.beyond-fork</c>.
    /// </summary>
    /// <param name="expected">What was signed; anything else here is refused.</param>
    /// <param name="self">The survivor's address from now on: none of the lost ones knows it.</param>
    public static Lineage Run(
        string directory,
        SurvivorPosition expected,
        IPEndPoint self,
        Random random
    )
    {
        ArgumentNullException.ThrowIfNull(expected);
        ArgumentNullException.ThrowIfNull(self);
        var found = Look(directory);
        if (found != expected)
        {
            throw new RecoveryException(
                new(directory, 0, found.Index, $"stands at {found}, and {expected} was signed")
            );
        }
        var tail = ReadTail(directory, found);
        var child = LineageFork.Begin(directory, Lineage.Find(directory)!, found.Index, random);
        using var held = DirectoryLock.Acquire(directory);
        WriteTail(directory, child, found, tail);
        foreach (var name in Derived)
        {
            var path = Path.Combine(directory, name);
            if (File.Exists(path))
            {
                File.Move(path, path + Aside, overwrite: true);
            }
        }
        new SeededState
        {
            Term = found.Term + TermsSkipped,
            Leader = self.ToString(),
            Index = found.LogIndex,
        }.Write(directory);
        RealFileLayer.Instance.FlushDirectory(directory);
        return child;
    }

    private static (ulong Index, ulong Term, ChainHash Chain) ReadArchive(
        string directory,
        Lineage lineage
    )
    {
        var archive = Path.Combine(directory, "archive");
        (ulong Index, ulong Term, ChainHash Chain) last = default;
        try
        {
            using var reader = new ArchiveReader(archive, 1, toIndex: null, lineage);
            while (reader.Read())
            {
                last = (reader.Index, reader.Term, reader.Chain);
            }
        }
        catch (ArchiveDamageException damaged)
            when (SegmentFile.List(archive).All(s => s.FirstIndex <= damaged.Damage.Entry))
        {
            // A torn last write: the log may hold what it was.
        }
        return last;
    }

    private static RaftFiles Open(string log) =>
        new(log, new RaftLogOptions { Directory = log }.ChunkBytes);

    private static List<(ulong Term, byte[] Payload)> ReadTail(
        string directory,
        SurvivorPosition found
    )
    {
        var tail = new List<(ulong, byte[])>();
        if (found.LogIndex == found.Index)
        {
            return tail;
        }
        using var files = Open(Path.Combine(directory, LogName));
        for (var index = found.Index + 1; index <= found.LogIndex; index++)
        {
            Check.That(files.Verify(index) is null);
            tail.Add(files.ReadVerified());
        }
        return tail;
    }

    /// <summary>
    /// Under the child's name: at the same index the lost ones may have had another entry, and
    /// whoever has seen that one must not take these for it.
    /// </summary>
    private static void WriteTail(
        string directory,
        Lineage child,
        SurvivorPosition found,
        List<(ulong Term, byte[] Payload)> tail
    )
    {
        if (tail.Count == 0)
        {
            return;
        }
        var archive = Path.Combine(directory, "archive");
        var path = Path.Combine(archive, ArchiveFormat.FileName(found.Index + 1));
        var writing = path + ".fork";
        File.Delete(writing);
        using (
            var writer = new ArchiveSegmentWriter(writing, found.Index + 1, child.Id, found.Chain)
        )
        {
            foreach (var (term, payload) in tail)
            {
                writer.Append(writer.LastIndex + 1, term, payload);
            }
            writer.Seal();
        }
        File.Move(writing, path);
        RealFileLayer.Instance.FlushDirectory(archive);
    }

    /// <summary>The engine's file of term and vote: a flag, the vote, the term.</summary>
    private static ulong StoredTerm(string log)
    {
        var path = Path.Combine(log, "state");
        if (!File.Exists(path))
        {
            return 0;
        }
        var bytes = File.ReadAllBytes(path);
        var offset = 1 + ClusterMemberId.Size;
        return bytes.Length >= offset + sizeof(long)
            ? (ulong)BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(offset))
            : throw new RecoveryException(
                new(
                    path,
                    0,
                    0,
                    string.Create(CultureInfo.InvariantCulture, $"has {bytes.Length} bytes")
                )
            );
    }
}
