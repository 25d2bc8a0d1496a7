using System.Security.Cryptography;
using Evenkeel.Model;

namespace Evenkeel.Journal.Access;

/// <summary>Times and sizes of a <see cref="Keyring"/>.</summary>
public sealed record KeyringOptions
{
    /// <summary>
    /// How long a revocation made through another node may stay unnoticed here. One made through
    /// this keyring is effective before its answer.
    /// </summary>
    public TimeSpan RefreshAfter { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long the last known keys go on deciding while the journal can't be read. Nothing of the
    /// ledger can be read or changed then; what remains reachable is metrics.
    /// </summary>
    public TimeSpan StaleMax { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Keys ever issued, revoked ones included; all of them are kept in memory.</summary>
    public int KeysMax { get; init; } = 10_000;
}

/// <summary>API keys kept as records: authentication here, changes in <see cref="KeyAdministration"/>.</summary>
/// <remarks>
/// All keys are held in memory and read again after <see cref="KeyringOptions.RefreshAfter"/>, so a
/// flood of made-up numbers costs no read.
/// </remarks>
public sealed class Keyring(IJournal journal, TimeProvider time, KeyringOptions? options = null)
    : IKeyring,
        IDisposable
{
    private const int PageSize = 1_000;

    private static readonly byte[] NoHash = new byte[SHA256.HashSizeInBytes];
    private readonly KeyringOptions _options = options ?? new KeyringOptions();
    private readonly SemaphoreSlim _loading = new(1, 1);
    private volatile Snapshot? _snapshot;
    private long _generation;

    private sealed record Entry(KeyIdentity Identity, byte[] Hash, bool Active);

    private sealed record Snapshot(Dictionary<ulong, Entry> Keys, long TakenAt, long Generation);

    public void Dispose() => _loading.Dispose();

    /// <summary>The next question reads the keys again.</summary>
    public void Invalidate() => Interlocked.Increment(ref _generation);

    public async ValueTask<Answer<KeyIdentity?>> AuthenticateAsync(
        string? token,
        CancellationToken cancellationToken
    )
    {
        if (!ApiKeyToken.TryParse(token, out var parsed))
        {
            return new Answer<KeyIdentity?>.Done(null);
        }
        var presented = parsed.Hash();
        switch (await SnapshotAsync(cancellationToken).ConfigureAwait(false))
        {
            case Answer<Snapshot>.Done(var snapshot):
                var entry = snapshot.Keys.GetValueOrDefault(parsed.Number);
                // Compared even when there is no such key, so that time does not tell which exist.
                var same = CryptographicOperations.FixedTimeEquals(
                    presented,
                    entry?.Hash ?? NoHash
                );
                return new Answer<KeyIdentity?>.Done(
                    same && entry is { Active: true } ? entry.Identity : null
                );
            case Answer<Snapshot>.NotDone(var reason, var detail):
                return new Answer<KeyIdentity?>.NotDone(reason, detail);
            default:
                return new Answer<KeyIdentity?>.NotDone(FrameStatus.Unavailable, Unreadable);
        }
    }

    public async ValueTask<Answer<KeyIdentity?>> FindAsync(
        ulong number,
        CancellationToken cancellationToken
    ) =>
        await SnapshotAsync(cancellationToken).ConfigureAwait(false) switch
        {
            Answer<Snapshot>.Done(var snapshot) => new Answer<KeyIdentity?>.Done(
                snapshot.Keys.GetValueOrDefault(number) is { Active: true } e ? e.Identity : null
            ),
            Answer<Snapshot>.NotDone(var reason, var detail) => new Answer<KeyIdentity?>.NotDone(
                reason,
                detail
            ),
            _ => new Answer<KeyIdentity?>.NotDone(FrameStatus.Unavailable, Unreadable),
        };

    private const string Unreadable = "The API keys could not be read; nothing was done.";

    private ValueTask<Answer<Snapshot>> SnapshotAsync(CancellationToken cancellationToken) =>
        _snapshot is { } s && IsFresh(s)
            ? ValueTask.FromResult<Answer<Snapshot>>(new Answer<Snapshot>.Done(s))
            : RefreshAsync(cancellationToken);

    private bool IsFresh(Snapshot s) =>
        s.Generation == Interlocked.Read(ref _generation)
        && time.GetElapsedTime(s.TakenAt) < _options.RefreshAfter;

    private async ValueTask<Answer<Snapshot>> RefreshAsync(CancellationToken cancellationToken)
    {
        await _loading.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_snapshot is { } s && IsFresh(s))
            {
                return new Answer<Snapshot>.Done(s);
            }
            // Both are read before the keys are, so that a change meanwhile makes this one old.
            var generation = Interlocked.Read(ref _generation);
            var takenAt = time.GetTimestamp();
            var answer = await LoadAsync(takenAt, generation, cancellationToken)
                .ConfigureAwait(false);
            if (answer is Answer<Snapshot>.Done(var loaded))
            {
                _snapshot = loaded;
            }
            else if (
                _snapshot is { } last
                && last.Generation == generation
                && time.GetElapsedTime(last.TakenAt) < _options.StaleMax
            )
            {
                return new Answer<Snapshot>.Done(last);
            }
            return answer;
        }
        finally
        {
            _loading.Release();
        }
    }

    private async ValueTask<Answer<Snapshot>> LoadAsync(
        long takenAt,
        long generation,
        CancellationToken cancellationToken
    )
    {
        var keys = new Dictionary<ulong, Entry>();
        string? after = null;
        do
        {
            var query = new RecordQuery
            {
                Collection = KeyRecords.Collection,
                After = after,
                Limit = PageSize,
            };
            var answer = await journal
                .ReadRecordsAsync(query, cancellationToken)
                .ConfigureAwait(false);
            if (answer is not Answer<RecordPage>.Done(var page))
            {
                return answer is Answer<RecordPage>.NotDone(var reason, var detail)
                    ? new Answer<Snapshot>.NotDone(reason, detail)
                    : new Answer<Snapshot>.NotDone(FrameStatus.Unavailable, Unreadable);
            }
            foreach (var record in page.Records)
            {
                var key = KeyRecords.Read(record);
                // A scope of a later version means nothing to this one.
                var known = key.Scopes.Where(ScopeNames.All.Contains);
                Check.That(ScopeNames.TryParse(known, out var scopes, out _));
                var identity = new KeyIdentity(key.Number, key.Name, scopes);
                var hash = Convert.FromHexString(key.Sha256);
                keys.Add(key.Number, new Entry(identity, hash, key.RevokedAt is null));
            }
            Check.That(keys.Count <= _options.KeysMax + PageSize);
            after = page.Next;
        } while (after is not null);
        return new Answer<Snapshot>.Done(new Snapshot(keys, takenAt, generation));
    }
}
