using System.Diagnostics;
using System.Net;
using Evenkeel.Journal;
using Evenkeel.Journal.Access;
using Evenkeel.Journal.Decisions;
using Evenkeel.Node.Batching;
using Evenkeel.Node.Checkpoints;
using Evenkeel.Node.Clock;
using Evenkeel.Node.History;
using Evenkeel.Node.Protocol;
using Evenkeel.Node.Quarantine;
using Evenkeel.Node.Reading;
using Evenkeel.Node.Recovery;
using Evenkeel.Node.Telemetry;
using Evenkeel.Records;
using Evenkeel.Replication;
using Microsoft.Extensions.Logging;

namespace Evenkeel.Node;

/// <summary>
/// One node of the primary: log, ledger, history and records under one roof, served in-process by
/// <see cref="Journal"/> and over the network by the binary protocol.
/// </summary>
public sealed partial class EvenkeelNode : IAsyncDisposable
{
    private readonly NodeOptions _options;
    private readonly NodeCore _core;
    private readonly LogClock _clock;
    private readonly Batcher _batcher;
    private readonly Admission _admission;
    private readonly LedgerReads _reads;
    private readonly ClockWatch _watch;
    private readonly NodeScrub? _scrub;
    private readonly LeadershipWatch _leadership;
    private readonly CheckpointSigner? _checkpoints;
    private readonly Keyring _keyring;
    private readonly ILogger _logger;
    private ProtocolServer? _server;
    private volatile Exception? _fatal;
    private volatile bool _stopping;

    private EvenkeelNode(NodeOptions options, NodeCore core, NodeMetrics metrics)
    {
        _options = options;
        _core = core;
        Metrics = metrics;
        _logger = options.Logging.CreateLogger<EvenkeelNode>();
        ClockStampFile? stamps = options.DataDirectory is { } directory
            ? new ClockStampFile(Path.Combine(directory, "clock"))
            : null;
        ulong last = core.Parts.Ledger.LastTimestamp;
        _clock = new LogClock(
            options.Time,
            last,
            stamps?.Read(),
            BootClock.Read(),
            leads: core.IsSole
        );
        _batcher = new Batcher(
            core.Log,
            _clock,
            options.Time,
            () => core.Machine.StateVersion,
            () => core.Machine.HasEntries ? 0 : options.StateVersionMax,
            metrics
        );
        _admission = new Admission(core.Parts, _batcher, options.Budgets, core.DiskProblem);
        _reads = new LedgerReads(core.Parts, core.Log, () => core.Machine.AppliedIndex, OnDamage);
        Journal = new NodeJournal(_batcher, _admission, _reads);
        _keyring = new Keyring(Journal, options.Time);
        Keys = new KeyAdministration(Journal, _keyring, options.Time);
        _watch = new ClockWatch(
            _clock,
            _batcher,
            () => core.Machine.NextExpiry,
            core.IsSole ? null : () => core.Machine.LastEntryTime,
            stamps,
            options.Time,
            _logger
        );
        if (core.Marks is { } marks)
        {
            _scrub = new NodeScrub(core.Parts, marks, options.Time, _logger);
        }
        Decisions = new DecisionQueue(Journal);
        _leadership = new LeadershipWatch(
            core.Log,
            _batcher,
            LastTimestamp,
            // What was foreseen rested on entries that may never be.
            Decisions.DropForecasts,
            Halt,
            options.Time,
            _logger
        );
        _checkpoints = options.DataDirectory is { } signed
            ? CheckpointSigner.Start(
                signed,
                () => core.Log.Status,
                _clock.Now,
                options.Time,
                _logger
            )
            : null;
        AddGauges();
        _ = WatchLogAsync();
    }

    /// <summary>How code of this process proposes and reads.</summary>
    public IJournal Journal { get; }

    /// <summary>Where code of this process decides on records before it proposes.</summary>
    public DecisionQueue Decisions { get; }

    /// <summary>
    /// Whether writes are taken here: this node leads and has applied everything of earlier terms.
    /// No lease: each write is still decided by the log.
    /// </summary>
    public bool IsLeading => _batcher.IsLeading && _core.Log.IsLeader && _fatal is null;

    /// <summary>When this node led last; now while it leads; null if it never has.</summary>
    public DateTimeOffset? LastLedAt => _leadership.LastLedAt;

    /// <summary>The Raft address of the leader, as far as this node knows; null when unknown.</summary>
    public IPEndPoint? Leader => _core.Leader();

    /// <summary>Tells who presents an API key.</summary>
    public IKeyring Keyring => _keyring;

    /// <summary>Issues, lists and revokes API keys.</summary>
    public KeyAdministration Keys { get; }

    public NodeMetrics Metrics { get; }

    /// <summary>Where the binary protocol is served; null when it is not.</summary>
    public IPEndPoint? ProtocolEndpoint => _server?.Endpoint;

    /// <summary>What start-up found and did, one line each; empty when all was well.</summary>
    public IReadOnlyList<string> RecoveryNotes => _core.Notes;

    /// <summary>Where the log stands.</summary>
    public ReplicationStatus Replication => _core.Log.Status;

    /// <summary>Of the log, as far as this node knows.</summary>
    public ulong Term => _core.Log.Term;

    /// <summary>The newest signed checkpoint of the archive; null while there is none.</summary>
    public SignedCheckpoint? LatestCheckpoint => _checkpoints?.Latest;

    /// <summary>The last entry that was applied here.</summary>
    public ulong AppliedIndex => _core.Machine.AppliedIndex;

    /// <summary>The clock that stamps entries.</summary>
    public ClockState Clock => _clock.State;

    /// <summary>Log time now, nanoseconds since the Unix epoch.</summary>
    public ulong LogTime => _clock.Now();

    /// <summary>How the node is.</summary>
    public NodeHealth Health =>
        HealthReport.Make(_fatal, _stopping, _core, _admission, _clock.State, Scrub);

    /// <summary>What reading everything back has found.</summary>
    public ScrubState Scrub => _scrub?.State ?? ScrubState.None;

    /// <summary>Reads history and records back now; returns what was found since the start.</summary>
    public async Task<ScrubState> ScrubAsync()
    {
        await (_scrub?.PassAsync() ?? Task.CompletedTask);
        return Scrub;
    }

    /// <summary>
    /// Recovers what is in the data directory, then serves. Returns when requests are answered; a
    /// member of a cluster answers at once, with "not leader" while it does not lead.
    /// </summary>
    /// <exception cref="IOException">Another process works on the directory.</exception>
    /// <exception cref="System.Net.Sockets.SocketException">The address can't be listened on.</exception>
    public static async Task<EvenkeelNode> StartAsync(
        NodeOptions options,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(options);
        long started = Stopwatch.GetTimestamp();
        var metrics = new NodeMetrics();
        NodeCore core = await NodeCore.OpenAsync(options, metrics, cancellationToken);
        var node = new EvenkeelNode(options, core, metrics);
        try
        {
            foreach (string note in core.Notes)
            {
                node._logger.RecoveryNoted(note);
            }
            if (core.IsSole)
            {
                await node._leadership.FirstLed.WaitAsync(cancellationToken);
            }
            node.Listen();
            node._logger.Serving(
                core.Machine.AppliedIndex,
                core.Parts.Ledger.AccountCount,
                core.Parts.Ledger.IdCount,
                core.Parts.Ledger.HistoryCount,
                (long)Stopwatch.GetElapsedTime(started).TotalMilliseconds
            );
            return node;
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }

    /// <summary>What a majority of the members' clocks say; null when too few were heard.</summary>
    public void BoundClock(ClockMedian? median) => _clock.Bound(median);

    /// <summary>
    /// Digests of the latest positions that members share, oldest first; empty for a bank of one.
    /// </summary>
    public IReadOnlyList<PositionDigest> Digests => _core.Machine.Digests?.Latest ?? [];

    /// <summary>
    /// This node's state is not what the others have made of the same log: it must serve no more.
    /// </summary>
    public void HaltAsWrong(string detail) => Halt(new StateDivergedException(detail));

    /// <summary>The cluster goes on without this node: it must serve no more.</summary>
    public void HaltAsEnded(string detail) => Halt(new MembershipEndedException(detail));

    /// <summary>
    /// Lets this member stand for no election for a while; if it leads it stops doing so, with every
    /// request answered: what was on its way as it came out, what still waited as not done here.
    /// </summary>
    /// <exception cref="InvalidOperationException">A bank of one node has nobody to hand over to.</exception>
    public async Task StandBackAsync(TimeSpan time, CancellationToken cancellationToken)
    {
        if (_core.StandBackAsync is not { } standBack)
        {
            throw new InvalidOperationException("A bank of one node has nobody to hand over to.");
        }
        await standBack(time, cancellationToken);
    }

    /// <summary>Proposes nothing more, and completes when everything on its way is answered.</summary>
    public Task HoldWritesAsync(CancellationToken cancellationToken) =>
        _batcher.HoldAsync(cancellationToken);

    /// <summary>Undoes <see cref="HoldWritesAsync"/>.</summary>
    public void ResumeWrites() => _batcher.Resume();

    /// <summary>
    /// Somebody checked the wall clock and found it right: log time follows it from now on.
    /// </summary>
    /// <returns>The step that was accepted, nanoseconds; 0 when none was pending.</returns>
    public long ConfirmClock()
    {
        long step = _clock.Confirm();
        if (step != 0)
        {
            _logger.ClockConfirmed(step);
        }
        return step;
    }

    /// <summary>
    /// Digest of the ledger's and of the records' state at one index; equal on every node that
    /// applied the same log.
    /// </summary>
    public NodeDigest ComputeDigest()
    {
        lock (_core.Parts.ApplyLock)
        {
            _core.Parts.ThrowIfClosed();
            return new NodeDigest(
                _core.Machine.AppliedIndex,
                _core.Parts.Ledger.Digest(),
                _core.Parts.Records?.Digest ?? 0
            );
        }
    }

    /// <summary>
    /// The index that this leader had applied when a quorum confirmed its leadership, for another
    /// member's read barrier.
    /// </summary>
    /// <exception cref="InvalidOperationException">This node does not lead.</exception>
    /// <exception cref="TimeoutException">No quorum confirmed it in time.</exception>
    public Task<ulong> ConfirmedIndexAsync(CancellationToken cancellationToken) =>
        _core.ConfirmedIndexAsync(cancellationToken);

    /// <summary>Gives other members what they lack; null in a node that keeps nothing.</summary>
    public SeedServer? Seeds => _core.Seeds;

    /// <summary>Commits the next version of the membership (ADR 24).</summary>
    /// <returns>Null when it counts now; else why it certainly or perhaps does not.</returns>
    public Task<string?> ChangeMembersAsync(
        Model.Clusters.ClusterFile next,
        CancellationToken cancellationToken
    ) =>
        _core.Log is RaftLog log
            ? log.ChangeMembersAsync(next, cancellationToken)
            : Task.FromResult<string?>("it is no member of a cluster");

    /// <summary>Takes a newer membership that another member goes by.</summary>
    public Task<bool> CatchUpMembersAsync(
        Model.Clusters.ClusterFile next,
        CancellationToken cancellationToken
    ) =>
        _core.Log is RaftLog log
            ? log.CatchUpMembersAsync(next, cancellationToken)
            : Task.FromResult(false);

    /// <summary>Takes a snapshot now; returns its index when it is durable.</summary>
    public Task<ulong> SnapshotAsync(CancellationToken cancellationToken) =>
        _core.Log.SnapshotAsync(cancellationToken);

    /// <summary>Stops serving, then closes everything.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stopping)
        {
            return;
        }
        _stopping = true;
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
        // Before the ledger's memory goes: gauges read it.
        Metrics.Dispose();
        await _watch.DisposeAsync();
        if (_scrub is not null)
        {
            await _scrub.DisposeAsync();
        }
        await _leadership.DisposeAsync();
        await _batcher.DisposeAsync();
        ulong index = _core.Machine.AppliedIndex;
        if (_checkpoints is not null)
        {
            await SignTheEndAsync(_checkpoints, index);
        }
        await _core.DisposeAsync();
        _keyring.Dispose();
        _reads.Dispose();
        _logger.Stopped(index);
    }

    private void Listen()
    {
        if (_options.Protocol is not { } protocol)
        {
            return;
        }
        var desk = new RequestDesk(_batcher, _admission, _reads);
        _server = new ProtocolServer(protocol, desk, _keyring, _options.Time, Metrics);
        _logger.Listening(_server.Endpoint.ToString(), protocol.Certificate is not null);
    }

    /// <summary>A clean stop leaves no entry that is not covered by a signature.</summary>
    private async Task SignTheEndAsync(CheckpointSigner checkpoints, ulong index)
    {
        long started = Stopwatch.GetTimestamp();
        while (
            _fatal is null
            && _core.Log.Status.ArchiveIndex < index
            && Stopwatch.GetElapsedTime(started).TotalMilliseconds < NodeLimits.LastCheckpointWaitMs
        )
        {
            await Task.Delay(1);
        }
        checkpoints.Sign();
        await checkpoints.DisposeAsync();
    }

    private async Task WatchLogAsync()
    {
        Exception reason = await _core.Log.Faulted;
        if (!_stopping)
        {
            Halt(reason);
        }
    }

    private void Halt(Exception reason)
    {
        _fatal = reason;
        if (_options.DataDirectory is { } directory)
        {
            Note(() => PoisonNote.LeaveIfPoison(reason, Replication.Lineage, directory));
        }
        // Else the next start would stop at the same row.
        OnDamage(reason);
        _logger.Fatal(reason);
        _options.OnFatal(reason);
    }

    private void OnDamage(Exception reason)
    {
        switch (reason)
        {
            case RecordStoreException { IsDamage: true }:
                Note(() => _core.Marks?.MarkRecords());
                _scrub?.Report(reason.Message);
                break;
            case HistoryDamagedException history:
                Note(() => _core.Marks?.MarkHistory(history.Damage));
                _scrub?.Report(reason.Message);
                break;
            default:
                break;
        }
    }

    /// <summary>
    /// Leaves a note for the next start. A disk that takes none must not keep a node from stopping,
    /// nor a read from being answered.
    /// </summary>
    private void Note(Action write)
    {
        try
        {
            write();
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            _logger.NoteFailed(failed.Message);
        }
    }

    private ulong LastTimestamp()
    {
        lock (_core.Parts.ApplyLock)
        {
            _core.Parts.ThrowIfClosed();
            return Math.Max(_core.Parts.Ledger.LastTimestamp, _core.Machine.LastEntryTime);
        }
    }

    private void AddGauges()
    {
        Metrics.Gauge("evenkeel.node.queue_depth", "{request}", () => _batcher.QueueDepth);
        Metrics.Gauge("evenkeel.node.transfer_ids", "{id}", () => _admission.TransferIds);
        Metrics.Gauge(
            "evenkeel.node.transfer_ids_max",
            "{id}",
            () => _admission.Budgets.TransferIdsMax
        );
        Metrics.Gauge("evenkeel.node.accounts", "{account}", () => _admission.Accounts);
        Metrics.Gauge(
            "evenkeel.node.accounts_max",
            "{account}",
            () => _admission.Budgets.AccountsMax
        );
        Metrics.Gauge("evenkeel.node.open_holds", "{hold}", () => _core.Parts.Ledger.OpenHoldCount);
        Metrics.Gauge("evenkeel.node.ledger_memory", "By", () => _core.Parts.Ledger.MemoryBytes);
        Metrics.Gauge(
            "evenkeel.node.history_rows",
            "{row}",
            () => (long)_core.Parts.Ledger.HistoryCount
        );
        Metrics.Gauge(
            "evenkeel.node.applied_index",
            "{entry}",
            () => (long)_core.Machine.AppliedIndex
        );
        Metrics.Gauge("evenkeel.node.log_bytes", "By", () => Replication.LogBytes);
        Metrics.Gauge("evenkeel.node.archive_bytes", "By", () => Replication.ArchiveBytes);
        Metrics.Gauge(
            "evenkeel.node.writes_refused_by_disk",
            "{state}",
            () => _admission.DiskProblem is null ? 0 : 1
        );
        Metrics.Gauge("evenkeel.node.clock_steps", "{step}", () => _clock.State.StepsSeen);
        Metrics.Gauge("evenkeel.node.clock_step_pending", "ns", () => _clock.State.PendingStepNs);
        Metrics.Gauge(
            "evenkeel.node.connections",
            "{connection}",
            () => _server?.ConnectionCount ?? 0
        );
    }
}

/// <summary>A member has made another state of the same log than the others.</summary>
public sealed class StateDivergedException(string message) : Exception(message);

/// <summary>This member was taken out of the cluster, or the cluster went on as another lineage.</summary>
public sealed class MembershipEndedException(string message) : Exception(message);

/// <summary>Digests at one index of the log.</summary>
/// <param name="Index">Applied index.</param>
/// <param name="Ledger">Accounts, limits, holds, counters.</param>
/// <param name="Records">Logical rows of the records; 0 when there are none.</param>
public sealed record NodeDigest(ulong Index, UInt128 Ledger, UInt128 Records);
