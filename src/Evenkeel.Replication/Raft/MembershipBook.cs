using System.Text;
using Evenkeel.Model;
using Evenkeel.Model.Clusters;

namespace Evenkeel.Replication;

/// <summary>
/// Who belongs to the cluster, as this member knows it durably (ADR 24). It changes by entries of
/// the log, one member at a time; the operator's file only says how a member begins.
/// </summary>
/// <param name="given">The operator's file; rewritten when the membership changed.</param>
/// <param name="name">This member.</param>
/// <param name="givenPath">Null where there is no file to rewrite.</param>
public sealed class MembershipBook(ClusterFile given, string name, string? givenPath = null)
{
    /// <summary>In the data directory: what this member agreed to last.</summary>
    public const string FileName = "membership.json";

    /// <summary>The engine's list in its own form, for programs of before.</summary>
    internal const string ListName = "members";

    private readonly Lock gate = new();
    private readonly ClusterFile given = given;
    private volatile ClusterFile current = given;
    private string? directory;
    private volatile bool hasBelonged = true;

    /// <summary>What counts now.</summary>
    public ClusterFile Current => current;

    /// <summary>This member waits until the others take it in: it votes for nobody.</summary>
    public bool IsJoining => !hasBelonged;

    /// <summary>Told of each change, in order, after it is durable. Must not block.</summary>
    public Action<ClusterFile>? Changed { get; set; }

    /// <summary>
    /// Compares the operator's file with what this member agreed to, which counts. Before the log is
    /// opened, and after a seeding.
    /// </summary>
    /// <exception cref="RecoveryException">The two contradict each other, or it was removed.</exception>
    public void Open(string dataDirectory)
    {
        lock (gate)
        {
            directory = dataDirectory;
            hasBelonged = true;
            var path = Path.Combine(dataDirectory, FileName);
            if (!File.Exists(path))
            {
                current = given;
                return;
            }
            var stored = ReadFile(path);
            if (!string.Equals(stored.Lineage, given.Lineage, StringComparison.Ordinal))
            {
                throw Refuse(path, $"is of lineage {stored.Lineage}, not {given.Lineage}");
            }
            if (stored.VersionNow == given.VersionNow)
            {
                current = stored.HasMembersOf(given)
                    ? given
                    : throw Refuse(
                        path,
                        $"version {stored.VersionNow} has other members than the cluster file of "
                            + "that version: members change by 'evenkeel cluster', not by hand"
                    );
                return;
            }
            // A file that is ahead is not believed: the log, or other members, will say so.
            current = Merge(stored, given);
            if (
                stored.Find(name) is null
                && (given.VersionNow < stored.VersionNow || given.Find(name) is null)
            )
            {
                throw Refuse(
                    path,
                    $"{name} was taken out of the cluster by version {stored.VersionNow}"
                );
            }
            hasBelonged = stored.Find(name) is not null;
            if (given.VersionNow < stored.VersionNow)
            {
                Rewrite();
            }
        }
    }

    /// <summary>Makes what counts durable where it is not yet.</summary>
    internal void Keep(IFileLayer files)
    {
        lock (gate)
        {
            Store(files);
        }
    }

    /// <summary>
    /// Takes a committed change: exactly the next version, of the same lineage, one member more or
    /// less. Anything else is of a leader that lost a race, and nothing.
    /// </summary>
    /// <returns>Whether it counts now.</returns>
    internal bool TryApply(ReadOnlyMemory<byte> entry, IFileLayer files)
    {
        lock (gate)
        {
            var next = ClusterFile.Parse(entry.Span, "the log");
            if (WhyNotNext(next) is not null)
            {
                return false;
            }
            Take(next, files);
        }
        Changed?.Invoke(current);
        return true;
    }

    /// <summary>
    /// Takes what another member says, when that is newer: it was committed before anybody had it.
    /// </summary>
    /// <returns>Whether it counts now.</returns>
    public bool TryCatchUp(ClusterFile next)
    {
        ArgumentNullException.ThrowIfNull(next);
        lock (gate)
        {
            if (
                !string.Equals(next.Lineage, current.Lineage, StringComparison.Ordinal)
                || next.VersionNow <= current.VersionNow
            )
            {
                return false;
            }
            Take(next, RealFileLayer.Instance);
        }
        Changed?.Invoke(current);
        return true;
    }

    /// <summary>Null when it may follow what counts now; else why not.</summary>
    public string? WhyNotNext(ClusterFile next)
    {
        ArgumentNullException.ThrowIfNull(next);
        var now = current;
        if (!string.Equals(next.Lineage, now.Lineage, StringComparison.Ordinal))
        {
            return $"it is of lineage {next.Lineage}";
        }
        if (next.VersionNow != now.VersionNow + 1)
        {
            return $"it is version {next.VersionNow}, and {now.VersionNow} counts now";
        }
        // Majorities of two lists meet when they differ by one member, and only then for certain.
        var before = now.Members.Select(static m => m.Raft).ToHashSet(StringComparer.Ordinal);
        var after = next.Members.Select(static m => m.Raft).ToHashSet(StringComparer.Ordinal);
        before.SymmetricExceptWith(after);
        return before.Count == 1 ? null : $"{before.Count} members differ, and one may";
    }

    /// <summary>The version that an entry would begin; 0 when it is none.</summary>
    internal static int VersionOf(ReadOnlySpan<byte> entry)
    {
        try
        {
            return ClusterFile.Parse(entry, "the log").VersionNow;
        }
        catch (ClusterFileException)
        {
            return 0;
        }
    }

    private void Take(ClusterFile next, IFileLayer files)
    {
        current = Merge(next, current);
        hasBelonged |= next.Find(name) is not null;
        Store(files);
        Rewrite();
    }

    private void Store(IFileLayer files)
    {
        if (directory is null)
        {
            return;
        }
        var path = Path.Combine(directory, FileName);
        var text = current.Format();
        if (
            !File.Exists(path)
            || !string.Equals(File.ReadAllText(path), text, StringComparison.Ordinal)
        )
        {
            MemberStart.Write(path, text);
        }
        MemberStorage.Write(
            Path.Combine(directory, ListName),
            [.. current.Members.Select(static m => m.RaftEndpoint)],
            files
        );
    }

    /// <summary>Several members may share the file, and write the same at the same time.</summary>
    private void Rewrite()
    {
        if (givenPath is null)
        {
            return;
        }
        try
        {
            if (ClusterFile.Read(givenPath).VersionNow < current.VersionNow)
            {
                current.Write(givenPath, aside: $"{givenPath}.{name}.tmp");
            }
        }
        catch (Exception kept)
            when (kept is IOException or UnauthorizedAccessException or ClusterFileException)
        {
            // What this member agreed to is durable in its own directory; the operator's copy is
            // compared with it at the next start.
        }
    }

    /// <summary>Paths of certificates may differ between machines: those of here stay.</summary>
    private static ClusterFile Merge(ClusterFile next, ClusterFile own) =>
        next with
        {
            Authority = own.Authority ?? next.Authority,
            Members =
            [
                .. next.Members.Select(m =>
                    own.Find(m.Name) is { Certificate: not null } known
                        ? m with
                        {
                            Certificate = known.Certificate,
                            CertificateKey = known.CertificateKey,
                        }
                        : m
                ),
            ],
        };

    private static ClusterFile ReadFile(string path)
    {
        try
        {
            return ClusterFile.Read(path);
        }
        catch (ClusterFileException damaged)
        {
            throw Refuse(path, string.Join("; ", damaged.Problems));
        }
    }

    private static RecoveryException Refuse(string path, string why) =>
        new(new RecoveryNote(path, 0, 0, why));
}

/// <summary>
/// This member's log names a membership that is two versions ahead of the one it knows: with its own
/// it could be elected beside a leader of the new one, so it must not stand. Started again, it asks.
/// </summary>
public sealed class MembershipBehindException(int own, int named)
    : Exception(
        $"The log names version {named} of the membership, and this member knows {own}: it asks the others first."
    );
