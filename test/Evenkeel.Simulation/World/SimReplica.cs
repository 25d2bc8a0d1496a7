using Evenkeel.Ledger;
using Evenkeel.Model;
using Evenkeel.Node;
using Evenkeel.Node.Clock;
using Evenkeel.Node.Telemetry;
using Evenkeel.Replication;

namespace Evenkeel.Simulation.World;

/// <summary>
/// A node's real state: ledger, history, records and the state machine over them, as it stands in the
/// memory of one process.
/// </summary>
internal sealed class SimReplica : IDisposable
{
    private static readonly NodeMetrics s_metrics = new();
    private readonly NodeParts _parts;

    /// <param name="records">The records' database, which survives crashes on its own.</param>
    public SimReplica(SimDisk disk, string records, TimeProvider clock, Bug bug)
    {
        HistoryRow[] rows = disk.Snapshot?.Rows ?? [];
        History = CrashingHistory.Of(rows);
        _parts = new NodeParts
        {
            History = History,
            Ledger = new LedgerState(new LedgerOptions { InitialAccounts = 64 }, History),
            RecordsPath = records,
            ScratchDirectory = Path.GetDirectoryName(records)!,
        };
        Machine = new NodeStateMachine(_parts, s_metrics);
        if (disk.Snapshot is { } snapshot)
        {
            Machine.Restore(snapshot);
            int indexed = bug == Bug.RestoreOneRowShort ? rows.Length - 1 : rows.Length;
            _parts.Ledger.IndexRows(0, rows.AsSpan(0, Math.Max(0, indexed)));
            Chain = snapshot.Chain;
        }
        Clock = new LogClock(clock, Ledger.LastTimestamp, stamp: null, boot: null);
    }

    public NodeStateMachine Machine { get; }

    public CrashingHistory History { get; }

    public LogClock Clock { get; }

    public LedgerState Ledger => _parts.Ledger;

    public ulong AppliedIndex => Machine.AppliedIndex;

    /// <summary>Chain hash after the entry applied last.</summary>
    public ChainHash Chain { get; private set; }

    /// <summary>Of the records' rows; null while they are ahead of the ledger after a crash.</summary>
    public UInt128? RecordsDigest =>
        _parts.Records is not { } records ? 0
        : records.AppliedIndex > AppliedIndex ? null
        : records.Digest;

    public void Apply(ulong index, SimEntry entry, object? context)
    {
        Machine.Apply(new CommittedEntry(index, (ulong)entry.Term, entry.Payload), context);
        Chain = Chain.Next(index, (ulong)entry.Term, entry.Payload);
    }

    /// <summary>Reads a counter of the records, as of now.</summary>
    public long Counter(string collection, string key)
    {
        using var connection = new Microsoft.Data.Sqlite.SqliteConnection(
            $"Data Source={_parts.RecordsPath};Mode=ReadOnly;Pooling=False"
        );
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT value FROM counter WHERE collection = $c AND key = $k";
        command.Parameters.AddWithValue("$c", collection);
        command.Parameters.AddWithValue("$k", key);
        return command.ExecuteScalar() as long? ?? 0;
    }

    public IEnumerable<Account> Accounts()
    {
        for (uint slot = 0; slot < Ledger.AccountCount; slot++)
        {
            Check.That(Ledger.TryGetAccountBySlot(slot, out Account account));
            yield return account;
        }
    }

    public void Dispose() => _parts.Dispose();
}
