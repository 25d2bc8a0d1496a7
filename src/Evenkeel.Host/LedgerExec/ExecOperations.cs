using System.Globalization;
using System.Text.Json;
using Evenkeel.Ledger;
using Evenkeel.Ledger.Queries;
using Evenkeel.Model;

namespace Evenkeel.Host.LedgerExec;

/// <summary>Runs one request and writes its answer. A request is understood whole before it runs.</summary>
internal sealed class ExecOperations
{
    private readonly ExecLedger _ledger;
    private readonly Utf8JsonWriter _json;
    private readonly ExecOutput _output;
    private readonly Dictionary<string, Action<ExecInput>> _operations;

    public ExecOperations(ExecLedger ledger, Utf8JsonWriter json)
    {
        _ledger = ledger;
        _json = json;
        _output = new ExecOutput(json);
        _operations = new(StringComparer.Ordinal)
        {
            ["create_accounts"] = CreateAccounts,
            ["create_transfers"] = CreateTransfers,
            ["update_accounts"] = UpdateAccounts,
            ["lookup_accounts"] = LookupAccounts,
            ["lookup_transfers"] = LookupTransfers,
            ["lookup_account_limits"] = LookupAccountLimits,
            ["get_account_transfers"] = GetAccountTransfers,
            ["get_account_balances"] = GetAccountBalances,
            ["query_accounts"] = QueryAccounts,
            ["query_transfers"] = QueryTransfers,
            ["get_change_events"] = GetChangeEvents,
            ["digest"] = Digest,
            ["tick"] = Tick,
            ["setup"] = Setup,
        };
    }

    private delegate void WriteResult<TResult>(in TResult result);

    public void Execute(ExecInput request)
    {
        if (!request.TryTake("op", out var op) || op.ValueKind != JsonValueKind.String)
        {
            throw new ExecInputException("'op' must name an operation.");
        }

        var name = op.GetString()!;
        if (!_operations.TryGetValue(name, out var execute))
        {
            throw new ExecInputException(
                $"There is no operation '{name}'; there are: {string.Join(", ", _operations.Keys)}."
            );
        }

        _json.WriteStartObject();
        _json.WriteString("op", name);
        execute(request);
        _json.WriteEndObject();
    }

    private void CreateAccounts(ExecInput request)
    {
        var events = Whole(request, request.Events(ExecEvents.Account));
        var results = _ledger.Write<Account, CreateAccountResult>(
            events,
            _ledger.State.CreateAccounts
        );
        WriteResults<CreateAccountResult>(results, _output.Write);
    }

    private void CreateTransfers(ExecInput request)
    {
        var events = Whole(request, request.Events(ExecEvents.Transfer));
        var results = _ledger.Write<Transfer, CreateTransferResult>(
            events,
            (timestamp, transfers, room) =>
                _ledger.State.CreateTransfers(timestamp, transfers, room)
        );
        WriteResults<CreateTransferResult>(results, _output.Write);
    }

    private void UpdateAccounts(ExecInput request)
    {
        var events = Whole(request, request.Events(ExecEvents.AccountUpdate));
        var results = _ledger.Write<AccountUpdate, UpdateAccountResult>(
            events,
            _ledger.State.UpdateAccounts
        );
        WriteResults<UpdateAccountResult>(results, _output.Write);
    }

    private void LookupAccounts(ExecInput request)
    {
        var ids = Whole(request, request.Ids());
        var results = new Account[ids.Length];
        _ledger.Read();
        var count = QueryCapture.LookupAccounts(_ledger.State, ids, results);
        WriteResults<Account>(results.AsSpan(0, count), _output.Write);
    }

    private void LookupTransfers(ExecInput request)
    {
        var ids = Whole(request, request.Ids());
        var positions = new ulong[ids.Length];
        var results = new Transfer[ids.Length];
        _ledger.Read();
        var found = QueryCapture.LookupTransfers(_ledger.State, ids, positions);
        var count = _ledger.Queries.LookupTransfers(positions.AsSpan(0, found), results);
        WriteResults<Transfer>(results.AsSpan(0, count), _output.Write);
    }

    private void LookupAccountLimits(ExecInput request)
    {
        var ids = Whole(request, request.Ids());
        var results = new AccountLimits[ids.Length];
        _ledger.Read();
        var count = QueryCapture.LookupAccountLimits(_ledger.State, ids, results);
        WriteResults<AccountLimits>(results.AsSpan(0, count), _output.Write);
    }

    private void GetAccountTransfers(ExecInput request)
    {
        var filter = Whole(request, request.Filter(ExecEvents.AccountFilter));
        var results = new Transfer[Room(filter.Limit)];
        _ledger.Read();
        var query = QueryCapture.Account(_ledger.State, filter);
        var count = _ledger.Queries.GetAccountTransfers(query, results);
        WriteResults<Transfer>(results.AsSpan(0, count), _output.Write);
    }

    private void GetAccountBalances(ExecInput request)
    {
        var filter = Whole(request, request.Filter(ExecEvents.AccountFilter));
        var results = new AccountBalance[Room(filter.Limit)];
        _ledger.Read();
        var query = QueryCapture.Account(_ledger.State, filter);
        var count = _ledger.Queries.GetAccountBalances(query, results);
        WriteResults<AccountBalance>(results.AsSpan(0, count), _output.Write);
    }

    private void QueryAccounts(ExecInput request)
    {
        var filter = Whole(request, request.Filter(ExecEvents.QueryFilter));
        var results = new Account[Room(filter.Limit)];
        _ledger.Read();
        var query = QueryCapture.Accounts(_ledger.State, filter);
        var count = _ledger.Queries.QueryAccounts(query, results);
        WriteResults<Account>(results.AsSpan(0, count), _output.Write);
    }

    private void QueryTransfers(ExecInput request)
    {
        var filter = Whole(request, request.Filter(ExecEvents.QueryFilter));
        var results = new Transfer[Room(filter.Limit)];
        _ledger.Read();
        var query = QueryCapture.Transfers(_ledger.State, filter);
        var count = _ledger.Queries.QueryTransfers(query, results);
        WriteResults<Transfer>(results.AsSpan(0, count), _output.Write);
    }

    private void GetChangeEvents(ExecInput request)
    {
        var filter = Whole(request, request.Filter(ExecEvents.ChangeEventsFilter));
        var results = new ChangeEvent[Math.Min(filter.Limit, Limits.ChangeEventsMax)];
        _ledger.Read();
        var query = QueryCapture.ChangeEvents(_ledger.State, filter);
        var count = _ledger.Queries.GetChangeEvents(query, results);
        WriteResults<ChangeEvent>(results.AsSpan(0, count), _output.Write);
    }

    private void Digest(ExecInput request)
    {
        request.CheckAllTaken();
        _json.WriteStartArray("results");
        _json.WriteStringValue(
            _ledger.State.Digest().ToString("x32", CultureInfo.InvariantCulture)
        );
        _json.WriteEndArray();
    }

    private void Tick(ExecInput request)
    {
        var nanoseconds = Whole(request, request.Number<long>("nanoseconds"));

        if (nanoseconds == long.MinValue)
        {
            throw new ExecInputException("'nanoseconds' leads to before the beginning of time.");
        }

        // As in published tables: a negative tick moves on by the end of time less so much.
        var expired = _ledger.Tick(
            nanoseconds >= 0 ? (ulong)nanoseconds : Limits.TimestampMax - (ulong)-nanoseconds
        );
        _json.WriteNumber("timestamp", _ledger.Now);
        _json.WriteNumber("expired", expired);
        _json.WriteStartArray("results");
        _json.WriteEndArray();
    }

    private void Setup(ExecInput request)
    {
        var id = request.Number<UInt128>("id");
        var balance = new StoredBalance
        {
            DebitsPending = Stored(request, "debits_pending"),
            DebitsPosted = Stored(request, "debits_posted"),
            CreditsPending = Stored(request, "credits_pending"),
            CreditsPosted = Stored(request, "credits_posted"),
        };
        request.CheckAllTaken();
        if (!_ledger.State.TryGetAccount(id, out _))
        {
            throw new ExecInputException($"There is no account {id}.");
        }

        if (
            balance.DebitsPending > Limits.StoredAmountMax - balance.DebitsPosted
            || balance.CreditsPending > Limits.StoredAmountMax - balance.CreditsPosted
        )
        {
            throw new ExecInputException(
                "Pending and posted together exceed the 64 bits that balances are stored in."
            );
        }

        _ledger.State.ForceBalances(id, balance);
        _json.WriteStartArray("results");
        _json.WriteEndArray();
    }

    private static ulong Stored(ExecInput request, string name)
    {
        var wide = request.Number<UInt128>(name);
        return wide <= Limits.StoredAmountMax
            ? (ulong)wide
            : throw new ExecInputException(
                $"'{name}' is {wide}; balances are stored in 64 bits, at most {Limits.StoredAmountMax}."
            );
    }

    private static int Room(uint limit) => (int)Math.Min(limit, Limits.QueryResultsMax);

    /// <summary>The last thing before a request runs: nothing of it was left unread.</summary>
    private TValue Whole<TValue>(ExecInput request, TValue value)
    {
        request.CheckAllTaken();
        _output.NamesFlags |= request.UsedFlagNames;
        return value;
    }

    private void WriteResults<TResult>(ReadOnlySpan<TResult> results, WriteResult<TResult> write)
    {
        _json.WriteStartArray("results");
        foreach (ref readonly var result in results)
        {
            write(result);
        }

        _json.WriteEndArray();
    }
}
