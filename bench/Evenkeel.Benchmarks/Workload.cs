using Evenkeel.Ledger;
using Evenkeel.Model;

namespace Evenkeel.Benchmarks;

/// <summary>A ledger with accounts, and batches of transfers with random ids between them.</summary>
internal sealed class Workload : IDisposable
{
    private readonly Random _random = new(42);
    private readonly Transfer[] _batch;
    private readonly CreateTransferResult[] _results;
    private readonly int _accounts;
    private readonly int _hotPercent;
    private ulong _now = 1_000_000;
    private ulong _entry;

    public Workload(int accounts, int batch, int hotPercent, bool hugePages = true)
    {
        _accounts = accounts;
        _hotPercent = hotPercent;
        _batch = new Transfer[batch];
        _results = new CreateTransferResult[batch];
        Ledger = new LedgerState(
            new LedgerOptions { InitialAccounts = accounts, HugePages = hugePages },
            new DiscardingHistory()
        );
        CreateAccounts();
    }

    public LedgerState Ledger { get; }

    /// <summary>Fills the batch: not part of what is measured.</summary>
    public void Prepare()
    {
        for (int i = 0; i < _batch.Length; i++)
        {
            int debit = Pick();
            int credit = _random.Next(_accounts - 1);
            _batch[i] = new Transfer
            {
                Id = Id128(),
                DebitAccountId = AccountId(debit),
                CreditAccountId = AccountId(credit >= debit ? credit + 1 : credit),
                Amount = (UInt128)_random.Next(1, 1_000),
                Ledger = 1,
                Code = 1,
            };
        }
    }

    /// <summary>Applies the batch as one entry.</summary>
    public void Apply()
    {
        _now += Limits.ExpiriesPerEntryMax + (ulong)_batch.Length;
        Ledger.BeginEntry(++_entry);
        Ledger.CreateTransfers(_now, _batch, _results);
        Ledger.EndEntry();
    }

    public void Verify()
    {
        foreach (CreateTransferResult result in _results)
        {
            Check.That(result.Status == CreateTransferStatus.Created);
        }
    }

    public void Dispose() => Ledger.Dispose();

    // Ids that look random, so that neither hash nor cache can profit from their order.
    private static UInt128 AccountId(int number)
    {
        unchecked
        {
            ulong low = ((ulong)number + 1) * 0x9E37_79B9_7F4A_7C15;
            return new UInt128(low ^ (low >> 29), low);
        }
    }

    private UInt128 Id128() => new((ulong)_random.NextInt64(), (ulong)_random.NextInt64());

    private int Pick() => _random.Next(100) < _hotPercent ? 0 : _random.Next(_accounts);

    private void CreateAccounts()
    {
        var accounts = new Account[Limits.BatchEventsMax];
        var results = new CreateAccountResult[accounts.Length];
        for (int first = 0; first < _accounts; first += accounts.Length)
        {
            int count = Math.Min(accounts.Length, _accounts - first);
            for (int i = 0; i < count; i++)
            {
                accounts[i] = new Account
                {
                    Id = AccountId(first + i),
                    Ledger = 1,
                    Code = 1,
                };
            }

            _now += Limits.ExpiriesPerEntryMax + (ulong)count;
            Ledger.BeginEntry(++_entry);
            Ledger.CreateAccounts(_now, accounts.AsSpan(0, count), results);
            Ledger.EndEntry();
        }

        Check.That(Ledger.AccountCount == _accounts);
    }
}
