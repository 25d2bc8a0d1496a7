using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Evenkeel.Model;

namespace Evenkeel.Journal.Access;

/// <summary>A key that was just made: the only moment at which its token is known.</summary>
public sealed record IssuedKey(KeyRecord Key, ApiKeyToken Token);

/// <summary>What became of a change of keys.</summary>
public enum KeyChange
{
    Done,

    /// <summary>There is no key of this number.</summary>
    NotFound,

    /// <summary>It is the last active key with the admin scope: nobody could issue keys after it.</summary>
    LastAdmin,

    /// <summary>The name or the scopes are not valid.</summary>
    Invalid,

    /// <summary>As many keys as a bank may ever issue.</summary>
    TooMany,

    /// <summary>Others changed the same key over and over; nothing was done.</summary>
    Contended,
}

public sealed record IssueOutcome(KeyChange Change, IssuedKey? Issued);

public sealed record RevokeOutcome(KeyChange Change, KeyRecord? Key);

public sealed record KeyPage(IReadOnlyList<KeyRecord> Keys, ulong? Next);

/// <summary>Issues, lists and revokes keys, by operations like any other change.</summary>
public sealed class KeyAdministration(
    IJournal journal,
    Keyring keyring,
    TimeProvider time,
    KeyringOptions? options = null
)
{
    public const int NameCharsMax = 64;
    private const int AttemptsMax = 8;
    private const int PageSize = 1_000;

    private readonly KeyringOptions _options = options ?? new KeyringOptions();

    /// <summary>Issues a key under the next free number.</summary>
    /// <param name="issuedBy">The number of the issuing key; 0 = the node itself.</param>
    /// <param name="firstOnly">Refuse with <see cref="KeyChange.Contended"/> when there is any key.</param>
    public ValueTask<Answer<IssueOutcome>> IssueAsync(
        string name,
        KeyScopes scopes,
        ulong issuedBy,
        bool firstOnly,
        CancellationToken cancellationToken
    ) => IssueAsync(name, scopes, issuedBy, firstOnly, given: null, cancellationToken);

    /// <inheritdoc cref="IssueAsync(string, KeyScopes, ulong, bool, CancellationToken)"/>
    /// <param name="given">The token to issue, when its number is the next free one; null makes one.</param>
    internal async ValueTask<Answer<IssueOutcome>> IssueAsync(
        string name,
        KeyScopes scopes,
        ulong issuedBy,
        bool firstOnly,
        ApiKeyToken? given,
        CancellationToken cancellationToken
    )
    {
        if (
            !IsName(name)
            || scopes == KeyScopes.None
            || (scopes & ~KeyScopes.All) != KeyScopes.None
        )
        {
            return Refused(KeyChange.Invalid);
        }
        for (var attempt = 0; attempt < AttemptsMax; attempt++)
        {
            var last = await LastNumberAsync(cancellationToken).ConfigureAwait(false);
            if (last is not Answer<ulong>.Done(var number))
            {
                return Forward<IssueOutcome, ulong>(last);
            }
            if (number >= (ulong)_options.KeysMax)
            {
                return Refused(KeyChange.TooMany);
            }
            if (firstOnly && number > 0)
            {
                return Refused(KeyChange.Contended);
            }
            if (given is not null && given.Number != number + 1)
            {
                return Refused(KeyChange.Invalid);
            }
            var token = given ?? ApiKeyToken.Create(number + 1);
            var key = new KeyRecord
            {
                Number = token.Number,
                Name = name,
                Scopes = scopes.ToNames(),
                Sha256 = Convert.ToHexStringLower(token.Hash()),
                CreatedAt = time.GetUtcNow(),
                CreatedBy = issuedBy,
            };
            List<Guard> guards = [new Guard.Absent(KeyRecords.KeyOf(key.Number))];
            if (scopes.HasFlag(KeyScopes.Admin))
            {
                guards.Add(AdminsBy(+1));
            }
            var answer = await ProposeAsync(guards, key, issuedBy, cancellationToken)
                .ConfigureAwait(false);
            if (answer is not Answer<OperationResult>.Done(var result))
            {
                return Forward<IssueOutcome, OperationResult>(answer);
            }
            if (result.Status == OperationStatus.Done)
            {
                return new Answer<IssueOutcome>.Done(
                    new(KeyChange.Done, new IssuedKey(key, token))
                );
            }
            Check.That(result.Status == OperationStatus.StaleGuard);
        }
        return Refused(KeyChange.Contended);

        static Answer<IssueOutcome> Refused(KeyChange why) =>
            new Answer<IssueOutcome>.Done(new(why, null));
    }

    /// <summary>Revokes a key for ever. Revoking a revoked one changes nothing and is done.</summary>
    public async ValueTask<Answer<RevokeOutcome>> RevokeAsync(
        ulong number,
        ulong revokedBy,
        CancellationToken cancellationToken
    )
    {
        for (var attempt = 0; attempt < AttemptsMax; attempt++)
        {
            var found = await ReadAsync(number, cancellationToken).ConfigureAwait(false);
            if (found is not Answer<StoredRecord?>.Done(var record))
            {
                return Forward<RevokeOutcome, StoredRecord?>(found);
            }
            if (record is null)
            {
                return Ended(KeyChange.NotFound, null);
            }
            var key = KeyRecords.Read(record);
            if (key.RevokedAt is not null)
            {
                return Ended(KeyChange.Done, key);
            }
            var revoked = key with { RevokedAt = time.GetUtcNow(), RevokedBy = revokedBy };
            List<Guard> guards = [new Guard.Version(record.Key, record.Version)];
            if (key.Scopes.Contains(KeyScopes.Admin.ToNames()[0], StringComparer.Ordinal))
            {
                // A counter, so that two admins who revoke each other at once can't both succeed.
                guards.Add(AdminsBy(-1));
            }
            var answer = await ProposeAsync(guards, revoked, revokedBy, cancellationToken)
                .ConfigureAwait(false);
            if (answer is not Answer<OperationResult>.Done(var result))
            {
                return Forward<RevokeOutcome, OperationResult>(answer);
            }
            switch (result.Status)
            {
                case OperationStatus.Done:
                    return Ended(KeyChange.Done, revoked);
                case OperationStatus.CounterOutOfBounds:
                    return Ended(KeyChange.LastAdmin, key);
                default:
                    Check.That(result.Status == OperationStatus.StaleGuard);
                    break;
            }
        }
        return Ended(KeyChange.Contended, null);

        static Answer<RevokeOutcome> Ended(KeyChange change, KeyRecord? key) =>
            new Answer<RevokeOutcome>.Done(new(change, key));
    }

    /// <summary>One key, or null in <see cref="Answer{T}.Done"/> when there is none.</summary>
    public async ValueTask<Answer<KeyRecord?>> FindAsync(
        ulong number,
        CancellationToken cancellationToken
    )
    {
        var answer = await ReadAsync(number, cancellationToken).ConfigureAwait(false);
        return answer is Answer<StoredRecord?>.Done(var record)
            ? new Answer<KeyRecord?>.Done(record is null ? null : KeyRecords.Read(record))
            : Forward<KeyRecord?, StoredRecord?>(answer);
    }

    /// <summary>Keys in the order of their numbers, revoked ones included.</summary>
    public async ValueTask<Answer<KeyPage>> ListAsync(
        ulong after,
        int limit,
        CancellationToken cancellationToken
    )
    {
        var query = new RecordQuery
        {
            Collection = KeyRecords.Collection,
            After = after == 0 ? null : KeyRecords.KeyOf(after).Key,
            Limit = limit,
        };
        var answer = await journal.ReadRecordsAsync(query, cancellationToken).ConfigureAwait(false);
        if (answer is not Answer<RecordPage>.Done(var page))
        {
            return Forward<KeyPage, RecordPage>(answer);
        }
        KeyRecord[] keys = [.. page.Records.Select(KeyRecords.Read)];
        return new Answer<KeyPage>.Done(
            new(keys, page.Next is null || keys.Length == 0 ? null : keys[^1].Number)
        );
    }

    private static Guard.Counter AdminsBy(long delta) =>
        new(KeyRecords.ActiveAdmins, delta, Min: 1, Max: long.MaxValue);

    private static bool IsName(string name) =>
        name.Length is > 0 and <= NameCharsMax && !name.Any(char.IsControl);

    private async ValueTask<Answer<OperationResult>> ProposeAsync(
        List<Guard> guards,
        KeyRecord key,
        ulong by,
        CancellationToken cancellationToken
    )
    {
        Span<byte> id = stackalloc byte[16];
        RandomNumberGenerator.Fill(id);
        var operation = new Operation
        {
            Id = new OperationId(MemoryMarshal.Read<UInt128>(id)),
            Principals = [AccessRules.PrincipalOf(by)],
            Guards = guards,
            Writes = [KeyRecords.Write(key)],
        };
        try
        {
            return await journal.ProposeAsync(operation, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            // Also when the outcome is unknown: what was cached may be wrong either way.
            keyring.Invalidate();
        }
    }

    private async ValueTask<Answer<StoredRecord?>> ReadAsync(
        ulong number,
        CancellationToken cancellationToken
    )
    {
        var query = new RecordQuery
        {
            Collection = KeyRecords.Collection,
            Key = KeyRecords.KeyOf(number).Key,
            Limit = 1,
        };
        var answer = await journal.ReadRecordsAsync(query, cancellationToken).ConfigureAwait(false);
        return answer is Answer<RecordPage>.Done(var page)
            ? new Answer<StoredRecord?>.Done(page.Records.Count == 0 ? null : page.Records[0])
            : Forward<StoredRecord?, RecordPage>(answer);
    }

    private async ValueTask<Answer<ulong>> LastNumberAsync(CancellationToken cancellationToken)
    {
        var last = 0ul;
        for (ulong? after = 0; after is not null; )
        {
            var answer = await ListAsync(after.Value, PageSize, cancellationToken)
                .ConfigureAwait(false);
            if (answer is not Answer<KeyPage>.Done(var page))
            {
                return Forward<ulong, KeyPage>(answer);
            }
            last = page.Keys.Count == 0 ? last : page.Keys[^1].Number;
            after = page.Next;
        }
        return new Answer<ulong>.Done(last);
    }

    private static Answer<TTo> Forward<TTo, TFrom>(Answer<TFrom> answer) =>
        answer switch
        {
            Answer<TFrom>.NotDone(var reason, var detail) => new Answer<TTo>.NotDone(
                reason,
                detail
            ),
            Answer<TFrom>.Unknown(var detail) => new Answer<TTo>.Unknown(detail),
            _ => throw new InvariantException("A done answer has a value of its own."),
        };
}
