using Evenkeel.Banking.GeneralLedger;
using Evenkeel.Banking.Storage;
using Evenkeel.Journal;
using Evenkeel.Model;
using Evenkeel.Payments;

namespace Evenkeel.Banking.Interest;

/// <summary>One change of an account's booked balance.</summary>
/// <param name="ChangeMinor">Positive into the account; minor units.</param>
/// <param name="IsByHolder">Not by the bank of itself: the account is in use.</param>
internal readonly record struct AccountMovement(
    DateOnly ValueDate,
    DateOnly BookingDate,
    long ChangeMinor,
    bool IsByHolder
);

/// <summary>
/// Reads of an account's past in the ledger. What lies before a timestamp never changes, so these need
/// no guard.
/// </summary>
internal static class AccountMovements
{
    private const uint RowsAtOnce = 1_000;

    /// <summary>Posted credits less posted debits right after a moment.</summary>
    public static async ValueTask<long> BookedAtAsync(
        IJournal journal,
        UInt128 ledgerId,
        ulong timestampNs,
        CancellationToken cancellationToken
    ) => (await AtAsync(journal, ledgerId, timestampNs, cancellationToken)).BookedMinor;

    /// <summary>The balance right after a moment, and when the row that made it so was written.</summary>
    public static async ValueTask<(long BookedMinor, ulong TimestampNs)> AtAsync(
        IJournal journal,
        UInt128 ledgerId,
        ulong timestampNs,
        CancellationToken cancellationToken
    )
    {
        var found = Answers.Value(
            await journal.GetAccountBalancesAsync(
                new AccountFilter
                {
                    AccountId = ledgerId,
                    TimestampMax = timestampNs,
                    Limit = 1,
                    Flags =
                        AccountFilterFlags.Debits
                        | AccountFilterFlags.Credits
                        | AccountFilterFlags.Reversed,
                },
                cancellationToken
            )
        );
        return found is [var balance] ? (BookedOf(balance), balance.Timestamp) : default;
    }

    /// <summary>Oldest first: after one moment, up to and including another.</summary>
    /// <param name="bookedMinor">Booked balance at the first of them.</param>
    public static async ValueTask<IReadOnlyList<AccountMovement>> BetweenAsync(
        IJournal journal,
        UInt128 ledgerId,
        ulong afterNs,
        ulong upToNs,
        long bookedMinor,
        CancellationToken cancellationToken
    )
    {
        List<AccountMovement> movements = [];
        var filter = new AccountFilter
        {
            AccountId = ledgerId,
            TimestampMin = afterNs + 1,
            TimestampMax = upToNs,
            Limit = RowsAtOnce,
            Flags = AccountFilterFlags.Debits | AccountFilterFlags.Credits,
        };
        while (filter.TimestampMin <= upToNs)
        {
            var transfers = Answers.Value(
                await journal.GetAccountTransfersAsync(filter, cancellationToken)
            );
            if (transfers.Length == 0)
            {
                break;
            }
            var balances = Answers
                .Value(
                    await journal.GetAccountBalancesAsync(
                        filter with
                        {
                            TimestampMax = transfers[^1].Timestamp,
                        },
                        cancellationToken
                    )
                )
                .ToDictionary(static balance => balance.Timestamp, BookedOf);
            foreach (var transfer in transfers)
            {
                // Holds and their ends change what is available, not what is booked.
                if (
                    balances.TryGetValue(transfer.Timestamp, out var booked)
                    && booked != bookedMinor
                )
                {
                    movements.Add(MovementOf(transfer, booked - bookedMinor));
                    bookedMinor = booked;
                }
            }
            filter.TimestampMin = transfers[^1].Timestamp + 1;
        }
        return movements;
    }

    private static AccountMovement MovementOf(in Transfer transfer, long change)
    {
        var booking = Posting.BookingDateOf(transfer);
        return new AccountMovement(
            transfer.UserData32 == 0 ? booking : Posting.ValueDateOf(transfer),
            booking,
            change,
            Posting.ChannelOf(transfer) != Channel.Internal
        );
    }

    private static long BookedOf(AccountBalance balance) =>
        (long)((Int128)balance.CreditsPosted - (Int128)balance.DebitsPosted);
}
