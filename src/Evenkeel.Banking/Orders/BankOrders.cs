using Evenkeel.Banking.Storage;
using Evenkeel.Journal;
using Evenkeel.Payments;

namespace Evenkeel.Banking.Orders;

/// <summary>Orders of what the bank does by itself, so that whoever looks for a movement finds one.</summary>
internal static class BankOrders
{
    public static RecordWrite Done(
        InstructionId id,
        string kind,
        AccountNumber debtor,
        AccountNumber creditor,
        Money amount,
        DateOnly bookingDate,
        DateTimeOffset now
    ) =>
        Collections.Orders.Write(
            id.ToString(),
            new OrderDocument
            {
                Kind = kind,
                State = InstructionState.Done,
                AmountMinor = amount.Minor,
                Currency = amount.Currency,
                Channel = Channel.Internal,
                Debtor = debtor.ToString(),
                Creditor = creditor.ToString(),
                Accounts = [debtor.ToString(), creditor.ToString()],
                BookingDate = bookingDate,
                ValueDate = bookingDate,
                Timeline = [new OrderEvent(now, InstructionState.Done, kind)],
            }
        );
}
