using Evenkeel.Model;

namespace Evenkeel.Ledger;

/// <content>update_accounts: agreed overdrafts and limits, Evenkeel's own.</content>
public sealed unsafe partial class LedgerState
{
    /// <summary>
    /// Changes limits of accounts. Event i of n happens at <paramref name="timestamp"/> - n + i + 1.
    /// </summary>
    public void UpdateAccounts(
        ulong timestamp,
        ReadOnlySpan<AccountUpdate> events,
        Span<UpdateAccountResult> results
    )
    {
        BeginCommand(timestamp, events.Length, results.Length);
        var chain = new Chain(this);
        for (int i = 0; i < events.Length; i++)
        {
            ref readonly AccountUpdate update = ref events[i];
            ulong eventTime = EventTime(timestamp, events.Length, i);
            bool linked = (update.Flags & AccountUpdateFlags.Linked) != 0;
            UpdateAccountStatus status = chain.Enter(linked, i, events.Length) switch
            {
                ChainState.Open => UpdateAccountStatus.LinkedEventChainOpen,
                ChainState.Failed => UpdateAccountStatus.LinkedEventFailed,
                _ => UpdateAccount(in update, eventTime),
            };
            results[i] = new UpdateAccountResult { Timestamp = eventTime, Status = status };
            if (status != UpdateAccountStatus.Updated && chain.Fail(out int first))
            {
                for (int k = first; k < i; k++)
                {
                    results[k].Status = UpdateAccountStatus.LinkedEventFailed;
                    results[k].Version = VersionOf(events[k].Id);
                }
            }

            results[i].Version = VersionOf(update.Id);
            chain.Leave(linked, i, events.Length);
        }

        EndCommand(timestamp, events.Length);
    }

    private uint VersionOf(UInt128 id) => TryGetSlot(id, out uint slot) ? _cold[slot]->Version : 0;

    private UpdateAccountStatus UpdateAccount(in AccountUpdate u, ulong timestamp)
    {
        bool setsAllowance = (u.Flags & AccountUpdateFlags.SetAllowance) != 0;
        bool setsLimits = (u.Flags & AccountUpdateFlags.SetLimitFlags) != 0;
        if (
            u.Reserved128 != UInt128.Zero
            || u.Reserved64 != 0
            || (!setsAllowance && u.Allowance != UInt128.Zero)
            || (!setsLimits && u.LimitFlags != AccountFlags.None)
        )
        {
            return UpdateAccountStatus.ReservedField;
        }

        if ((u.Flags & ~AccountUpdateFlags.Known) != 0)
            return UpdateAccountStatus.ReservedFlag;
        if ((u.LimitFlags & ~LimitFlags) != 0)
            return UpdateAccountStatus.ReservedFlag;
        if (u.Id == UInt128.Zero)
            return UpdateAccountStatus.IdMustNotBeZero;
        if (u.Id == UInt128.MaxValue)
            return UpdateAccountStatus.IdMustNotBeIntMax;
        if (!setsAllowance && !setsLimits)
            return UpdateAccountStatus.NothingToUpdate;
        if (u.LimitFlags == LimitFlags)
            return UpdateAccountStatus.LimitFlagsAreMutuallyExclusive;
        if (u.Allowance > Limits.StoredAmountMax)
            return UpdateAccountStatus.AllowanceOverflows;

        bool found = TryGetSlot(u.Id, out uint slot);
        AccountFlags oldLimits = found ? _hot[slot]->Flags & LimitFlags : LimitFlags;
        ulong oldAllowance = found ? _cold[slot]->Allowance : 0;
        AccountFlags limits = setsLimits ? u.LimitFlags : oldLimits;
        ulong allowance = setsAllowance ? (ulong)u.Allowance : oldAllowance;
        if (allowance > 0 && limits == AccountFlags.None)
        {
            return UpdateAccountStatus.AllowanceNeedsALimit;
        }

        if (!found)
            return UpdateAccountStatus.AccountNotFound;
        if (u.ExpectedVersion != _cold[slot]->Version)
            return UpdateAccountStatus.VersionMismatch;

        // After this point the update must succeed.
        RecordHot(slot);
        RecordCold(slot);
        HotAccount* hot = TouchHot(slot);
        ColdAccount* cold = TouchCold(slot);
        AccountFlags kept = hot->Flags & ~(LimitFlags | HotAccount.HasAllowance);
        hot->Flags = kept | limits | (allowance > 0 ? HotAccount.HasAllowance : AccountFlags.None);
        cold->Allowance = allowance;
        cold->Version++;
        cold->UpdatedTimestamp = timestamp;
        return UpdateAccountStatus.Updated;
    }
}
