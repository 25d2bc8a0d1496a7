using System.Buffers.Binary;
using Evenkeel.Model;
using Npgsql;
using NpgsqlTypes;

namespace Evenkeel.Bench.Peers;

/// <summary>
/// The same work on PostgreSQL: an accounts table with totals, a transfers table with a primary
/// key on the id, both changed in one durable database transaction.
/// </summary>
public sealed class PostgresPeer(PostgresServer server, WorkloadOptions options)
{
    private ulong _runs;

    private const string Schema = """
        DROP TABLE IF EXISTS transfers; DROP TABLE IF EXISTS accounts;
        CREATE TABLE accounts (
          id uuid PRIMARY KEY, ledger int NOT NULL, code int NOT NULL,
          debits_posted bigint NOT NULL DEFAULT 0, credits_posted bigint NOT NULL DEFAULT 0
        ) WITH (fillfactor = 50);
        CREATE TABLE transfers (
          id uuid PRIMARY KEY, debit_account_id uuid NOT NULL, credit_account_id uuid NOT NULL,
          amount bigint NOT NULL, ledger int NOT NULL, code int NOT NULL,
          created_at timestamptz NOT NULL DEFAULT now()
        );
        CREATE OR REPLACE FUNCTION create_transfer(
          t uuid, debit uuid, credit uuid, moved bigint, l int, c int) RETURNS boolean AS $$
        BEGIN
          INSERT INTO transfers (id, debit_account_id, credit_account_id, amount, ledger, code)
            VALUES (t, debit, credit, moved, l, c) ON CONFLICT (id) DO NOTHING;
          IF NOT FOUND THEN RETURN false; END IF;
          -- Always in the order of ids, so that two transfers never deadlock.
          IF debit < credit THEN
            UPDATE accounts SET debits_posted = debits_posted + moved WHERE id = debit AND ledger = l;
            UPDATE accounts SET credits_posted = credits_posted + moved WHERE id = credit AND ledger = l;
          ELSE
            UPDATE accounts SET credits_posted = credits_posted + moved WHERE id = credit AND ledger = l;
            UPDATE accounts SET debits_posted = debits_posted + moved WHERE id = debit AND ledger = l;
          END IF;
          RETURN true;
        END $$ LANGUAGE plpgsql;
        """;

    /// <summary>Makes an empty schema with the accounts.</summary>
    public async Task SetUpAsync(CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken);
        await ExecuteAsync(connection, Schema, cancellationToken);
        await using (
            var import = await connection.BeginBinaryImportAsync(
                "COPY accounts (id, ledger, code) FROM STDIN (FORMAT BINARY)",
                cancellationToken
            )
        )
        {
            for (var i = 0; i < options.Accounts; i++)
            {
                await import.StartRowAsync(cancellationToken);
                await import.WriteAsync(
                    ToGuid(Workload.AccountId(i)),
                    NpgsqlDbType.Uuid,
                    cancellationToken
                );
                await import.WriteAsync((int)Workload.Ledger, cancellationToken);
                await import.WriteAsync((int)Workload.Code, cancellationToken);
            }
            await import.CompleteAsync(cancellationToken);
        }
        await ExecuteAsync(connection, "VACUUM ANALYZE; CHECKPOINT;", cancellationToken);
    }

    /// <summary>One transfer a database transaction, prepared, one connection a client.</summary>
    public async Task<Measurement> OneByOneAsync(
        int clients,
        TimeSpan warmUp,
        TimeSpan duration,
        CancellationToken cancellationToken
    )
    {
        var run = options.ForRun(++_runs);
        var connections = new List<NpgsqlConnection>();
        try
        {
            var requests = new List<LoadRunner.Request>();
            for (var i = 0; i < clients; i++)
            {
                var connection = await OpenAsync(cancellationToken);
                connections.Add(connection);
                requests.Add(await PrepareSingleAsync(connection, new(run, i), cancellationToken));
            }
            return await LoadRunner.RunAsync(
                "PostgreSQL, one transfer a transaction",
                requests,
                batch: 1,
                options.Accounts,
                durable: true,
                warmUp,
                duration,
                cancellationToken
            );
        }
        finally
        {
            foreach (var connection in connections)
            {
                await connection.DisposeAsync();
            }
        }
    }

    /// <summary>The best batched form found: binary COPY into a staging table, then set-based SQL.</summary>
    public async Task<Measurement> BatchedAsync(
        int batch,
        TimeSpan warmUp,
        TimeSpan duration,
        CancellationToken cancellationToken
    )
    {
        await using var connection = await OpenAsync(cancellationToken);
        await ExecuteAsync(
            connection,
            "CREATE TEMP TABLE staging (id uuid, debit_account_id uuid, credit_account_id uuid, amount bigint, ledger int, code int)",
            cancellationToken
        );
        var workload = new Workload(options.ForRun(++_runs), 0);
        return await LoadRunner.RunAsync(
            "PostgreSQL, batched (binary COPY, set-based)",
            [token => CopyBatchAsync(connection, workload, batch, token)],
            batch,
            options.Accounts,
            durable: true,
            warmUp,
            duration,
            cancellationToken
        );
    }

    private static async Task<LoadRunner.Request> PrepareSingleAsync(
        NpgsqlConnection connection,
        Workload workload,
        CancellationToken cancellationToken
    )
    {
        var command = connection.CreateCommand();
        command.CommandText = "SELECT create_transfer($1, $2, $3, $4, $5, $6)";
        NpgsqlDbType[] types =
        [
            NpgsqlDbType.Uuid,
            NpgsqlDbType.Uuid,
            NpgsqlDbType.Uuid,
            NpgsqlDbType.Bigint,
            NpgsqlDbType.Integer,
            NpgsqlDbType.Integer,
        ];
        foreach (var type in types)
        {
            command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = type });
        }
        await command.PrepareAsync(cancellationToken);
        return async token =>
        {
            var t = workload.Next();
            command.Parameters[0].Value = ToGuid(t.Id);
            command.Parameters[1].Value = ToGuid(t.DebitAccountId);
            command.Parameters[2].Value = ToGuid(t.CreditAccountId);
            command.Parameters[3].Value = (long)t.Amount;
            command.Parameters[4].Value = (int)t.Ledger;
            command.Parameters[5].Value = (int)t.Code;
            var created = (bool)(await command.ExecuteScalarAsync(token))!;
            return created ? (1, 0) : (0, 1);
        };
    }

    private static async ValueTask<(int Done, int Refused)> CopyBatchAsync(
        NpgsqlConnection connection,
        Workload workload,
        int batch,
        CancellationToken cancellationToken
    )
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await ExecuteAsync(connection, "TRUNCATE staging", cancellationToken);
        await using (
            var import = await connection.BeginBinaryImportAsync(
                "COPY staging FROM STDIN (FORMAT BINARY)",
                cancellationToken
            )
        )
        {
            for (var i = 0; i < batch; i++)
            {
                var t = workload.Next();
                await import.StartRowAsync(cancellationToken);
                await import.WriteAsync(ToGuid(t.Id), NpgsqlDbType.Uuid, cancellationToken);
                await import.WriteAsync(
                    ToGuid(t.DebitAccountId),
                    NpgsqlDbType.Uuid,
                    cancellationToken
                );
                await import.WriteAsync(
                    ToGuid(t.CreditAccountId),
                    NpgsqlDbType.Uuid,
                    cancellationToken
                );
                await import.WriteAsync((long)t.Amount, cancellationToken);
                await import.WriteAsync((int)t.Ledger, cancellationToken);
                await import.WriteAsync((int)t.Code, cancellationToken);
            }
            await import.CompleteAsync(cancellationToken);
        }
        await using var apply = connection.CreateCommand();
        apply.CommandText = """
            WITH inserted AS (
              INSERT INTO transfers (id, debit_account_id, credit_account_id, amount, ledger, code)
              SELECT id, debit_account_id, credit_account_id, amount, ledger, code FROM staging
              ON CONFLICT (id) DO NOTHING
              RETURNING debit_account_id, credit_account_id, amount),
            moved AS (
              SELECT id, sum(d)::bigint AS d, sum(c)::bigint AS c FROM (
                SELECT debit_account_id AS id, amount AS d, 0 AS c FROM inserted
                UNION ALL SELECT credit_account_id, 0, amount FROM inserted) sides
              GROUP BY id),
            updated AS (
              UPDATE accounts a SET debits_posted = a.debits_posted + m.d, credits_posted = a.credits_posted + m.c
              FROM moved m WHERE a.id = m.id RETURNING 1)
            SELECT (SELECT count(*) FROM inserted)
            """;
        var inserted = (long)(await apply.ExecuteScalarAsync(cancellationToken))!;
        await transaction.CommitAsync(cancellationToken);
        return ((int)inserted, batch - (int)inserted);
    }

    private async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(server.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        return connection;
    }

    private static async Task ExecuteAsync(
        NpgsqlConnection connection,
        string sql,
        CancellationToken cancellationToken
    )
    {
        foreach (
            var statement in sql.Contains("$$", StringComparison.Ordinal) ? [sql] : sql.Split(';')
        )
        {
            if (string.IsNullOrWhiteSpace(statement))
            {
                continue;
            }
            await using var command = connection.CreateCommand();
            // The text is one of this file's constants.
#pragma warning disable CA2100
            command.CommandText = statement;
#pragma warning restore CA2100
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    private static Guid ToGuid(UInt128 id)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, id);
        return new Guid(bytes, bigEndian: true);
    }
}
