using Evenkeel.Banking.CustomerLimits;
using Evenkeel.Banking.Customers;
using Evenkeel.Banking.StaffEntries;
using Evenkeel.Payments;
using Evenkeel.Payments.Compliance;
using Xunit;
using static Evenkeel.Banking.Tests.Steps;

namespace Evenkeel.Banking.Tests;

/// <summary>Of several reasons the first in a fixed order is told: each line mends the one before.</summary>
public sealed class PrecedenceTests(SharedBank shared) : IClassFixture<SharedBank>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private TestBank Bank => shared.Bank;

    [Fact]
    public async Task Refusals_of_a_transfer_come_in_their_order()
    {
        var (payer, from) = await Bank.OpenAsync(100);
        var (_, foreign) = await Bank.OpenAsync(0, IBankUnderTest.Hkd);
        var (_, to) = await Bank.OpenAsync(0);
        var (thief, _) = await Bank.OpenAsync(0);
        var (_, closed) = await Bank.OpenAsync(0);
        await CloseAsync(closed);
        await SetAsync(payer, CustomerState.Frozen);
        var nobody = AccountNumber.FromSerial(3);
        var asked = Pay(payer, from, nobody, 1_000, Assurance.Single, Channel.Agent);
        var foreignMoney = new Money(1_000, IBankUnderTest.Hkd);

        await Bank.RefusesAsync(
            OutcomeReason.AmountInvalid,
            Again(asked) with
            {
                Amount = new Money(0, IBankUnderTest.Hkd),
            }
        );
        await Bank.RefusesAsync(
            OutcomeReason.DebtorAccountUnknown,
            Again(asked) with
            {
                Actor = new Actor.Customer(thief, Assurance.Single),
                Amount = foreignMoney,
            }
        );
        foreach (
            var (state, reason) in new[]
            {
                (AccountState.Frozen, OutcomeReason.DebtorAccountBlocked),
                (AccountState.DebitBlocked, OutcomeReason.DebtorAccountBlocked),
                (AccountState.Dormant, OutcomeReason.DebtorAccountDormant),
            }
        )
        {
            await StateAsync(from, state);
            await Bank.RefusesAsync(reason, Again(asked) with { Amount = foreignMoney });
        }
        await StateAsync(from, AccountState.Open);
        await Bank.RefusesAsync(
            OutcomeReason.CurrencyMismatch,
            Again(asked) with
            {
                Amount = foreignMoney,
            }
        );
        await Bank.RefusesAsync(OutcomeReason.CustomerFrozen, Again(asked));
        await SetAsync(payer, CustomerState.Active);
        await Bank.RefusesAsync(OutcomeReason.CreditorAccountUnknown, Again(asked));
        await Bank.RefusesAsync(
            OutcomeReason.CreditorAccountClosed,
            Pay(payer, from, closed, 1_000, Assurance.Single, Channel.Agent)
        );
        await Bank.RefusesAsync(
            OutcomeReason.CurrencyMismatch,
            Pay(payer, from, foreign, 1_000, Assurance.Single, Channel.Agent)
        );
        await StateAsync(to, AccountState.CreditBlocked);
        await Bank.RefusesAsync(
            OutcomeReason.CreditorAccountBlocked,
            Pay(payer, from, to, 1_000, Assurance.Single, Channel.Agent)
        );
        await StateAsync(to, AccountState.Open);
        await Bank.RefusesAsync(
            OutcomeReason.StrongAuthenticationRequired,
            Pay(payer, from, to, 1_000, Assurance.Single, Channel.Agent)
        );
        await LimitAsync(payer, 900, 900, 2, newPayee: 999);
        await Bank.RefusesAsync(
            OutcomeReason.TransactionLimitExceeded,
            Pay(payer, from, to, 1_000, channel: Channel.Agent)
        );
        await LimitAsync(payer, 900, 900, 2, newPayee: 2_000);
        await Bank.RefusesAsync(
            OutcomeReason.ChannelNotAllowed,
            Pay(payer, from, to, 1_000, channel: Channel.Agent)
        );
        await Bank.RefusesAsync(
            OutcomeReason.TransactionLimitExceeded,
            Pay(payer, from, to, 1_000)
        );
        await Bank.DoesAsync(Pay(payer, from, to, 10));
        await Bank.DoesAsync(Pay(payer, from, to, 10));
        await Bank.RefusesAsync(OutcomeReason.DailyAmountLimitExceeded, Pay(payer, from, to, 900));
        await Bank.RefusesAsync(OutcomeReason.DailyCountLimitExceeded, Pay(payer, from, to, 800));
        await LimitAsync(payer, 900, 900, 3, newPayee: 2_000);
        await Bank.RefusesAsync(OutcomeReason.InsufficientFunds, Pay(payer, from, to, 81));
        await Bank.DoesAsync(Pay(payer, from, to, 80));
    }

    [Fact]
    public async Task Refusals_of_cash_by_card_come_in_their_order()
    {
        var (holder, account) = await Bank.OpenAsync(1_000);
        var machine = await Bank.OpenMachineAsync(500);
        var till = await Bank.OpenTillAsync("teller", 0);
        var card = await Bank.IssueCardAsync(account);
        var unknown = card with { Token = new CardToken(new string('0', 31) + "5") };
        var expired = card with { ExpiryYearMonth = 2_601 };
        await LimitAsync(holder, 900, 2_000, 10, newPayee: 0, Channel.CashMachine);
        await SetAsync(holder, CustomerState.Frozen);

        await RefusesAsync(OutcomeReason.TerminalUnknown, unknown, new TerminalId("NONE"), "0000");
        await RefusesAsync(OutcomeReason.ChannelNotAllowed, unknown, till, "0000");
        await RefusesAsync(OutcomeReason.CardUnknown, unknown, machine, "0000");
        foreach (
            var (state, reason) in new[]
            {
                (CardState.Stolen, OutcomeReason.CardStolen),
                (CardState.Lost, OutcomeReason.CardLost),
            }
        )
        {
            var reported = await Bank.IssueCardAsync(account);
            await CardAsync(reported, state);
            await RefusesAsync(reason, reported with { ExpiryYearMonth = 2_601 }, machine, "0000");
        }
        await CardAsync(card, CardState.Blocked);
        await RefusesAsync(OutcomeReason.CardExpired, expired, machine, "0000");
        await RefusesAsync(OutcomeReason.CardBlocked, card, machine, "0000");
        await CardAsync(card, CardState.Active);
        await RefusesAsync(OutcomeReason.CardUseNotAllowed, card, machine, pin: null);
        await Bank.RefusesAsync(
            OutcomeReason.PinNotVerifiable,
            Withdraw(card, machine, 1_000, card.Pin) with
            {
                // The PIN is bound to another instruction.
                Id = InstructionId.From(Channel.CashMachine, "precedence", NextReference()),
            }
        );
        await RefusesAsync(OutcomeReason.PinWrong, card, machine, "0000");
        await RefusesAsync(OutcomeReason.CustomerFrozen, card, machine, card.Pin);
        await SetAsync(holder, CustomerState.Active);
        await Bank.Bank.Cards.SetLimitsAsync(
            TestBank.Staff,
            NextReference(),
            card.Token,
            new Cards.CardLimits(950, 950, 950),
            Token
        );
        await RefusesAsync(OutcomeReason.TransactionLimitExceeded, card, machine, card.Pin);
        await Bank.RefusesAsync(
            OutcomeReason.TransactionLimitExceeded,
            Withdraw(card, machine, 901, card.Pin)
        );
        await Bank.RefusesAsync(
            OutcomeReason.TerminalOutOfCash,
            Withdraw(card, machine, 900, card.Pin)
        );
        await Bank.DoesAsync(Withdraw(card, machine, 400, card.Pin));
        await Bank.RefusesAsync(
            OutcomeReason.DailyAmountLimitExceeded,
            Withdraw(card, machine, 700, card.Pin)
        );
        await Bank.Bank.Cards.SetLimitsAsync(
            TestBank.Staff,
            NextReference(),
            card.Token,
            limits: null,
            Token
        );
        await Bank.RefusesAsync(
            OutcomeReason.InsufficientFunds,
            Withdraw(card, machine, 700, card.Pin)
        );

        Task RefusesAsync(OutcomeReason reason, TestCard used, TerminalId at, string? pin) =>
            Bank.RefusesAsync(reason, Withdraw(used, at, 1_000, pin));
    }

    [Fact]
    public async Task A_card_that_nobody_activated_pays_nothing()
    {
        var (_, account) = await Bank.OpenAsync(1_000);
        var number = await Bank.IssueCardAsync(account);
        var fresh = new CardToken(new string('1', 32));
        TestBank.Done(
            await Bank.Bank.Cards.IssueAsync(
                TestBank.Staff,
                NextReference(),
                new Cards.CardIssue(account, fresh, "0001", 3_012, new string('2', 32)),
                Token
            )
        );

        await Bank.RefusesAsync(
            OutcomeReason.CardNotActive,
            Withdraw(number with { Token = fresh }, await Bank.OpenMachineAsync(100), 100, "0000")
        );
    }

    private static PaymentInstruction Again(PaymentInstruction asked) =>
        asked with
        {
            Id = InstructionId.From(Channel.Online, "precedence", NextReference()),
        };

    private PaymentInstruction Withdraw(TestCard card, TerminalId at, long minor, string? pin)
    {
        var id = InstructionId.From(Channel.CashMachine, "precedence", NextReference());
        SealedPin? isSealed = pin is null ? null : Bank.SealPin(card, pin, id);
        return New(
            new Movement.CashWithdrawal(
                new Funding.OfCard(new CardUse(card.Token, card.ExpiryYearMonth, isSealed)),
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

    private Task<string> LimitAsync(
        CustomerId customer,
        long transaction,
        long day,
        long count,
        long newPayee,
        Channel channel = Channel.Online
    ) =>
        Bank.AgreeAsync(
            new StaffRequest.Limits(
                customer,
                new LimitSet([new(channel, transaction, day, count)], newPayee),
                "TEST"
            )
        );

    private Task<string> StateAsync(AccountNumber account, AccountState state) =>
        Bank.AgreeAsync(new StaffRequest.State(account, state, "TEST"));

    private async Task CardAsync(TestCard card, CardState state) =>
        TestBank.Done(
            await Bank.Bank.Cards.SetStateAsync(
                TestBank.Staff,
                NextReference(),
                card.Token,
                state,
                Token
            )
        );

    private async Task SetAsync(CustomerId customer, CustomerState state) =>
        TestBank.Done(
            await Bank.Bank.Customers.SetStateAsync(
                TestBank.Staff,
                NextReference(),
                customer,
                state,
                Token
            )
        );

    private async Task CloseAsync(AccountNumber account) =>
        TestBank.Done(
            await Bank.Bank.Accounts.CloseAsync(
                TestBank.Staff,
                NextReference(),
                account,
                "ASKED",
                Token
            )
        );
}
