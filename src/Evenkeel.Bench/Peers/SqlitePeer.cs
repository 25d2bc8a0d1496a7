using System.Buffers.Binary;
using Microsoft.Data.Sqlite;

namespace Evenkeel.Bench.Peers;

/// <summary>The same work on SQLite: WAL, synchronous = FULL, one writer.</summary>
public sealed class SqlitePeer : IDisposable
{
    private readonly WorkloadOptions _options;
    private readonly SqliteConnection _connection;
    private ulong _runs;
    private readonly SqliteCommand _insert;
    private readonly SqliteCommand _debit;
    private readonly SqliteCommand _credit;

    public SqlitePeer(string file, WorkloadOptions options)
    {
        _options = options;
        _connection = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString()
        );
        _connection.Open();
        Execute(
            """
            PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -1000000;
            CREATE TABLE accounts (id BLOB PRIMARY KEY, ledger INT NOT NULL, code INT NOT NULL,
              debits_posted INT NOT NULL DEFAULT 0, credits_posted INT NOT NULL DEFAULT 0) WITHOUT ROWID;
            CREATE TABLE transfers (id BLOB PRIMARY KEY, debit_account_id BLOB NOT NULL, credit_account_id BLOB NOT NULL,
              amount INT NOT NULL, ledger INT NOT NULL, code INT NOT NULL) WITHOUT ROWID;
            """
        );
        _insert = Prepare(
            "INSERT OR IGNORE INTO transfers VALUES ($id, $debit, $credit, $amount, $ledger, $code)"
        );
        _debit = Prepare(
            "UPDATE accounts SET debits_posted = debits_posted + $amount WHERE id = $id"
        );
        _credit = Prepare(
            "UPDATE accounts SET credits_posted = credits_posted + $amount WHERE id = $id"
        );
    }

    public void SetUp()
    {
        using var transaction = _connection.BeginTransaction();
        using var insert = Prepare(
            "INSERT INTO accounts (id, ledger, code) VALUES ($id, $ledger, $code)"
        );
        insert.Transaction = transaction;
        for (var i = 0; i < _options.Accounts; i++)
        {
            Bind(insert, "$id", ToBytes(Workload.AccountId(i)));
            Bind(insert, "$ledger", (long)Workload.Ledger);
            Bind(insert, "$code", (long)Workload.Code);
            insert.ExecuteNonQuery();
        }
        transaction.Commit();
    }

    /// <summary>One durable database transaction for each batch.</summary>
    public Task<Measurement> RunAsync(
        int batch,
        TimeSpan warmUp,
        TimeSpan duration,
        CancellationToken cancellationToken
    )
    {
        var workload = new Workload(_options.ForRun(++_runs), 0);
        return LoadRunner.RunAsync(
            batch == 1 ? "SQLite, one transfer a transaction" : "SQLite, batched",
            [_ => ValueTask.FromResult(Apply(workload, batch))],
            batch,
            _options.Accounts,
            durable: true,
            warmUp,
            duration,
            cancellationToken
        );
    }

    public void Dispose()
    {
        _insert.Dispose();
        _debit.Dispose();
        _credit.Dispose();
        _connection.Dispose();
    }

    private (int Done, int Refused) Apply(Workload workload, int batch)
    {
        using var transaction = _connection.BeginTransaction();
        _insert.Transaction = _debit.Transaction = _credit.Transaction = transaction;
        var done = 0;
        for (var i = 0; i < batch; i++)
        {
            var t = workload.Next();
            var debit = ToBytes(t.DebitAccountId);
            var credit = ToBytes(t.CreditAccountId);
            Bind(_insert, "$id", ToBytes(t.Id));
            Bind(_insert, "$debit", debit);
            Bind(_insert, "$credit", credit);
            Bind(_insert, "$amount", (long)t.Amount);
            Bind(_insert, "$ledger", (long)t.Ledger);
            Bind(_insert, "$code", (long)t.Code);
            if (_insert.ExecuteNonQuery() == 0)
            {
                continue;
            }
            Bind(_debit, "$id", debit);
            Bind(_debit, "$amount", (long)t.Amount);
            _debit.ExecuteNonQuery();
            Bind(_credit, "$id", credit);
            Bind(_credit, "$amount", (long)t.Amount);
            _credit.ExecuteNonQuery();
            done++;
        }
        transaction.Commit();
        return (done, batch - done);
    }

    private SqliteCommand Prepare(string sql)
    {
        var command = _connection.CreateCommand();
        // The text is one of this file's constants.
#pragma warning disable CA2100
        command.CommandText = sql;
#pragma warning restore CA2100
        return command;
    }

    private static void Bind(SqliteCommand command, string name, object value)
    {
        if (command.Parameters.Contains(name))
        {
            command.Parameters[name].Value = value;
        }
        else
        {
            command.Parameters.AddWithValue(name, value);
        }
    }

    private void Execute(string sql)
    {
        using var command = Prepare(sql);
        command.ExecuteNonQuery();
    }

    private static byte[] ToBytes(UInt128 id)
    {
        var bytes = new byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, id);
        return bytes;
    }
}
