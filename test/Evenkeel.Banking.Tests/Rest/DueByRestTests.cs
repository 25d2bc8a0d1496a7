using Evenkeel.Payments;
using Xunit;

namespace Evenkeel.Banking.Tests.Rest;

/// <summary>What a customer sees of what falls due: on a bank of its own, since days pass.</summary>
public sealed class DueByRestTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_due_date_that_found_no_money_is_shown_with_its_reason_and_can_be_looked_up()
    {
        BankByRest bed = new();
        await bed.InitializeAsync();
        await using var _ = bed;
        var (customer, from) = await bed.Bank.OpenAsync(0);
        var (_, to) = await bed.Bank.OpenAsync(0);
        var person = await bed.PersonAsync(customer);
        var made = await person.PostAsync(
            "standing-orders",
            Requests.StandingOrder(from, to, "7.00")
        );
        var path = $"standing-orders/{made.Text("id")}";

        await bed.Bank.Bank.EndOfDay.CloseAsync(TestBank.FirstDay, next: null, Token);
        var waiting = await person.GetAsync(path);
        await bed.Bank.Bank.EndOfDay.CloseAsync(TestBank.FirstDay.AddDays(1), next: null, Token);
        var failed = await person.GetAsync(path);

        Assert.Equal(
            "waiting",
            Assert.Single(waiting.Body!["runs"]!.AsArray())!["state"]!.GetValue<string>()
        );
        var run = failed.Body!["runs"]!.AsArray()[0]!;
        Assert.Equal("failed", run["state"]!.GetValue<string>());
        Assert.Equal("insufficient-funds", run["reason"]!.GetValue<string>());
        Assert.Equal("2026-11-24", run["due"]!.GetValue<string>());
        var trace = await person.GetAsync(
            $"traces?reference={run["instruction"]!.GetValue<string>()}"
        );
        Assert.Equal(
            "insufficient-funds",
            Assert.Single(trace.Body!["traces"]!.AsArray())!["reason"]!.GetValue<string>()
        );
    }
}
