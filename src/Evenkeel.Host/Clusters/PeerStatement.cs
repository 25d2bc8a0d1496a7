using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Serialization;
using Evenkeel.Node;

namespace Evenkeel.Host.Clusters;

/// <summary>
/// What a member says about itself at <c>/peer/v1/statement</c>. Facts only: others judge them.
/// </summary>
internal sealed record PeerStatement
{
    public required string Name { get; init; }

    /// <summary>SHA-256 of the program's own files.</summary>
    public required string Binary { get; init; }

    /// <summary>Hash of the cluster file.</summary>
    public required string Configuration { get; init; }

    /// <summary>Version of the membership; 1 where it is not said.</summary>
    public int ConfigurationVersion { get; init; } = 1;

    public required string Lineage { get; init; }

    public required uint StateVersion { get; init; }

    /// <summary>The highest state version that it can apply; null from programs that don't say.</summary>
    public uint? StateVersionMax { get; init; }

    /// <summary>
    /// Digest of the entries that it leaves out by order of two people, 0 for none, hexadecimal; null
    /// from programs that don't say.
    /// </summary>
    public string? Quarantine { get; init; }

    public required bool Leads { get; init; }

    /// <summary>The Raft address of the leader as far as it knows.</summary>
    public required string? Leader { get; init; }

    public required bool Ready { get; init; }

    public required ulong CommitIndex { get; init; }

    public required ulong AppliedIndex { get; init; }

    public required ulong SnapshotIndex { get; init; }

    public required ulong ArchiveIndex { get; init; }

    /// <summary>Digests at positions that the log determines, oldest first.</summary>
    public required IReadOnlyList<StatedDigest> Digests { get; init; }

    /// <summary>Why the disk takes no writes; null while it does.</summary>
    public required string? DiskProblem { get; init; }

    /// <summary>Free bytes of the volume; -1 when unknown.</summary>
    public required long DiskFreeBytes { get; init; }

    /// <summary>The wall clock when the statement was made, nanoseconds since the Unix epoch.</summary>
    public required ulong WallNs { get; init; }

    /// <summary>A step of the wall clock that is not followed, nanoseconds; 0 = none.</summary>
    public required long ClockStepNs { get; init; }

    /// <summary>When it led last; now while it leads; null if it never has since it started.</summary>
    public required DateTimeOffset? LastLedAt { get; init; }

    /// <summary>What is wrong with it as it sees itself.</summary>
    public required IReadOnlyList<string> Reasons { get; init; }
}

/// <param name="Index">The entry behind which it was taken.</param>
/// <param name="State">Digests of ledger and records, hexadecimal.</param>
internal sealed record StatedDigest(ulong Index, string State, DateTimeOffset TakenAt);

/// <summary>Makes statements of this process's node.</summary>
internal sealed class StatementMaker(EvenkeelNode node, Membership membership, TimeProvider time)
{
    private static readonly Lazy<string> BinaryHash = new(HashBinary);

    public PeerStatement Make()
    {
        var health = node.Health;
        var replication = node.Replication;
        return new PeerStatement
        {
            Name = membership.Self.Name,
            Binary = BinaryHash.Value,
            Configuration = membership.File.Hash,
            ConfigurationVersion = membership.File.VersionNow,
            Lineage = replication.Lineage,
            StateVersion = node.StateVersion,
            StateVersionMax = node.StateVersionMax,
            Quarantine = node.QuarantineDigest.ToString("x32", CultureInfo.InvariantCulture),
            Leads = node.IsLeading,
            Leader = node.Leader?.ToString(),
            Ready = health.IsReady,
            CommitIndex = replication.CommitIndex,
            AppliedIndex = replication.AppliedIndex,
            SnapshotIndex = replication.SnapshotIndex,
            ArchiveIndex = replication.ArchiveIndex,
            Digests =
            [
                .. node.Digests.Select(static d => new StatedDigest(
                    d.Digest.Index,
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{d.Digest.Ledger:x32}{d.Digest.Records:x32}"
                    ),
                    d.TakenAt
                )),
            ],
            DiskProblem = replication.RefusingWrites,
            DiskFreeBytes = FreeBytes(),
            WallNs = WallNs(time),
            ClockStepNs = node.Clock.PendingStepNs,
            LastLedAt = node.LastLedAt,
            Reasons = [.. health.Reasons.Select(static r => $"{r.Code}: {r.Detail}")],
        };
    }

    /// <summary>The wall clock, nanoseconds since the Unix epoch.</summary>
    public static ulong WallNs(TimeProvider time) =>
        (ulong)Math.Max(0, (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks) * 100;

    private long FreeBytes()
    {
        try
        {
            return new DriveInfo(membership.DataDirectory).AvailableFreeSpace;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return -1;
        }
    }

    /// <summary>Of everything that we built: name and content of each file, in order of names.</summary>
    private static string HashBinary()
    {
        using var all = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (
            var path in Directory
                .EnumerateFiles(AppContext.BaseDirectory, "*.dll")
                .Where(static p =>
                    Path.GetFileName(p).StartsWith("evenkeel", StringComparison.OrdinalIgnoreCase)
                )
                .Order(StringComparer.Ordinal)
        )
        {
            all.AppendData(System.Text.Encoding.UTF8.GetBytes(Path.GetFileName(path) + "\n"));
            using var file = File.OpenRead(path);
            all.AppendData(SHA256.HashData(file));
        }
        return Convert.ToHexStringLower(all.GetHashAndReset());
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(PeerStatement))]
[JsonSerializable(typeof(ParityCertificate))]
[JsonSerializable(typeof(HandOverRequest))]
[JsonSerializable(typeof(HandOverAnswer))]
[JsonSerializable(typeof(MemberChangeRequest))]
[JsonSerializable(typeof(MemberChangeAnswer))]
internal sealed partial class ClusterJson : JsonSerializerContext;
