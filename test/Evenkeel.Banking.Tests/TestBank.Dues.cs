using Evenkeel.Banking.Accounts;
using Evenkeel.Banking.Calendars;
using Evenkeel.Banking.Loans;
using Evenkeel.Banking.StandingOrders;
using Evenkeel.Payments;
using Evenkeel.Payments.Compliance;
using Xunit;

namespace Evenkeel.Banking.Tests;

/// <summary>Days that go by, and what falls due in them.</summary>
public sealed partial class TestBank
{
    private const uint Cny = IBankUnderTest.Cny;

    /// <summary>Closes one day after the other.</summary>
    /// <param name="open">The business date afterwards.</param>
    public async Task CloseUntilAsync(DateOnly first, DateOnly open)
    {
        for (var day = first; day < open; day = day.AddDays(1))
        {
            Assert.True((await Bank.EndOfDay.CloseAsync(day, next: null, Token)).IsComplete);
        }
    }

    /// <summary>A loan, paid out to an empty account from which its instalments are taken.</summary>
    public async Task<(CustomerId Holder, AccountNumber Settlement, AccountNumber Loan)> DrawAsync(
        long minor,
        int term,
        DateOnly? firstDue = null
    )
    {
        var (holder, settlement) = await OpenAsync(0);
        var loan = await OpenAsync(holder, "loan");
        Done(
            await Bank.Loans.DrawAsync(
                Staff,
                $"draw-{loan}",
                new LoanRequest(loan, settlement, minor, term, firstDue ?? FirstDay.AddDays(2)),
                Token
            )
        );
        return (holder, settlement, loan);
    }

    public async Task<AccountNumber> OpenAsync(
        CustomerId holder,
        string product,
        long allowanceMinor = 0
    ) =>
        Done(
            await Bank.Accounts.OpenAsync(
                Staff,
                $"{product}-{holder}",
                new AccountOpening(holder, product, Cny, allowanceMinor),
                Token
            )
        ).Number;

    public async Task<StandingOrderView> OrderAsync(
        CustomerId payer,
        AccountNumber from,
        AccountNumber to,
        long minor,
        Schedule schedule
    ) =>
        Done(
            await Bank.StandingOrders.SetUpAsync(
                new Actor.Customer(payer, Assurance.Strong),
                $"order-{from}-{to}",
                new StandingOrderRequest(
                    from,
                    new Creditor.Here(to),
                    new Money(minor, Cny),
                    schedule,
                    FirstDay.AddDays(1)
                ),
                Token
            )
        );

    public async Task PayAsync(
        CustomerId payer,
        AccountNumber from,
        AccountNumber to,
        long minor
    ) =>
        Assert.IsType<PaymentOutcome.Done>(
            await Payments.SubmitAsync(
                new PaymentInstruction
                {
                    Id = InstructionId.From(Channel.Online, payer.Value, $"pay-{to}-{minor}"),
                    Actor = new Actor.Customer(payer, Assurance.Strong),
                    Origin = new Origin(Channel.Online),
                    Movement = new Movement.CreditTransfer(from, new Creditor.Here(to)),
                    Amount = new Money(minor, Cny),
                    AskedAt = TimeProvider.System.GetUtcNow(),
                },
                Token
            )
        );

    public async Task<long> BookedAsync(AccountNumber account) =>
        Assert
            .IsType<QueryAnswer<AccountView>.Found>(
                await Queries.GetAccountAsync(new Actor.Bank("test"), account, Token)
            )
            .Value.Booked.Minor;
}
