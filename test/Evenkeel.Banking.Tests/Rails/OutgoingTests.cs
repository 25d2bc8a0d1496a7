using Evenkeel.Banking.GeneralLedger;
using Evenkeel.Banking.Rails;
using Evenkeel.Payments;
using Evenkeel.Simulators;
using Xunit;

namespace Evenkeel.Banking.Tests.Rails;

public sealed class OutgoingTests
{
    private const uint Cny = RailBank.Cny;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_credit_to_another_bank_is_taken_at_once_and_done_when_it_has_settled()
    {
        await using var rail = await RailBank.StartAsync();
        var (payer, from) = await rail.Bank.OpenAsync(10_000);
        var pay = rail.PayElsewhere(payer, from, 2_500);

        var outcome = await rail.Bank.Payments.SubmitAsync(pay, Token);

        Assert.Equal(
            OutcomeReason.ClearingPending,
            Assert.IsType<PaymentOutcome.BeingResolved>(outcome).Reason
        );
        var trace = await rail.EndAsync(pay.Id);
        Assert.Equal(InstructionState.Done, trace.State);
        Assert.Contains(trace.References, r => r.StartsWith("uetr:", StringComparison.Ordinal));
        Assert.Equal(7_500, await rail.BookedAsync(from));
        Assert.Equal(0, await rail.BalanceAsync(SettlementAccounts.OnTheWay(Cny)));
        Assert.Equal(
            2_500,
            await rail.BalanceAsync(SettlementAccounts.Sent(TestBank.FirstDay, Cny))
        );
        Assert.IsType<PaymentOutcome.Done>(await rail.Bank.Payments.SubmitAsync(pay, Token));
    }

    [Fact]
    public async Task A_bank_that_the_clearing_does_not_reach_is_refused_at_once()
    {
        await using var rail = await RailBank.StartAsync();
        var (payer, from) = await rail.Bank.OpenAsync(10_000);
        var pay = rail.PayElsewhere(payer, from, 100) with
        {
            Movement = new Movement.CreditTransfer(
                from,
                new Creditor.Elsewhere(new BankCode("NOBODYXXXXX"), "1", "Nobody")
            ),
        };

        var outcome = await rail.Bank.Payments.SubmitAsync(pay, Token);

        Assert.Equal(
            OutcomeReason.CreditorBankUnknown,
            Assert.IsType<PaymentOutcome.NotDone>(outcome).Reason
        );
        Assert.Equal(10_000, await rail.BookedAsync(from));
    }

    [Fact]
    public async Task What_the_clearing_rejects_comes_back_with_the_same_value_date()
    {
        await using var rail = await RailBank.StartAsync(new Faults { RejectPercent = 100 });
        var (payer, from) = await rail.Bank.OpenAsync(10_000);
        var pay = rail.PayElsewhere(payer, from, 2_500);
        await rail.Bank.Payments.SubmitAsync(pay, Token);

        var trace = await rail.EndAsync(pay.Id);

        Assert.Equal(InstructionState.NotDone, trace.State);
        Assert.Equal(OutcomeReason.RefusedByClearing, trace.Reason);
        Assert.Equal(10_000, await rail.BookedAsync(from));
        Assert.Equal(0, await rail.BalanceAsync(SettlementAccounts.OnTheWay(Cny)));
        var statement = Assert.IsType<QueryAnswer<StatementPage>.Found>(
            await rail.Bank.Queries.GetStatementAsync(
                pay.Actor,
                new StatementQuery(from, TestBank.FirstDay, TestBank.FirstDay),
                Token
            )
        );
        var (gone, back) = (statement.Value.Lines[1], statement.Value.Lines[0]);
        Assert.Equal(-gone.Amount, back.Amount);
        Assert.Equal(gone.ValueDate, back.ValueDate);
    }

    [Fact]
    public async Task A_silence_leads_to_a_question_and_not_to_a_second_credit()
    {
        await using var rail = await RailBank.StartAsync(new Faults { SilentPercent = 100 });
        var (payer, from) = await rail.Bank.OpenAsync(10_000);
        var pay = rail.PayElsewhere(payer, from, 2_500);
        await rail.Bank.Payments.SubmitAsync(pay, Token);

        Assert.Equal(InstructionState.Done, (await rail.EndAsync(pay.Id)).State);

        Assert.Equal(1, rail.Clearing.Sent);
        Assert.Equal(1, rail.House.TakenCount);
    }

    [Fact]
    public async Task What_never_arrived_is_sent_again_under_the_same_uetr()
    {
        await using var rail = await RailBank.StartAsync(new Faults { LostPercent = 100 });
        var (payer, from) = await rail.Bank.OpenAsync(10_000);
        var pay = rail.PayElsewhere(payer, from, 2_500);
        await rail.Bank.Payments.SubmitAsync(pay, Token);

        Assert.Equal(InstructionState.Done, (await rail.EndAsync(pay.Id)).State);

        Assert.Equal(2, rail.Clearing.Sent);
        Assert.Equal(1, rail.House.TakenCount);
        Assert.Equal(7_500, await rail.BookedAsync(from));
    }

    [Fact]
    public async Task Two_payments_under_one_uetr_are_not_taken_for_one()
    {
        await using var rail = await RailBank.StartAsync();
        var (payer, from) = await rail.Bank.OpenAsync(10_000);
        References same = new() { Uetr = new Guid("6f1c2a52-5f0a-4d6c-9c39-000000000001") };
        await rail.Bank.Payments.SubmitAsync(
            rail.PayElsewhere(payer, from, 100) with
            {
                References = same,
            },
            Token
        );

        var second = await rail.Bank.Payments.SubmitAsync(
            rail.PayElsewhere(payer, from, 100) with
            {
                References = same,
            },
            Token
        );

        Assert.Equal(OutcomeReason.Duplicate, Assert.IsType<PaymentOutcome.NotDone>(second).Reason);
        Assert.Equal(9_900, await rail.BookedAsync(from));
    }

    [Fact]
    public async Task What_comes_back_after_settlement_is_credited_and_told_as_returned()
    {
        await using var rail = await RailBank.StartAsync(new Faults { ReturnPercent = 100 });
        var (payer, from) = await rail.Bank.OpenAsync(10_000);
        var pay = rail.PayElsewhere(payer, from, 2_500);
        await rail.Bank.Payments.SubmitAsync(pay, Token);

        await rail.UntilAsync(
            "it is returned",
            async () => (await rail.TraceAsync(pay.Id))?.State == InstructionState.Returned
        );

        Assert.Equal(10_000, await rail.BookedAsync(from));
        Assert.Equal(
            OutcomeReason.ReturnedByCreditorBank,
            Assert
                .IsType<PaymentOutcome.NotDone>(await rail.Bank.Payments.SubmitAsync(pay, Token))
                .Reason
        );
    }

    [Fact]
    public async Task A_credit_from_another_bank_arrives_once()
    {
        await using var rail = await RailBank.StartAsync();
        var (_, to) = await rail.Bank.OpenAsync(0);
        var credit = HouseClearing.Incoming(Guid.NewGuid(), to.ToString(), 4_200);

        rail.House.Send(credit);
        rail.House.Send(credit);
        await rail.UntilAsync("it arrives", async () => await rail.BookedAsync(to) != 0);

        Assert.Equal(4_200, await rail.BookedAsync(to));
        Assert.Equal(
            -4_200,
            await rail.BalanceAsync(SettlementAccounts.Received(TestBank.FirstDay, Cny))
        );
    }

    [Fact]
    public async Task A_credit_for_nobody_goes_back_by_itself()
    {
        await using var rail = await RailBank.StartAsync();
        var uetr = Guid.NewGuid();
        rail.House.Send(
            HouseClearing.Incoming(uetr, AccountNumber.FromSerial(123_456).ToString(), 4_200)
        );
        var id = InstructionId.From(Channel.Clearing, "clearing", $"{uetr:D}");

        await rail.UntilAsync(
            "it has gone back",
            async () => (await rail.TraceAsync(id))?.State == InstructionState.Returned
        );

        Assert.Equal(0, await rail.BalanceAsync(LedgerIds.Of(GlCode.Suspense, Cny)));
        Assert.Equal(0, await rail.BalanceAsync(SettlementAccounts.OnTheWay(Cny)));
        var position = Assert.Single(
            rail.House.Positions(TestBank.FirstDay),
            p => p.Bank == BankOwn.Code.Value
        );
        Assert.Equal(position.SentMinor, position.ReceivedMinor);
    }

    [Fact]
    public async Task The_position_of_a_date_ties_out_with_the_ledger_and_is_settled_once()
    {
        await using var rail = await RailBank.StartAsync();
        var (payer, from) = await rail.Bank.OpenAsync(10_000);
        var (_, to) = await rail.Bank.OpenAsync(0);
        var pay = rail.PayElsewhere(payer, from, 2_500);
        await rail.Bank.Payments.SubmitAsync(pay, Token);
        rail.House.Send(HouseClearing.Incoming(Guid.NewGuid(), to.ToString(), 4_200));
        await rail.EndAsync(pay.Id);
        await rail.UntilAsync("it arrives", async () => await rail.BookedAsync(to) != 0);

        rail.House.Close();
        await rail.UntilAsync(
            "the date is settled",
            async () => await rail.BalanceAsync(LedgerIds.Of(GlCode.Nostro, Cny)) != 0
        );

        Assert.Equal(2_500 - 4_200, await rail.BalanceAsync(LedgerIds.Of(GlCode.Nostro, Cny)));
        Assert.Equal(0, await rail.BalanceAsync(SettlementAccounts.Sent(TestBank.FirstDay, Cny)));
        Assert.Equal(
            0,
            await rail.BalanceAsync(SettlementAccounts.Received(TestBank.FirstDay, Cny))
        );
        Assert.Empty(rail.Failures);
    }
}
