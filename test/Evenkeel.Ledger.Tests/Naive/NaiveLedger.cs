using System.Numerics;
using Evenkeel.Model;

namespace Evenkeel.Ledger.Tests.Naive;

/// <summary>
/// The ledger's rules once more, by other means: dictionaries, immutable values, numbers without a
/// width, tables of predicates. Slow and plain, so that agreement with it means something.
/// </summary>
/// <param name="transferRules">The table of transfers; a test plants a bug by handing in another.</param>
internal sealed class NaiveLedger(IReadOnlyList<TransferRule>? transferRules = null)
{
    private readonly IReadOnlyList<TransferRule> _transferRules =
        transferRules ?? TransferRules.All;

    public NaiveState State { get; } = new();

    public int ExpireHolds(ulong timestamp)
    {
        var due = State.Due(timestamp).Take(Limits.ExpiriesPerEntryMax).ToList();
        for (var i = 0; i < due.Count; i++)
        {
            var hold = due[i] with { State = TransferPendingStatus.Expired };
            var debit = State.Account(hold.Wire.DebitAccountId)!;
            var credit = State.Account(hold.Wire.CreditAccountId)!;
            debit = debit with
            {
                DebitsPending = debit.DebitsPending - hold.Amount,
                Flags = Reopened(debit.Flags, hold, TransferFlags.ClosingDebit),
            };
            credit = credit with
            {
                CreditsPending = credit.CreditsPending - hold.Amount,
                Flags = Reopened(credit.Flags, hold, TransferFlags.ClosingCredit),
            };
            Record(
                State,
                timestamp - (ulong)(due.Count - 1 - i),
                ChangeEventType.TwoPhaseExpired,
                hold,
                debit,
                credit
            );
        }

        return due.Count;
    }

    public CreateAccountResult[] CreateAccounts(ulong batchTime, Account[] events)
    {
        var imported = events.Length > 0 && events[0].Flags.HasFlag(AccountFlags.Imported);
        var results = new CreateAccountResult[events.Length];
        Run(
            events,
            a => a.Flags.HasFlag(AccountFlags.Linked),
            (state, i) =>
            {
                var eventTime = EventTime(batchTime, events.Length, i);
                var c = new AccountCase(state, events[i], batchTime, imported);
                var refusal = AccountRules.All.FirstOrDefault(rule => rule.Applies(c));
                if (refusal is not null)
                {
                    var exists = refusal.Status == CreateAccountStatus.Exists;
                    results[i] = new CreateAccountResult
                    {
                        Status = refusal.Status,
                        Timestamp = exists ? c.Existing!.Wire.Timestamp : eventTime,
                    };
                    return false;
                }

                var wire = events[i];
                wire.Timestamp = c.Imported ? wire.Timestamp : eventTime;
                state.Put(new NaiveAccount(wire));
                results[i] = new CreateAccountResult
                {
                    Status = CreateAccountStatus.Created,
                    Timestamp = wire.Timestamp,
                };
                return true;
            },
            (i, open, executed) =>
            {
                results[i].Status = open
                    ? CreateAccountStatus.LinkedEventChainOpen
                    : CreateAccountStatus.LinkedEventFailed;
                if (!executed)
                {
                    results[i].Timestamp = EventTime(batchTime, events.Length, i);
                }
            }
        );
        return results;
    }

    public CreateTransferResult[] CreateTransfers(ulong batchTime, Transfer[] events)
    {
        var imported = events.Length > 0 && events[0].Flags.HasFlag(TransferFlags.Imported);
        var results = new CreateTransferResult[events.Length];
        Run(
            events,
            t => t.Flags.HasFlag(TransferFlags.Linked),
            (state, i) =>
            {
                var eventTime = EventTime(batchTime, events.Length, i);
                var c = new TransferCase(state, events[i], eventTime, batchTime, imported);
                var refusal = _transferRules.FirstOrDefault(rule => rule.Applies(c));
                if (refusal is not null)
                {
                    var exists = refusal.Status == CreateTransferStatus.Exists;
                    results[i] = new CreateTransferResult
                    {
                        Status = refusal.Status,
                        Timestamp = exists ? c.Existing!.Wire.Timestamp : eventTime,
                    };
                    return false;
                }

                results[i] = new CreateTransferResult
                {
                    Status = CreateTransferStatus.Created,
                    Timestamp = c.ActualTime,
                };
                Perform(c);
                return true;
            },
            (i, open, executed) =>
            {
                results[i].Status = open
                    ? CreateTransferStatus.LinkedEventChainOpen
                    : CreateTransferStatus.LinkedEventFailed;
                if (!executed)
                {
                    results[i].Timestamp = EventTime(batchTime, events.Length, i);
                }
            },
            afterRefusal: i =>
            {
                if (results[i].Status.IsTransient())
                {
                    State.RememberFailure(events[i].Id);
                }
            }
        );
        return results;
    }

    public UpdateAccountResult[] UpdateAccounts(ulong batchTime, AccountUpdate[] events)
    {
        var results = new UpdateAccountResult[events.Length];
        Run(
            events,
            u => u.Flags.HasFlag(AccountUpdateFlags.Linked),
            (state, i) =>
            {
                var c = new UpdateCase(state, events[i]);
                var refusal = UpdateRules.All.FirstOrDefault(rule => rule.Applies(c));
                results[i].Timestamp = EventTime(batchTime, events.Length, i);
                results[i].Status = refusal?.Status ?? UpdateAccountStatus.Updated;
                if (refusal is null)
                {
                    state.Put(c.Result(results[i].Timestamp));
                }

                results[i].Version = c.Account?.Version ?? 0;
                return refusal is null;
            },
            (i, open, _) =>
            {
                results[i] = new UpdateAccountResult
                {
                    Timestamp = EventTime(batchTime, events.Length, i),
                    Status = open
                        ? UpdateAccountStatus.LinkedEventChainOpen
                        : UpdateAccountStatus.LinkedEventFailed,
                    Version = State.Account(events[i].Id)?.Version ?? 0,
                };
            },
            afterRefusal: i => results[i].Version = State.Account(events[i].Id)?.Version ?? 0
        );
        return results;
    }

    private static ulong EventTime(ulong batchTime, int count, int index) =>
        batchTime - (ulong)count + (ulong)index + 1;

    /// <summary>Cuts the batch into chains first, then runs each on a layer of its own.</summary>
    private void Run<TEvent>(
        TEvent[] events,
        Func<TEvent, bool> isLinked,
        Func<NaiveState, int, bool> execute,
        Action<int, bool, bool> failWithChain,
        Action<int>? afterRefusal = null
    )
    {
        for (var first = 0; first < events.Length; )
        {
            var last = first;
            while (last < events.Length - 1 && isLinked(events[last]))
            {
                last++;
            }

            var open = isLinked(events[last]);
            var layer = new NaiveState(State);
            var refused = -1;
            for (var i = first; i <= last && refused < 0; i++)
            {
                if (!(open && i == last) && !execute(layer, i))
                {
                    refused = i;
                }
            }

            if (refused < 0 && !open)
            {
                layer.LayDown();
            }
            else
            {
                for (var i = first; i <= last; i++)
                {
                    if (open && i == last)
                    {
                        failWithChain(i, true, false);
                    }
                    else if (i != refused)
                    {
                        failWithChain(i, false, refused < 0 || i < refused);
                    }
                }

                if (refused >= 0)
                {
                    afterRefusal?.Invoke(refused);
                }
            }

            first = last + 1;
        }
    }

    private static void Perform(TransferCase c)
    {
        var amount = c.Amount;
        var debit = c.Debit!;
        var credit = c.Credit!;
        var wire = c.T;
        wire.Amount = (UInt128)amount;
        wire.Timestamp = c.ActualTime;
        var type = ChangeEventType.SinglePhase;
        if (c.Resolves)
        {
            var hold = c.Hold!;
            wire.DebitAccountId = hold.Wire.DebitAccountId;
            wire.CreditAccountId = hold.Wire.CreditAccountId;
            wire.Ledger = hold.Wire.Ledger;
            wire.Code = hold.Wire.Code;
            wire.UserData128 = wire.UserData128 != 0 ? wire.UserData128 : hold.Wire.UserData128;
            wire.UserData64 = wire.UserData64 != 0 ? wire.UserData64 : hold.Wire.UserData64;
            wire.UserData32 = wire.UserData32 != 0 ? wire.UserData32 : hold.Wire.UserData32;
            if (c.Revives)
            {
                c.State.Put(hold with { ForcedPosted = true });
            }
            else
            {
                type = c.Voids ? ChangeEventType.TwoPhaseVoided : ChangeEventType.TwoPhasePosted;
                debit = debit with { DebitsPending = debit.DebitsPending - hold.Amount };
                credit = credit with { CreditsPending = credit.CreditsPending - hold.Amount };
                c.State.Put(
                    hold with
                    {
                        State = c.Voids
                            ? TransferPendingStatus.Voided
                            : TransferPendingStatus.Posted,
                    }
                );
            }

            if (c.Voids)
            {
                debit = debit with
                {
                    Flags = Reopened(debit.Flags, hold, TransferFlags.ClosingDebit),
                };
                credit = credit with
                {
                    Flags = Reopened(credit.Flags, hold, TransferFlags.ClosingCredit),
                };
            }
        }

        if (c.Pending)
        {
            type = ChangeEventType.TwoPhasePending;
            debit = debit with
            {
                DebitsPending = debit.DebitsPending + amount,
                Flags = Closed(debit.Flags, c, TransferFlags.ClosingDebit),
            };
            credit = credit with
            {
                CreditsPending = credit.CreditsPending + amount,
                Flags = Closed(credit.Flags, c, TransferFlags.ClosingCredit),
            };
        }
        else if (!c.Voids)
        {
            debit = debit with { DebitsPosted = debit.DebitsPosted + amount };
            credit = credit with { CreditsPosted = credit.CreditsPosted + amount };
        }

        var state = c.Pending ? TransferPendingStatus.Pending : TransferPendingStatus.None;
        var transfer = new NaiveTransfer(wire, state);
        Record(c.State, wire.Timestamp, type, transfer, debit, credit);
    }

    private static void Record(
        NaiveState state,
        ulong timestamp,
        ChangeEventType type,
        NaiveTransfer transfer,
        NaiveAccount debit,
        NaiveAccount credit
    )
    {
        state.Put(debit);
        state.Put(credit);
        state.Put(transfer);
        state.Add(new NaiveMovement(timestamp, type, transfer, debit, credit));
    }

    private static AccountFlags Closed(AccountFlags flags, TransferCase c, TransferFlags closing) =>
        c.Has(closing) ? flags | AccountFlags.Closed : flags;

    private static AccountFlags Reopened(
        AccountFlags flags,
        NaiveTransfer hold,
        TransferFlags closing
    ) => hold.Wire.Flags.HasFlag(closing) ? flags & ~AccountFlags.Closed : flags;
}
