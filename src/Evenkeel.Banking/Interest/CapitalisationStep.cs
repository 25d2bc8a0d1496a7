using Evenkeel.Banking.Accounts;
using Evenkeel.Banking.EndOfDay;
using Evenkeel.Banking.GeneralLedger;
using Evenkeel.Banking.Products;
using Evenkeel.Banking.Storage;
using Evenkeel.Payments;

namespace Evenkeel.Banking.Interest;

/// <summary>
/// At a month's end what has accrued becomes money on the account, on the first of the new month. Parts
/// of a minor unit stay accrued. A loan's interest is paid by its instalments instead.
/// </summary>
internal sealed class CapitalisationStep : IEndOfDayStep
{
    public string Name => "capitalise";

    public ValueTask<StepProgress> RunAsync(
        Bank bank,
        BusinessDayDocument day,
        string? cursor,
        CancellationToken cancellationToken
    ) =>
        !day.IsMonthEnd
            ? ValueTask.FromResult(default(StepProgress))
            : new AccountsOperation<InterestDocument>(bank, day, Name, Collections.Interest)
            {
                IsDue = static turn =>
                    turn.Product.Kind != ProductKind.Loan
                    && turn.Known is { CreditPostedMinor: > 0 } or { DebitPostedMinor: > 0 },
                Work = (turn, id, _) =>
                    ValueTask.FromResult<AccountWork<InterestDocument>?>(Capitalise(turn, id, day)),
            }.RunAsync(cursor, cancellationToken);

    private static AccountWork<InterestDocument> Capitalise(
        AccountTurn<InterestDocument> turn,
        InstructionId id,
        BusinessDayDocument day
    )
    {
        // A closed account can't take it: someone must find whose it is now.
        var target =
            turn.Account.State == AccountState.Closed
                ? LedgerIds.Of(GlCode.Suspense, turn.Account.Currency)
                : LedgerIds.Of(turn.Number);
        var (after, transfers) = InterestSettlement.Of(
            turn.Known!,
            id,
            target,
            turn.Account.Currency,
            day.Next
        );
        return new AccountWork<InterestDocument>(after) { Transfers = transfers };
    }
}
