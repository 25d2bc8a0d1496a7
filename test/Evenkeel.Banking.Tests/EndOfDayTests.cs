using Evenkeel.Banking.EndOfDay;
using Evenkeel.Banking.GeneralLedger;
using Evenkeel.Payments;
using Xunit;

namespace Evenkeel.Banking.Tests;

public sealed class EndOfDayTests
{
    private static readonly DateOnly MonthEnd = new(2026, 11, 30);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_month_end_capitalises_interest_to_the_cent_and_every_day_is_zero_sum()
    {
        await using var bank = await TestBank.StartAsync();
        var (holder, account) = await bank.OpenAsync(100_000_000);

        for (var day = TestBank.FirstDay; day <= MonthEnd; day = day.AddDays(1))
        {
            var closed = await bank.Bank.EndOfDay.CloseAsync(day, next: null, Token);
            Assert.True(closed.IsComplete);
            var balances = await bank.Bank.Books.FindAsync(day, Token);
            Assert.NotEmpty(balances);
            Assert.All(balances, static balance => Assert.True(balance.IsZeroSum));
        }

        // 1,000,000.00 at 0.10 % for 8 days of 365.
        var interest = (long)
            decimal.Round(100_000_000m * 0.001m * 8 / 365, MidpointRounding.ToEven);
        var view = Assert
            .IsType<QueryAnswer<AccountView>.Found>(
                await bank.Queries.GetAccountAsync(
                    new Actor.Customer(holder, Assurance.Strong),
                    account,
                    Token
                )
            )
            .Value;
        Assert.Equal(100_000_000 + interest, view.Booked.Minor);
        var last = Assert.Single(
            await bank.Bank.Books.FindAsync(MonthEnd, Token),
            static balance => balance.Currency == 156
        );
        Assert.Equal(
            interest,
            Assert
                .Single(last.Lines, static line => line.Code == GlCode.DepositInterestExpense)
                .DebitMinor
        );
    }

    [Fact]
    public async Task A_closed_day_closed_again_is_the_same_day()
    {
        await using var bank = await TestBank.StartAsync();
        await bank.OpenAsync(1_000);

        var first = await bank.Bank.EndOfDay.CloseAsync(TestBank.FirstDay, next: null, Token);
        var again = await bank.Bank.EndOfDay.CloseAsync(TestBank.FirstDay, next: null, Token);

        Assert.Equal(first.ClosedAt, again.ClosedAt);
        Assert.Equal(first.Steps, again.Steps);
        Assert.Equal(
            TestBank.FirstDay.AddDays(1),
            await bank.Bank.EndOfDay.BusinessDateAsync(Token)
        );
        Assert.Equal(first.Date, (await bank.Bank.EndOfDay.ResumeAsync(Token))?.Date);
    }

    [Fact]
    public async Task A_day_that_is_not_open_can_not_be_closed()
    {
        await using var bank = await TestBank.StartAsync();

        await Assert.ThrowsAsync<EndOfDayException>(() =>
            bank.Bank.EndOfDay.CloseAsync(TestBank.FirstDay.AddDays(1), next: null, Token)
        );
        Assert.Equal(TestBank.FirstDay, await bank.Bank.EndOfDay.BusinessDateAsync(Token));
    }
}
