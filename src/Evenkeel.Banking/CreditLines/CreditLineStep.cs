using Evenkeel.Banking.Accounts;
using Evenkeel.Banking.Calendars;
using Evenkeel.Banking.EndOfDay;
using Evenkeel.Banking.Fees;
using Evenkeel.Banking.GeneralLedger;
using Evenkeel.Banking.Interest;
using Evenkeel.Banking.Products;
using Evenkeel.Banking.Storage;
using Evenkeel.Journal;
using Evenkeel.Journal.Decisions;
using Evenkeel.Payments;

namespace Evenkeel.Banking.CreditLines;

/// <summary>
/// Bills each credit line at a month's end, and on the due date looks at what was paid since: takes the
/// rest from the settlement account where that is agreed, and charges a late fee when the minimum is missed.
/// </summary>
internal sealed class CreditLineStep : IEndOfDayStep
{
    private const int LinesAtATime = 256;

    public string Name => "credit-lines";

    public async ValueTask<StepProgress> RunAsync(
        Bank bank,
        BusinessDayDocument day,
        string? cursor,
        CancellationToken cancellationToken
    )
    {
        var page = await Collections.CreditLines.QueryAsync(
            bank.Journal,
            new RecordQuery
            {
                Collection = Collections.CreditLines.Name,
                After = cursor,
                Limit = LinesAtATime,
            },
            cancellationToken
        );
        foreach (var (key, line) in page.Documents)
        {
            if (line.Bill is { State: BillState.Open } bill && bill.Due <= day.Next)
            {
                await CollectAsync(bank, day, key, cancellationToken);
            }
            if (day.IsMonthEnd)
            {
                await BillAsync(bank, day, key, cancellationToken);
            }
        }
        return new StepProgress(page.Documents.Count, page.Next);
    }

    private static async ValueTask BillAsync(
        Bank bank,
        BusinessDayDocument day,
        string key,
        CancellationToken cancellationToken
    )
    {
        var booked = await AccountMovements.BookedAtAsync(
            bank.Journal,
            LedgerIds.Of(AccountNumber.Parse(key)),
            day.ClosedNs,
            cancellationToken
        );
        await StepOperation.DecideAsync(
            bank,
            day.Date,
            "credit-line-bill",
            key,
            [Collections.CreditLines.Key(key)],
            async (reader, draft, _, token) =>
            {
                var line = await Collections.CreditLines.ReadAsync(reader, key, token);
                var terms = await TermsAsync(reader, key, day.Date, token);
                var calendar = await CalendarAdministration.ReadAsync(
                    reader,
                    line!.Currency,
                    token
                );
                var amount = Math.Max(0, -booked);
                var minimum = Math.Min(
                    amount,
                    Math.Max(
                        terms.MinimumPaymentMinor,
                        (long)((Int128)amount * terms.MinimumPaymentBasisPoints / 10_000)
                    )
                );
                CreditLineBill bill = new(
                    day.Date,
                    day.ClosedNs,
                    amount,
                    minimum,
                    calendar.Shift(day.Date.AddDays(terms.PaymentDays), DateShift.Following),
                    amount == 0 ? BillState.Met : BillState.Open
                );
                return draft with
                {
                    Writes = [Collections.CreditLines.Write(key, line with { Bill = bill })],
                };
            },
            cancellationToken
        );
    }

    private static async ValueTask CollectAsync(
        Bank bank,
        BusinessDayDocument day,
        string key,
        CancellationToken cancellationToken
    )
    {
        var taken = await StepOperation.DecideAsync(
            bank,
            day.Date,
            "credit-line-due",
            key,
            [Collections.CreditLines.Key(key)],
            (reader, draft, id, token) =>
                DecideAsync(bank, reader, draft, id, day, key, isTaking: true, token),
            cancellationToken
        );
        if (taken.Status != OperationStatus.Done)
        {
            // The money went a moment before: the bill is judged by what was paid.
            await StepOperation.DecideAsync(
                bank,
                day.Date,
                "credit-line-judge",
                key,
                [Collections.CreditLines.Key(key)],
                (reader, draft, id, token) =>
                    DecideAsync(bank, reader, draft, id, day, key, isTaking: false, token),
                cancellationToken
            );
        }
    }

    private static async ValueTask<Operation> DecideAsync(
        Bank bank,
        DecisionReader reader,
        Operation draft,
        InstructionId id,
        BusinessDayDocument day,
        string key,
        bool isTaking,
        CancellationToken cancellationToken
    )
    {
        var line = await Collections.CreditLines.ReadAsync(reader, key, cancellationToken);
        if (line?.Bill is not { State: BillState.Open } bill)
        {
            return StepOperation.NothingToDo(draft);
        }
        var account = LedgerIds.Of(AccountNumber.Parse(key));
        var since = await AccountMovements.BetweenAsync(
            bank.Journal,
            account,
            bill.BilledNs,
            day.ClosedNs,
            -bill.AmountMinor,
            cancellationToken
        );
        var paid = since
            .Where(static movement => movement.ChangeMinor > 0)
            .Sum(static movement => movement.ChangeMinor);
        var target =
            line.DirectPayment == DirectPayment.Full ? bill.AmountMinor : bill.MinimumMinor;
        var taken =
            isTaking && line.Settlement is { } settlement && paid < target
                ? Math.Clamp(
                    (
                        await Balances.ReadAsync(
                            bank.Journal,
                            AccountNumber.Parse(settlement),
                            cancellationToken
                        )
                    ).AvailableMinor,
                    0,
                    target - paid
                )
                : 0;
        var isMet = paid + taken >= bill.MinimumMinor;
        var terms = await TermsAsync(reader, key, day.Date, cancellationToken);
        return draft with
        {
            Transfers =
                taken == 0
                    ? []
                    :
                    [
                        EndOfDayPosting.IntoOpen(
                            id,
                            "due",
                            LedgerIds.Of(AccountNumber.Parse(line.Settlement!)),
                            account,
                            taken,
                            line.Currency,
                            PostingKind.CreditLinePayment,
                            day.Next
                        ),
                    ],
            Writes =
            [
                Collections.CreditLines.Write(
                    key,
                    line with
                    {
                        Bill = bill with { State = isMet ? BillState.Met : BillState.Missed },
                    }
                ),
                .. isMet || terms.LateFeeMinor == 0
                    ? (RecordWrite[])[]
                    :
                    [
                        FeeRecords.Owe(
                            key,
                            "late-bill",
                            terms.LateFeeMinor,
                            line.Currency,
                            bill.Billed
                        ),
                    ],
            ],
        };
    }

    private static async ValueTask<ProductTerms> TermsAsync(
        DecisionReader reader,
        string key,
        DateOnly date,
        CancellationToken cancellationToken
    )
    {
        var account = await Collections.Accounts.ReadAsync(reader, key, cancellationToken);
        var product = await ProductAdministration.ReadAsync(
            reader,
            account!.Product,
            account.Currency,
            cancellationToken
        );
        return product!.TermsOn(date);
    }
}
