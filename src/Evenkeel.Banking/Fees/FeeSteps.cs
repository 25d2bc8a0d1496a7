using System.Globalization;
using Evenkeel.Banking.EndOfDay;
using Evenkeel.Banking.GeneralLedger;
using Evenkeel.Banking.Products;
using Evenkeel.Banking.Storage;
using Evenkeel.Journal;
using Evenkeel.Payments;

namespace Evenkeel.Banking.Fees;

/// <summary>At a month's end each account owes what its product says.</summary>
internal sealed class MonthlyFeeStep : IEndOfDayStep
{
    public string Name => "monthly-fees";

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
                async (number, account, token) =>
                {
                    var product = await bank.Products.FindAsync(
                        account.Product,
                        account.Currency,
                        token
                    );
                    var fee = product?.TermsOn(day.Date).MonthlyFeeMinor ?? 0;
                    if (
                        fee > 0
                        && account.Opened <= day.Date
                        && account.State != AccountState.Closed
                    )
                    {
                        await OweAsync(bank, day, number.ToString(), token);
                    }
                },
                cancellationToken
            );

    private async ValueTask OweAsync(
        Bank bank,
        BusinessDayDocument day,
        string account,
        CancellationToken cancellationToken
    ) =>
        await StepOperation.DecideAsync(
            bank,
            day.Date,
            Name,
            account,
            [],
            async (reader, draft, _, token) =>
            {
                var document = await Collections.Accounts.ReadAsync(reader, account, token);
                var product = await ProductAdministration.ReadAsync(
                    reader,
                    document!.Product,
                    document.Currency,
                    token
                );
                return draft with
                {
                    Writes =
                    [
                        FeeRecords.Owe(
                            account,
                            "monthly",
                            product!.TermsOn(day.Date).MonthlyFeeMinor,
                            document.Currency,
                            day.Date
                        ),
                    ],
                };
            },
            cancellationToken
        );
}

/// <summary>Takes the fees that are owed, if the account has the money; else tries at the next end of day.</summary>
internal sealed class FeeCollectionStep : IEndOfDayStep
{
    private const int FeesAtATime = 256;

    public string Name => "fees";

    public async ValueTask<StepProgress> RunAsync(
        Bank bank,
        BusinessDayDocument day,
        string? cursor,
        CancellationToken cancellationToken
    )
    {
        var page = await Collections.Fees.QueryAsync(
            bank.Journal,
            new RecordQuery
            {
                Collection = Collections.Fees.Name,
                Index = "state",
                Value = nameof(FeeState.Due),
                After = cursor,
                Limit = FeesAtATime,
            },
            cancellationToken
        );
        foreach (var (key, _) in page.Documents)
        {
            await StepOperation.DecideAsync(
                bank,
                day.Date,
                Name,
                key,
                [],
                async (reader, draft, id, token) =>
                {
                    var fee = await Collections.Fees.ReadAsync(reader, key, token);
                    return fee is not { State: FeeState.Due }
                        ? StepOperation.NothingToDo(draft)
                        : draft with
                        {
                            Transfers =
                            [
                                EndOfDayPosting.IntoOpen(
                                    id,
                                    "fee",
                                    LedgerIds.Of(AccountNumber.Parse(fee.Account)),
                                    LedgerIds.Of(GlCode.FeeIncome, fee.Currency),
                                    fee.AmountMinor,
                                    fee.Currency,
                                    PostingKind.Fee,
                                    day.Next
                                ),
                            ],
                            Writes =
                            [
                                Collections.Fees.Write(
                                    key,
                                    fee with
                                    {
                                        State = FeeState.Taken,
                                        Taken = day.Next,
                                    }
                                ),
                            ],
                        };
                },
                cancellationToken
            );
        }
        return new StepProgress(page.Documents.Count, page.Next);
    }
}

internal static class FeeRecords
{
    /// <summary>Once for each account, kind and day.</summary>
    public static RecordWrite Owe(
        string account,
        string kind,
        long minor,
        uint currency,
        DateOnly incurred
    ) =>
        Collections.Fees.Write(
            KeyOf(account, kind, incurred),
            new FeeDocument(account, kind, minor, currency, incurred, FeeState.Due)
        );

    public static string KeyOf(string account, string kind, DateOnly incurred) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{account}/{BusinessDays.KeyOf(incurred)}/{kind}"
        );
}
