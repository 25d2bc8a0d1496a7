using Evenkeel.Banking.Advising;
using Evenkeel.Banking.GeneralLedger;
using Evenkeel.Banking.StaffEntries;
using Evenkeel.Payments;
using Evenkeel.Payments.Compliance;
using Xunit;
using static Evenkeel.Banking.Tests.Steps;

namespace Evenkeel.Banking.Tests;

/// <summary>What has happened is posted; what an account can't take is in suspense, and somebody's.</summary>
public sealed class AdviceTests(SharedBank shared) : IClassFixture<SharedBank>
{
    private static uint sessions = 1_000;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private TestBank Bank => shared.Bank;

    [Fact]
    public async Task A_promise_from_a_closed_account_is_kept_from_the_sessions_suspense()
    {
        var (payer, from) = await Bank.OpenAsync(0);
        var (_, to) = await Bank.OpenAsync(0);
        await CloseAsync(from);
        var told = Told(Pay(payer, from, to, 700), out var session);

        await Bank.DoesAsync(told);
        await Bank.DoesAsync(told);

        Assert.Equal((700, 700), await Bank.BalanceAsync(to));
        Assert.Equal(-700, await SuspenseAsync(session));
        var item = Assert.Single(await ItemsAsync(told.Id));
        Assert.Equal(
            (ExceptionKind.AccountClosed, from.ToString(), -700L, session, "operations", 0),
            (item.Kind, item.Account, item.InSuspense.Minor, item.Session, item.Owner, item.AgeDays)
        );
        var trace = Assert.Single(
            Assert
                .IsType<QueryAnswer<IReadOnlyList<InstructionTrace>>.Found>(
                    await Bank.Queries.TraceAsync(TestBank.Staff, told.Id.ToString(), Token)
                )
                .Value
        );
        Assert.Equal(InstructionState.InSuspense, trace.State);
    }

    [Fact]
    public async Task A_promise_to_an_account_of_another_currency_waits_for_its_owner()
    {
        var (payer, from) = await Bank.OpenAsync(1_000);
        var (_, to) = await Bank.OpenAsync(0, IBankUnderTest.Hkd);
        var told = Told(Pay(payer, from, to, 700), out var session);

        await Bank.DoesAsync(told);

        Assert.Equal((300, 300), await Bank.BalanceAsync(from));
        Assert.Equal(700, await SuspenseAsync(session));
        Assert.Equal(ExceptionKind.OtherCurrency, Assert.Single(await ItemsAsync(told.Id)).Kind);
    }

    [Fact]
    public async Task Between_two_accounts_that_are_not_there_nothing_moves_and_both_are_explained()
    {
        var (payer, _) = await Bank.OpenAsync(0);
        var told = Told(
            Pay(payer, AccountNumber.FromSerial(5), AccountNumber.FromSerial(6), 700),
            out var session
        );

        await Bank.DoesAsync(told);

        Assert.Equal(0, await SuspenseAsync(session));
        Assert.Equal(2, (await ItemsAsync(told.Id)).Count);
    }

    [Fact]
    public async Task A_currency_without_books_is_kept_for_a_person()
    {
        const uint Forint = 348;
        var (payer, from) = await Bank.OpenAsync(1_000);
        var (_, to) = await Bank.OpenAsync(0);
        var told = Told(Pay(payer, from, to, 700), out _) with { Amount = new Money(700, Forint) };

        await Bank.DoesAsync(told);

        Assert.Equal(ExceptionKind.NotPostable, Assert.Single(await ItemsAsync(told.Id)).Kind);
        Assert.Equal((1_000, 1_000), await Bank.BalanceAsync(from));
    }

    [Fact]
    public async Task A_frozen_customer_s_promise_is_kept_and_an_overdraft_is_an_item_once()
    {
        var (payer, from) = await Bank.OpenAsync(500);
        var (_, to) = await Bank.OpenAsync(0);
        await Bank.FreezeAsync(payer);
        var told = Told(Pay(payer, from, to, 700), out _);

        await Bank.DoesAsync(told);
        await Bank.DoesAsync(told);

        Assert.Equal((-200, -200), await Bank.BalanceAsync(from));
        var item = Assert.Single(await ItemsAsync(told.Id));
        Assert.Equal((ExceptionKind.Overdrawn, 200L), (item.Kind, item.Amount.Minor));
    }

    [Fact]
    public async Task Told_twice_with_other_content_is_posted_once_and_looked_at()
    {
        var (payer, from) = await Bank.OpenAsync(1_000);
        var (_, to) = await Bank.OpenAsync(0);
        var asked = Pay(payer, from, to, 300);
        await Bank.DoesAsync(asked);

        await Bank.DoesAsync(asked with { Amount = new Money(400, Cny), IsAdvice = true });
        await Bank.DoesAsync(asked with { Amount = new Money(401, Cny), IsAdvice = true });
        await Bank.DoesAsync(asked with { Amount = new Money(401, Cny), IsAdvice = true });

        Assert.Equal((700, 700), await Bank.BalanceAsync(from));
        Assert.Equal(
            [400L, 401L],
            (await ItemsAsync(asked.Id))
                .Select(static item =>
                {
                    Assert.Equal(ExceptionKind.AdviceDiffers, item.Kind);
                    return item.Amount.Minor;
                })
                .Order()
        );
    }

    [Fact]
    public async Task An_advice_that_comes_after_its_reversal_moves_nothing()
    {
        var (_, account) = await Bank.OpenAsync(1_000);
        var card = await Bank.IssueCardAsync(account);
        var machine = await Bank.OpenMachineAsync(10_000);
        Actor line = new Actor.CardNetwork("LINE-1");
        var told = New(
            new Movement.CashWithdrawal(
                new Funding.OfCard(new CardUse(card.Token, card.ExpiryYearMonth, Pin: null)),
                machine
            ),
            300,
            line,
            Channel.CashMachine
        ) with
        {
            IsAdvice = true,
        };
        await Bank.DoesAsync(
            New(new Movement.Reversal(told.Id), 300, line, Channel.CashMachine) with
            {
                IsAdvice = true,
            }
        );

        await Bank.DoesAsync(told);
        await Bank.DoesAsync(told);

        Assert.Equal((1_000, 1_000), await Bank.BalanceAsync(account));
        Assert.Equal(
            ExceptionKind.AdviceAfterReversal,
            Assert.Single(await ItemsAsync(told.Id)).Kind
        );
    }

    [Fact]
    public async Task A_completion_without_its_hold_is_paid_by_the_holder_and_looked_at()
    {
        var (_, account) = await Bank.OpenAsync(1_000);
        var card = await Bank.IssueCardAsync(account);
        Actor line = new Actor.CardNetwork("LINE-1");
        Merchant shop = new(new TerminalId("SHOP0001"), "ACCEPTOR", "5411", "Shop, Town");
        var authorised = New(
            new Movement.CardAuthorisation(
                new CardUse(card.Token, card.ExpiryYearMonth, Pin: null),
                shop
            ),
            400,
            line,
            Channel.PointOfSale
        );
        await Bank.DoesAsync(authorised);
        Assert.Equal((1_000, 600), await Bank.BalanceAsync(account));
        var above = New(
            new Movement.CardCompletion(authorised.Id, shop),
            450,
            line,
            Channel.PointOfSale
        ) with
        {
            IsAdvice = true,
        };

        await Bank.DoesAsync(above);

        Assert.Equal((550, 550), await Bank.BalanceAsync(account));
        Assert.Equal(
            ExceptionKind.CompletionWithoutHold,
            Assert.Single(await ItemsAsync(above.Id)).Kind
        );
        var nobodys = New(
            new Movement.CardCompletion(new InstructionId(77), shop),
            10,
            line,
            Channel.PointOfSale
        ) with
        {
            IsAdvice = true,
        };
        await Bank.DoesAsync(nobodys);
        Assert.Equal(-10, Assert.Single(await ItemsAsync(nobodys.Id)).InSuspense.Minor);
    }

    [Fact]
    public async Task An_item_is_resolved_by_two_people_and_its_suspense_is_empty_again()
    {
        var (payer, from) = await Bank.OpenAsync(1_000);
        var (heir, right) = await Bank.OpenAsync(0);
        var told = Told(Pay(payer, from, AccountNumber.FromSerial(7), 700), out var session);
        await Bank.DoesAsync(told);
        var item = Assert.Single(await ItemsAsync(told.Id));
        StaffRequest.Exception request = new(item.Id, EntrySide.Of(right), "RIGHT-ACCOUNT");
        var proposal = TestBank.Done(
            await Bank.Bank.Approvals.ProposeAsync(Maker, NextReference(), request, Token)
        );

        Assert.Equal(
            OutcomeReason.ApprovalRequired,
            Refused(
                await Bank.Bank.Approvals.ApproveAsync(Maker, NextReference(), proposal.Id, Token)
            )
        );
        Assert.Equal(700, await SuspenseAsync(session));
        TestBank.Done(
            await Bank.Bank.Approvals.ApproveAsync(Checker, NextReference(), proposal.Id, Token)
        );

        Assert.Equal(0, await SuspenseAsync(session));
        Assert.Equal((700, 700), await Bank.BalanceAsync(right));
        Assert.Empty(await ItemsAsync(told.Id));
        Assert.Equal(
            ["maker", "checker"],
            Assert.Single(await ItemsAsync(told.Id, ExceptionState.Resolved)).ResolvedBy
        );
        Assert.Equal(
            OutcomeReason.Duplicate,
            Refused(await Bank.Bank.Approvals.ProposeAsync(Maker, NextReference(), request, Token))
        );
        Assert.NotEqual(payer, heir);
    }

    [Fact]
    public async Task Customers_do_not_read_exception_items()
    {
        var (customer, _) = await Bank.OpenAsync(0);

        Assert.Equal(
            OutcomeReason.NotAuthorised,
            Assert
                .IsType<QueryAnswer<IReadOnlyList<ExceptionItemView>>.Refused>(
                    await Bank.Bank.ExceptionItems.ListAsync(
                        new Actor.Customer(customer, Assurance.Strong),
                        ExceptionState.Open,
                        after: null,
                        Token
                    )
                )
                .Reason
        );
    }

    /// <summary>As the Stand-in tells it, in a session of its own.</summary>
    private static PaymentInstruction Told(PaymentInstruction asked, out uint session)
    {
        session = Interlocked.Increment(ref sessions);
        return asked with
        {
            IsAdvice = true,
            Origin = asked.Origin with { Mode = OriginMode.StandIn, Session = session },
        };
    }

    private Task<long> SuspenseAsync(uint session) =>
        Bank.BookedAsync(LedgerIds.Of(GlCode.Suspense, Cny, session));

    private async Task<IReadOnlyList<ExceptionItemView>> ItemsAsync(
        InstructionId id,
        ExceptionState state = ExceptionState.Open
    ) =>
        [
            .. Assert
                .IsType<QueryAnswer<IReadOnlyList<ExceptionItemView>>.Found>(
                    await Bank.Bank.ExceptionItems.ListAsync(Maker, state, after: null, Token)
                )
                .Value.Where(item => item.Instruction == id),
        ];

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
