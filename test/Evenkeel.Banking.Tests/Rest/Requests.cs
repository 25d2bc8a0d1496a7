using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Evenkeel.Payments;

namespace Evenkeel.Banking.Tests.Rest;

/// <summary>What is sent, in few words.</summary>
internal static class Requests
{
    public static JsonObject Payment(AccountNumber from, AccountNumber to, string amount) =>
        new()
        {
            ["from"] = from.ToString(),
            ["to"] = new JsonObject { ["account"] = to.ToString() },
            ["amount"] = amount,
            ["currency"] = "CNY",
        };

    /// <summary>Every day from the second one on.</summary>
    public static JsonObject StandingOrder(AccountNumber from, AccountNumber to, string amount) =>
        new()
        {
            ["from"] = from.ToString(),
            ["to"] = new JsonObject { ["account"] = to.ToString() },
            ["amount"] = amount,
            ["currency"] = "CNY",
            ["schedule"] = new JsonObject { ["every"] = "day", ["shift"] = "none" },
            ["first"] = Iso(TestBank.FirstDay.AddDays(1)),
        };

    public static string File(
        string reference,
        AccountNumber payer,
        DateOnly date,
        IReadOnlyList<(AccountNumber Payee, long Minor)> lines
    )
    {
        var sum = lines.Sum(static line => line.Minor) / 100m;
        StringBuilder text = new();
        text.Append(
            CultureInfo.InvariantCulture,
            $"H,1,{reference},{payer},{Iso(date)},CNY,{lines.Count},{sum:F2},SALA\n"
        );
        for (var i = 0; i < lines.Count; i++)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"P,{reference}-{i + 1},,{lines[i].Payee},Person {i + 1},{lines[i].Minor / 100m:F2},Wages\n"
            );
        }
        return text.ToString();
    }

    public static string Iso(DateOnly date) =>
        date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
