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
            : AccountBatch.RunAsync(
                bank,
                cursor,
                (number, account, token) =>
                    account.Opened > day.Date
                        ? ValueTask.CompletedTask
                        : DrawAsync(bank, day, number, account.Opened, token),
                cancellationToken
            );

    private async ValueTask DrawAsync(
        Bank bank,
        BusinessDayDocument day,
        AccountNumber number,
        DateOnly opened,
        CancellationToken cancellationToken
    )
    {
        var key = number.ToString();
        var closing = await AccountMovements.BookedAtAsync(
            bank.Journal,
            LedgerIds.Of(number),
            day.ClosedNs,
            cancellationToken
        );
        await StepOperation.DecideAsync(
            bank,
            day.Date,
            Name,
            key,
            [Collections.LastStatements.Key(key)],
            async (reader, draft, _, token) =>
            {
                var last = await Collections.LastStatements.ReadAsync(reader, key, token);
                if (last?.To >= day.Date)
                {
                    return StepOperation.NothingToDo(draft);
                }
                StatementDocument statement = new(
                    (last?.Number ?? 0) + 1,
                    last?.To.AddDays(1) ?? opened,
                    day.Date,
                    last?.ToNs ?? 0,
                    day.ClosedNs,
                    last?.ClosingMinor ?? 0,
                    closing
                );
                return draft with
                {
                    Writes =
                    [
                        Collections.Statements.Write(
                            string.Create(
                                CultureInfo.InvariantCulture,
                                $"{key}/{statement.Number:D6}"
                            ),
                            statement
                        ),
                        Collections.LastStatements.Write(key, statement),
                    ],
                };
            },
            cancellationToken
        );
    }
}
