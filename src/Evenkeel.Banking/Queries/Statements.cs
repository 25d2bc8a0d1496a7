using System.Globalization;
using System.Runtime.CompilerServices;
using Evenkeel.Banking.GeneralLedger;
using Evenkeel.Banking.Storage;
using Evenkeel.Journal;
using Evenkeel.Model;
using Evenkeel.Payments;

namespace Evenkeel.Banking.Queries;

/// <summary>
/// Movements of an account by booking date. Rows come in the order of their timestamps, in which a
/// booking date never goes back: a range of dates is one run of rows.
/// </summary>
internal static class Statements
{
    /// <summary>Rows read from the ledger at a time.</summary>
    private const uint RowsAtOnce = 1_000;

    /// <param name="BookedMinor">Booked balance right after the transfer.</param>
    private readonly record struct Row(Transfer Transfer, long BookedMinor);

    /// <exception cref="BankUnavailableException">The journal could not answer.</exception>
    public static async ValueTask<StatementPage> ReadAsync(
        Bank bank,
        StatementQuery query,
        uint currency,
        CancellationToken cancellationToken
    )
    {
        var account = LedgerIds.Of(query.Account);
        var after = ulong.TryParse(query.After, CultureInfo.InvariantCulture, out var parsed)
            ? parsed
            : ulong.MaxValue;
        List<StatementLine> lines = [];
        long? closing = null;
        var shownLast = 0UL;
        string? next = null;
        Row? newer = null;
        var opening = 0L;
        await foreach (var row in RowsAsync(bank.Journal, account, cancellationToken))
        {
            // Only the older neighbour tells what a row changed, so each is shown one row late.
            Show(row.BookedMinor);
            newer = null;
            var date = Posting.BookingDateOf(row.Transfer);
            if (date < query.From)
            {
                opening = row.BookedMinor;
                break;
            }
            if (date <= query.To)
            {
                closing ??= row.BookedMinor;
                newer = row;
            }
        }
        Show(opening);
        return new StatementPage(
            new Money(opening, currency),
            new Money(closing ?? opening, currency),
            lines,
            next
        );

        void Show(long before)
        {
            if (newer is not { } row || row.BookedMinor == before)
            {
                return;
            }
            if (row.Transfer.Timestamp >= after)
            {
                return;
            }
            if (lines.Count == query.Limit)
            {
                next ??= shownLast.ToString(CultureInfo.InvariantCulture);
                return;
            }
            shownLast = row.Transfer.Timestamp;
            lines.Add(LineOf(row, row.BookedMinor - before, account, currency));
        }
    }

    /// <summary>Newest first, all of them; the caller stops.</summary>
    private static async IAsyncEnumerable<Row> RowsAsync(
        IJournal journal,
        UInt128 account,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var max = 0UL;
        while (true)
        {
            var filter = new AccountFilter
            {
                AccountId = account,
                TimestampMax = max,
                Limit = RowsAtOnce,
                Flags =
                    AccountFilterFlags.Debits
                    | AccountFilterFlags.Credits
                    | AccountFilterFlags.Reversed,
            };
            var transfers = Answers.Value(
                await journal.GetAccountTransfersAsync(filter, cancellationToken)
            );
            if (transfers.Length == 0)
            {
                yield break;
            }
            filter.TimestampMin = transfers[^1].Timestamp;
            filter.TimestampMax = transfers[0].Timestamp;
            var balances = Answers
                .Value(await journal.GetAccountBalancesAsync(filter, cancellationToken))
                .ToDictionary(static balance => balance.Timestamp);
            foreach (var transfer in transfers)
            {
                if (balances.TryGetValue(transfer.Timestamp, out var balance))
                {
                    yield return new Row(
                        transfer,
                        (long)((Int128)balance.CreditsPosted - (Int128)balance.DebitsPosted)
                    );
                }
            }
            if (transfers[^1].Timestamp <= Limits.TimestampMin)
            {
                yield break;
            }
            max = transfers[^1].Timestamp - 1;
        }
    }

    private static StatementLine LineOf(Row row, long change, UInt128 account, uint currency)
    {
        var transfer = row.Transfer;
        var other =
            transfer.DebitAccountId == account ? transfer.CreditAccountId : transfer.DebitAccountId;
        return new StatementLine(
            LogTime.ToInstant(transfer.Timestamp),
            Posting.BookingDateOf(transfer),
            Posting.ValueDateOf(transfer),
            new Money(change, currency),
            new Money(row.BookedMinor, currency),
            ((PostingKind)transfer.Code).ToString(),
            transfer.UserData128 == 0 ? null : new InstructionId(transfer.UserData128),
            LedgerIds.NumberOf(other)?.ToString(),
            Remittance: null
        );
    }
}
