using Evenkeel.Model;

namespace Evenkeel.Ledger;

/// <content>create_accounts and update_accounts.</content>
public sealed unsafe partial class LedgerState
{
    private const AccountFlags LimitFlags =
        AccountFlags.DebitsMustNotExceedCredits | AccountFlags.CreditsMustNotExceedDebits;

    /// <summary>
    /// Creates accounts. Event i of n happens at <paramref name="timestamp"/> - n + i + 1; the
    /// answers stand in the order of the events.
    /// </summary>
    public void CreateAccounts(
        ulong timestamp,
        ReadOnlySpan<Account> events,
        Span<CreateAccountResult> results
    )
    {
        BeginCommand(timestamp, events.Length, results.Length);
        var chain = new Chain(this);
        bool imported = events.Length > 0 && IsImported(events[0].Flags);
        for (int i = 0; i < events.Length; i++)
        {
            ref readonly Account account = ref events[i];
            ulong actual = EventTime(timestamp, events.Length, i);
            bool linked = (account.Flags & AccountFlags.Linked) != 0;
            CreateAccountStatus status = chain.Enter(linked, i, events.Length) switch
            {
                ChainState.Open => CreateAccountStatus.LinkedEventChainOpen,
                ChainState.Failed => CreateAccountStatus.LinkedEventFailed,
                _ => CreateAccount(in account, imported, timestamp, ref actual),
            };
            results[i] = new CreateAccountResult { Timestamp = actual, Status = status };
            if (status != CreateAccountStatus.Created && chain.Fail(out int first))
            {
                for (int k = first; k < i; k++)
                {
                    results[k].Status = CreateAccountStatus.LinkedEventFailed;
                }
            }

            chain.Leave(linked, i, events.Length);
        }

        EndCommand(timestamp, events.Length);
    }

    private static bool IsImported(AccountFlags flags) => (flags & AccountFlags.Imported) != 0;

    private CreateAccountStatus CreateAccount(
        in Account a,
        bool importedBatch,
        ulong timestampBatch,
        ref ulong timestamp
    )
    {
        if (importedBatch != IsImported(a.Flags))
        {
            return importedBatch
                ? CreateAccountStatus.ImportedEventExpected
                : CreateAccountStatus.ImportedEventNotExpected;
        }

        if (importedBatch)
        {
            if (a.Timestamp is < Limits.TimestampMin or > Limits.TimestampMax)
            {
                return CreateAccountStatus.ImportedEventTimestampOutOfRange;
            }

            if (a.Timestamp >= timestampBatch)
            {
                return CreateAccountStatus.ImportedEventTimestampMustNotAdvance;
            }
        }
        else if (a.Timestamp != 0)
        {
            return CreateAccountStatus.TimestampMustBeZero;
        }

        if (a.Reserved != 0)
            return CreateAccountStatus.ReservedField;
        if ((a.Flags & ~AccountFlags.Known) != 0)
            return CreateAccountStatus.ReservedFlag;
        if (a.Id == UInt128.Zero)
            return CreateAccountStatus.IdMustNotBeZero;
        if (a.Id == UInt128.MaxValue)
            return CreateAccountStatus.IdMustNotBeIntMax;

        ulong hash = _hash.Of(a.Id);
        if (_accountIds.TryFind(hash, a.Id, new AccountIds(this), out ulong existing))
        {
            return CompareToExisting(in a, (uint)existing, ref timestamp);
        }

        if ((a.Flags & LimitFlags) == LimitFlags)
        {
            return CreateAccountStatus.FlagsAreMutuallyExclusive;
        }

        if (a.DebitsPending != UInt128.Zero)
            return CreateAccountStatus.DebitsPendingMustBeZero;
        if (a.DebitsPosted != UInt128.Zero)
            return CreateAccountStatus.DebitsPostedMustBeZero;
        if (a.CreditsPending != UInt128.Zero)
            return CreateAccountStatus.CreditsPendingMustBeZero;
        if (a.CreditsPosted != UInt128.Zero)
            return CreateAccountStatus.CreditsPostedMustBeZero;
        if (a.Ledger == 0)
            return CreateAccountStatus.LedgerMustNotBeZero;
        if (a.Code == 0)
            return CreateAccountStatus.CodeMustNotBeZero;

        if (importedBatch)
        {
            bool regresses =
                (_accountCount > 0 && a.Timestamp <= _cold[_accountCount - 1]->Timestamp)
                || HasTransferAt(a.Timestamp);
            if (regresses)
                return CreateAccountStatus.ImportedEventTimestampMustNotRegress;
            timestamp = a.Timestamp;
        }

        // After this point the account must be created.
        uint slot = _accountCount++;
        _hot.EnsureCapacity(_accountCount);
        _cold.EnsureCapacity(_accountCount);
        *_hot[slot] = new HotAccount
        {
            Id = a.Id,
            Ledger = a.Ledger,
            Code = a.Code,
            Flags = a.Flags,
        };
        *_cold[slot] = new ColdAccount
        {
            UserData128 = a.UserData128,
            UserData64 = a.UserData64,
            UserData32 = a.UserData32,
            Timestamp = timestamp,
        };
        _accountIds.Insert(hash, slot);
        RecordAccountCreated(slot);
        return CreateAccountStatus.Created;
    }

    private CreateAccountStatus CompareToExisting(in Account a, uint slot, ref ulong timestamp)
    {
        HotAccount* hot = _hot[slot];
        ColdAccount* cold = _cold[slot];
        if (a.Flags != hot->PublicFlags)
            return CreateAccountStatus.ExistsWithDifferentFlags;
        if (a.UserData128 != cold->UserData128)
        {
            return CreateAccountStatus.ExistsWithDifferentUserData128;
        }

        if (a.UserData64 != cold->UserData64)
        {
            return CreateAccountStatus.ExistsWithDifferentUserData64;
        }

        if (a.UserData32 != cold->UserData32)
        {
            return CreateAccountStatus.ExistsWithDifferentUserData32;
        }

        if (a.Ledger != hot->Ledger)
            return CreateAccountStatus.ExistsWithDifferentLedger;
        if (a.Code != hot->Code)
            return CreateAccountStatus.ExistsWithDifferentCode;
        timestamp = cold->Timestamp;
        return CreateAccountStatus.Exists;
    }

    /// <summary>True when an account was created or imported at exactly this time.</summary>
    private bool HasAccountAt(ulong timestamp)
    {
        uint low = 0;
        uint high = _accountCount;
        while (low < high)
        {
            uint middle = low + ((high - low) / 2);
            if (_cold[middle]->Timestamp < timestamp)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low < _accountCount && _cold[low]->Timestamp == timestamp;
    }
}
