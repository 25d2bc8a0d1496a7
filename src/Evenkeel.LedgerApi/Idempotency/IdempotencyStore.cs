using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using Evenkeel.Journal;
using Evenkeel.Journal.Access;
using Evenkeel.LedgerApi.Json;
using Evenkeel.LedgerApi.Problems;
using Evenkeel.Model;

namespace Evenkeel.LedgerApi.Idempotency;

/// <summary>A request that came with an <c>Idempotency-Key</c>, as it is kept.</summary>
internal sealed record IdempotencyRecord
{
    /// <summary>SHA-256 of the resource and the events, hexadecimal.</summary>
    public required string Content { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>
    /// The results as they were first answered, 16 bytes each, when any of them is not "created".
    /// Without: not answered yet, or everything was created, which the ledger itself can tell again.
    /// </summary>
    public byte[]? Results { get; init; }
}

/// <param name="IsNew">No earlier attempt was seen.</param>
internal sealed record Claim(RecordKey Key, ulong Version, IdempotencyRecord Record, bool IsNew);

/// <summary>Remembers requests by their key, as records, through the same journal as money.</summary>
internal sealed class IdempotencyStore(IJournal journal, TimeProvider time)
{
    private const int AttemptsMax = 4;

    /// <summary>Takes the key for this content, or finds the attempt that took it.</summary>
    public async ValueTask<Claim> ClaimAsync(
        ApiCall call,
        IdempotencyKey key,
        ReadOnlyMemory<byte> content
    )
    {
        var at = new RecordKey(AccessRules.IdempotencyCollection, key.RecordKey());
        var fresh = new IdempotencyRecord
        {
            Content = Convert.ToHexStringLower(SHA256.HashData(content.Span)),
            CreatedAt = time.GetUtcNow(),
        };
        for (var attempt = 0; attempt < AttemptsMax; attempt++)
        {
            var written = await WriteAsync(call, new Guard.Absent(at), at, fresh);
            if (written == OperationStatus.Done)
            {
                return new Claim(at, 1, fresh, IsNew: true);
            }
            if (await ReadAsync(call, at) is not { } earlier)
            {
                continue;
            }
            if (!string.Equals(earlier.Record.Content, fresh.Content, StringComparison.Ordinal))
            {
                throw new RefusedException(Reasons.IdempotencyKeyReused);
            }
            ApiMeter.Replayed();
            return earlier;
        }
        throw new RefusedException(Reasons.Busy, "Others use the same Idempotency-Key.");
    }

    /// <summary>
    /// Keeps the results before they are answered, and gives back those to answer: the ones of
    /// another attempt when it was first.
    /// </summary>
    public async ValueTask<byte[]> KeepAsync(ApiCall call, Claim claim, byte[] results)
    {
        var version = claim.Version;
        for (var attempt = 0; attempt < AttemptsMax; attempt++)
        {
            var guard = new Guard.Version(claim.Key, version);
            var kept = claim.Record with { Results = results };
            if (await WriteAsync(call, guard, claim.Key, kept) == OperationStatus.Done)
            {
                return results;
            }
            var present = await ReadAsync(call, claim.Key);
            if (present is null or { Record.Results: not null })
            {
                return present?.Record.Results ?? results;
            }
            // A record's versions go on after it was swept, so a claim may start above one.
            version = present.Version;
        }
        throw new RefusedException(Reasons.UnknownOutcome, "Others use the same Idempotency-Key.");
    }

    /// <summary>Deletes what is older than the retention; returns how many records went.</summary>
    public async ValueTask<int> SweepAsync(TimeSpan retention, CancellationToken cancellationToken)
    {
        var removed = 0;
        string? after = null;
        do
        {
            var query = new RecordQuery
            {
                Collection = AccessRules.IdempotencyCollection,
                After = after,
                Limit = SweepPage,
            };
            var answer = await journal.ReadRecordsAsync(query, cancellationToken);
            if (answer is not Answer<RecordPage>.Done(var page))
            {
                return removed;
            }
            var limit = time.GetUtcNow() - retention;
            StoredRecord[] old = [.. page.Records.Where(r => Parse(r).CreatedAt <= limit)];
            if (old.Length > 0)
            {
                var operation = OperationOf(
                    [.. old.Select(r => new Guard.Version(r.Key, r.Version))],
                    [.. old.Select(r => new RecordWrite(r.Key, null))]
                );
                var swept = await journal.ProposeAsync(operation, cancellationToken);
                removed += swept is Answer<OperationResult>.Done({ Status: OperationStatus.Done })
                    ? old.Length
                    : 0;
            }
            after = page.Next;
        } while (after is not null);
        return removed;
    }

    /// <summary>Records of one page of the sweep, and deletions of one operation.</summary>
    private const int SweepPage = 256;

    private async ValueTask<OperationStatus> WriteAsync(
        ApiCall call,
        Guard guard,
        RecordKey key,
        IdempotencyRecord record
    )
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(record, ApiJson.Default.IdempotencyRecord);
        var operation = OperationOf([guard], [new RecordWrite(key, json)]);
        var result = call.Written(await journal.ProposeAsync(operation, call.Proposing()));
        Check.That(result.Status is OperationStatus.Done or OperationStatus.StaleGuard);
        return result.Status;
    }

    private async ValueTask<Claim?> ReadAsync(ApiCall call, RecordKey key)
    {
        var query = new RecordQuery
        {
            Collection = key.Collection,
            Key = key.Key,
            Limit = 1,
        };
        var page = ApiCall.Done(await journal.ReadRecordsAsync(query, call.Ended));
        return page.Records.Count == 0
            ? null
            : new Claim(key, page.Records[0].Version, Parse(page.Records[0]), IsNew: false);
    }

    private static IdempotencyRecord Parse(StoredRecord record) =>
        JsonSerializer.Deserialize(record.Json.Span, ApiJson.Default.IdempotencyRecord)!;

    private static Operation OperationOf(
        IReadOnlyList<Guard> guards,
        IReadOnlyList<RecordWrite> writes
    )
    {
        Span<byte> id = stackalloc byte[16];
        RandomNumberGenerator.Fill(id);
        return new()
        {
            Id = new OperationId(MemoryMarshal.Read<UInt128>(id)),
            Principals = [AccessRules.PrincipalOf(0)],
            Guards = guards,
            Writes = writes,
        };
    }
}
