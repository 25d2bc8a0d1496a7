using Evenkeel.Model;

namespace Evenkeel.Ledger.Tests;

/// <summary>A ledger with a clock, for tests: each call is one entry.</summary>
internal sealed class Bank : IDisposable
{
    private ulong _entry;

    public Bank(LedgerOptions? options = null)
    {
        History = new MemoryHistory();
        Ledger = new LedgerState(options ?? new LedgerOptions(), History);
    }

    public MemoryHistory History { get; }

    public LedgerState Ledger { get; }

    /// <summary>Log time of the newest entry.</summary>
    public ulong Now { get; set; } = 1_000_000;

    public static Account NewAccount(UInt128 id, AccountFlags flags = AccountFlags.None) =>
        new()
        {
            Id = id,
            Ledger = 1,
            Code = 1,
            Flags = flags,
        };

    public static Transfer Move(UInt128 id, UInt128 debit, UInt128 credit, UInt128 amount) =>
        new()
        {
            Id = id,
            DebitAccountId = debit,
            CreditAccountId = credit,
            Amount = amount,
            Ledger = 1,
            Code = 1,
        };

    public static Transfer Resolve(
        UInt128 id,
        UInt128 pendingId,
        TransferFlags flags,
        UInt128 amount
    ) =>
        new()
        {
            Id = id,
            PendingId = pendingId,
            Amount = amount,
            Flags = flags,
        };

    public CreateAccountStatus[] Create(params Account[] accounts)
    {
        var results = new CreateAccountResult[accounts.Length];
        Begin(accounts.Length);
        Ledger.CreateAccounts(Now, accounts, results);
        Ledger.EndEntry();
        return [.. results.Select(result => result.Status)];
    }

    public CreateTransferStatus[] Transfer(params Transfer[] transfers)
    {
        var results = new CreateTransferResult[transfers.Length];
        Begin(transfers.Length);
        Ledger.CreateTransfers(Now, transfers, results);
        Ledger.EndEntry();
        return [.. results.Select(result => result.Status)];
    }

    public UpdateAccountStatus[] Update(params AccountUpdate[] updates)
    {
        var results = new UpdateAccountResult[updates.Length];
        Begin(updates.Length);
        Ledger.UpdateAccounts(Now, updates, results);
        Ledger.EndEntry();
        return [.. results.Select(result => result.Status)];
    }

    public int Tick(ulong nanoseconds)
    {
        Now += nanoseconds;
        Begin(0);
        int expired = Ledger.ExpireHolds(Now);
        Ledger.EndEntry();
        return expired;
    }

    public Account Account(UInt128 id)
    {
        Check.That(Ledger.TryGetAccount(id, out Account account));
        return account;
    }

    /// <summary>One entry of whatever the caller does.</summary>
    public void InEntry(Action<LedgerState> apply)
    {
        Begin(0);
        apply(Ledger);
        Ledger.EndEntry();
    }

    public void Dispose() => Ledger.Dispose();

    private void Begin(int events)
    {
        Now += Limits.ExpiriesPerEntryMax + (ulong)events;
        Ledger.BeginEntry(++_entry);
    }
}
