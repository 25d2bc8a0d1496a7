using Xunit;

namespace Evenkeel.Payments.Compliance;

/// <summary>What every bank behind the contract must do with cards, machines, reversals and advices.</summary>
public abstract class CardAndCashCompliance
{
    private const string Line = "LINE-1";
    private const uint Cny = IBankUnderTest.Cny;

    private static long references;

    protected abstract IBankUnderTest Bank { get; }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Cash_by_card_leaves_the_account_once_however_often_it_is_asked()
    {
        var (customer, account, card, machine) = await FurnishAsync();
        var asked = Withdraw(card, machine, 30_000);

        var first = await Bank.Payments.SubmitAsync(asked, Token);
        var again = await Bank.Payments.SubmitAsync(asked, Token);

        Assert.IsType<PaymentOutcome.Done>(first);
        Assert.Equal(first, again);
        Assert.Equal((70_000, 70_000), await BalanceAsync(customer, account));
    }

    [Fact]
    public async Task More_than_the_machine_has_is_refused_and_leaves_the_account_alone()
    {
        var (customer, account, card, _) = await FurnishAsync();
        var poor = await Bank.OpenMachineAsync(10_000);

        AssertRefused(
            OutcomeReason.TerminalOutOfCash,
            await Bank.Payments.SubmitAsync(Withdraw(card, poor, 10_001), Token)
        );
        Assert.Equal((100_000, 100_000), await BalanceAsync(customer, account));
    }

    [Fact]
    public async Task A_machine_that_nobody_knows_gives_nothing()
    {
        var (_, _, card, _) = await FurnishAsync();

        AssertRefused(
            OutcomeReason.TerminalUnknown,
            await Bank.Payments.SubmitAsync(Withdraw(card, new TerminalId("NOWHERE"), 1), Token)
        );
    }

    [Fact]
    public async Task Three_wrong_PINs_end_the_PIN_and_not_the_account()
    {
        var (customer, account, card, machine) = await FurnishAsync();
        var (_, other) = await Bank.OpenAsync(0);

        AssertRefused(OutcomeReason.PinWrong, await WithPinAsync("0000"));
        AssertRefused(OutcomeReason.PinWrong, await WithPinAsync("0001"));
        AssertRefused(OutcomeReason.PinTriesExceeded, await WithPinAsync("0002"));
        AssertRefused(OutcomeReason.PinTriesExceeded, await WithPinAsync(card.Pin));

        Assert.IsType<PaymentOutcome.Done>(
            await Bank.Payments.SubmitAsync(Purchase(card, 1_000), Token)
        );
        Assert.IsType<PaymentOutcome.Done>(
            await Bank.Payments.SubmitAsync(
                New(
                    new Movement.CreditTransfer(account, new Creditor.Here(other)),
                    1_000,
                    new Actor.Customer(customer, Assurance.Strong),
                    Channel.Online
                ),
                Token
            )
        );
        var seen = Assert.Single(
            Assert
                .IsType<QueryAnswer<IReadOnlyList<CardView>>.Found>(
                    await Bank.Services.ListCardsAsync(
                        new Actor.Customer(customer, Assurance.Single),
                        Token
                    )
                )
                .Value
        );
        Assert.True(seen.IsPinBlocked);

        Task<PaymentOutcome> WithPinAsync(string pin) =>
            Bank.Payments.SubmitAsync(Withdraw(card, machine, 100, pin), Token);
    }

    [Fact]
    public async Task The_right_PIN_begins_the_count_anew()
    {
        var (_, _, card, machine) = await FurnishAsync();

        for (var round = 0; round < 2; round++)
        {
            for (var wrong = 0; wrong < 2; wrong++)
            {
                AssertRefused(
                    OutcomeReason.PinWrong,
                    await Bank.Payments.SubmitAsync(Withdraw(card, machine, 100, "0000"), Token)
                );
            }
            Assert.IsType<PaymentOutcome.Done>(
                await Bank.Payments.SubmitAsync(Withdraw(card, machine, 100), Token)
            );
        }
    }

    [Fact]
    public async Task A_wrong_try_that_is_repeated_is_one_try()
    {
        var (_, _, card, machine) = await FurnishAsync();
        var wrong = Withdraw(card, machine, 100, "0000");

        for (var i = 0; i < 4; i++)
        {
            AssertRefused(OutcomeReason.PinWrong, await Bank.Payments.SubmitAsync(wrong, Token));
        }
        Assert.IsType<PaymentOutcome.Done>(
            await Bank.Payments.SubmitAsync(Withdraw(card, machine, 100), Token)
        );
    }

    [Fact]
    public async Task Many_wrong_PINs_at_once_are_three_tries()
    {
        var (customer, account, card, machine) = await FurnishAsync();

        var outcomes = await Task.WhenAll(
            Enumerable
                .Range(0, 12)
                .Select(i =>
                    Bank.Payments.SubmitAsync(Withdraw(card, machine, 100, $"10{i:D2}"), Token)
                )
        );

        Assert.Equal(2, outcomes.Count(static o => ReasonOf(o) == OutcomeReason.PinWrong));
        Assert.Equal(10, outcomes.Count(static o => ReasonOf(o) == OutcomeReason.PinTriesExceeded));
        AssertRefused(
            OutcomeReason.PinTriesExceeded,
            await Bank.Payments.SubmitAsync(Withdraw(card, machine, 100), Token)
        );
        Assert.Equal((100_000, 100_000), await BalanceAsync(customer, account));
    }

    [Fact]
    public async Task A_balance_inquiry_needs_the_PIN_and_counts_wrong_ones()
    {
        var (_, account, card, _) = await FurnishAsync();

        Assert.Equal((account, OutcomeReason.None), await InquireAsync(card.Pin));
        Assert.Equal(OutcomeReason.PinWrong, (await InquireAsync("0000")).Reason);
        Assert.Equal(OutcomeReason.PinWrong, (await InquireAsync("0000")).Reason);
        Assert.Equal(OutcomeReason.PinTriesExceeded, (await InquireAsync("0000")).Reason);
        Assert.Equal(OutcomeReason.PinTriesExceeded, (await InquireAsync(card.Pin)).Reason);

        async Task<(AccountNumber Account, OutcomeReason Reason)> InquireAsync(string pin)
        {
            var id = NextId(Channel.CashMachine);
            var answer = await Bank.Queries.GetCardAccountAsync(
                new Actor.CardNetwork(Line),
                id,
                new CardUse(card.Token, card.ExpiryYearMonth, Bank.SealPin(card, pin, id)),
                Token
            );
            return answer switch
            {
                QueryAnswer<AccountView>.Found found => (found.Value.Number, OutcomeReason.None),
                QueryAnswer<AccountView>.Refused refused => (default, refused.Reason),
                _ => throw new InvalidOperationException("A third kind of answer."),
            };
        }
    }

    [Fact]
    public async Task A_holder_freezes_a_card_with_one_factor_and_unfreezes_it_with_two()
    {
        var (customer, _, card, machine) = await FurnishAsync();
        Actor single = new Actor.Customer(customer, Assurance.Single);
        Actor strong = new Actor.Customer(customer, Assurance.Strong);

        Assert.True(
            Found(await Bank.Services.FreezeCardAsync(single, "f", card.Token, Token)).IsFrozen
        );
        AssertRefused(
            OutcomeReason.CardBlocked,
            await Bank.Payments.SubmitAsync(Withdraw(card, machine, 100), Token)
        );
        Assert.Equal(
            OutcomeReason.StrongAuthenticationRequired,
            Assert
                .IsType<QueryAnswer<CardView>.Refused>(
                    await Bank.Services.UnfreezeCardAsync(single, "u", card.Token, Token)
                )
                .Reason
        );
        Assert.False(
            Found(await Bank.Services.UnfreezeCardAsync(strong, "u", card.Token, Token)).IsFrozen
        );
        Assert.IsType<PaymentOutcome.Done>(
            await Bank.Payments.SubmitAsync(Withdraw(card, machine, 100), Token)
        );
    }

    [Fact]
    public async Task Nobody_freezes_a_card_of_another()
    {
        var (_, _, card, _) = await FurnishAsync();
        var (stranger, _) = await Bank.OpenAsync(0);

        Assert.Equal(
            OutcomeReason.CardUnknown,
            Assert
                .IsType<QueryAnswer<CardView>.Refused>(
                    await Bank.Services.FreezeCardAsync(
                        new Actor.Customer(stranger, Assurance.Strong),
                        "f",
                        card.Token,
                        Token
                    )
                )
                .Reason
        );
    }

    [Theory]
    [InlineData(false, OutcomeReason.CardLost)]
    [InlineData(true, OutcomeReason.CardStolen)]
    public async Task A_reported_card_says_so_before_it_looks_at_a_PIN(
        bool wasStolen,
        OutcomeReason reason
    )
    {
        var (customer, _, card, machine) = await FurnishAsync();
        Found(
            await Bank.Services.ReportCardAsync(
                new Actor.Customer(customer, Assurance.Single),
                "r",
                card.Token,
                wasStolen,
                Token
            )
        );

        AssertRefused(
            reason,
            await Bank.Payments.SubmitAsync(Withdraw(card, machine, 100, "0000"), Token)
        );
    }

    [Fact]
    public async Task A_reversal_gives_everything_back_once()
    {
        var (customer, account, card, machine) = await FurnishAsync();
        var asked = Withdraw(card, machine, 30_000);
        await Bank.Payments.SubmitAsync(asked, Token);
        var reversal = Reverse(asked);

        var first = await Bank.Payments.SubmitAsync(reversal, Token);
        var again = await Bank.Payments.SubmitAsync(reversal, Token);

        Assert.IsType<PaymentOutcome.Done>(first);
        Assert.Equal(first, again);
        AssertRefused(
            OutcomeReason.AlreadyReversed,
            await Bank.Payments.SubmitAsync(Reverse(asked), Token)
        );
        Assert.Equal((100_000, 100_000), await BalanceAsync(customer, account));
    }

    [Fact]
    public async Task A_partial_dispense_costs_what_came_out()
    {
        var (customer, account, card, machine) = await FurnishAsync();
        var asked = Withdraw(card, machine, 30_000);
        await Bank.Payments.SubmitAsync(asked, Token);

        Assert.IsType<PaymentOutcome.Done>(
            await Bank.Payments.SubmitAsync(Reverse(asked, completed: 10_000), Token)
        );
        Assert.Equal((90_000, 90_000), await BalanceAsync(customer, account));
        var later = Assert.IsType<PaymentOutcome.Done>(
            await Bank.Payments.SubmitAsync(asked, Token)
        );
        Assert.Equal(10_000, later.Receipt.Amount.Minor);
    }

    [Fact]
    public async Task A_reversal_that_comes_first_stops_its_original_for_good()
    {
        var (customer, account, card, machine) = await FurnishAsync();
        var asked = Withdraw(card, machine, 30_000);

        Assert.IsType<PaymentOutcome.Done>(await Bank.Payments.SubmitAsync(Reverse(asked), Token));
        for (var i = 0; i < 2; i++)
        {
            AssertRefused(
                OutcomeReason.ReversedBefore,
                await Bank.Payments.SubmitAsync(asked, Token)
            );
        }
        Assert.Equal((100_000, 100_000), await BalanceAsync(customer, account));
    }

    [Fact]
    public async Task Original_and_reversal_at_once_move_nothing_in_the_end()
    {
        var (customer, account, card, machine) = await FurnishAsync();
        var asked = Enumerable.Range(1, 8).Select(i => Withdraw(card, machine, i * 100)).ToArray();

        await Task.WhenAll(
            asked
                .SelectMany(one => new[] { one, Reverse(one) })
                .Select(one => Bank.Payments.SubmitAsync(one, Token))
        );

        Assert.Equal((100_000, 100_000), await BalanceAsync(customer, account));
    }

    [Fact]
    public async Task Only_the_line_that_sent_an_original_reverses_it()
    {
        var (customer, account, card, machine) = await FurnishAsync();
        var asked = Withdraw(card, machine, 30_000);
        await Bank.Payments.SubmitAsync(asked, Token);

        AssertRefused(
            OutcomeReason.OriginalUnknown,
            await Bank.Payments.SubmitAsync(
                Reverse(asked) with
                {
                    Actor = new Actor.CardNetwork("LINE-2"),
                },
                Token
            )
        );
        AssertRefused(
            OutcomeReason.NotAuthorised,
            await Bank.Payments.SubmitAsync(
                Reverse(asked) with
                {
                    Actor = new Actor.Customer(customer, Assurance.Strong),
                },
                Token
            )
        );
        Assert.Equal((70_000, 70_000), await BalanceAsync(customer, account));
    }

    [Fact]
    public async Task An_authorisation_reserves_and_its_completion_takes_what_it_says()
    {
        var (customer, account, card, _) = await FurnishAsync();
        var asked = Authorise(card, 40_000);

        Assert.IsType<PaymentOutcome.Done>(await Bank.Payments.SubmitAsync(asked, Token));
        Assert.Equal((100_000, 60_000), await BalanceAsync(customer, account));
        AssertRefused(
            OutcomeReason.AmountAboveOriginal,
            await Bank.Payments.SubmitAsync(Complete(asked, 40_001), Token)
        );
        Assert.IsType<PaymentOutcome.Done>(
            await Bank.Payments.SubmitAsync(Complete(asked, 25_000), Token)
        );
        Assert.Equal((75_000, 75_000), await BalanceAsync(customer, account));
        AssertRefused(
            OutcomeReason.OriginalNotReversible,
            await Bank.Payments.SubmitAsync(Complete(asked, 1), Token)
        );
        AssertRefused(
            OutcomeReason.OriginalNotReversible,
            await Bank.Payments.SubmitAsync(Reverse(asked), Token)
        );
        Assert.Equal((75_000, 75_000), await BalanceAsync(customer, account));
    }

    [Fact]
    public async Task A_reversed_authorisation_is_free_again_and_can_not_be_completed()
    {
        var (customer, account, card, _) = await FurnishAsync();
        var asked = Authorise(card, 40_000);
        await Bank.Payments.SubmitAsync(asked, Token);

        Assert.IsType<PaymentOutcome.Done>(
            await Bank.Payments.SubmitAsync(Reverse(asked, completed: 15_000), Token)
        );
        Assert.Equal((100_000, 85_000), await BalanceAsync(customer, account));
        Assert.IsType<PaymentOutcome.Done>(await Bank.Payments.SubmitAsync(Reverse(asked), Token));
        Assert.Equal((100_000, 100_000), await BalanceAsync(customer, account));
        AssertRefused(
            OutcomeReason.AlreadyReversed,
            await Bank.Payments.SubmitAsync(Complete(asked, 1), Token)
        );
    }

    [Fact]
    public async Task An_advice_is_posted_whatever_the_balance_and_once()
    {
        var (customer, account, card, machine) = await FurnishAsync();
        var told = Withdraw(card, machine, 130_000) with { IsAdvice = true };

        var first = await Bank.Payments.SubmitAsync(told, Token);
        var again = await Bank.Payments.SubmitAsync(told, Token);

        Assert.IsType<PaymentOutcome.Done>(first);
        Assert.Equal(first, again);
        Assert.Equal((-30_000, -30_000), await BalanceAsync(customer, account));
    }

    [Fact]
    public async Task An_advice_of_what_was_done_already_posts_nothing()
    {
        var (customer, account, card, machine) = await FurnishAsync();
        var asked = Withdraw(card, machine, 30_000);
        await Bank.Payments.SubmitAsync(asked, Token);

        Assert.IsType<PaymentOutcome.Done>(
            await Bank.Payments.SubmitAsync(asked with { IsAdvice = true }, Token)
        );
        Assert.Equal((70_000, 70_000), await BalanceAsync(customer, account));
    }

    [Fact]
    public async Task An_advice_of_what_was_refused_is_done_and_the_original_says_so()
    {
        var (customer, account, card, machine) = await FurnishAsync();
        var asked = Withdraw(card, machine, 130_000);
        AssertRefused(
            OutcomeReason.InsufficientFunds,
            await Bank.Payments.SubmitAsync(asked, Token)
        );

        Assert.IsType<PaymentOutcome.Done>(
            await Bank.Payments.SubmitAsync(asked with { IsAdvice = true }, Token)
        );
        Assert.IsType<PaymentOutcome.Done>(await Bank.Payments.SubmitAsync(asked, Token));
        Assert.Equal((-30_000, -30_000), await BalanceAsync(customer, account));
    }

    [Fact]
    public async Task An_original_that_comes_after_its_advice_posts_nothing()
    {
        var (customer, account, card, machine) = await FurnishAsync();
        var asked = Withdraw(card, machine, 30_000);
        await Bank.Payments.SubmitAsync(asked with { IsAdvice = true }, Token);

        Assert.IsType<PaymentOutcome.Done>(await Bank.Payments.SubmitAsync(asked, Token));
        AssertRefused(
            OutcomeReason.IdReusedWithOtherContent,
            await Bank.Payments.SubmitAsync(asked with { Amount = new Money(1, Cny) }, Token)
        );
        Assert.Equal((70_000, 70_000), await BalanceAsync(customer, account));
    }

    [Fact]
    public async Task An_advice_of_a_card_that_nobody_knows_is_accepted()
    {
        var (_, _, card, machine) = await FurnishAsync();
        TestCard unknown = card with { Token = new CardToken(new string('0', 31) + "7") };

        Assert.IsType<PaymentOutcome.Done>(
            await Bank.Payments.SubmitAsync(
                Withdraw(unknown, machine, 500) with
                {
                    IsAdvice = true,
                },
                Token
            )
        );
    }

    private static InstructionId NextId(Channel channel) =>
        InstructionId.From(channel, Line, $"{Interlocked.Increment(ref references)}");

    private static PaymentInstruction New(
        Movement movement,
        long minor,
        Actor? actor = null,
        Channel channel = Channel.CashMachine,
        InstructionId? id = null
    ) =>
        new()
        {
            Id = id ?? NextId(channel),
            Actor = actor ?? new Actor.CardNetwork(Line),
            Origin = new Origin(channel),
            Movement = movement,
            Amount = new Money(minor, Cny),
            AskedAt = new DateTimeOffset(2026, 11, 23, 9, 0, 0, TimeSpan.Zero),
        };

    private PaymentInstruction Withdraw(
        TestCard card,
        TerminalId machine,
        long minor,
        string? pin = null
    )
    {
        var id = NextId(Channel.CashMachine);
        CardUse use = new(
            card.Token,
            card.ExpiryYearMonth,
            Bank.SealPin(card, pin ?? card.Pin, id)
        );
        return New(new Movement.CashWithdrawal(new Funding.OfCard(use), machine), minor, id: id);
    }

    private static PaymentInstruction Purchase(TestCard card, long minor) =>
        New(new Movement.CardPurchase(Use(card), Shop), minor, channel: Channel.PointOfSale);

    private static PaymentInstruction Authorise(TestCard card, long minor) =>
        New(new Movement.CardAuthorisation(Use(card), Shop), minor, channel: Channel.PointOfSale);

    private static PaymentInstruction Complete(PaymentInstruction authorisation, long minor) =>
        New(
            new Movement.CardCompletion(authorisation.Id, Shop),
            minor,
            channel: Channel.PointOfSale
        );

    private static PaymentInstruction Reverse(
        PaymentInstruction original,
        long? completed = null
    ) =>
        New(
            new Movement.Reversal(
                original.Id,
                completed is { } minor ? new Money(minor, Cny) : null
            ),
            original.Amount.Minor,
            channel: original.Origin.Channel
        );

    private static Merchant Shop =>
        new(new TerminalId("SHOP0001"), "ACCEPTOR", "5411", "Shop, Town");

    private static CardUse Use(TestCard card) => new(card.Token, card.ExpiryYearMonth, Pin: null);

    private async Task<(CustomerId, AccountNumber, TestCard, TerminalId)> FurnishAsync()
    {
        var (customer, account) = await Bank.OpenAsync(100_000);
        return (
            customer,
            account,
            await Bank.IssueCardAsync(account),
            await Bank.OpenMachineAsync(10_000_000)
        );
    }

    private async Task<(long Booked, long Available)> BalanceAsync(
        CustomerId customer,
        AccountNumber account
    )
    {
        var view = Found(
            await Bank.Queries.GetAccountAsync(
                new Actor.Customer(customer, Assurance.Strong),
                account,
                Token
            )
        );
        return (view.Booked.Minor, view.Available.Minor);
    }

    private static T Found<T>(QueryAnswer<T> answer) =>
        Assert.IsType<QueryAnswer<T>.Found>(answer).Value;

    private static OutcomeReason ReasonOf(PaymentOutcome outcome) =>
        outcome is PaymentOutcome.NotDone refused ? refused.Reason : OutcomeReason.None;

    private static void AssertRefused(OutcomeReason reason, PaymentOutcome outcome) =>
        Assert.Equal(reason, Assert.IsType<PaymentOutcome.NotDone>(outcome).Reason);
}
