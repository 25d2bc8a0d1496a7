using Evenkeel.Model;

namespace Evenkeel.Ledger.Tests.Naive;

/// <summary>Queries as sentences over the list of everything that ever moved.</summary>
internal sealed class NaiveQueries(NaiveState state)
{
    public List<Transfer> GetAccountTransfers(AccountFilter filter) =>
        [.. AccountMovements(filter).Select(m => m.Transfer.Wire)];

    public List<AccountBalance> GetAccountBalances(AccountFilter filter) =>
        state.Account(filter.AccountId)?.Has(AccountFlags.History) != true
            ? []
            :
            [
                .. from movement in AccountMovements(filter)
                let side = movement.Debit.Wire.Id == filter.AccountId
                    ? movement.Debit
                    : movement.Credit
                let wire = side.ToWire()
                select new AccountBalance
                {
                    DebitsPending = wire.DebitsPending,
                    DebitsPosted = wire.DebitsPosted,
                    CreditsPending = wire.CreditsPending,
                    CreditsPosted = wire.CreditsPosted,
                    Timestamp = movement.Timestamp,
                },
            ];

    public List<Account> QueryAccounts(QueryFilter filter) =>
        Page(
            from account in state.AccountsInOrder
            let wire = account.ToWire()
            where IsIn(wire.Timestamp, filter.TimestampMin, filter.TimestampMax)
            where filter.UserData128 == 0 || filter.UserData128 == wire.UserData128
            where filter.UserData64 == 0 || filter.UserData64 == wire.UserData64
            where filter.UserData32 == 0 || filter.UserData32 == wire.UserData32
            where filter.Ledger == 0 || filter.Ledger == wire.Ledger
            where filter.Code == 0 || filter.Code == wire.Code
            select wire,
            filter
        );

    public List<Transfer> QueryTransfers(QueryFilter filter) =>
        Page(
            from movement in state.Movements
            where movement.Type != ChangeEventType.TwoPhaseExpired
            let wire = movement.Transfer.Wire
            where IsIn(wire.Timestamp, filter.TimestampMin, filter.TimestampMax)
            where filter.UserData128 == 0 || filter.UserData128 == wire.UserData128
            where filter.UserData64 == 0 || filter.UserData64 == wire.UserData64
            where filter.UserData32 == 0 || filter.UserData32 == wire.UserData32
            where filter.Ledger == 0 || filter.Ledger == wire.Ledger
            where filter.Code == 0 || filter.Code == wire.Code
            select wire,
            filter
        );

    public List<ChangeEvent> GetChangeEvents(ChangeEventsFilter filter) =>
        !AreValid(filter.TimestampMin, filter.TimestampMax)
            ? []
            :
            [
                .. state
                    .Movements.Where(m =>
                        IsIn(m.Timestamp, filter.TimestampMin, filter.TimestampMax)
                    )
                    .Take((int)Math.Min(filter.Limit, Limits.ChangeEventsMax))
                    .Select(ToChangeEvent),
            ];

    private IEnumerable<NaiveMovement> AccountMovements(AccountFilter filter)
    {
        if (
            filter.AccountId == 0
            || !AreValid(filter.TimestampMin, filter.TimestampMax)
            || (uint)filter.Flags is 0 or 4 or > 7
        )
        {
            return [];
        }

        var debits = filter.Flags.HasFlag(AccountFilterFlags.Debits);
        var credits = filter.Flags.HasFlag(AccountFilterFlags.Credits);
        var all =
            from movement in state.Movements
            where movement.Type != ChangeEventType.TwoPhaseExpired
            let wire = movement.Transfer.Wire
            where
                (debits && wire.DebitAccountId == filter.AccountId)
                || (credits && wire.CreditAccountId == filter.AccountId)
            where IsIn(wire.Timestamp, filter.TimestampMin, filter.TimestampMax)
            where filter.UserData128 == 0 || filter.UserData128 == wire.UserData128
            where filter.UserData64 == 0 || filter.UserData64 == wire.UserData64
            where filter.UserData32 == 0 || filter.UserData32 == wire.UserData32
            where filter.Code == 0 || filter.Code == wire.Code
            select movement;
        return (filter.Flags.HasFlag(AccountFilterFlags.Reversed) ? all.Reverse() : all).Take(
            (int)Math.Min(filter.Limit, Limits.QueryResultsMax)
        );
    }

    private static List<TRow> Page<TRow>(IEnumerable<TRow> rows, QueryFilter filter)
    {
        if (!AreValid(filter.TimestampMin, filter.TimestampMax) || (uint)filter.Flags > 1)
        {
            return [];
        }

        var ordered = filter.Flags.HasFlag(QueryFilterFlags.Reversed) ? rows.Reverse() : rows;
        return [.. ordered.Take((int)Math.Min(filter.Limit, Limits.QueryResultsMax))];
    }

    private static bool AreValid(ulong min, ulong max) =>
        min <= long.MaxValue && max <= long.MaxValue && (max == 0 || min <= max);

    private static bool IsIn(ulong time, ulong min, ulong max) =>
        time >= min && (max == 0 || time <= max);

    private static ChangeEvent ToChangeEvent(NaiveMovement movement)
    {
        var transfer = movement.Transfer.Wire;
        return new ChangeEvent
        {
            TransferId = transfer.Id,
            TransferAmount = transfer.Amount,
            TransferPendingId = transfer.PendingId,
            TransferUserData128 = transfer.UserData128,
            TransferUserData64 = transfer.UserData64,
            TransferUserData32 = transfer.UserData32,
            TransferTimeout = transfer.Timeout,
            TransferCode = transfer.Code,
            TransferFlags = transfer.Flags,
            Ledger = transfer.Ledger,
            Type = movement.Type,
            Debit = ToSide(movement.Debit.ToWire()),
            Credit = ToSide(movement.Credit.ToWire()),
            Timestamp = movement.Timestamp,
            TransferTimestamp = transfer.Timestamp,
            DebitAccountTimestamp = movement.Debit.Wire.Timestamp,
            CreditAccountTimestamp = movement.Credit.Wire.Timestamp,
        };
    }

    private static ChangeEventAccount ToSide(Account account) =>
        new()
        {
            AccountId = account.Id,
            DebitsPending = account.DebitsPending,
            DebitsPosted = account.DebitsPosted,
            CreditsPending = account.CreditsPending,
            CreditsPosted = account.CreditsPosted,
            UserData128 = account.UserData128,
            UserData64 = account.UserData64,
            UserData32 = account.UserData32,
            Code = account.Code,
            Flags = account.Flags,
        };
}
