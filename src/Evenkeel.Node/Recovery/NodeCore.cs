using System.Net;
using Evenkeel.Ledger;
using Evenkeel.Ledger.Queries;
using Evenkeel.Node.History;
using Evenkeel.Node.Quarantine;
using Evenkeel.Node.Telemetry;
using Evenkeel.Replication;
using Microsoft.Extensions.Logging;

namespace Evenkeel.Node.Recovery;

/// <summary>The recovered state and its log, before anything is served.</summary>
internal sealed class NodeCore : IAsyncDisposable
{
    public required NodeParts Parts { get; init; }

    public required NodeStateMachine Machine { get; init; }

    public required IReplicatedLog Log { get; init; }

    /// <summary>There are no other members.</summary>
    public required bool IsSole { get; init; }

    /// <summary>Lets this member stand for no election for a while; null when it has no peers.</summary>
    public Func<TimeSpan, CancellationToken, Task>? StandBackAsync { get; init; }

    /// <summary>The Raft address of the leader, as far as this node knows.</summary>
    public required Func<IPEndPoint?> Leader { get; init; }

    /// <summary>What this leader has applied when a quorum has confirmed that it leads.</summary>
    public required Func<CancellationToken, Task<ulong>> ConfirmedIndexAsync { get; init; }

    /// <summary>Gives other members what they lack; null in a node that keeps nothing.</summary>
    public SeedServer? Seeds => (Log as RaftLog)?.Seeds;

    /// <summary>Why writes are refused (disk); null while they are not.</summary>
    public required Func<string?> DiskProblem { get; init; }

    /// <summary>Remembers damage for the next start; null in memory.</summary>
    public DamageMarks? Marks { get; init; }

    /// <summary>What start-up found and did; empty when all was well.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    private string? TemporaryDirectory { get; init; }

    public static Task<NodeCore> OpenAsync(
        NodeOptions options,
        NodeMetrics metrics,
        CancellationToken cancellationToken
    ) =>
        options.DataDirectory is { } directory
            ? OpenFilesAsync(directory, options, metrics, cancellationToken)
            : OpenInMemoryAsync(options, metrics, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await Log.DisposeAsync();
        lock (Parts.ApplyLock)
        {
            Machine.Digests?.GiveWay();
        }
        Parts.Dispose();
        if (TemporaryDirectory is { } directory)
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task<NodeCore> OpenInMemoryAsync(
        NodeOptions options,
        NodeMetrics metrics,
        CancellationToken cancellationToken
    )
    {
        string directory = Directory.CreateTempSubdirectory("evenkeel-").FullName;
        var history = new MemoryHistory();
        var parts = new NodeParts
        {
            History = history,
            Ledger = new LedgerState(options.Ledger, history),
            RecordsPath = Path.Combine(directory, "records.db"),
            RecordIndexes = options.RecordIndexes,
        };
        parts.OpenRecords();
        var machine = new NodeStateMachine(parts, metrics)
        {
            KnownStateVersion = options.StateVersionMax,
        };
        var log = new InMemoryLog(machine);
        await log.StartAsync(cancellationToken);
        return new NodeCore
        {
            Parts = parts,
            Machine = machine,
            Log = log,
            IsSole = true,
            Leader = static () => null,
            ConfirmedIndexAsync = _ => Task.FromResult(machine.AppliedIndex),
            DiskProblem = static () => null,
            Notes = [],
            TemporaryDirectory = directory,
        };
    }

    private static async Task<NodeCore> OpenFilesAsync(
        string directory,
        NodeOptions options,
        NodeMetrics metrics,
        CancellationToken cancellationToken
    )
    {
        var logOptions = options.ConfigureLog(
            new RaftLogOptions { Directory = directory, Time = options.Time }
        );
        Lineage lineage;
        using (DirectoryLock.Acquire(directory))
        {
            lineage = Lineage.OpenOrCreate(logOptions);
        }
        var historyOptions = new HistoryOptions
        {
            Directory = Path.Combine(directory, "history"),
            Lineage = lineage.Id.Value,
            Ancestors = [.. lineage.Ancestors.Select(static a => a.Id.Value)],
        };
        QuarantineSet quarantine = QuarantineSet.Load(directory, lineage);
        var notes = new List<string>();
        var marks = new DamageMarks(directory);
        try
        {
            return marks.History() is { } marked
                ? throw new HistoryDamagedException(marked)
                : await TryOpenAsync();
        }
        catch (HistoryDamagedException damage)
        {
            notes.AddRange(
                HistoryRepair.Run(
                    Path.Combine(directory, "archive"),
                    damage,
                    historyOptions,
                    options,
                    quarantine,
                    cancellationToken
                )
            );
        }
        return await TryOpenAsync();

        async Task<NodeCore> TryOpenAsync()
        {
            FileHistory history = FileHistory.Open(historyOptions);
            var parts = new NodeParts
            {
                History = history,
                Files = history,
                TransferIndex = new FileTransferIndex(history),
                Ledger = new LedgerState(options.Ledger, history),
                RecordsPath = Path.Combine(directory, "records.db"),
                RecordIndexes = options.RecordIndexes,
                RecordsAreMarked = marks.Records,
                Quarantine = quarantine,
                ScratchDirectory = directory,
            };
            var digests = logOptions.Endpoint is null
                ? null
                : new DigestRing(parts, options.Time, options.Logging.CreateLogger<DigestRing>());
            var machine = new NodeStateMachine(parts, metrics)
            {
                KnownStateVersion = options.StateVersionMax,
                Digests = digests,
            };
            var log = new RaftLog(logOptions, machine, options.Logging);
            try
            {
                await log.StartAsync(cancellationToken);
                // A new bank has neither snapshot nor entry that opened them. Entries of a cluster may
                // arrive already.
                lock (parts.ApplyLock)
                {
                    parts.OpenRecords();
                }
            }
            catch (Exception failure)
            {
                await log.DisposeAsync();
                parts.Dispose();
                PoisonNote.LeaveIfPoison(failure, lineage.Id.ToString(), directory);
                throw;
            }
            marks.Clear();
            if (history.Recovery.Cut is { } cut)
            {
                notes.Add($"{cut}; the rows behind it were made again");
            }
            if (parts.RecordsNote is { } records)
            {
                notes.Add(records);
            }
            notes.AddRange(log.Recovery!.Notes.Select(note => note.ToString()));
            return new NodeCore
            {
                Parts = parts,
                Machine = machine,
                Log = log,
                IsSole = logOptions.Endpoint is null,
                Leader = () => log.Leader,
                StandBackAsync = logOptions.Endpoint is null ? null : log.StandBackAsync,
                ConfirmedIndexAsync = log.ConfirmedIndexAsync,
                DiskProblem = new DiskWatch(log, options.Time).Problem,
                Marks = marks,
                Notes = notes,
            };
        }
    }
}
