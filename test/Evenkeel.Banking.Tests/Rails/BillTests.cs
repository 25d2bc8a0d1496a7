using Evenkeel.Banking.Bills;
using Evenkeel.Banking.GeneralLedger;
using Evenkeel.Payments;
using Evenkeel.Simulators;
using Xunit;

namespace Evenkeel.Banking.Tests.Rails;

public sealed class BillTests
{
    private const uint Cny = RailBank.Cny;

    private static readonly UInt128 Owed = LedgerIds.Of(GlCode.BillerSettlement, Cny, sub: 1);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0, 0)]
    [InlineData(100, 0)]
    [InlineData(0, 100)]
    public async Task A_bill_is_paid_once_whatever_gets_lost(int silentPercent, int lostPercent)
    {
        await using var rail = await StartAsync(
            new Faults { SilentPercent = silentPercent, LostPercent = lostPercent }
        );
        var (payer, from) = await rail.Bank.OpenAsync(10_000);
        var pay = rail.PayBill(payer, from, "W-2026-11", 1_500);

        Assert.IsType<PaymentOutcome.BeingResolved>(
            await rail.Bank.Payments.SubmitAsync(pay, Token)
        );

        Assert.Equal(InstructionState.Done, (await rail.EndAsync(pay.Id)).State);
        Assert.Equal(8_500, await rail.BookedAsync(from));
        Assert.Equal(1_500, await rail.BalanceAsync(Owed));
        Assert.Equal(1, rail.BillerHouse.PaidCount);
    }

    [Fact]
    public async Task While_the_biller_is_silent_the_money_is_held_and_at_last_it_is_free_again()
    {
        await using var rail = await StartAsync(new Faults());
        rail.Billers.IsDead = true;
        var (payer, from) = await rail.Bank.OpenAsync(10_000);
        var pay = rail.PayBill(payer, from, "W-2026-12", 1_500);
        await rail.Bank.Payments.SubmitAsync(pay, Token);

        var held = Assert.IsType<QueryAnswer<AccountView>.Found>(
            await rail.Bank.Queries.GetAccountAsync(pay.Actor, from, Token)
        );
        Assert.Equal(10_000, held.Value.Booked.Minor);
        Assert.Equal(8_500, held.Value.Available.Minor);

        // Past its deadline, and then the biller is there again: it never saw the bill.
        await rail.UntilAsync(
            "the bank tells the biller to undo it",
            async () =>
                (await rail.TraceAsync(pay.Id))!.Timeline.Any(e => e.Detail == "bill:undoing")
        );
        Assert.Equal(InstructionState.BeingResolved, (await rail.TraceAsync(pay.Id))!.State);
        rail.Billers.IsDead = false;
        var trace = await rail.EndAsync(pay.Id);

        Assert.Equal(InstructionState.NotDone, trace.State);
        Assert.Equal(OutcomeReason.RefusedByBiller, trace.Reason);
        var free = Assert.IsType<QueryAnswer<AccountView>.Found>(
            await rail.Bank.Queries.GetAccountAsync(pay.Actor, from, Token)
        );
        Assert.Equal(10_000, free.Value.Available.Minor);
        Assert.Equal(0, rail.BillerHouse.PaidCount);
    }

    [Fact]
    public async Task A_bill_is_not_paid_twice_and_a_refused_one_may_be_tried_again()
    {
        await using var rail = await StartAsync(new Faults { RejectPercent = 100 });
        rail.Billers.IsDead = true;
        var (payer, from) = await rail.Bank.OpenAsync(10_000);
        var first = rail.PayBill(payer, from, "W-2026-13", 1_500);
        await rail.Bank.Payments.SubmitAsync(first, Token);

        var meanwhile = await rail.Bank.Payments.SubmitAsync(
            rail.PayBill(payer, from, "W-2026-13", 1_500),
            Token
        );
        rail.Billers.IsDead = false;
        var trace = await rail.EndAsync(first.Id);

        Assert.Equal(
            OutcomeReason.BillAlreadyPaid,
            Assert.IsType<PaymentOutcome.NotDone>(meanwhile).Reason
        );
        Assert.Equal(OutcomeReason.BillUnknown, trace.Reason);
        Assert.Equal(10_000, await rail.BookedAsync(from));
        Assert.IsType<PaymentOutcome.BeingResolved>(
            await rail.Bank.Payments.SubmitAsync(
                rail.PayBill(payer, from, "W-2026-13", 1_500),
                Token
            )
        );
    }

    [Fact]
    public async Task A_biller_that_nobody_knows_is_refused()
    {
        await using var rail = await RailBank.StartAsync();
        var (payer, from) = await rail.Bank.OpenAsync(10_000);

        var outcome = await rail.Bank.Payments.SubmitAsync(
            rail.PayBill(payer, from, "W-1", 1_500),
            Token
        );

        Assert.Equal(
            OutcomeReason.BillerUnknown,
            Assert.IsType<PaymentOutcome.NotDone>(outcome).Reason
        );
    }

    private static async Task<RailBank> StartAsync(Faults faults)
    {
        var rail = await RailBank.StartAsync(faults);
        TestBank.Done(
            await rail.Bank.Bank.Billers.OpenAsync(
                TestBank.Staff,
                new BillerCode("WATER"),
                serial: 1,
                [Cny],
                Token
            )
        );
        return rail;
    }
}
