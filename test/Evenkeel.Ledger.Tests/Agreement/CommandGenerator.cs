using Evenkeel.Ledger.Tests.Naive;
using Evenkeel.Model;

namespace Evenkeel.Ledger.Tests.Agreement;

/// <summary>
/// Random commands that are worth applying: mostly valid, over few accounts and ids, then spoilt in
/// one field now and then, so that every status is met.
/// </summary>
/// <param name="seed">The same seed makes the same commands.</param>
/// <param name="state">What the naive ledger knows; read to choose ids that exist.</param>
internal sealed partial class CommandGenerator(int seed, NaiveState state)
{
    private const int AccountIds = 14;
    private static readonly UInt128 s_above64 = (UInt128)ulong.MaxValue + 1;

    private readonly Random _random = new(seed);
    private readonly List<Transfer> _sent = [];
    private readonly List<UInt128> _holds = [];
    private readonly bool _large = seed % 3 == 0;
    private readonly bool _nearTheEnd = seed % 11 == 5;
    private ulong _nextId = 1_000;

    public ulong FirstTick =>
        _nearTheEnd ? Limits.TimestampMax - 40_000_000_000_000 : 1_000_000_000_000;

    public bool Chance(double probability) => _random.NextDouble() < probability;

    public int Next(int below) => _random.Next(below);

    public ulong Tick() =>
        Chance(0.5)
            ? (ulong)_random.NextInt64(1, 100_000)
            : (ulong)_random.NextInt64(1, (long)(3 * Limits.NanosecondsPerSecond));

    /// <summary>Most of the accounts, so that a history begins with something to move.</summary>
    public Account[] Founders() =>
        [
            .. Enumerable
                .Range(1, AccountIds - 3)
                .Select(id => Account(timestamp: 0) with { Id = (UInt128)id }),
        ];

    public Account[] Accounts(ulong now)
    {
        var imported = Chance(0.15);
        var events = new Account[_random.Next(1, 6)];
        var time = state.LastAccount;
        for (var i = 0; i < events.Length; i++)
        {
            time += (ulong)_random.Next(1, 2_000);
            events[i] = Account(imported ? PastTime(time, now) : 0);
            if (imported)
            {
                events[i].Flags |= AccountFlags.Imported;
            }

            if (Chance(0.4))
            {
                Spoil(ref events[i], now);
            }

            events[i].Flags |= Chance(0.15) ? AccountFlags.Linked : AccountFlags.None;
        }

        return events;
    }

    public Transfer[] Transfers(ulong now)
    {
        var imported = Chance(0.08);
        var events = new Transfer[Chance(0.1) ? _random.Next(1, 60) : _random.Next(1, 10)];
        var time = state.LastMovement;
        for (var i = 0; i < events.Length; i++)
        {
            time += (ulong)_random.Next(1, 500);
            events[i] = Chance(0.08) && _sent.Count > 0 ? Resend() : Fresh(imported);
            if (imported)
            {
                events[i].Timestamp = PastTime(time, now);
                events[i].Flags |= TransferFlags.Imported;
            }

            if (Chance(0.2))
            {
                Spoil(ref events[i], now);
            }

            events[i].Flags |= Chance(0.12) ? TransferFlags.Linked : TransferFlags.None;
            _sent.Add(events[i]);
        }

        return events;
    }

    public AccountUpdate[] Updates()
    {
        var events = new AccountUpdate[_random.Next(1, 4)];
        foreach (ref var update in events.AsSpan())
        {
            var account = state.Account(AccountId());
            update.Id = account?.Wire.Id ?? AccountId();
            update.ExpectedVersion = account?.Version ?? 0;
            if (Chance(0.6))
            {
                update.Flags |= AccountUpdateFlags.SetAllowance;
                update.Allowance = Chance(0.3) ? UInt128.Zero : Amount();
            }

            if (Chance(0.4))
            {
                update.Flags |= AccountUpdateFlags.SetLimitFlags;
                update.LimitFlags = (AccountFlags)(_random.Next(3) << 1);
            }

            if (Chance(0.3))
            {
                Spoil(ref update);
            }

            update.Flags |= Chance(0.2) ? AccountUpdateFlags.Linked : AccountUpdateFlags.None;
        }

        return events;
    }

    public AccountFilter AccountFilter() =>
        new()
        {
            AccountId = Chance(0.03) ? UInt128.Zero : AccountId(),
            UserData128 = Chance(0.2) ? (UInt128)_random.Next(3) : 0,
            UserData64 = Chance(0.2) ? (ulong)_random.Next(3) : 0,
            UserData32 = Chance(0.2) ? (uint)_random.Next(3) : 0,
            Code = Chance(0.2) ? (ushort)_random.Next(1, 4) : (ushort)0,
            TimestampMin = Chance(0.4) ? SomeTime() : 0,
            TimestampMax = Chance(0.4) ? SomeTime() : 0,
            Limit = Limit(),
            Flags = Chance(0.02)
                ? (AccountFilterFlags)_random.Next(16)
                : (AccountFilterFlags)_random.Next(1, 8),
        };

    public QueryFilter QueryFilter() =>
        new()
        {
            UserData128 = Chance(0.3) ? (UInt128)_random.Next(3) : 0,
            UserData64 = Chance(0.3) ? (ulong)_random.Next(3) : 0,
            UserData32 = Chance(0.3) ? (uint)_random.Next(3) : 0,
            Ledger = Chance(0.3) ? (uint)_random.Next(1, 3) : 0,
            Code = Chance(0.3) ? (ushort)_random.Next(1, 4) : (ushort)0,
            TimestampMin = Chance(0.4) ? SomeTime() : 0,
            TimestampMax = Chance(0.4) ? SomeTime() : 0,
            Limit = Limit(),
            Flags = (QueryFilterFlags)_random.Next(Chance(0.02) ? 3 : 2),
        };

    public ChangeEventsFilter ChangeEventsFilter() =>
        new()
        {
            TimestampMin = Chance(0.6) ? SomeTime() : 0,
            TimestampMax = Chance(0.6) ? SomeTime() : 0,
            Limit = Limit(),
        };

    private uint Limit() =>
        _random.Next(20) switch
        {
            0 => 0,
            1 => uint.MaxValue,
            2 => 1,
            _ => (uint)_random.Next(1, 200),
        };

    // Often exactly the time of a movement or an account, where the bounds are decided.
    private ulong SomeTime()
    {
        if (Chance(0.02))
        {
            return ulong.MaxValue;
        }

        var movements = state.Movements;
        var time =
            movements.Count > 0 && Chance(0.7)
                ? movements[_random.Next(movements.Count)].Timestamp
                : state.LastAccount - Math.Min(state.LastAccount, (ulong)_random.Next(10_000));
        return time + (ulong)_random.Next(3) - (time > 0 ? 1UL : 0);
    }

    // The entry's time is the clock's plus room for expiries and events.
    private ulong NearBatchTime() => (ulong)(Limits.ExpiriesPerEntryMax + _random.Next(-4, 20));

    private static ulong PastTime(ulong time, ulong now) => Math.Min(time, now > 1 ? now - 1 : 1);

    private Account Account(ulong timestamp) =>
        new()
        {
            Id = Chance(0.6) ? (UInt128)_random.Next(AccountIds, 60) : AccountId(),
            Ledger = Chance(0.8) ? 1u : 2u,
            Code = (ushort)_random.Next(1, 3),
            UserData128 = (UInt128)_random.Next(3),
            UserData64 = (ulong)_random.Next(3),
            UserData32 = (uint)_random.Next(3),
            Flags =
                (AccountFlags)(
                    _random.Next(6) switch
                    {
                        0 => 2,
                        1 => 4,
                        _ => 0,
                    }
                )
                | (Chance(0.5) ? AccountFlags.History : AccountFlags.None)
                | (Chance(0.02) ? AccountFlags.Closed : AccountFlags.None),
            Timestamp = timestamp,
        };

    private UInt128 AccountId() => (UInt128)_random.Next(1, AccountIds + 1);

    private UInt128 ExistingAccountId(uint ledger, UInt128 but = default)
    {
        for (var attempt = 0; attempt < 8; attempt++)
        {
            var id = AccountId();
            if (
                state.Account(id) is { } account
                && account.Wire.Ledger == ledger
                && id != but
                && (!account.Has(AccountFlags.Closed) || Chance(0.1))
            )
            {
                return id;
            }
        }

        return AccountId();
    }

    private Transfer Fresh(bool imported)
    {
        var ledger = Chance(0.85) ? 1u : 2u;
        var transfer = new Transfer
        {
            Id = _nextId++,
            DebitAccountId = ExistingAccountId(ledger),
            Amount = Amount(),
            UserData128 = (UInt128)_random.Next(3),
            UserData64 = (ulong)_random.Next(3),
            UserData32 = (uint)_random.Next(3),
            Ledger = ledger,
            Code = (ushort)_random.Next(1, 4),
        };
        transfer.CreditAccountId = ExistingAccountId(ledger, but: transfer.DebitAccountId);
        switch (_random.Next(10))
        {
            case < 2:
                transfer.Flags = TransferFlags.Pending;
                transfer.Timeout = imported || Chance(0.4) ? 0 : (uint)_random.Next(1, 4);
                transfer.Timeout = _nearTheEnd && Chance(0.2) ? uint.MaxValue : transfer.Timeout;
                if (Chance(0.12))
                {
                    transfer.Flags |= (TransferFlags)(_random.Next(1, 4) << 6);
                    transfer.Amount = Chance(0.8) ? UInt128.Zero : transfer.Amount;
                }

                _holds.Add(transfer.Id);
                break;
            case < 5 when _holds.Count > 0:
                Resolve(ref transfer);
                break;
            default:
                break;
        }

        var resolves = transfer.PendingId != 0;
        if (!resolves && Chance(0.15))
        {
            transfer.Flags |= (TransferFlags)(_random.Next(1, 4) << 4);
        }
        else if (Chance(IsGone(transfer.PendingId) ? 0.5 : 0.06))
        {
            transfer.Flags |= TransferFlags.Forced;
        }

        return transfer;
    }

    // Forced posts are for holds that are gone: there they should be common.
    private bool IsGone(UInt128 hold) =>
        state.Transfer(hold)?.State
            is TransferPendingStatus.Voided
                or TransferPendingStatus.Expired;

    private void Resolve(ref Transfer transfer)
    {
        // Mostly a late hold; an early one has been resolved already.
        var holds = _holds.Count;
        var index = Chance(0.8)
            ? holds - 1 - _random.Next(Math.Min(holds, 8))
            : _random.Next(holds);
        var posts = Chance(0.6);
        for (var attempt = 0; attempt < 6 && state.Transfer(_holds[index]) is null; attempt++)
        {
            index = Chance(0.6)
                ? holds - 1 - _random.Next(Math.Min(holds, 30))
                : _random.Next(holds);
        }

        transfer.PendingId = _holds[index];
        transfer.Flags = posts
            ? TransferFlags.PostPendingTransfer
            : TransferFlags.VoidPendingTransfer;
        var hold = state.Transfer(transfer.PendingId)?.Wire ?? default;
        var amount = hold.Amount;
        transfer.Amount = _random.Next(8) switch
        {
            0 => amount + 1,
            1 => amount > 0 ? amount - 1 : 0,
            2 => amount,
            _ => posts ? UInt128.MaxValue : UInt128.Zero,
        };
        transfer.DebitAccountId = Chance(0.9)
            ? (Chance(0.5) ? 0 : hold.DebitAccountId)
            : AccountId();
        transfer.CreditAccountId = Chance(0.9)
            ? (Chance(0.5) ? 0 : hold.CreditAccountId)
            : AccountId();
        transfer.Ledger = Chance(0.9) ? (Chance(0.5) ? 0 : hold.Ledger) : 2;
        transfer.Code = Chance(0.9) ? (Chance(0.5) ? (ushort)0 : hold.Code) : (ushort)9;
    }

    private Transfer Resend()
    {
        var transfer = _sent[
            Chance(0.7)
                ? _sent.Count - 1 - _random.Next(Math.Min(_sent.Count, 30))
                : _random.Next(_sent.Count)
        ];
        transfer.Timestamp = 0;
        transfer.Flags &= ~(TransferFlags.Imported | (Chance(0.5) ? TransferFlags.Linked : 0));
        switch (_random.Next(20))
        {
            case 0:
                transfer.Amount += transfer.Amount < UInt128.MaxValue ? 1u : 0u;
                break;
            case 1:
                transfer.Amount -= transfer.Amount > 0 ? 1u : 0u;
                break;
            case 2:
                transfer.UserData128 = (transfer.UserData128 + 1) % 3;
                break;
            case 3:
                transfer.UserData64 = (transfer.UserData64 + 1) % 3;
                break;
            case 4:
                transfer.UserData32 = (transfer.UserData32 + 1) % 3;
                break;
            case 5:
                transfer.Ledger = 3 - Math.Min(transfer.Ledger, 3);
                break;
            case 6:
                transfer.Code ^= 1;
                break;
            case 7:
                transfer.Timeout ^= 1;
                break;
            case 8:
                transfer.PendingId ^= 1;
                break;
            case 9:
                transfer.DebitAccountId ^= 1;
                break;
            case 10:
                transfer.CreditAccountId ^= 1;
                break;
            case 11:
                transfer.Flags ^= TransferFlags.Pending;
                break;
            case 12:
                transfer.Flags ^= TransferFlags.BalancingDebit;
                break;
            default:
                break;
        }

        return transfer;
    }

    private UInt128 Amount()
    {
        var kind = _random.Next(100);
        if (_large)
        {
            return kind switch
            {
                < 20 => (UInt128)(ulong)_random.NextInt64(0, long.MaxValue),
                < 30 => ulong.MaxValue - (ulong)_random.Next(1_000),
                < 36 => UInt128.MaxValue,
                < 39 => s_above64 + (UInt128)_random.Next(1_000),
                < 41 => UInt128.MaxValue - (UInt128)_random.Next(1, 1_000),
                _ => (UInt128)_random.Next(1_000),
            };
        }

        return kind switch
        {
            < 5 => UInt128.Zero,
            < 8 => UInt128.MaxValue,
            < 9 => s_above64,
            _ => (UInt128)_random.Next(1, 200),
        };
    }
}
