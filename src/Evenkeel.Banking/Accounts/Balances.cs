using Evenkeel.Banking.GeneralLedger;
using Evenkeel.Banking.Storage;
using Evenkeel.Journal;
using Evenkeel.Model;
using Evenkeel.Payments;

namespace Evenkeel.Banking.Accounts;

/// <param name="BookedMinor">Posted credits less posted debits: what the bank owes the customer.</param>
/// <param name="AvailableMinor">Booked less holds; without an agreed overdraft.</param>
internal readonly record struct Balance(long BookedMinor, long AvailableMinor);

internal static class Balances
{
    /// <exception cref="BankUnavailableException">The journal could not answer.</exception>
    public static async ValueTask<Balance> ReadAsync(
        IJournal journal,
        AccountNumber number,
        CancellationToken cancellationToken
    )
    {
        var found = Answers.Value(
            await journal.LookupAccountsAsync(
                new UInt128[] { LedgerIds.Of(number) },
                cancellationToken
            )
        );
        Check.That(found is [_]);
        var account = found[0];
        var booked = (long)((Int128)account.CreditsPosted - (Int128)account.DebitsPosted);
        return new Balance(booked, booked - (long)account.DebitsPending);
    }
}
