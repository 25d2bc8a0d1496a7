using Evenkeel.Banking.Cash;
using Evenkeel.Banking.GeneralLedger;
using Evenkeel.Payments;
using Xunit;
using static Evenkeel.Banking.Tests.Steps;

namespace Evenkeel.Banking.Tests;

public sealed class CashDeskTests(SharedBank shared) : IClassFixture<SharedBank>
{
    private static readonly Actor.Staff Teller = new("teller", "B1");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private TestBank Bank => shared.Bank;

    [Fact]
    public async Task Cash_over_the_counter_moves_between_account_and_till()
    {
        var (_, account) = await Bank.OpenAsync(1_000);
        var till = await Bank.OpenTillAsync("teller", 50_000);

        await Bank.DoesAsync(Withdraw(account, till, 400));
        await Bank.DoesAsync(Deposit(account, till, 100));

        Assert.Equal((700, 700), await Bank.BalanceAsync(account));
        Assert.Equal(49_700, (await Bank.Bank.Cash.FindAsync(till, Token))!.Cash.Minor);
    }

    [Fact]
    public async Task A_till_gives_no_more_than_it_has()
    {
        var (_, account) = await Bank.OpenAsync(1_000);
        var till = await Bank.OpenTillAsync("teller", 300);

        await Bank.RefusesAsync(OutcomeReason.TerminalOutOfCash, Withdraw(account, till, 301));
        await Bank.RefusesAsync(OutcomeReason.InsufficientFunds, Withdraw(account, till, 1_001));
    }

    [Fact]
    public async Task Only_the_teller_who_opened_a_till_works_at_it()
    {
        var (customer, account) = await Bank.OpenAsync(1_000);
        var till = await Bank.OpenTillAsync("somebody-else", 300);

        await Bank.RefusesAsync(OutcomeReason.NotAuthorised, Withdraw(account, till, 1));
        await Bank.RefusesAsync(
            OutcomeReason.ChannelNotAllowed,
            Withdraw(account, till, 1) with
            {
                Actor = new Actor.Customer(customer, Assurance.Strong),
            }
        );
    }

    [Theory]
    [InlineData(300, 0)]
    [InlineData(310, 10)]
    [InlineData(280, -20)]
    public async Task A_till_is_closed_by_its_count_and_the_difference_is_booked(
        long counted,
        long difference
    )
    {
        var till = await Bank.OpenTillAsync("teller", 300);
        var before = await OverShortAsync();

        var closed = TestBank.Done(await CloseAsync(till, counted, "close-" + till));
        var again = TestBank.Done(await CloseAsync(till, counted, "close-" + till));

        Assert.Equal(TerminalState.Closed, closed.State);
        Assert.Equal(difference, closed.LastCount!.DifferenceMinor);
        Assert.Equal(closed, again);
        Assert.Equal(counted, closed.Cash.Minor);
        Assert.Equal(difference, await OverShortAsync() - before);
        var (_, account) = await Bank.OpenAsync(1_000);
        await Bank.RefusesAsync(OutcomeReason.TillClosed, Withdraw(account, till, 1));
    }

    [Fact]
    public async Task Payments_while_a_till_is_closed_are_in_the_count_or_refused()
    {
        var till = await Bank.OpenTillAsync("teller", 100_000);
        var (_, account) = await Bank.OpenAsync(100_000);

        var payments = Enumerable
            .Range(0, 24)
            .Select(_ => Bank.SubmitAsync(Withdraw(account, till, 100)))
            .ToArray();
        var closing = CloseAsync(till, 100_000, "close-" + till);
        var outcomes = await Task.WhenAll(payments);
        var count = TestBank.Done(await closing).LastCount!;

        var paid = outcomes.Count(static outcome => outcome is PaymentOutcome.Done) * 100;
        Assert.Equal(100_000 - paid, count.BookedMinor);
        Assert.Equal(100_000 - paid, (await Bank.BalanceAsync(account)).Booked);
    }

    [Fact]
    public async Task A_machine_is_filled_from_the_vault_and_emptied_into_it()
    {
        var vault = LedgerIds.Of(GlCode.VaultCash, Cny);
        var machine = await Bank.OpenMachineAsync(0);
        var before = await Bank.BookedAsync(vault);

        TestBank.Done(await FillAsync(machine, 5_000));
        TestBank.Done(await FillAsync(machine, -2_000));

        Assert.Equal(3_000, (await Bank.Bank.Cash.FindAsync(machine, Token))!.Cash.Minor);
        Assert.Equal(before + 3_000, await Bank.BookedAsync(vault));
        Assert.Equal(OutcomeReason.InsufficientFunds, Refused(await FillAsync(machine, -3_001)));
    }

    [Fact]
    public async Task A_withdrawal_at_the_counter_is_undone_by_the_teller_who_made_it()
    {
        var (_, account) = await Bank.OpenAsync(1_000);
        var till = await Bank.OpenTillAsync("teller", 1_000);
        var asked = Withdraw(account, till, 400);
        await Bank.DoesAsync(asked);

        await Bank.DoesAsync(New(new Movement.Reversal(asked.Id), 400, Teller, Channel.Counter));

        Assert.Equal((1_000, 1_000), await Bank.BalanceAsync(account));
        Assert.Equal(1_000, (await Bank.Bank.Cash.FindAsync(till, Token))!.Cash.Minor);
    }

    private Task<Desk.TaskOutcome<TerminalView>> CloseAsync(
        TerminalId till,
        long counted,
        string reference
    ) => Bank.Bank.Cash.CloseTillAsync(Teller, reference, till, new Money(counted, Cny), Token);

    private Task<Desk.TaskOutcome<TerminalView>> FillAsync(TerminalId terminal, long minor) =>
        Bank.Bank.Cash.FillAsync(
            TestBank.Staff,
            NextReference(),
            terminal,
            new Money(minor, Cny),
            Token
        );

    private Task<long> OverShortAsync() =>
        Bank.BookedAsync(LedgerIds.Of(GlCode.CashOverShort, Cny));

    private static PaymentInstruction Withdraw(AccountNumber from, TerminalId till, long minor) =>
        New(
            new Movement.CashWithdrawal(new Funding.OfAccount(from), till),
            minor,
            Teller,
            Channel.Counter
        );

    private static PaymentInstruction Deposit(AccountNumber to, TerminalId till, long minor) =>
        New(new Movement.CashDeposit(to, till), minor, Teller, Channel.Counter);
}
