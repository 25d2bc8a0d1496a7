namespace Evenkeel.Verifier.Replay;

/// <content>create_accounts and update_accounts.</content>
internal sealed partial class Books
{
    /// <param name="timestamp">Log time of the last event.</param>
    public AccountAnswer[] CreateAccounts(ulong timestamp, AskedAccount[] events)
    {
        var answers = new AccountAnswer[events.Length];
        var imported = events.Length > 0 && (events[0].Flags & AccountBits.Imported) != 0;
        RunChains(
            events.Length,
            i => (events[i].Flags & AccountBits.Linked) != 0,
            i => Create(events[i], imported, timestamp, EventTime(timestamp, events.Length, i)),
            AccountAnswer.Created,
            AccountAnswer.LinkedEventFailed,
            AccountAnswer.LinkedEventChainOpen,
            answers
        );
        EndCommand(timestamp, events.Length);
        return answers;
    }

    public UpdateAnswer[] UpdateAccounts(ulong timestamp, AskedUpdate[] events)
    {
        var answers = new UpdateAnswer[events.Length];
        RunChains(
            events.Length,
            i => (events[i].Flags & UpdateBits.Linked) != 0,
            i => Update(events[i], EventTime(timestamp, events.Length, i)),
            UpdateAnswer.Updated,
            UpdateAnswer.LinkedEventFailed,
            UpdateAnswer.LinkedEventChainOpen,
            answers
        );
        EndCommand(timestamp, events.Length);
        return answers;
    }

    private void EndCommand(ulong timestamp, int events)
    {
        if (events > 0)
        {
            LastTimestamp = timestamp;
        }
    }

    private AccountAnswer Create(
        in AskedAccount a,
        bool importedBatch,
        ulong batchTime,
        ulong eventTime
    )
    {
        var imported = (a.Flags & AccountBits.Imported) != 0;
        if (importedBatch && !imported)
            return AccountAnswer.ImportedEventExpected;
        if (!importedBatch && imported)
            return AccountAnswer.ImportedEventNotExpected;
        if (imported && a.Timestamp is 0 or > long.MaxValue)
            return AccountAnswer.ImportedEventTimestampOutOfRange;
        if (imported && a.Timestamp >= batchTime)
            return AccountAnswer.ImportedEventTimestampMustNotAdvance;
        if (!imported && a.Timestamp != 0)
            return AccountAnswer.TimestampMustBeZero;
        if (a.Reserved != 0)
            return AccountAnswer.ReservedField;
        if ((a.Flags & ~AccountBits.Known) != 0)
            return AccountAnswer.ReservedFlag;
        if (a.Id == 0)
            return AccountAnswer.IdMustNotBeZero;
        if (a.Id == UInt128.MaxValue)
            return AccountAnswer.IdMustNotBeIntMax;
        if (Find(a.Id) is { } e)
        {
            return a.Flags != e.Flags ? AccountAnswer.ExistsWithDifferentFlags
                : a.UserData128 != e.UserData128 ? AccountAnswer.ExistsWithDifferentUserData128
                : a.UserData64 != e.UserData64 ? AccountAnswer.ExistsWithDifferentUserData64
                : a.UserData32 != e.UserData32 ? AccountAnswer.ExistsWithDifferentUserData32
                : a.Ledger != e.Ledger ? AccountAnswer.ExistsWithDifferentLedger
                : a.Code != e.Code ? AccountAnswer.ExistsWithDifferentCode
                : AccountAnswer.Exists;
        }
        if ((a.Flags & AccountBits.Limits) == AccountBits.Limits)
            return AccountAnswer.FlagsAreMutuallyExclusive;
        if (a.DebitsPending != 0)
            return AccountAnswer.DebitsPendingMustBeZero;
        if (a.DebitsPosted != 0)
            return AccountAnswer.DebitsPostedMustBeZero;
        if (a.CreditsPending != 0)
            return AccountAnswer.CreditsPendingMustBeZero;
        if (a.CreditsPosted != 0)
            return AccountAnswer.CreditsPostedMustBeZero;
        if (a.Ledger == 0)
            return AccountAnswer.LedgerMustNotBeZero;
        if (a.Code == 0)
            return AccountAnswer.CodeMustNotBeZero;
        if (
            imported
            && (
                (_accounts.Count > 0 && a.Timestamp <= _accounts[^1].Timestamp)
                || TransferHappenedAt(a.Timestamp)
            )
        )
            return AccountAnswer.ImportedEventTimestampMustNotRegress;

        var account = new BookAccount
        {
            Slot = (uint)_accounts.Count,
            Id = a.Id,
            Ledger = a.Ledger,
            Code = a.Code,
            Flags = a.Flags,
            UserData128 = a.UserData128,
            UserData64 = a.UserData64,
            UserData32 = a.UserData32,
            Timestamp = imported ? a.Timestamp : eventTime,
        };
        _accounts.Add(account);
        _slots.Add(a.Id, account.Slot);
        KeepCreated(account);
        return AccountAnswer.Created;
    }

    private UpdateAnswer Update(in AskedUpdate u, ulong eventTime)
    {
        var setsAllowance = (u.Flags & UpdateBits.SetAllowance) != 0;
        var setsLimits = (u.Flags & UpdateBits.SetLimits) != 0;
        if (
            !u.ReservedIsZero
            || (!setsAllowance && u.Allowance != 0)
            || (!setsLimits && u.LimitFlags != 0)
        )
            return UpdateAnswer.ReservedField;
        if ((u.Flags & ~UpdateBits.Known) != 0 || (u.LimitFlags & ~AccountBits.Limits) != 0)
            return UpdateAnswer.ReservedFlag;
        if (u.Id == 0)
            return UpdateAnswer.IdMustNotBeZero;
        if (u.Id == UInt128.MaxValue)
            return UpdateAnswer.IdMustNotBeIntMax;
        if (!setsAllowance && !setsLimits)
            return UpdateAnswer.NothingToUpdate;
        if (u.LimitFlags == AccountBits.Limits)
            return UpdateAnswer.LimitFlagsAreMutuallyExclusive;
        if (u.Allowance > ulong.MaxValue)
            return UpdateAnswer.AllowanceOverflows;
        var account = Find(u.Id);
        // An account that nobody knows is judged as if it had a limit.
        var limits =
            setsLimits ? u.LimitFlags
            : account is null ? AccountBits.Limits
            : (ushort)(account.Flags & AccountBits.Limits);
        var allowance = setsAllowance ? (ulong)u.Allowance : account?.Allowance ?? 0;
        if (allowance > 0 && limits == 0)
            return UpdateAnswer.AllowanceNeedsALimit;
        if (account is null)
            return UpdateAnswer.AccountNotFound;
        if (u.ExpectedVersion != account.Version)
            return UpdateAnswer.VersionMismatch;

        KeepAccount(account);
        account.Flags = (ushort)((account.Flags & ~AccountBits.Limits) | limits);
        account.Allowance = allowance;
        account.Version++;
        account.UpdatedAt = eventTime;
        return UpdateAnswer.Updated;
    }

    private bool AccountCreatedAt(ulong timestamp)
    {
        var low = 0;
        var high = _accounts.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_accounts[middle].Timestamp < timestamp)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }
        return low < _accounts.Count && _accounts[low].Timestamp == timestamp;
    }

    private bool TransferHappenedAt(ulong timestamp)
    {
        ulong low = 0;
        var high = _rows.Count;
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            if (_rows[middle].Timestamp < timestamp)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }
        // A failed id has the time of the row before it, so the first row of a time decides.
        return low < _rows.Count
            && _rows[low].Timestamp == timestamp
            && _rows[low].Kind == RowKind.Transfer;
    }
}
