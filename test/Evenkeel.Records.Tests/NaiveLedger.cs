using Evenkeel.Journal;
using Evenkeel.Model;

namespace Evenkeel.Records.Tests;

/// <summary>
/// A second, simple implementation of the ledger port: balances in a dictionary, scopes by copying
/// everything. It knows creation, a no-overdraft limit and chains, which is what operations lean on.
/// </summary>
internal sealed class NaiveLedger : IOperationLedger
{
    private State _state = new();
    private State? _before;

    public int ScopesBegun { get; private set; }

    public IReadOnlyDictionary<UInt128, Account> Accounts => _state.Accounts;

    public void BeginScope()
    {
        Check.That(_before is null);
        ScopesBegun++;
        _before = _state.Copy();
    }

    public void CommitScope() => _before = null;

    public void RollbackScope()
    {
        Check.That(_before is not null);
        _state = _before;
        _before = null;
    }

    public void CreateAccounts(
        ReadOnlySpan<Account> events,
        ulong timestamp,
        Span<CreateAccountResult> results
    )
    {
        for (var i = 0; i < events.Length; i++)
        {
            var account = events[i];
            account.Timestamp = timestamp - (ulong)events.Length + (ulong)i + 1;
            results[i] = new CreateAccountResult
            {
                Timestamp = account.Timestamp,
                Status =
                    account.Ledger == 0 ? CreateAccountStatus.LedgerMustNotBeZero
                    : _state.Accounts.TryAdd(account.Id, account) ? CreateAccountStatus.Created
                    : CreateAccountStatus.Exists,
            };
        }
    }

    public void UpdateAccounts(
        ReadOnlySpan<AccountUpdate> events,
        ulong timestamp,
        Span<UpdateAccountResult> results
    )
    {
        for (var i = 0; i < events.Length; i++)
        {
            var found = _state.Accounts.ContainsKey(events[i].Id);
            results[i].Status = found
                ? UpdateAccountStatus.Updated
                : UpdateAccountStatus.AccountNotFound;
            if (found)
            {
                _state.Allowances[events[i].Id] = events[i].Allowance;
            }
        }
    }

    public void CreateTransfers(
        ReadOnlySpan<Transfer> events,
        ulong timestamp,
        Span<CreateTransferResult> results
    )
    {
        for (var i = 0; i < events.Length; i++)
        {
            results[i].Status = Create(events[i]);
            results[i].Timestamp = timestamp - (ulong)events.Length + (ulong)i + 1;
        }
    }

    /// <summary>All of the state as text, to compare two ledgers.</summary>
    public string Describe() =>
        string.Join(
            '\n',
            _state
                .Accounts.Values.OrderBy(account => account.Id)
                .Select(account =>
                    $"{account.Id} {account.DebitsPosted} {account.CreditsPosted} "
                    + $"{account.Timestamp} {_state.Allowances.GetValueOrDefault(account.Id)}"
                )
        ) + $"\n{string.Join(',', _state.Transfers.Order())}";

    private CreateTransferStatus Create(in Transfer transfer)
    {
        if (_state.Transfers.Contains(transfer.Id))
        {
            return CreateTransferStatus.Exists;
        }

        if (!_state.Accounts.TryGetValue(transfer.DebitAccountId, out var debit))
        {
            return CreateTransferStatus.DebitAccountNotFound;
        }

        if (!_state.Accounts.TryGetValue(transfer.CreditAccountId, out var credit))
        {
            return CreateTransferStatus.CreditAccountNotFound;
        }

        var limit =
            debit.CreditsPosted + _state.Allowances.GetValueOrDefault(transfer.DebitAccountId);
        if (
            debit.Flags.HasFlag(AccountFlags.DebitsMustNotExceedCredits)
            && !transfer.Flags.HasFlag(TransferFlags.Forced)
            && debit.DebitsPosted + transfer.Amount > limit
        )
        {
            return CreateTransferStatus.ExceedsCredits;
        }

        debit.DebitsPosted += transfer.Amount;
        credit.CreditsPosted += transfer.Amount;
        _state.Accounts[debit.Id] = debit;
        _state.Accounts[credit.Id] = credit;
        _state.Transfers.Add(transfer.Id);
        return CreateTransferStatus.Created;
    }

    private sealed class State
    {
        public Dictionary<UInt128, Account> Accounts { get; private init; } = [];

        public Dictionary<UInt128, UInt128> Allowances { get; private init; } = [];

        public HashSet<UInt128> Transfers { get; private init; } = [];

        public State Copy() =>
            new()
            {
                Accounts = new(Accounts),
                Allowances = new(Allowances),
                Transfers = [.. Transfers],
            };
    }
}
