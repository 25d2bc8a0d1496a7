using Evenkeel.Banking.Desk;
using Evenkeel.Payments;

namespace Evenkeel.Banking.Orders;

/// <summary>What the instruction itself says of its order, before any feature knows more.</summary>
internal static class OrderDrafts
{
    public static OrderDraft Of(Movement movement) =>
        movement switch
        {
            Movement.CreditTransfer { Creditor: Creditor.Here here } transfer => new OrderDraft(
                "transfer",
                transfer.Debtor,
                here.Account.ToString(),
                [transfer.Debtor, here.Account]
            ),
            // The account at the other bank is the payer's business; it is sealed by the feature.
            Movement.CreditTransfer transfer => Of("outgoing-credit", transfer.Debtor),
            Movement.IncomingCredit incoming => new OrderDraft(
                "incoming-credit",
                Debtor: null,
                incoming.Creditor.ToString(),
                [incoming.Creditor]
            ),
            Movement.CashWithdrawal { From: Funding.OfAccount from } => Of(
                "cash-withdrawal",
                from.Account
            ),
            Movement.CashWithdrawal => Of("cash-withdrawal", debtor: null),
            Movement.CashDeposit deposit => new OrderDraft(
                "cash-deposit",
                Debtor: null,
                deposit.To.ToString(),
                [deposit.To]
            ),
            Movement.CardAuthorisation => Of("card-authorisation", debtor: null),
            Movement.CardPurchase => Of("card-purchase", debtor: null),
            Movement.CardCompletion => Of("card-completion", debtor: null),
            Movement.BillPayment bill => Of("bill", bill.Debtor),
            Movement.Reversal => Of("reversal", debtor: null),
            Movement.Return => Of("return", debtor: null),
            _ => throw new InvalidOperationException("An unknown movement."),
        };

    private static OrderDraft Of(string kind, AccountNumber? debtor) =>
        new(kind, debtor, Creditor: null, debtor is { } number ? [number] : []);
}
