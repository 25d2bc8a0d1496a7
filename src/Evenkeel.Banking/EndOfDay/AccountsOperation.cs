using Evenkeel.Banking.Accounts;
using Evenkeel.Banking.GeneralLedger;
using Evenkeel.Banking.Products;
using Evenkeel.Banking.Storage;
using Evenkeel.Journal;
using Evenkeel.Model;
using Evenkeel.Payments;

namespace Evenkeel.Banking.EndOfDay;

/// <summary>An account whose turn it is, with what the step knows of it.</summary>
/// <param name="Known">The step's document of this account; null when there is none yet.</param>
internal readonly record struct AccountTurn<T>(
    AccountNumber Number,
    AccountDocument Account,
    Product Product,
    T? Known
)
    where T : class;

/// <summary>What a step does to one account.</summary>
/// <param name="After">The step's document as it is to be: by it the step knows that it was here.</param>
internal sealed record AccountWork<T>(T After)
    where T : class
{
    public IReadOnlyList<RecordWrite> Writes { get; init; } = [];

    /// <summary>Of customers' money, with ids of their own.</summary>
    public IReadOnlyList<Transfer> Transfers { get; init; } = [];

    /// <summary>Into the closed day: those of one operation that go the same way become one transfer.</summary>
    public IReadOnlyList<OwnBooking> Bookings { get; init; } = [];
}

/// <summary>Between the bank's own accounts.</summary>
/// <param name="Minor">Above zero.</param>
internal readonly record struct OwnBooking(
    uint Currency,
    GlCode Debit,
    GlCode Credit,
    PostingKind Kind,
    long Minor
);

/// <summary>
/// A step that does the same to every account, many of them in one operation. Each account has a document
/// that the step alone writes, and that tells whether its turn has passed; the operation is guarded by
/// all of them, and its id is made of date, step and the first account in it. So an account is never done
/// twice, and one that an earlier attempt did is not in the next one's operation.
/// </summary>
internal sealed class AccountsOperation<T>(
    Bank bank,
    BusinessDayDocument day,
    string step,
    Collection<T> documents
)
    where T : class
{
    /// <summary>Few enough that what customers ask for meanwhile does not wait long for one operation.</summary>
    private const int AccountsAtATime = 128;

    /// <summary>Reads under way at a time: customers' find room beside them.</summary>
    private const int AccountsAtOnce = 8;

    /// <summary>Bytes of documents in one operation: far below what an operation may have.</summary>
    private const int WriteBytesMax = 256 << 10;

    private const int AttemptsMax = 16;

    /// <summary>Whether an account's turn has not come yet; looked at before anything is computed.</summary>
    public required Func<AccountTurn<T>, bool> IsDue { get; init; }

    /// <summary>Computes from the past alone; null = nothing to do.</summary>
    public required Func<
        AccountTurn<T>,
        InstructionId,
        CancellationToken,
        ValueTask<AccountWork<T>?>
    > Work { get; init; }

    public async ValueTask<StepProgress> RunAsync(
        string? cursor,
        CancellationToken cancellationToken
    )
    {
        var page = await Collections.Accounts.QueryAsync(
            bank.Journal,
            new RecordQuery
            {
                Collection = Collections.Accounts.Name,
                After = cursor,
                Limit = AccountsAtATime,
            },
            cancellationToken
        );
        if (page.Documents.Count > 0)
        {
            await DoAsync(cursor, page.Documents[^1].Key, cancellationToken);
        }
        return new StepProgress(page.Documents.Count, page.Next);
    }

    private async ValueTask DoAsync(string? after, string last, CancellationToken cancellationToken)
    {
        for (var attempt = 1; attempt <= AttemptsMax; attempt++)
        {
            var accounts = await Collections.Accounts.ReadRangeAsync(
                bank.Journal,
                after,
                last,
                cancellationToken
            );
            var known = await documents.ReadRangeAsync(
                bank.Journal,
                after,
                last,
                cancellationToken
            );
            var works = await ComputeAsync(accounts, known, cancellationToken);
            if (await ProposeAsync(works, accounts, known, cancellationToken))
            {
                return;
            }
        }
        throw new EndOfDayException($"Step {step} met other documents at each attempt.");
    }

    private async ValueTask<Dictionary<string, Product>> ProductsAsync(
        IEnumerable<AccountDocument> accounts,
        CancellationToken cancellationToken
    )
    {
        Dictionary<string, Product> products = new(StringComparer.Ordinal);
        foreach (var account in accounts)
        {
            var key = Product.KeyOf(account.Product, account.Currency);
            if (!products.ContainsKey(key))
            {
                var found = await bank.Products.FindAsync(
                    account.Product,
                    account.Currency,
                    cancellationToken
                );
                Check.That(found is not null);
                products[key] = found!;
            }
        }
        return products;
    }

    private async ValueTask<List<(string Key, AccountWork<T> Work)>> ComputeAsync(
        IReadOnlyDictionary<string, (ulong Version, AccountDocument Document)> accounts,
        IReadOnlyDictionary<string, (ulong Version, T Document)> known,
        CancellationToken cancellationToken
    )
    {
        var products = await ProductsAsync(
            accounts.Values.Select(static account => account.Document),
            cancellationToken
        );
        AccountTurn<T>[] turns =
        [
            .. accounts
                .OrderBy(static pair => pair.Key, StringComparer.Ordinal)
                .Select(pair => new AccountTurn<T>(
                    AccountNumber.Parse(pair.Key),
                    pair.Value.Document,
                    products[
                        Product.KeyOf(pair.Value.Document.Product, pair.Value.Document.Currency)
                    ],
                    known.TryGetValue(pair.Key, out var found) ? found.Document : null
                ))
                .Where(IsDue),
        ];
        var works = new AccountWork<T>?[turns.Length];
        await Parallel.ForEachAsync(
            Enumerable.Range(0, turns.Length),
            new ParallelOptions
            {
                MaxDegreeOfParallelism = AccountsAtOnce,
                CancellationToken = cancellationToken,
            },
            async (i, token) =>
                works[i] = await Work(
                    turns[i],
                    StepOperation.IdOf(day.Date, step, turns[i].Number.ToString()),
                    token
                )
        );
        return
        [
            .. Enumerable
                .Range(0, turns.Length)
                .Where(i => works[i] is not null)
                .Select(i => (turns[i].Number.ToString(), works[i]!)),
        ];
    }

    /// <returns>False when the documents have to be read anew.</returns>
    private async ValueTask<bool> ProposeAsync(
        List<(string Key, AccountWork<T> Work)> works,
        IReadOnlyDictionary<string, (ulong Version, AccountDocument Document)> accounts,
        IReadOnlyDictionary<string, (ulong Version, T Document)> known,
        CancellationToken cancellationToken
    )
    {
        var from = 0;
        while (from < works.Count)
        {
            List<RecordWrite> writes = [];
            List<Guard> guards = [];
            var (bytes, to) = (0, from);
            while (to < works.Count && (to == from || bytes < WriteBytesMax))
            {
                var (key, work) = works[to++];
                RecordWrite[] own = [documents.Write(key, work.After), .. work.Writes];
                bytes += own.Sum(static write => write.Json?.Length ?? 0);
                writes.AddRange(own);
                guards.Add(
                    known.TryGetValue(key, out var found)
                        ? new Guard.Version(documents.Key(key), found.Version)
                        : new Guard.Absent(documents.Key(key))
                );
                if (work.Transfers.Count > 0)
                {
                    // What moves a customer's money stands on the account's state as it was seen.
                    guards.Add(
                        new Guard.Version(Collections.Accounts.Key(key), accounts[key].Version)
                    );
                }
            }
            var part = works[from..to];
            var first = part[0].Key;
            var id = StepOperation.IdOf(day.Date, step, first);
            var result = await StepOperation.ProposeAsync(
                bank,
                new Operation
                {
                    Id = new OperationId(id.Value),
                    Principals = [StepOperation.Principal],
                    RequestHash = StepOperation.HashOf(day.Date, step, first),
                    Guards = guards,
                    Writes = writes,
                    Transfers =
                    [
                        .. part.SelectMany(static one => one.Work.Transfers),
                        .. OwnBookings.Of(
                            id,
                            day.Date,
                            part.SelectMany(static one => one.Work.Bookings)
                        ),
                    ],
                },
                cancellationToken
            );
            if (result.Status == OperationStatus.StaleGuard || result.Replayed)
            {
                // One that was done before may have held fewer accounts than this one.
                return false;
            }
            if (result.Status != OperationStatus.Done)
            {
                throw new EndOfDayException(
                    $"Step {step} from {first} was refused: {result.Status} ({result.FailedStatus})."
                );
            }
            from = to;
        }
        return true;
    }
}

/// <summary>Sums bookings between the bank's own accounts: one transfer for each way.</summary>
internal static class OwnBookings
{
    public static IEnumerable<Transfer> Of(
        InstructionId id,
        DateOnly closed,
        IEnumerable<OwnBooking> bookings
    ) =>
        bookings
            .GroupBy(static one => (one.Currency, one.Debit, one.Credit, one.Kind))
            .OrderBy(static way => way.Key)
            .Select(way =>
                EndOfDayPosting.IntoClosed(
                    id,
                    $"{way.Key.Currency}/{(ushort)way.Key.Debit}/{(ushort)way.Key.Credit}",
                    LedgerIds.Of(way.Key.Debit, way.Key.Currency),
                    LedgerIds.Of(way.Key.Credit, way.Key.Currency),
                    way.Sum(static one => one.Minor),
                    way.Key.Currency,
                    way.Key.Kind,
                    closed
                )
            );
}
