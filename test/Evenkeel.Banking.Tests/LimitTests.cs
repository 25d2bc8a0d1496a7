using Evenkeel.Banking.CustomerLimits;
using Evenkeel.Banking.StaffEntries;
using Evenkeel.Payments;
using Xunit;
using static Evenkeel.Banking.Tests.Steps;

namespace Evenkeel.Banking.Tests;

public sealed class LimitTests(SharedBank shared) : IClassFixture<SharedBank>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private TestBank Bank => shared.Bank;

    [Fact]
    public async Task One_payment_a_day_s_amount_and_a_day_s_count_have_reasons_of_their_own()
    {
        var (payer, from) = await Bank.OpenAsync(1_000_000);
        var (_, to) = await Bank.OpenAsync(0);
        await LimitAsync(payer, transaction: 500, day: 1_000, count: 3);

        await Bank.RefusesAsync(OutcomeReason.TransactionLimitExceeded, Pay(payer, from, to, 501));
        await Bank.DoesAsync(Pay(payer, from, to, 500));
        await Bank.DoesAsync(Pay(payer, from, to, 400));
        await Bank.RefusesAsync(OutcomeReason.DailyAmountLimitExceeded, Pay(payer, from, to, 101));
        await Bank.DoesAsync(Pay(payer, from, to, 1));
        await Bank.RefusesAsync(OutcomeReason.DailyCountLimitExceeded, Pay(payer, from, to, 1));
        Assert.Equal((1_000_000 - 901, 1_000_000 - 901), await Bank.BalanceAsync(from));
    }

    [Fact]
    public async Task What_was_refused_takes_nothing_of_a_limit()
    {
        var (payer, from) = await Bank.OpenAsync(100);
        var (_, to) = await Bank.OpenAsync(0);
        await LimitAsync(payer, transaction: 150, day: 150, count: 1);

        await Bank.RefusesAsync(OutcomeReason.InsufficientFunds, Pay(payer, from, to, 150));
        await Bank.DoesAsync(Pay(payer, from, to, 100));
    }

    [Fact]
    public async Task A_limit_is_of_one_channel_and_a_channel_without_one_is_closed()
    {
        var (payer, from) = await Bank.OpenAsync(1_000);
        var (_, to) = await Bank.OpenAsync(0);
        await LimitAsync(payer, transaction: 100, day: 100, count: 1);

        await Bank.RefusesAsync(
            OutcomeReason.ChannelNotAllowed,
            Pay(payer, from, to, 1, channel: Channel.Agent)
        );
    }

    [Fact]
    public async Task Many_at_once_never_pass_a_limit()
    {
        var (payer, from) = await Bank.OpenAsync(1_000_000);
        var (_, to) = await Bank.OpenAsync(0);
        await LimitAsync(payer, transaction: 100, day: 1_050, count: 100);
        await Bank.DoesAsync(Pay(payer, from, to, 50));

        var outcomes = await Task.WhenAll(
            Enumerable.Range(0, 40).Select(_ => Bank.SubmitAsync(Pay(payer, from, to, 100)))
        );

        Assert.Equal(10, outcomes.Count(static outcome => outcome is PaymentOutcome.Done));
        Assert.Equal((1_000_000 - 1_050, 1_000_000 - 1_050), await Bank.BalanceAsync(from));
    }

    [Fact]
    public async Task Between_own_accounts_there_is_no_limit()
    {
        var (payer, from) = await Bank.OpenAsync(1_000);
        var own = await OpenAnotherAsync(payer);
        await LimitAsync(payer, transaction: 1, day: 1, count: 1);

        await Bank.DoesAsync(Pay(payer, from, own, 900, Assurance.Single));
    }

    [Fact]
    public async Task What_is_reversed_is_free_again()
    {
        var (_, account) = await Bank.OpenAsync(100_000);
        var card = await Bank.IssueCardAsync(account);
        var machine = await Bank.OpenMachineAsync(1_000_000);
        await Bank.AgreeAsync(
            new StaffRequest.Limits(
                await HolderAsync(account),
                new LimitSet([new(Channel.CashMachine, 1_000, 1_000, 1)], 0),
                "TEST"
            )
        );
        var asked = Withdraw(machine, 1_000);

        await Bank.DoesAsync(asked);
        await Bank.RefusesAsync(OutcomeReason.DailyAmountLimitExceeded, Withdraw(machine, 1));
        await Bank.DoesAsync(Reverse(asked, completed: 400));
        await Bank.RefusesAsync(OutcomeReason.DailyCountLimitExceeded, Withdraw(machine, 600));
        Assert.Equal((99_600, 99_600), await Bank.BalanceAsync(account));

        PaymentInstruction Withdraw(TerminalId at, long minor)
        {
            var id = InstructionId.From(Channel.CashMachine, "limits", NextReference());
            return New(
                new Movement.CashWithdrawal(
                    new Funding.OfCard(
                        new CardUse(
                            card.Token,
                            card.ExpiryYearMonth,
                            Bank.SealPin(card, card.Pin, id)
                        )
                    ),
                    at
                ),
                minor,
                new Actor.CardNetwork("LINE-1"),
                Channel.CashMachine
            ) with
            {
                Id = id,
            };
        }
    }

    [Fact]
    public async Task Limits_are_changed_by_two_people_and_no_fewer()
    {
        var (payer, _) = await Bank.OpenAsync(0);
        StaffRequest.Limits request = new(payer, LimitSet.Company, "AGREED");
        var proposal = TestBank.Done(
            await Bank.Bank.Approvals.ProposeAsync(Maker, NextReference(), request, Token)
        );

        Assert.Equal(
            OutcomeReason.ApprovalRequired,
            Refused(
                await Bank.Bank.Approvals.ApproveAsync(Maker, NextReference(), proposal.Id, Token)
            )
        );
        Assert.Equal(
            ProposalState.Waiting,
            (await Bank.Bank.Approvals.FindAsync(proposal.Id, Token))!.State
        );
        TestBank.Done(
            await Bank.Bank.Approvals.ApproveAsync(Checker, NextReference(), proposal.Id, Token)
        );
        Assert.Equal(
            OutcomeReason.Duplicate,
            Refused(
                await Bank.Bank.Approvals.RejectAsync(Checker, NextReference(), proposal.Id, Token)
            )
        );
    }

    [Fact]
    public async Task Unsound_limits_are_not_even_proposed()
    {
        var (payer, _) = await Bank.OpenAsync(0);

        Assert.Equal(
            OutcomeReason.Malformed,
            Refused(
                await Bank.Bank.Approvals.ProposeAsync(
                    Maker,
                    NextReference(),
                    new StaffRequest.Limits(
                        payer,
                        new LimitSet([new(Channel.Online, 2, 1, 1)], 0),
                        "TEST"
                    ),
                    Token
                )
            )
        );
    }

    private static PaymentInstruction Reverse(PaymentInstruction original, long completed) =>
        New(
            new Movement.Reversal(original.Id, new Money(completed, Cny)),
            original.Amount.Minor,
            original.Actor,
            original.Origin.Channel
        );

    private Task<string> LimitAsync(CustomerId customer, long transaction, long day, long count) =>
        Bank.AgreeAsync(
            new StaffRequest.Limits(
                customer,
                new LimitSet([new(Channel.Online, transaction, day, count)], 100_000_00),
                "TEST"
            )
        );

    private async Task<AccountNumber> OpenAnotherAsync(CustomerId customer) =>
        TestBank
            .Done(
                await Bank.Bank.Accounts.OpenAsync(
                    TestBank.Staff,
                    NextReference(),
                    new Accounts.AccountOpening(customer, "current", Cny),
                    Token
                )
            )
            .Number;

    private async Task<CustomerId> HolderAsync(AccountNumber account) =>
        Assert
            .IsType<QueryAnswer<AccountView>.Found>(
                await Bank.Queries.GetAccountAsync(TestBank.Staff, account, Token)
            )
            .Value.Holder;
}
