using Evenkeel.Ledger.Tests.Naive;
using Evenkeel.Model;

namespace Evenkeel.Ledger.Tests.Agreement;

/// <summary>How events are spoilt in one field, so that each refusal is met.</summary>
internal sealed partial class CommandGenerator
{
    private void Spoil(ref Account account, ulong now)
    {
        switch (_random.Next(22))
        {
            case 0:
                account.Timestamp = account.Timestamp == 0 ? 1u : 0u;
                break;
            case 1:
                account.Timestamp = ulong.MaxValue - (ulong)_random.Next(9);
                break;
            case 2:
                account.Timestamp = now + NearBatchTime();
                break;
            case 3:
                account.Reserved = 1;
                break;
            case 4:
                account.Flags |= (AccountFlags)(1 << _random.Next(6, 16));
                break;
            case 5:
                account.Id = 0;
                break;
            case 6:
                account.Id = UInt128.MaxValue;
                break;
            case 7:
                account.Flags |= (AccountFlags)6;
                break;
            case 8:
                account.DebitsPending = 1;
                break;
            case 9:
                account.DebitsPosted = 1;
                break;
            case 10:
                account.CreditsPending = 1;
                break;
            case 11:
                account.CreditsPosted = 1;
                break;
            case 12:
                account.Ledger = 0;
                break;
            case 13:
                account.Code = 0;
                break;
            case 14:
                account.Flags ^= AccountFlags.Imported;
                break;
            case 15:
                account.Timestamp = PastTime(SomeTime(), now);
                break;
            default:
                Repeat(ref account);
                break;
        }
    }

    private void Repeat(ref Account account)
    {
        if (state.Account(AccountId()) is not { } existing)
        {
            return;
        }

        var timestamp = account.Timestamp;
        var flags = account.Flags & (AccountFlags.Imported | AccountFlags.Linked);
        account = existing.Wire;
        account.Timestamp = timestamp;
        account.Flags = Chance(0.7) ? existing.Flags : account.Flags | flags;
        switch (_random.Next(8))
        {
            case 0:
                account.UserData128 ^= 1;
                break;
            case 1:
                account.UserData64 ^= 1;
                break;
            case 2:
                account.UserData32 ^= 1;
                break;
            case 3:
                account.Ledger ^= 1;
                break;
            case 4:
                account.Code ^= 1;
                break;
            default:
                break;
        }
    }

    private void Spoil(ref Transfer transfer, ulong now)
    {
        switch (_random.Next(29))
        {
            case 0:
                transfer.Timestamp = transfer.Timestamp == 0 ? 1u : 0u;
                break;
            case 1:
                transfer.Timestamp = ulong.MaxValue - (ulong)_random.Next(9);
                break;
            case 2:
                transfer.Timestamp = now + NearBatchTime();
                break;
            case 3:
                transfer.Flags |= (TransferFlags)(1 << _random.Next(9, 16));
                break;
            case 4:
                transfer.Id = 0;
                break;
            case 5:
                transfer.Id = UInt128.MaxValue;
                break;
            case 6:
                transfer.DebitAccountId = 0;
                break;
            case 7:
                transfer.DebitAccountId = UInt128.MaxValue;
                break;
            case 8:
                transfer.CreditAccountId = 0;
                break;
            case 9:
                transfer.CreditAccountId = UInt128.MaxValue;
                break;
            case 10:
                transfer.CreditAccountId = transfer.DebitAccountId;
                break;
            case 11:
                transfer.PendingId = transfer.Id;
                break;
            case 12:
                transfer.PendingId = 0;
                break;
            case 13:
                transfer.PendingId = UInt128.MaxValue;
                break;
            case 14 or 28:
                transfer.Timeout = 1;
                break;
            case 15:
                transfer.Flags |= TransferFlags.ClosingDebit;
                break;
            case 16:
                transfer.Ledger = 0;
                break;
            case 17:
                transfer.Code = 0;
                break;
            case 18:
                transfer.DebitAccountId = 99;
                break;
            case 19:
                transfer.CreditAccountId = 99;
                break;
            case 20:
                transfer.Ledger = 3 - Math.Min(transfer.Ledger, 3);
                break;
            case 21:
                transfer.Flags ^= TransferFlags.Imported;
                break;
            case 22:
                transfer.PendingId = (UInt128)_random.Next(1_000, (int)_nextId);
                break;
            case 23:
                transfer.Flags ^= (TransferFlags)(1 << _random.Next(1, 9));
                break;
            case 24:
                transfer.Timestamp = PastTime(SomeTime(), now);
                break;
            case 25 or 26:
                transfer.Timestamp = PastTime(state.LastAccount, now);
                break;
            case 27:
                transfer.Flags |= TransferFlags.Pending | TransferFlags.Imported;
                break;
            default:
                transfer.DebitAccountId = AccountId();
                break;
        }
    }

    private void Spoil(ref AccountUpdate update)
    {
        switch (_random.Next(10))
        {
            case 0:
                update.Reserved64 = 1;
                break;
            case 1:
                update.Reserved128 = 1;
                break;
            case 2:
                update.Flags |= (AccountUpdateFlags)(1 << _random.Next(3, 16));
                break;
            case 3:
                update.Id = 0;
                break;
            case 4:
                update.Id = UInt128.MaxValue;
                break;
            case 5:
                update = update with { Flags = 0, Allowance = 0, LimitFlags = 0 };
                break;
            case 6:
                update.LimitFlags = (AccountFlags)(Chance(0.5) ? 6 : _random.Next(64));
                update.Flags |= AccountUpdateFlags.SetLimitFlags;
                break;
            case 7:
                update.Allowance = s_above64;
                break;
            case 8:
                update.Id = 99;
                break;
            default:
                update.ExpectedVersion++;
                break;
        }
    }
}
