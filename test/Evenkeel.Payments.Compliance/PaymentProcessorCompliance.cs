using Xunit;

namespace Evenkeel.Payments.Compliance;

/// <summary>What every bank behind the contract must do, whoever wrote it.</summary>
public abstract class PaymentProcessorCompliance
{
    protected const uint Cny = IBankUnderTest.Cny;

    /// <summary>A bank of this kind; tests may share one, since each opens its own customers.</summary>
    protected abstract IBankUnderTest Bank { get; }

    [Fact]
    public async Task A_transfer_moves_the_money_and_says_so()
    {
        var bank = Bank;
        var (payer, from) = await bank.OpenAsync(10_000);
        var (payee, to) = await bank.OpenAsync(0);

        var outcome = await bank.Payments.SubmitAsync(Transfer(payer, from, to, 2_500), Token);

        var done = Assert.IsType<PaymentOutcome.Done>(outcome);
        Assert.Equal(new Money(2_500, Cny), done.Receipt.Amount);
        Assert.Equal(6, done.Receipt.AuthorisationCode.Length);
        Assert.Equal(7_500, await BookedAsync(bank, payer, from));
        Assert.Equal(2_500, await BookedAsync(bank, payee, to));
    }

    [Fact]
    public async Task The_same_instruction_again_gets_the_same_answer_and_moves_nothing()
    {
        var bank = Bank;
        var (payer, from) = await bank.OpenAsync(10_000);
        var (_, to) = await bank.OpenAsync(0);
        var instruction = Transfer(payer, from, to, 2_500);

        var first = await bank.Payments.SubmitAsync(instruction, Token);
        var again = await bank.Payments.SubmitAsync(
            instruction with
            {
                AskedAt = instruction.AskedAt.AddMinutes(1),
            },
            Token
        );

        Assert.Equal(first, again);
        Assert.Equal(7_500, await BookedAsync(bank, payer, from));
    }

    [Fact]
    public async Task Many_at_once_with_one_id_move_the_money_once()
    {
        var bank = Bank;
        var (payer, from) = await bank.OpenAsync(10_000);
        var (_, to) = await bank.OpenAsync(0);
        var instruction = Transfer(payer, from, to, 2_500);

        var outcomes = await Task.WhenAll(
            Enumerable.Range(0, 16).Select(_ => bank.Payments.SubmitAsync(instruction, Token))
        );

        Assert.All(outcomes, outcome => Assert.Equal(outcomes[0], outcome));
        Assert.Equal(7_500, await BookedAsync(bank, payer, from));
    }

    [Fact]
    public async Task The_same_id_with_other_content_is_refused_and_moves_nothing()
    {
        var bank = Bank;
        var (payer, from) = await bank.OpenAsync(10_000);
        var (_, to) = await bank.OpenAsync(0);
        var instruction = Transfer(payer, from, to, 2_500);
        await bank.Payments.SubmitAsync(instruction, Token);

        var outcome = await bank.Payments.SubmitAsync(
            instruction with
            {
                Amount = new Money(2_501, Cny),
            },
            Token
        );

        AssertRefused(OutcomeReason.IdReusedWithOtherContent, outcome);
        Assert.Equal(7_500, await BookedAsync(bank, payer, from));
    }

    [Fact]
    public async Task More_than_is_available_is_refused_for_good()
    {
        var bank = Bank;
        var (payer, from) = await bank.OpenAsync(100);
        var (other, to) = await bank.OpenAsync(1_000);
        var instruction = Transfer(payer, from, to, 101);
        AssertRefused(
            OutcomeReason.InsufficientFunds,
            await bank.Payments.SubmitAsync(instruction, Token)
        );

        Assert.IsType<PaymentOutcome.Done>(
            await bank.Payments.SubmitAsync(Transfer(other, to, from, 500), Token)
        );

        // There is money now, but the answer to this one was no.
        AssertRefused(
            OutcomeReason.InsufficientFunds,
            await bank.Payments.SubmitAsync(instruction, Token)
        );
        Assert.Equal(600, await BookedAsync(bank, payer, from));
    }

    [Fact]
    public async Task Many_at_once_never_take_more_than_there_is()
    {
        var bank = Bank;
        var (payer, from) = await bank.OpenAsync(1_000);
        var (payee, to) = await bank.OpenAsync(0);

        var outcomes = await Task.WhenAll(
            Enumerable
                .Range(0, 32)
                .Select(_ => bank.Payments.SubmitAsync(Transfer(payer, from, to, 300), Token))
        );

        Assert.Equal(3, outcomes.Count(static outcome => outcome is PaymentOutcome.Done));
        Assert.All(
            outcomes.Where(static outcome => outcome is not PaymentOutcome.Done),
            static outcome => AssertRefused(OutcomeReason.InsufficientFunds, outcome)
        );
        Assert.Equal(100, await BookedAsync(bank, payer, from));
        Assert.Equal(900, await BookedAsync(bank, payee, to));
    }

    [Fact]
    public async Task A_frozen_customer_pays_nothing_and_still_receives()
    {
        var bank = Bank;
        var (frozen, from) = await bank.OpenAsync(1_000);
        var (other, to) = await bank.OpenAsync(1_000);
        await bank.FreezeAsync(frozen);

        AssertRefused(
            OutcomeReason.CustomerFrozen,
            await bank.Payments.SubmitAsync(Transfer(frozen, from, to, 1), Token)
        );
        Assert.IsType<PaymentOutcome.Done>(
            await bank.Payments.SubmitAsync(Transfer(other, to, from, 1), Token)
        );
    }

    [Fact]
    public async Task Nobody_pays_from_an_account_of_another()
    {
        var bank = Bank;
        var (_, from) = await bank.OpenAsync(1_000);
        var (thief, to) = await bank.OpenAsync(0);

        AssertRefused(
            OutcomeReason.DebtorAccountUnknown,
            await bank.Payments.SubmitAsync(Transfer(thief, from, to, 1), Token)
        );
    }

    [Fact]
    public async Task Nobody_reads_an_account_of_another()
    {
        var bank = Bank;
        var (_, account) = await bank.OpenAsync(1_000);
        var (thief, _) = await bank.OpenAsync(0);
        Actor actor = new Actor.Customer(thief, Assurance.Strong);

        Assert.Equal(
            OutcomeReason.DebtorAccountUnknown,
            Assert
                .IsType<QueryAnswer<AccountView>.Refused>(
                    await bank.Queries.GetAccountAsync(actor, account, Token)
                )
                .Reason
        );
        var own = Assert.IsType<QueryAnswer<IReadOnlyList<AccountView>>.Found>(
            await bank.Queries.ListAccountsAsync(actor, Token)
        );
        Assert.DoesNotContain(own.Value, view => view.Number == account);
    }

    [Fact]
    public async Task An_unknown_payee_is_refused()
    {
        var bank = Bank;
        var (payer, from) = await bank.OpenAsync(1_000);

        AssertRefused(
            OutcomeReason.CreditorAccountUnknown,
            await bank.Payments.SubmitAsync(
                Transfer(payer, from, AccountNumber.FromSerial(999_999_999_998), 1),
                Token
            )
        );
    }

    [Fact]
    public async Task An_amount_in_another_currency_is_refused()
    {
        var bank = Bank;
        var (payer, from) = await bank.OpenAsync(1_000);
        var (_, to) = await bank.OpenAsync(0, IBankUnderTest.Hkd);

        AssertRefused(
            OutcomeReason.CurrencyMismatch,
            await bank.Payments.SubmitAsync(Transfer(payer, from, to, 1), Token)
        );
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(PaymentLimits.AmountMinorMax + 1)]
    public async Task An_amount_that_is_none_is_refused(long minor)
    {
        var bank = Bank;
        var (payer, from) = await bank.OpenAsync(1_000);
        var (_, to) = await bank.OpenAsync(0);

        AssertRefused(
            OutcomeReason.AmountInvalid,
            await bank.Payments.SubmitAsync(Transfer(payer, from, to, minor), Token)
        );
    }

    [Fact]
    public async Task Every_instruction_is_found_by_each_of_its_names_with_its_timeline()
    {
        var bank = Bank;
        var (payer, from) = await bank.OpenAsync(1_000);
        var (_, to) = await bank.OpenAsync(0);
        var uetr = new Guid("0b0c3b34-6d1e-4d2f-9f4a-3d1f2c5e7a90");
        var done = Transfer(payer, from, to, 600) with
        {
            References = new References { EndToEndId = "RENT-2026-11", Uetr = uetr },
        };
        var refused = Transfer(payer, from, to, 600) with
        {
            References = new References { EndToEndId = "RENT-AGAIN" },
        };
        await bank.Payments.SubmitAsync(done, Token);
        await bank.Payments.SubmitAsync(refused, Token);
        Actor actor = new Actor.Customer(payer, Assurance.Strong);

        foreach (
            var name in new[]
            {
                done.Id.ToString(),
                "RENT-2026-11",
                uetr.ToString("D"),
                $"uetr:{uetr:D}",
            }
        )
        {
            var trace = await OneTraceAsync(bank, actor, name);
            Assert.Equal(done.Id, trace.Id);
            Assert.Equal(InstructionState.Done, trace.State);
            Assert.NotEmpty(trace.Timeline);
        }
        var no = await OneTraceAsync(bank, actor, "RENT-AGAIN");
        Assert.Equal(InstructionState.NotDone, no.State);
        Assert.Equal(OutcomeReason.InsufficientFunds, no.Reason);
    }

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    private static long references;

    protected static PaymentInstruction Transfer(
        CustomerId payer,
        AccountNumber from,
        AccountNumber to,
        long minor,
        uint currency = Cny
    ) =>
        new()
        {
            Id = InstructionId.From(
                Channel.Online,
                payer.Value,
                $"ref-{Interlocked.Increment(ref references)}"
            ),
            Actor = new Actor.Customer(payer, Assurance.Strong),
            Origin = new Origin(Channel.Online),
            Movement = new Movement.CreditTransfer(from, new Creditor.Here(to)),
            Amount = new Money(minor, currency),
            AskedAt = new DateTimeOffset(2026, 11, 23, 9, 0, 0, TimeSpan.Zero),
        };

    protected static void AssertRefused(OutcomeReason reason, PaymentOutcome outcome) =>
        Assert.Equal(reason, Assert.IsType<PaymentOutcome.NotDone>(outcome).Reason);

    protected static async Task<long> BookedAsync(
        IBankUnderTest bank,
        CustomerId customer,
        AccountNumber account
    ) =>
        Assert
            .IsType<QueryAnswer<AccountView>.Found>(
                await bank.Queries.GetAccountAsync(
                    new Actor.Customer(customer, Assurance.Strong),
                    account,
                    Token
                )
            )
            .Value.Booked.Minor;

    private static async Task<InstructionTrace> OneTraceAsync(
        IBankUnderTest bank,
        Actor actor,
        string name
    ) =>
        Assert.Single(
            Assert
                .IsType<QueryAnswer<IReadOnlyList<InstructionTrace>>.Found>(
                    await bank.Queries.TraceAsync(actor, name, Token)
                )
                .Value
        );
}
