using Evenkeel.Model;

namespace Evenkeel.Ledger.Tests;

/// <summary>Random events over few accounts, so that holds, limits, chains and duplicates meet.</summary>
internal sealed class RandomEvents(int seed, int accounts)
{
    private readonly Random _random = new(seed);
    private ulong _nextId = 1;

    public Account[] Accounts()
    {
        AccountFlags[] limits =
        [
            AccountFlags.None,
            AccountFlags.None,
            AccountFlags.DebitsMustNotExceedCredits,
            AccountFlags.CreditsMustNotExceedDebits,
            AccountFlags.History,
        ];
        var created = new Account[accounts];
        for (int i = 0; i < accounts; i++)
        {
            created[i] = Bank.NewAccount((UInt128)(i + 1), limits[i % limits.Length]);
        }

        return created;
    }

    public Transfer[] Transfers(int count)
    {
        var transfers = new Transfer[count];
        for (int i = 0; i < count; i++)
        {
            transfers[i] = Next();
            if (i < count - 1 && _random.Next(4) == 0)
            {
                transfers[i].Flags |= TransferFlags.Linked;
            }
        }

        return transfers;
    }

    public AccountUpdate Update() =>
        new()
        {
            Id = (UInt128)_random.Next(1, accounts + 1),
            Allowance = (UInt128)_random.Next(500),
            ExpectedVersion = (uint)_random.Next(3),
            Flags = AccountUpdateFlags.SetAllowance,
        };

    private Transfer Next()
    {
        int debit = _random.Next(accounts);
        int credit = _random.Next(accounts);
        Transfer t = Bank.Move(
            NextId(),
            (UInt128)(debit + 1),
            (UInt128)(credit + 1),
            (UInt128)_random.Next(100)
        );
        switch (_random.Next(10))
        {
            case 0 or 1 or 2:
                t.Flags = TransferFlags.Pending;
                t.Timeout = (uint)_random.Next(3);
                break;
            case 3 or 4:
                t = Bank.Resolve(
                    t.Id,
                    (UInt128)_random.NextInt64(1, (long)_nextId),
                    _random.Next(2) == 0
                        ? TransferFlags.PostPendingTransfer
                        : TransferFlags.VoidPendingTransfer,
                    UInt128.MaxValue
                );
                t.Amount =
                    (t.Flags & TransferFlags.VoidPendingTransfer) != 0
                        ? UInt128.Zero
                        : UInt128.MaxValue;
                if (_random.Next(4) == 0)
                {
                    t.Flags |= TransferFlags.Forced;
                }

                break;
            case 5:
                t.Flags = TransferFlags.BalancingDebit;
                break;
            case 6 when _random.Next(8) == 0:
                t.Flags = TransferFlags.Pending | TransferFlags.ClosingDebit;
                t.Timeout = 1;
                break;
            default:
                break;
        }

        return t;
    }

    // One in ten ids was used before.
    private UInt128 NextId() =>
        _nextId > 10 && _random.Next(10) == 0
            ? (UInt128)_random.NextInt64(1, (long)_nextId)
            : _nextId++;
}
