using System.Numerics;
using System.Reflection;
using System.Runtime.InteropServices;
using Evenkeel.Ledger.Queries;
using Evenkeel.Ledger.Tests.Naive;
using Evenkeel.Model;

namespace Evenkeel.Ledger.Tests.Agreement;

/// <summary>How often each status was answered, over all runs of a test.</summary>
internal sealed class StatusCounts
{
    public Dictionary<CreateAccountStatus, int> Accounts { get; } = [];
    public Dictionary<CreateTransferStatus, int> Transfers { get; } = [];
    public Dictionary<UpdateAccountStatus, int> Updates { get; } = [];
    public Dictionary<ChangeEventType, int> Movements { get; } = [];

    /// <summary>Every flag that some event had when it succeeded.</summary>
    public AccountFlags AccountFlags { get; set; }

    public TransferFlags TransferFlags { get; set; }

    public AccountUpdateFlags UpdateFlags { get; set; }

    public static void Count<TKey>(Dictionary<TKey, int> counts, TKey key)
        where TKey : notnull => CollectionsMarshal.GetValueRefOrAddDefault(counts, key, out _)++;

    public static TKey[] Missing<TKey>(Dictionary<TKey, int> counts)
        where TKey : struct, Enum =>
        [.. Enum.GetValues<TKey>().Where(key => !counts.ContainsKey(key))];
}

/// <summary>One random history, told to the ledger and to the naive model alike.</summary>
internal sealed class AgreementRun : IDisposable
{
    private readonly int _seed;
    private readonly StatusCounts _counts;
    private readonly NaiveLedger _model;
    private readonly NaiveQueries _modelQueries;
    private readonly CommandGenerator _generator;
    private readonly LedgerState _ledger;
    private readonly LedgerQueries _queries;
    private ulong _now;
    private ulong _entry;

    /// <param name="rules">The model's table; another one plants a bug.</param>
    /// <param name="history">Empty; in memory unless a test brings its own, with its index.</param>
    public AgreementRun(
        int seed,
        StatusCounts counts,
        IReadOnlyList<TransferRule>? rules = null,
        IHistory? history = null,
        ITransferIndex? index = null
    )
    {
        _seed = seed;
        _counts = counts;
        _model = new NaiveLedger(rules);
        _modelQueries = new NaiveQueries(_model.State);
        _generator = new CommandGenerator(seed, _model.State);
        history ??= new MemoryHistory();
        _ledger = new LedgerState(new LedgerOptions(), history);
        _queries = new LedgerQueries(
            history,
            new LedgerAccountReader(_ledger),
            index ?? ScanTransferIndex.Instance
        );
        _now = _generator.FirstTick;
    }

    public int Operations { get; private set; }

    public int Queries { get; private set; }

    /// <summary>Runs about that many operations; null, or what the two disagreed on first.</summary>
    public string? Run(int operations)
    {
        while (Operations < operations)
        {
            var difference = _entry == 0 ? CreateAccounts(_generator.Founders()) : Step();
            if (difference is not null)
            {
                return $"seed {_seed}, operation {Operations}, entry {_entry}: {difference}";
            }
        }

        return CompareEnd() is { } atEnd ? $"seed {_seed}, at the end: {atEnd}" : null;
    }

    public void Dispose() => _ledger.Dispose();

    private string? Step()
    {
        var dice = _generator.Next(100);
        if (_generator.Next(1_000) == 0)
        {
            // New rules in the middle of a history: holds forced before count as well.
            _ledger.Activate(StateVersions.Newest);
            _model.State.StateVersion = StateVersions.Newest;
        }

        var difference = dice switch
        {
            < 10 => CreateAccounts(_generator.Accounts(_now)),
            < 15 => UpdateAccounts(),
            < 27 => Tick(),
            _ => CreateTransfers(),
        };
        difference ??= CompareAccounts();
        return difference ?? (_generator.Chance(0.35) ? Query() : null);
    }

    private string? Begin(int events)
    {
        _now += (ulong)(Limits.ExpiriesPerEntryMax + events);
        _ledger.BeginEntry(++_entry);
        var expired = _ledger.ExpireHolds(_now - (ulong)events);
        var modelExpired = _model.ExpireHolds(_now - (ulong)events);
        return expired == modelExpired ? null : $"{expired} expired, model {modelExpired}";
    }

    private string? Tick()
    {
        _now += _generator.Tick();
        var difference = Begin(events: 0);
        _ledger.EndEntry();
        Operations++;
        return difference;
    }

    private string? CreateAccounts(Account[] events)
    {
        if (Begin(events.Length) is { } difference)
        {
            return difference;
        }

        var results = new CreateAccountResult[events.Length];
        _ledger.CreateAccounts(_now, events, results);
        _ledger.EndEntry();
        for (var i = 0; i < events.Length; i++)
        {
            StatusCounts.Count(_counts.Accounts, results[i].Status);
            if (results[i].Status == CreateAccountStatus.Created)
            {
                _counts.AccountFlags |= events[i].Flags;
            }
        }

        return CompareResults(events, results, _model.CreateAccounts(_now, events));
    }

    private string? CreateTransfers()
    {
        var events = _generator.Transfers(_now);
        if (Begin(events.Length) is { } difference)
        {
            return difference;
        }

        var results = new CreateTransferResult[events.Length];
        _ledger.CreateTransfers(_now, events, results);
        _ledger.EndEntry();
        for (var i = 0; i < events.Length; i++)
        {
            StatusCounts.Count(_counts.Transfers, results[i].Status);
            if (results[i].Status == CreateTransferStatus.Created)
            {
                _counts.TransferFlags |= events[i].Flags;
            }
        }

        return CompareResults(events, results, _model.CreateTransfers(_now, events));
    }

    private string? UpdateAccounts()
    {
        var events = _generator.Updates();
        if (Begin(events.Length) is { } difference)
        {
            return difference;
        }

        var results = new UpdateAccountResult[events.Length];
        _ledger.UpdateAccounts(_now, events, results);
        _ledger.EndEntry();
        for (var i = 0; i < events.Length; i++)
        {
            StatusCounts.Count(_counts.Updates, results[i].Status);
            if (results[i].Status == UpdateAccountStatus.Updated)
            {
                _counts.UpdateFlags |= events[i].Flags;
            }
        }

        return CompareResults(events, results, _model.UpdateAccounts(_now, events));
    }

    private string? CompareResults<TEvent, TResult>(
        TEvent[] events,
        TResult[] results,
        TResult[] expected
    )
        where TEvent : unmanaged
        where TResult : unmanaged
    {
        Operations += events.Length;
        for (var i = 0; i < events.Length; i++)
        {
            if (!AreSame(results[i], expected[i]))
            {
                return $"event {i} of {events.Length} {Show(events[i])} answered {Show(results[i])}, model {Show(expected[i])}";
            }
        }

        return null;
    }

    private string? CompareAccounts()
    {
        BigInteger balance = 0;
        foreach (var expected in _model.State.AccountsInOrder)
        {
            var id = expected.Wire.Id;
            if (!_ledger.TryGetAccount(id, out var account))
            {
                return $"account {id} is missing";
            }

            if (!AreSame(account, expected.ToWire()))
            {
                return $"account {Show(account)}, model {Show(expected.ToWire())}";
            }

            Check.That(_ledger.TryGetLimits(id, out var limits));
            var expectedLimits = new AccountLimits
            {
                Id = id,
                Allowance = (UInt128)expected.Allowance,
                Version = expected.Version,
                Flags = expected.Flags,
                UpdatedTimestamp = expected.UpdatedTimestamp,
            };
            if (!AreSame(limits, expectedLimits))
            {
                return $"limits {Show(limits)}, model {Show(expectedLimits)}";
            }

            balance += (BigInteger)account.DebitsPosted + account.DebitsPending;
            balance -= (BigInteger)account.CreditsPosted + account.CreditsPending;
        }

        return balance.IsZero ? null : $"debits less credits are {balance}";
    }

    private string? Query()
    {
        Operations++;
        Queries++;
        switch (_generator.Next(5))
        {
            case 0:
                var byAccount = _generator.AccountFilter();
                var transfers = new Transfer[Limits.QueryResultsMax];
                var query = QueryCapture.Account(_ledger, byAccount);
                return Compare(
                    byAccount,
                    transfers.AsSpan(0, _queries.GetAccountTransfers(query, transfers)),
                    _modelQueries.GetAccountTransfers(byAccount)
                );
            case 1:
                byAccount = _generator.AccountFilter();
                var balances = new AccountBalance[Limits.QueryResultsMax];
                query = QueryCapture.Account(_ledger, byAccount);
                return Compare(
                    byAccount,
                    balances.AsSpan(0, _queries.GetAccountBalances(query, balances)),
                    _modelQueries.GetAccountBalances(byAccount)
                );
            case 2:
                var filter = _generator.QueryFilter();
                var accounts = new Account[Limits.QueryResultsMax];
                var list = QueryCapture.Accounts(_ledger, filter);
                return Compare(
                    filter,
                    accounts.AsSpan(0, _queries.QueryAccounts(list, accounts)),
                    _modelQueries.QueryAccounts(filter)
                );
            case 3:
                filter = _generator.QueryFilter();
                transfers = new Transfer[Limits.QueryResultsMax];
                var search = QueryCapture.Transfers(_ledger, filter);
                return Compare(
                    filter,
                    transfers.AsSpan(0, _queries.QueryTransfers(search, transfers)),
                    _modelQueries.QueryTransfers(filter)
                );
            default:
                return CompareChangeEvents(_generator.ChangeEventsFilter());
        }
    }

    private string? CompareChangeEvents(ChangeEventsFilter filter)
    {
        var events = new ChangeEvent[Limits.ChangeEventsMax];
        var query = QueryCapture.ChangeEvents(_ledger, filter);
        return Compare(
            filter,
            events.AsSpan(0, _queries.GetChangeEvents(query, events)),
            _modelQueries.GetChangeEvents(filter)
        );
    }

    /// <summary>Every transfer by its id, the state of every hold, every movement, every failed id.</summary>
    private string? CompareEnd()
    {
        foreach (var movement in _model.State.Movements)
        {
            StatusCounts.Count(_counts.Movements, movement.Type);
        }

        for (ulong after = 0; ; )
        {
            var filter = new ChangeEventsFilter { TimestampMin = after, Limit = uint.MaxValue };
            if (CompareChangeEvents(filter) is { } difference)
            {
                return difference;
            }

            var page = _modelQueries.GetChangeEvents(filter);
            if (page.Count < Limits.ChangeEventsMax)
            {
                break;
            }

            after = page[^1].Timestamp + 1;
        }

        foreach (var expected in _model.State.Transfers)
        {
            var id = expected.Wire.Id;
            var positions = new ulong[1];
            Span<Transfer> found = new Transfer[1];
            var count = QueryCapture.LookupTransfers(_ledger, [id], positions);
            if (count != 1 || _queries.LookupTransfers(positions, found) != 1)
            {
                return $"transfer {id} is missing";
            }

            if (!AreSame(found[0], expected.Wire))
            {
                return $"transfer {Show(found[0])}, model {Show(expected.Wire)}";
            }

            var status = _ledger.GetPendingStatus(positions[0]);
            if (status != expected.State)
            {
                return $"hold {id} is {status}, model {expected.State}";
            }
        }

        foreach (var id in _model.State.FailedIds)
        {
            var positions = new ulong[1];
            var count = QueryCapture.LookupTransfers(_ledger, [id], positions);
            if (_queries.LookupTransfers(positions.AsSpan(0, count), new Transfer[1]) != 0)
            {
                return $"failed id {id} is found";
            }
        }

        return null;
    }

    private static string? Compare<TFilter, TRow>(
        TFilter filter,
        ReadOnlySpan<TRow> rows,
        List<TRow> expected
    )
        where TFilter : unmanaged
        where TRow : unmanaged
    {
        for (var i = 0; i < Math.Min(rows.Length, expected.Count); i++)
        {
            if (!AreSame(rows[i], expected[i]))
            {
                return $"{Show(filter)}: result {i} is {Show(rows[i])}, model {Show(expected[i])}";
            }
        }

        return rows.Length == expected.Count
            ? null
            : $"{Show(filter)}: {rows.Length} results, model {expected.Count}";
    }

    private static bool AreSame<TValue>(TValue left, TValue right)
        where TValue : unmanaged =>
        MemoryMarshal
            .AsBytes(new ReadOnlySpan<TValue>(in left))
            .SequenceEqual(MemoryMarshal.AsBytes(new ReadOnlySpan<TValue>(in right)));

    private static string Show<TValue>(TValue value)
        where TValue : unmanaged =>
        "{"
        + string.Join(
            ", ",
            typeof(TValue)
                .GetFields(BindingFlags.Public | BindingFlags.Instance)
                .Select(field => $"{field.Name}={field.GetValue(value)}")
                .Where(text => !text.EndsWith("=0", StringComparison.Ordinal))
        )
        + "}";
}
