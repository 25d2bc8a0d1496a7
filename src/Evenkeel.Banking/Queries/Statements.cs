using System.Globalization;
using System.Runtime.CompilerServices;
using Evenkeel.Banking.EndOfDay;
using Evenkeel.Banking.GeneralLedger;
using Evenkeel.Banking.Interest;
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
        // The closes of business days bound the run of rows: what lies outside is never read.
        var lower = await BusinessDays.OpenedNsAsync(bank.Journal, query.From, cancellationToken);
        var upper = await BusinessDays.EndNsAsync(bank.Journal, query.To, cancellationToken);
        var opening =
            lower == 0
                ? 0
                : await AccountMovements.BookedAtAsync(
                    bank.Journal,
                    account,
                    lower,
                    cancellationToken
                );
        var closing = await AccountMovements.BookedAtAsync(
            bank.Journal,
            account,
            upper,
            cancellationToken
        );
        var after = ulong.TryParse(query.After, CultureInfo.InvariantCulture, out var parsed)
            ? parsed
            : ulong.MaxValue;
        List<StatementLine> lines = [];
        Row? newer = null;
        string? next = null;
        await foreach (
            var row in RowsAsync(
                bank.Journal,
                account,
                min: lower + 1,
                max: Math.Min(upper, after - 1),
                cancellationToken
            )
        )
        {
            // Only the older neighbour tells what a row changed, so each is shown one row late.
            if (!Show(row.BookedMinor))
            {
                break;
            }
            newer = row;
        }
        Show(opening);
        return new StatementPage(
            new Money(opening, currency),
            new Money(closing, currency),
            lines,
            next
        );

        bool Show(long before)
        {
            if (next is not null || newer is not { } row || row.BookedMinor == before)
            {
                return next is null;
            }
            if (lines.Count == query.Limit)
            {
                next = (row.Transfer.Timestamp + 1).ToString(CultureInfo.InvariantCulture);
                return false;
            }
            lines.Add(LineOf(row, row.BookedMinor - before, account, currency));
            return true;
        }
    }

    /// <summary>Newest first, between two timestamps; both belong to it.</summary>
    private static async IAsyncEnumerable<Row> RowsAsync(
        IJournal journal,
        UInt128 account,
        ulong min,
        ulong max,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        while (min <= max)
        {
            var filter = new AccountFilter
            {
                AccountId = account,
                TimestampMin = min,
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
