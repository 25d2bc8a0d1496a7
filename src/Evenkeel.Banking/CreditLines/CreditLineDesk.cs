using Evenkeel.Banking.Desk;
using Evenkeel.Banking.Products;
using Evenkeel.Banking.Storage;
using Evenkeel.Payments;

namespace Evenkeel.Banking.CreditLines;

/// <summary>Credit lines are agreed here; the end of day bills them and collects on due dates.</summary>
public sealed class CreditLineDesk
{
    private readonly Bank _bank;

    internal CreditLineDesk(Bank bank) => _bank = bank;

    /// <param name="account">An open account of a credit line product; its limit is its allowance.</param>
    /// <param name="settlement">Of the same holder and currency; null = the holder pays by hand.</param>
    public Task<TaskOutcome<CreditLineView>> AgreeAsync(
        Actor actor,
        string reference,
        AccountNumber account,
        AccountNumber? settlement,
        DirectPayment directPayment,
        CancellationToken cancellationToken
    )
    {
        var id = InstructionId.From(Channel.Internal, "credit-line-agree", reference);
        var key = account.ToString();
        return Administration.DecideAsync(
            _bank,
            actor,
            new(id.Value),
            "credit-line/agree",
            $"{key}\n{settlement}\n{directPayment}",
            [Collections.CreditLines.Key(key)],
            async (reader, draft, token) =>
            {
                if (actor is not Actor.Staff)
                {
                    return Refuse(OutcomeReason.NotAuthorised);
                }
                var line = await Collections.Accounts.ReadAsync(reader, key, token);
                if (line is not { State: AccountState.Open })
                {
                    return Refuse(OutcomeReason.DebtorAccountUnknown);
                }
                var product = await ProductAdministration.ReadAsync(
                    reader,
                    line.Product,
                    line.Currency,
                    token
                );
                if (product is not { Kind: ProductKind.CreditLine })
                {
                    return Refuse(OutcomeReason.NotSupported);
                }
                if (settlement is null != (directPayment == DirectPayment.None))
                {
                    return Refuse(OutcomeReason.Malformed);
                }
                if (settlement is { } payer)
                {
                    var from = await Collections.Accounts.ReadAsync(
                        reader,
                        payer.ToString(),
                        token
                    );
                    if (
                        from is not { State: AccountState.Open }
                        || from.Currency != line.Currency
                        || !string.Equals(from.Customer, line.Customer, StringComparison.Ordinal)
                    )
                    {
                        return Refuse(OutcomeReason.DebtorAccountUnknown);
                    }
                }
                if (await Collections.CreditLines.ReadAsync(reader, key, token) is not null)
                {
                    return Refuse(OutcomeReason.Duplicate);
                }
                CreditLineDocument document = new(
                    line.Customer,
                    line.Currency,
                    settlement?.ToString(),
                    directPayment
                );
                return AdminDecision<CreditLineView>.Accept(
                    draft with
                    {
                        Writes = [Collections.CreditLines.Write(key, document)],
                    },
                    ViewOf(account, document)
                );

                AdminDecision<CreditLineView> Refuse(OutcomeReason reason) =>
                    AdminDecision<CreditLineView>.Refuse(draft, reason);
            },
            async token => await FindAsync(account, token),
            cancellationToken
        );
    }

    /// <summary>For the bank's own people; null when there is none.</summary>
    public async ValueTask<CreditLineView?> FindAsync(
        AccountNumber account,
        CancellationToken cancellationToken
    ) =>
        await Collections.CreditLines.ReadAsync(
            _bank.Journal,
            account.ToString(),
            cancellationToken
        )
            is { } line
            ? ViewOf(account, line)
            : null;

    private static CreditLineView ViewOf(AccountNumber account, CreditLineDocument line) =>
        new(
            account,
            line.Bill is { } bill ? new Money(bill.AmountMinor, line.Currency) : null,
            line.Bill is { } least ? new Money(least.MinimumMinor, line.Currency) : null,
            line.Bill?.Due,
            line.Bill?.State ?? BillState.None
        );
}
