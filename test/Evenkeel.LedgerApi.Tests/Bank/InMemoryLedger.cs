using Evenkeel.Journal;
using Evenkeel.Model;

namespace Evenkeel.LedgerApi.Tests.Bank;

/// <summary>
/// Just enough of a ledger to speak about: accounts, single-phase transfers, holds that stay, the
/// refusals that the tests ask for. Not thread-safe.
/// </summary>
internal sealed class InMemoryLedger
{
    private readonly List<Account> _accounts = [];
    private readonly Dictionary<UInt128, int> _slots = [];
    private readonly Dictionary<UInt128, AccountLimits> _limits = [];
    private readonly List<ChangeEvent> _events = [];
    private readonly Dictionary<UInt128, Transfer> _transfers = [];
    private readonly HashSet<UInt128> _failed = [];

    public ulong Now { get; private set; } = 1_700_000_000_000_000_000;

    public CreateAccountResult[] CreateAccounts(ReadOnlySpan<Account> events)
    {
        var results = new CreateAccountResult[events.Length];
        for (var i = 0; i < events.Length; i++)
        {
            Now++;
            var e = events[i];
            var status = Judge(e);
            if (status == CreateAccountStatus.Created)
            {
                e.Timestamp = Now;
                _slots.Add(e.Id, _accounts.Count);
                _accounts.Add(e);
                _limits.Add(e.Id, new AccountLimits { Id = e.Id, Flags = e.Flags });
            }
            var existing = status == CreateAccountStatus.Exists;
            results[i] = new CreateAccountResult
            {
                Status = status,
                Timestamp = existing ? _accounts[_slots[e.Id]].Timestamp : Now,
            };
        }
        return results;
    }

    public CreateTransferResult[] CreateTransfers(ReadOnlySpan<Transfer> events)
    {
        var results = new CreateTransferResult[events.Length];
        for (var i = 0; i < events.Length; i++)
        {
            Now++;
            var e = events[i];
            var status = Judge(e);
            if (status == CreateTransferStatus.Created)
            {
                Post(e);
            }
            else if (status.IsTransient())
            {
                _failed.Add(e.Id);
            }
            results[i] = new CreateTransferResult
            {
                Status = status,
                Timestamp =
                    status == CreateTransferStatus.Exists ? _transfers[e.Id].Timestamp : Now,
            };
        }
        return results;
    }

    public UpdateAccountResult[] UpdateAccounts(ReadOnlySpan<AccountUpdate> events)
    {
        var results = new UpdateAccountResult[events.Length];
        for (var i = 0; i < events.Length; i++)
        {
            Now++;
            var status = Judge(events[i]);
            if (status == UpdateAccountStatus.Updated)
            {
                Update(events[i]);
            }
            results[i] = new UpdateAccountResult
            {
                Status = status,
                Timestamp = Now,
                Version = _limits.TryGetValue(events[i].Id, out var l) ? l.Version : 0,
            };
        }
        return results;
    }

    /// <summary>All events of an operation, or the first that refuses.</summary>
    public (OperationStatus Status, int Index, uint Reason)? TryApply(Operation operation)
    {
        for (var i = 0; i < operation.Accounts.Count; i++)
        {
            if (Judge(operation.Accounts[i]) is var s and not CreateAccountStatus.Created)
            {
                return (OperationStatus.AccountRefused, i, (uint)s);
            }
        }
        for (var i = 0; i < operation.AccountUpdates.Count; i++)
        {
            if (Judge(operation.AccountUpdates[i]) is var s and not UpdateAccountStatus.Updated)
            {
                return (OperationStatus.AccountRefused, operation.Accounts.Count + i, (uint)s);
            }
        }
        // Judged one by one on the state before: enough for the operations of these tests.
        for (var i = 0; i < operation.Transfers.Count; i++)
        {
            if (Judge(operation.Transfers[i]) is var s and not CreateTransferStatus.Created)
            {
                return (OperationStatus.TransferRefused, i, (uint)s);
            }
        }
        CreateAccounts([.. operation.Accounts]);
        UpdateAccounts([.. operation.AccountUpdates]);
        CreateTransfers([.. operation.Transfers]);
        Now++;
        return null;
    }

    public Account[] Accounts(ReadOnlySpan<UInt128> ids)
    {
        List<Account> found = [];
        foreach (var id in ids)
        {
            if (_slots.TryGetValue(id, out var slot))
            {
                found.Add(_accounts[slot]);
            }
        }
        return [.. found];
    }

    public AccountLimits[] AccountLimits(ReadOnlySpan<UInt128> ids)
    {
        List<AccountLimits> found = [];
        foreach (var id in ids)
        {
            if (_limits.TryGetValue(id, out var limits))
            {
                found.Add(limits);
            }
        }
        return [.. found];
    }

    public Transfer[] Transfers(ReadOnlySpan<UInt128> ids)
    {
        List<Transfer> found = [];
        foreach (var id in ids)
        {
            if (_transfers.TryGetValue(id, out var transfer))
            {
                found.Add(transfer);
            }
        }
        return [.. found];
    }

    public Transfer[] AccountTransfers(AccountFilter f) =>
        [.. Movements(f).Select(e => _transfers[e.TransferId])];

    public AccountBalance[] AccountBalances(AccountFilter f) =>
        [
            .. Movements(f)
                .Select(e => e.Debit.AccountId == f.AccountId ? (e, e.Debit) : (e, e.Credit))
                .Select(x => new AccountBalance
                {
                    DebitsPending = x.Item2.DebitsPending,
                    DebitsPosted = x.Item2.DebitsPosted,
                    CreditsPending = x.Item2.CreditsPending,
                    CreditsPosted = x.Item2.CreditsPosted,
                    Timestamp = x.e.Timestamp,
                }),
        ];

    public Account[] QueryAccounts(QueryFilter f) =>
        [
            .. Ordered(_accounts, f.Flags.HasFlag(QueryFilterFlags.Reversed))
                .Where(a => In(a.Timestamp, f.TimestampMin, f.TimestampMax))
                .Where(a => f.UserData128 == 0 || a.UserData128 == f.UserData128)
                .Where(a => f.UserData64 == 0 || a.UserData64 == f.UserData64)
                .Where(a => f.UserData32 == 0 || a.UserData32 == f.UserData32)
                .Where(a => f.Ledger == 0 || a.Ledger == f.Ledger)
                .Where(a => f.Code == 0 || a.Code == f.Code)
                .Take((int)f.Limit),
        ];

    public Transfer[] QueryTransfers(QueryFilter f) =>
        [
            .. Ordered(_events, f.Flags.HasFlag(QueryFilterFlags.Reversed))
                .Select(e => _transfers[e.TransferId])
                .Where(t => In(t.Timestamp, f.TimestampMin, f.TimestampMax))
                .Where(t => f.UserData128 == 0 || t.UserData128 == f.UserData128)
                .Where(t => f.UserData64 == 0 || t.UserData64 == f.UserData64)
                .Where(t => f.UserData32 == 0 || t.UserData32 == f.UserData32)
                .Where(t => f.Ledger == 0 || t.Ledger == f.Ledger)
                .Where(t => f.Code == 0 || t.Code == f.Code)
                .Take((int)f.Limit),
        ];

    public ChangeEvent[] ChangeEvents(ChangeEventsFilter f) =>
        [.. _events.Where(e => In(e.Timestamp, f.TimestampMin, f.TimestampMax)).Take((int)f.Limit)];

    private IEnumerable<ChangeEvent> Movements(AccountFilter f) =>
        Ordered(_events, f.Flags.HasFlag(AccountFilterFlags.Reversed))
            .Where(e => In(e.Timestamp, f.TimestampMin, f.TimestampMax))
            .Where(e =>
                (f.Flags.HasFlag(AccountFilterFlags.Debits) && e.Debit.AccountId == f.AccountId)
                || (
                    f.Flags.HasFlag(AccountFilterFlags.Credits) && e.Credit.AccountId == f.AccountId
                )
            )
            .Where(e => f.Code == 0 || e.TransferCode == f.Code)
            .Where(e => f.UserData128 == 0 || e.TransferUserData128 == f.UserData128)
            .Take((int)f.Limit);

    private static IEnumerable<T> Ordered<T>(IReadOnlyList<T> items, bool reversed) =>
        reversed ? items.Reverse() : items;

    private static bool In(ulong timestamp, ulong min, ulong max) =>
        timestamp >= min && (max == 0 || timestamp <= max);

    private CreateAccountStatus Judge(Account e) =>
        e.Id == 0 ? CreateAccountStatus.IdMustNotBeZero
        : _slots.TryGetValue(e.Id, out var slot)
            ? _accounts[slot].Ledger != e.Ledger ? CreateAccountStatus.ExistsWithDifferentLedger
                : CreateAccountStatus.Exists
        : e.Ledger == 0 ? CreateAccountStatus.LedgerMustNotBeZero
        : e.Code == 0 ? CreateAccountStatus.CodeMustNotBeZero
        : CreateAccountStatus.Created;

    private UpdateAccountStatus Judge(AccountUpdate e) =>
        !_limits.TryGetValue(e.Id, out var limits) ? UpdateAccountStatus.AccountNotFound
        : limits.Version != e.ExpectedVersion ? UpdateAccountStatus.VersionMismatch
        : UpdateAccountStatus.Updated;

    private CreateTransferStatus Judge(Transfer e)
    {
        if (e.Id == 0)
        {
            return CreateTransferStatus.IdMustNotBeZero;
        }
        if (_transfers.TryGetValue(e.Id, out var existing))
        {
            return existing.Amount == e.Amount
                ? CreateTransferStatus.Exists
                : CreateTransferStatus.ExistsWithDifferentAmount;
        }
        if (_failed.Contains(e.Id))
        {
            return CreateTransferStatus.IdAlreadyFailed;
        }
        if (!_slots.TryGetValue(e.DebitAccountId, out var debit))
        {
            return CreateTransferStatus.DebitAccountNotFound;
        }
        if (!_slots.ContainsKey(e.CreditAccountId))
        {
            return CreateTransferStatus.CreditAccountNotFound;
        }
        var payer = _accounts[debit];
        var limited = payer.Flags.HasFlag(AccountFlags.DebitsMustNotExceedCredits);
        return
            limited
            && !e.Flags.HasFlag(TransferFlags.Forced)
            && payer.DebitsPending + payer.DebitsPosted + e.Amount > payer.CreditsPosted
            ? CreateTransferStatus.ExceedsCredits
            : CreateTransferStatus.Created;
    }

    private void Update(AccountUpdate e)
    {
        var limits = _limits[e.Id];
        limits.Allowance = e.Allowance;
        limits.Version++;
        limits.UpdatedTimestamp = Now;
        _limits[e.Id] = limits;
    }

    private void Post(Transfer e)
    {
        e.Timestamp = Now;
        _transfers.Add(e.Id, e);
        var (debit, credit) = (
            _accounts[_slots[e.DebitAccountId]],
            _accounts[_slots[e.CreditAccountId]]
        );
        var pending = e.Flags.HasFlag(TransferFlags.Pending);
        debit.DebitsPending += pending ? e.Amount : 0;
        credit.CreditsPending += pending ? e.Amount : 0;
        debit.DebitsPosted += pending ? 0 : e.Amount;
        credit.CreditsPosted += pending ? 0 : e.Amount;
        _accounts[_slots[e.DebitAccountId]] = debit;
        _accounts[_slots[e.CreditAccountId]] = credit;
        _events.Add(
            new ChangeEvent
            {
                TransferId = e.Id,
                TransferAmount = e.Amount,
                TransferUserData128 = e.UserData128,
                TransferCode = e.Code,
                TransferFlags = e.Flags,
                Ledger = e.Ledger,
                Type = pending ? ChangeEventType.TwoPhasePending : ChangeEventType.SinglePhase,
                Debit = SideOf(debit),
                Credit = SideOf(credit),
                Timestamp = e.Timestamp,
                TransferTimestamp = e.Timestamp,
                DebitAccountTimestamp = debit.Timestamp,
                CreditAccountTimestamp = credit.Timestamp,
            }
        );
    }

    private static ChangeEventAccount SideOf(Account a) =>
        new()
        {
            AccountId = a.Id,
            DebitsPending = a.DebitsPending,
            DebitsPosted = a.DebitsPosted,
            CreditsPending = a.CreditsPending,
            CreditsPosted = a.CreditsPosted,
            Code = a.Code,
            Flags = a.Flags,
        };
}
