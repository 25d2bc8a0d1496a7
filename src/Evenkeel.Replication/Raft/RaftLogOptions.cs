using System.Net;
using System.Numerics;

namespace Evenkeel.Replication;

/// <summary>How a <see cref="RaftLog"/> runs. Every limit has its unit.</summary>
public sealed record RaftLogOptions
{
    /// <summary>Holds consensus log, archive and snapshots; locked against other processes.</summary>
    public required string Directory { get; init; }

    /// <summary>
    /// Where its peers reach this member: its name among them. Null for a bank of one member.
    /// </summary>
    public IPEndPoint? Endpoint { get; init; }

    /// <summary>
    /// Where this member listens, when that is not where its peers call it (a proxy or a translated
    /// address lies between). Null = at <see cref="Endpoint"/>.
    /// </summary>
    public IPEndPoint? ListenEndpoint { get; init; }

    /// <summary>All members at the first start, this one included; later the stored list counts.</summary>
    public IReadOnlyList<IPEndPoint> Members { get; init; } = [];

    /// <summary>
    /// Who belongs, and how that changes; <see cref="Members"/> only counts without it. Null for a
    /// bank of one member.
    /// </summary>
    public MembershipBook? Book { get; init; }

    /// <summary>
    /// Asks the leader at an advertised address to confirm that it still leads, and for the index
    /// that it has applied by then. Without it a member that does not lead can't say whether what it
    /// reads is up to date: the engine's own barrier on followers trusts a leader that may have been
    /// deposed, and one that has not committed its first entry yet.
    /// </summary>
    public Func<IPEndPoint, CancellationToken, Task<ulong>>? ConfirmAtLeader { get; init; }

    /// <summary>Longest wait of a read barrier, milliseconds.</summary>
    public int ReadBarrierTimeoutMs { get; init; } = 2_000;

    /// <summary>
    /// The lineage at the first start; every member of a cluster is given the same one. Null lets a
    /// sole member make its own.
    /// </summary>
    public LineageId? Lineage { get; init; }

    /// <summary>Makes the lineage id at the first start, when none is given.</summary>
    public Random Random { get; init; } = Random.Shared;

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public int LowerElectionTimeoutMs { get; init; } = 150;

    public int UpperElectionTimeoutMs { get; init; } = 300;

    /// <summary>
    /// Below the lower election timeout: a member that hangs costs each election one of these.
    /// </summary>
    public int RequestTimeoutMs { get; init; } = 120;

    public int ConnectTimeoutMs { get; init; } = 50;

    /// <summary>Heartbeats come at this part of the lower election timeout.</summary>
    public double HeartbeatThreshold { get; init; } = 0.3;

    /// <summary>Bytes of one file of the consensus log; a power of two. Fixed at the first start.</summary>
    public int ChunkBytes { get; init; } = 32 << 20;

    /// <summary>Bytes of entries handed to a peer in one request.</summary>
    public int ReadPageBytesMax { get; init; } = 2 << 20;

    /// <summary>Bytes at which an archive segment is sealed.</summary>
    public long SegmentBytesMax { get; init; } = 256L << 20;

    /// <summary>A snapshot is taken after so many bytes of entries; the consensus log shrinks then.</summary>
    public long SnapshotEveryBytes { get; init; } = 1L << 30;

    /// <summary>A snapshot is taken after so many entries.</summary>
    public long SnapshotEveryEntries { get; init; } = 250_000;

    /// <summary>
    /// Bytes of entries that a member of several keeps for those behind it, whatever its snapshot
    /// covers. Without them whoever is an entry behind when a snapshot is finished must be seeded.
    /// </summary>
    public long TrailBytes { get; init; } = 64L << 20;

    /// <summary>
    /// Bytes of entries after the last finished snapshot at which proposals are refused until the
    /// next one is finished.
    /// </summary>
    public long BacklogBytesMax { get; init; } = 6L << 30;

    /// <summary>Bytes a second that this member gives to members that are being seeded.</summary>
    public long SeedBytesPerSecond { get; init; } = SeedLimits.ServedBytesPerSecond;

    /// <summary>
    /// Certificates of the members. Null only on loopback: there nothing leaves the machine.
    /// </summary>
    public PeerTls? Tls { get; init; }

    /// <summary>Free bytes of the volume below which proposals are refused.</summary>
    public long DiskFloorBytes { get; init; } = 1L << 30;

    /// <summary>Guards that only a test may take away, to show what happens without them.</summary>
    internal GuardSwitches Guards { get; init; } = new();

    internal IFileLayer Files { get; init; } = RealFileLayer.Instance;

    /// <summary>Whether anybody else may have been promised something.</summary>
    internal bool HasPeers =>
        Book is { } book
            ? book.Current.Members.Any(m => !m.RaftEndpoint.Equals(Endpoint))
            : Members.Count > 1;

    internal void Validate()
    {
        if (!BitOperations.IsPow2(ChunkBytes) || ChunkBytes < IFileLayer.BlockSize)
        {
            // The engine computes file numbers by shifting and does not check this itself.
            throw Refuse(nameof(ChunkBytes), $"must be a power of two, not {ChunkBytes}");
        }
        if (Guards.ShortRequests && RequestTimeoutMs >= LowerElectionTimeoutMs)
        {
            throw Refuse(
                nameof(RequestTimeoutMs),
                $"{RequestTimeoutMs} must be below LowerElectionTimeoutMs "
                    + $"({LowerElectionTimeoutMs}): votes wait for every member"
            );
        }
        if (LowerElectionTimeoutMs >= UpperElectionTimeoutMs)
        {
            throw Refuse(nameof(LowerElectionTimeoutMs), "must be below UpperElectionTimeoutMs");
        }
        if (Endpoint is not null && Book is null && !Members.Contains(Endpoint))
        {
            throw Refuse(nameof(Members), $"must contain this member, {Endpoint}");
        }
        if (Tls is null && Members.Any(static member => !IPAddress.IsLoopback(member.Address)))
        {
            throw Refuse(nameof(Tls), "must be given: a member is not on the loopback interface");
        }
        if (Members.Count > 1 && Lineage is null)
        {
            throw Refuse(nameof(Lineage), "must be given, the same to every member of a cluster");
        }
    }

    private static InvalidOperationException Refuse(string option, string reason) =>
        new($"{nameof(RaftLogOptions)}.{option} {reason}.");
}

/// <summary>
/// The guards around the consensus engine, each on. Tests switch one off to prove that it is
/// needed; configuration can't.
/// </summary>
internal sealed record GuardSwitches
{
    /// <summary>Entries are durable before an append returns.</summary>
    public bool FlushAppends { get; init; } = true;

    /// <summary>What a peer is handed in one request is capped.</summary>
    public bool CapReads { get; init; } = true;

    /// <summary>The request timeout is below the election timeout.</summary>
    public bool ShortRequests { get; init; } = true;

    /// <summary>A snapshot that arrives is checked before anything is touched.</summary>
    public bool CheckSnapshots { get; init; } = true;

    /// <summary>Entries carry a hash that is checked at start.</summary>
    public bool HashEntries { get; init; } = true;

    /// <summary>Proposals are refused before the disk is full.</summary>
    public bool DiskFloor { get; init; } = true;

    /// <summary>Only one caller at a time waits for a flush.</summary>
    public bool SerialFlush { get; init; } = true;

    /// <summary>Members are stored in a file.</summary>
    public bool StoredMembers { get; init; } = true;
}
