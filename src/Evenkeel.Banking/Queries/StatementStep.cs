using System.Globalization;
using Evenkeel.Banking.EndOfDay;
using Evenkeel.Banking.GeneralLedger;
using Evenkeel.Banking.Interest;
using Evenkeel.Banking.Storage;
using Evenkeel.Payments;

namespace Evenkeel.Banking.Queries;

/// <summary>Draws each account's statement at a month's end: it opens where the one before closed.</summary>
internal sealed class StatementStep : IEndOfDayStep
{
    public string Name => "statements";

    public ValueTask<StepProgress> RunAsync(
        Bank bank,
        BusinessDayDocument day,
        string? cursor,
        CancellationToken cancellationToken
    ) =>
        !day.IsMonthEnd
            ? ValueTask.FromResult(default(StepProgress))
            : new AccountsOperation<StatementDocument>(bank, day, Name, Collections.LastStatements)
            {
                IsDue = turn =>
                    turn.Account.Opened <= day.Date
                    && (turn.Known is null || turn.Known.To < day.Date),
                Work = (turn, _, token) => DrawAsync(bank, day, turn, token),
            }.RunAsync(cursor, cancellationToken);

    private static async ValueTask<AccountWork<StatementDocument>?> DrawAsync(
        Bank bank,
        BusinessDayDocument day,
        AccountTurn<StatementDocument> turn,
        CancellationToken cancellationToken
    )
    {
        var last = turn.Known;
        StatementDocument statement = new(
            (last?.Number ?? 0) + 1,
            last?.To.AddDays(1) ?? turn.Account.Opened,
            day.Date,
            last?.ToNs ?? 0,
            day.ClosedNs,
            last?.ClosingMinor ?? 0,
            await AccountMovements.BookedAtAsync(
                bank.Journal,
                LedgerIds.Of(turn.Number),
                day.ClosedNs,
                cancellationToken
            )
        );
        return new AccountWork<StatementDocument>(statement)
        {
            Writes =
            [
                Collections.Statements.Write(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{turn.Number}/{statement.Number:D6}"
                    ),
                    statement
                ),
            ],
        };
    }
}
