using System.Diagnostics;
using System.Net;
using DotNext.Net.Cluster.Consensus.Raft;
using DotNext.Net.Cluster.Consensus.Raft.Membership;
using DotNext.Net.Cluster.Consensus.Raft.StateMachine;
using Evenkeel.Model;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Evenkeel.Replication;

/// <summary>
/// The replicated log on DotNext.Net.Cluster, one member or several by the same code. Nothing is
/// acknowledged before it is durable on a quorum and applied here.
/// </summary>
public sealed partial class RaftLog : IReplicatedLog
{
    /// <summary>Pause between looks for a leadership that ended as soon as it was seen.</summary>
    private const int LeadershipLookMs = 5;

    private readonly RaftLogOptions options;
    private readonly IStateMachine machine;
    private readonly ILoggerFactory loggerFactory;
    private readonly ILogger logger;
    private readonly TaskCompletionSource<Exception> faulted;
    private readonly CancellationTokenSource stopping = new();
    private readonly bool sole;
    private readonly ReadBarriers barriers;
    private DirectoryLock? directoryLock;
    private Lineage? lineage;
    private ArchiveWriter? archive;
    private FileHashes? hashes;
    private ReplicaState? replica;
    private DurableLog? engineLog;
    private RaftCluster? cluster;
    private MemberList? memberList;
    private Task watcher = Task.CompletedTask;
    private volatile bool started;
    private volatile bool refusing;
    private int disposed;
    private int standingBack;

    public RaftLog(
        RaftLogOptions options,
        IStateMachine machine,
        ILoggerFactory? loggerFactory = null
    )
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(machine);
        options.Validate();
        this.options = options;
        this.machine = machine;
        this.loggerFactory = loggerFactory ?? NullLoggerFactory.Instance;
        logger = this.loggerFactory.CreateLogger<RaftLog>();
        sole = options.Endpoint is null;
        faulted = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Faulted = faulted.Task;
        barriers = new ReadBarriers(
            BarrierAsync,
            TimeSpan.FromMilliseconds(options.ReadBarrierTimeoutMs)
        );
        Disk = new DiskGuard(
            options.Directory,
            options.Guards.DiskFloor ? options.DiskFloorBytes : 0,
            options.Files,
            options.Time
        );
    }

    /// <summary>The advertised address of the member that leads, as far as this one knows.</summary>
    public IPEndPoint? Leader => started ? cluster?.Leader?.EndPoint as IPEndPoint : null;

    /// <summary>Whether the volume has room; proposals are refused while it has not.</summary>
    public DiskGuard Disk { get; }

    /// <summary>What start-up found. Null before <see cref="StartAsync"/> completed.</summary>
    public RecoveryReport? Recovery { get; private set; }

    /// <summary>Directory of the archive segments, for readers.</summary>
    public string ArchiveDirectory => Path.Combine(options.Directory, "archive");

    /// <summary>Gives other members what they lack. Null before <see cref="StartAsync"/> completed.</summary>
    public SeedServer? Seeds { get; private set; }

    public Task<Exception> Faulted { get; }

    public bool IsLeader
    {
        get
        {
            try
            {
                return started
                    && !faulted.Task.IsCompleted
                    && cluster is { } running
                    && !running.LeadershipToken.IsCancellationRequested;
            }
            catch (UnreachableException)
            {
                return false;
            }
        }
    }

    public ulong Term => engineLog is { } log ? (ulong)((IPersistentState)log).Term : 0;

    /// <summary>The last archived position of this history.</summary>
    public LogPosition Position
    {
        get
        {
            var point = archive?.Written ?? default;
            return new(lineage?.Id ?? default, point.Index, point.Chain);
        }
    }

    public ReplicationStatus Status
    {
        get
        {
            var point = archive?.Written ?? default;
            return new ReplicationStatus
            {
                CommitIndex = (ulong)(engineLog?.LastCommittedEntryIndex ?? 0),
                AppliedIndex = replica?.AppliedIndex ?? 0,
                SnapshotIndex = replica?.SnapshotIndex ?? 0,
                ArchiveIndex = point.Index,
                ChainHash = point.Chain.ToString(),
                Lineage = lineage?.Id.ToString() ?? "",
                LogBytes = BytesIn(EngineDirectory),
                ArchiveBytes = archive?.Bytes ?? 0,
                RefusingWrites = WhyRefusing(),
            };
        }
    }

    /// <summary>For tests of the guards.</summary>
    internal DurableLog Engine => engineLog!;

    private string EngineDirectory => Path.Combine(options.Directory, "raft");

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        Check.That(!started && disposed == 0);
        var clock = Stopwatch.GetTimestamp();
        directoryLock = DirectoryLock.Acquire(options.Directory);
        lineage = Lineage.OpenOrCreate(
            options.Directory,
            options.Lineage,
            options.Random,
            options.Files
        );
        Directory.CreateDirectory(ArchiveDirectory);
        Directory.CreateDirectory(EngineDirectory);
        var store = new SnapshotStore(
            Path.Combine(options.Directory, "snapshots"),
            lineage.Id,
            options.Files
        )
        {
            Ancestors = lineage.Ancestors,
        };
        var recovered = new Recovery(options, machine, store)
        {
            Lineage = lineage,
            ArchiveDirectory = ArchiveDirectory,
            EngineDirectory = EngineDirectory,
        }.Run(cancellationToken);
        hashes = new FileHashes(options.Directory, options.Time, logger);
        store.RememberHashes(hashes);
        archive = new ArchiveWriter(
            ArchiveDirectory,
            lineage.Id,
            recovered.Archive,
            options.SegmentBytesMax,
            options.Files,
            Fail
        );
        replica = new ReplicaState(
            options,
            machine,
            archive,
            store,
            recovered,
            [.. InitialMembers().Select(static member => member.ToString())],
            hashes,
            logger,
            Fail
        );
        await StartEngineAsync(recovered, cancellationToken);
        // The engine has its term and its vote in its own files now.
        File.Delete(Path.Combine(options.Directory, MemberStart.SeededName));
        File.Delete(Path.Combine(options.Directory, MemberStart.FoundingMarker));
        Seeds = new SeedServer(options, this, store, lineage, hashes);
        Report(recovered, Stopwatch.GetElapsedTime(clock));
    }

    public async ValueTask<Leadership> WaitForLeadershipAsync(CancellationToken cancellationToken)
    {
        Check.That(started);
        while (true)
        {
            var ended = await cluster!.WaitForLeadershipAsync(cancellationToken);
            // Read after the token: a later candidacy of ours has ended that leadership first.
            var term = engineLog!.OwnTerm;
            if (!ended.IsCancellationRequested)
            {
                return new Leadership(term, ended);
            }
            await Task.Delay(LeadershipLookMs, cancellationToken);
        }
    }

    /// <summary>Proposes in the term of this node's latest leadership.</summary>
    public ValueTask<ProposalOutcome> ProposeAsync(
        ReadOnlyMemory<byte> payload,
        object? context,
        CancellationToken cancellationToken
    ) => ProposeAsync(payload, context, engineLog?.OwnTerm ?? 0, cancellationToken);

    public async ValueTask<ProposalOutcome> ProposeAsync(
        ReadOnlyMemory<byte> payload,
        object? context,
        ulong term,
        CancellationToken cancellationToken
    )
    {
        Check.That(payload.Length <= Limits.EntryBytesMax);
        if (
            !started
            || disposed != 0
            || faulted.Task.IsCompleted
            || cancellationToken.IsCancellationRequested
            || !Admit(payload.Length)
        )
        {
            return ProposalOutcome.Refused;
        }
        var proposal = new Proposal(term, context);
        try
        {
            await cluster!.ReplicateAsync(
                new BinaryLogEntry
                {
                    // Never the log's term: it rises before the engine notices that it is deposed,
                    // and an entry of ours in a term of another's would be a second entry of the
                    // same name.
                    Term = (long)term,
                    Content = payload,
                    CommandId = DurableLog.EntryMark,
                    Context = proposal,
                },
                cancellationToken
            );
            // The engine only knows that something was applied at this index.
            return proposal.IsApplied ? ProposalOutcome.Committed : ProposalOutcome.Unknown;
        }
        catch (OtherTermException)
        {
            return ProposalOutcome.Refused;
        }
        catch (NotLeaderException notLeader)
        {
            // Without a cause it was thrown before anything was appended.
            return notLeader.InnerException is null
                ? ProposalOutcome.Refused
                : ProposalOutcome.Unknown;
        }
        catch (OperationCanceledException)
        {
            return ProposalOutcome.Unknown;
        }
        catch (ObjectDisposedException)
        {
            return ProposalOutcome.Unknown;
        }
        catch (Exception broken)
        {
            // The engine's log failed while the entry was on its way.
            Fail(broken);
            return ProposalOutcome.Unknown;
        }
    }

    public async ValueTask ReadBarrierAsync(CancellationToken cancellationToken)
    {
        Check.That(started);
        if (sole && IsLeader)
        {
            // Nobody else can have acknowledged anything, and what this node did is applied.
            return;
        }
        await barriers.PassAsync(cancellationToken);
    }

    /// <summary>
    /// The index that this leader had applied when a quorum confirmed its leadership, for a
    /// follower's read barrier.
    /// </summary>
    /// <exception cref="InvalidOperationException">This node does not lead.</exception>
    public async Task<ulong> ConfirmedIndexAsync(CancellationToken cancellationToken)
    {
        Check.That(started);
        if (!IsLeader)
        {
            throw new InvalidOperationException("This node does not lead.");
        }
        await barriers.PassAsync(cancellationToken);
        return replica!.AppliedIndex;
    }

    /// <summary>
    /// Stands for no election for a while, and leads no more if it did; it votes and follows. No time
    /// lets it stand again at once. The engine has no transfer of leadership, and who resigns is
    /// elected again at once.
    /// </summary>
    public async Task StandBackAsync(TimeSpan time, CancellationToken cancellationToken)
    {
        Check.That(started && !sole);
        if (time <= TimeSpan.Zero)
        {
            Interlocked.Increment(ref standingBack);
            await cluster!.RevertToNormalModeAsync(cancellationToken);
            return;
        }
        await cluster!.EnableStandbyModeAsync(cancellationToken);
        _ = StandAgainAsync(time, Interlocked.Increment(ref standingBack));
    }

    private async Task StandAgainAsync(TimeSpan time, int asked)
    {
        await Task.Delay(time, options.Time, stopping.Token)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        try
        {
            // Unless somebody asked anew meanwhile.
            if (asked == Volatile.Read(ref standingBack))
            {
                await cluster!.RevertToNormalModeAsync(stopping.Token);
            }
        }
        catch (Exception ended)
            when (ended is OperationCanceledException or ObjectDisposedException)
        {
            // Stopping.
        }
        catch (Exception failure)
        {
            // A member that never stands again is worse than one that is started again.
            Fail(failure);
        }
    }

    public Task<ulong> SnapshotAsync(CancellationToken cancellationToken)
    {
        Check.That(started);
        return replica!.SnapshotAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) != 0)
        {
            return;
        }
        await stopping.CancelAsync();
        if (cluster is not null)
        {
            await cluster.DisposeAsync();
        }
        if (engineLog is not null)
        {
            await engineLog.DisposeAsync();
        }
        // The archive first: a snapshot that is being written may wait for it, and on a full disk
        // it would wait for ever.
        archive?.Dispose();
        if (replica is not null)
        {
            await replica.StopAsync();
        }
        await watcher.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Seeds?.Dispose();
        if (hashes is not null)
        {
            await hashes.DisposeAsync();
        }
        directoryLock?.Dispose();
        stopping.Dispose();
    }

    private async Task BarrierAsync(CancellationToken cancellationToken)
    {
        long index;
        if (IsLeader)
        {
            // Everything that anybody acknowledged before is at or before this index: this log has
            // all that earlier leaders committed. Then a quorum says that no other leads by now.
            index = engineLog!.LastEntryIndex;
            await cluster!.ForceReplicationAsync(cancellationToken);
        }
        else if (Leader is { } leader && options.ConfirmAtLeader is { } confirm)
        {
            index = checked((long)await confirm(leader, cancellationToken));
        }
        else
        {
            throw new InvalidOperationException("Nobody leads as far as this node knows.");
        }
        await engineLog!.WaitForApplyAsync(index, cancellationToken);
    }

    private async Task StartEngineAsync(
        RecoveredState recovered,
        CancellationToken cancellationToken
    )
    {
        engineLog = new DurableLog(
            new WriteAheadLog.Options
            {
                Location = EngineDirectory,
                ChunkSize = options.ChunkBytes,
                HashAlgorithm = options.Guards.HashEntries
                    ? WriteAheadLog.IntegrityHashAlgorithm.XxHash3
                    : WriteAheadLog.IntegrityHashAlgorithm.None,
                // Mapped files would end the process with SIGBUS on a full disk, and direct
                // writes are twice as fast here (ADR 0005).
                MemoryManagement = WriteAheadLog.MemoryManagementStrategy.PrivateMemory,
                NoBuffering = true,
            },
            replica!,
            options.Guards,
            options.ReadPageBytesMax
        );
        watcher = WatchEngineAsync(engineLog, stopping.Token);
        if (!sole && SeededState.Read(options.Directory) is { } seeded)
        {
            await TermStart.TakeOverAsync(engineLog, seeded, cancellationToken);
        }
        if (InitialMembers() is [var only] && (sole || only.Equals(options.Endpoint)))
        {
            await TermStart.BeginAsync(engineLog, recovered.Archive.Term, only, cancellationToken);
        }
        engineLog.LeadInStoredTerm();
        var membersPath = Path.Combine(options.Directory, MembershipBook.ListName);
        if (options.Book is { } book)
        {
            book.Keep(options.Files);
            engineLog.MayStand = MayStandAsync;
        }
        else if (
            MemberStorage.Initialize(membersPath, InitialMembers(), sole, options.Files) is { } note
        )
        {
            recovered.Notes.Add(note);
        }
        cluster = new RaftCluster(Configure(membersPath)) { AuditTrail = engineLog };
        await cluster.StartAsync(cancellationToken);
        started = true;
    }

    private RaftCluster.NodeConfiguration Configure(string membersPath)
    {
        IClusterConfigurationStorage<EndPoint>? storage = memberList = options.Book is { } book
            ? new MemberList(book, options.Files)
            : null;
        storage ??= options.Guards.StoredMembers ? new MemberStorage(membersPath) : null;
        var limited = new RateLimitedLoggerFactory(loggerFactory, options.Time);
        var request = TimeSpan.FromMilliseconds(options.RequestTimeoutMs);
        var connect = TimeSpan.FromMilliseconds(options.ConnectTimeoutMs);
        if (options.Endpoint is { } endpoint)
        {
            return new RaftCluster.TcpConfiguration(options.ListenEndpoint ?? endpoint)
            {
                PublicEndPoint = endpoint,
                ConfigurationStorage = storage!,
                LowerElectionTimeout = options.LowerElectionTimeoutMs,
                UpperElectionTimeout = options.UpperElectionTimeoutMs,
                RequestTimeout = request,
                ConnectTimeout = connect,
                HeartbeatThreshold = options.HeartbeatThreshold,
                ColdStart = false,
                LoggerFactory = limited,
                SslOptions = options.Tls?.ForEngine(),
            };
        }
        var network = new SoleMember();
        return new RaftCluster.CustomTransportConfiguration(SoleMember.Name, network, network)
        {
            ConfigurationStorage = storage!,
            LowerElectionTimeout = options.LowerElectionTimeoutMs,
            UpperElectionTimeout = options.UpperElectionTimeoutMs,
            RequestTimeout = request,
            ConnectTimeout = connect,
            HeartbeatThreshold = options.HeartbeatThreshold,
            ColdStart = false,
            LoggerFactory = limited,
        };
    }

    private IReadOnlyList<IPEndPoint> InitialMembers() =>
        sole ? [SoleMember.Name]
        : options.Book is { } book ? [.. book.Current.Members.Select(static m => m.RaftEndpoint)]
        : options.Members;

    /// <summary>Waits for an entry that never comes: the engine breaks the wait when it fails.</summary>
    private async Task WatchEngineAsync(DurableLog log, CancellationToken cancellationToken)
    {
        try
        {
            await log.WaitForApplyAsync(long.MaxValue, cancellationToken);
        }
        catch (Exception ended)
            when (ended is OperationCanceledException or ObjectDisposedException)
        {
            // Stopping.
        }
        catch (Exception failure)
        {
            Fail(failure);
        }
    }

    private void Fail(Exception failure)
    {
        if (disposed == 0 && faulted.TrySetResult(failure))
        {
            logger.LogFaulted(failure);
        }
    }

    private bool Admit(int bytes)
    {
        var admitted =
            Disk.Admit(bytes) && replica!.BacklogBytes + bytes <= options.BacklogBytesMax;
        if (admitted == refusing)
        {
            refusing = !admitted;
            if (admitted)
            {
                logger.ProposalsResumed();
            }
            else
            {
                logger.ProposalsRefused(WhyRefusing() ?? "backlog");
            }
        }
        return admitted;
    }

    private string? WhyRefusing()
    {
        if (Disk.Reason is { } full)
        {
            return full;
        }
        return replica is { } state && state.BacklogBytes > options.BacklogBytesMax
            ? $"{state.BacklogBytes >> 20} MiB of entries wait for a snapshot"
            : null;
    }

    private void Report(RecoveredState recovered, TimeSpan duration)
    {
        Recovery = new RecoveryReport
        {
            Lineage = recovered.Lineage.Id,
            SnapshotIndex = recovered.Snapshot.Index,
            EntriesFromArchive = recovered.EntriesFromArchive,
            EntriesFromLog = replica!.FromEngine,
            Notes = recovered.Notes,
            Duration = duration,
        };
        foreach (var note in recovered.Notes)
        {
            logger.RecoveryNoted(note.ToString());
        }
        logger.LogStarted(
            Recovery.Lineage.ToString(),
            Recovery.SnapshotIndex,
            Recovery.EntriesFromArchive,
            Recovery.EntriesFromLog,
            (long)duration.TotalMilliseconds
        );
    }

    private static long BytesIn(string directory) =>
        !Directory.Exists(directory)
            ? 0
            : new DirectoryInfo(directory)
                .EnumerateFiles("*", SearchOption.AllDirectories)
                .Sum(static file => file.Exists ? file.Length : 0);
}
