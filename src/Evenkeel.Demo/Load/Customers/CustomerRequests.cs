using System.Text.Json;
using Evenkeel.Payments;

namespace Evenkeel.Demo.Load.Customers;

/// <summary>What customers send, as the REST channel's description has it.</summary>
public static class CustomerRequests
{
    public static string Payment(AccountNumber from, AccountNumber to, Money amount) =>
        JsonSerializer.Serialize(
            new PaymentBody(
                from.ToString(),
                new PayeeBody(to.ToString()),
                Major(amount),
                amount.Letters
            ),
            CustomerJson.Default.PaymentBody
        );

    /// <param name="number">Of the bill; each is paid once.</param>
    public static string Bill(AccountNumber from, string biller, string number, Money amount) =>
        JsonSerializer.Serialize(
            new BillBody(from.ToString(), biller, number, Major(amount), amount.Letters),
            CustomerJson.Default.BillBody
        );

    public static string Cash(AccountNumber account, string till, Money amount) =>
        JsonSerializer.Serialize(
            new CashBody(account.ToString(), till, Major(amount), amount.Letters),
            CustomerJson.Default.CashBody
        );

    /// <summary>"12.50": amounts are text.</summary>
    private static string Major(Money amount)
    {
        var text = amount.ToString();
        return text[..text.IndexOf(' ', StringComparison.Ordinal)];
    }
}
