using Evenkeel.Banking.Calendars;
using Evenkeel.Payments;
using Xunit;

namespace Evenkeel.Banking.Tests.Rails;

public sealed class CutOffTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_credit_after_the_cut_off_is_refused_or_counts_from_the_next_banking_day()
    {
        await using var rail = await RailBank.StartAsync();
        var (payer, from) = await rail.Bank.OpenAsync(10_000);

        await SetAsync(rail, "refused", isRefusedAfter: true);
        Assert.Equal(
            OutcomeReason.CutOffPassed,
            Assert
                .IsType<PaymentOutcome.NotDone>(
                    await rail.Bank.Payments.SubmitAsync(rail.PayElsewhere(payer, from, 100), Token)
                )
                .Reason
        );
        Assert.Equal(10_000, await rail.BookedAsync(from));

        await SetAsync(rail, "moved", isRefusedAfter: false);
        Assert.IsType<PaymentOutcome.BeingResolved>(
            await rail.Bank.Payments.SubmitAsync(rail.PayElsewhere(payer, from, 200), Token)
        );
        var line = Assert
            .IsType<QueryAnswer<StatementPage>.Found>(
                await rail.Bank.Queries.GetStatementAsync(
                    new Actor.Bank("test"),
                    new StatementQuery(from, TestBank.FirstDay, TestBank.FirstDay),
                    Token
                )
            )
            .Value.Lines[0];
        Assert.Equal(TestBank.FirstDay, line.BookingDate);
        Assert.Equal(BankCalendar.Standard.NextAfter(TestBank.FirstDay), line.ValueDate);
    }

    [Fact]
    public async Task A_credit_that_comes_late_counts_from_the_next_banking_day_and_is_never_refused()
    {
        await using var rail = await RailBank.StartAsync();
        var (_, account) = await rail.Bank.OpenAsync(0);
        CutOff late = new(TimeOnly.MinValue, UtcOffsetMinutes: 0, IsRefusedAfter: false);
        Assert.Equal(
            OutcomeReason.Malformed,
            Steps.Refused(
                await rail.Bank.Bank.Calendars.SetIncomingCutOffAsync(
                    TestBank.Staff,
                    "refusing",
                    RailBank.Cny,
                    late with
                    {
                        IsRefusedAfter = true,
                    },
                    Token
                )
            )
        );
        TestBank.Done(
            await rail.Bank.Bank.Calendars.SetIncomingCutOffAsync(
                TestBank.Staff,
                "incoming",
                RailBank.Cny,
                late,
                Token
            )
        );

        Assert.IsType<PaymentOutcome.Done>(
            await rail.Bank.Payments.SubmitAsync(
                Steps.New(
                    new Movement.IncomingCredit(
                        new BankCode("HARBCNSHXXX"),
                        "6217000012345678",
                        "Li Na",
                        account
                    ),
                    500,
                    new Actor.Clearing("clearing"),
                    Channel.Clearing
                ) with
                {
                    IsAdvice = true,
                },
                Token
            )
        );

        var line = Assert
            .IsType<QueryAnswer<StatementPage>.Found>(
                await rail.Bank.Queries.GetStatementAsync(
                    new Actor.Bank("test"),
                    new StatementQuery(account, TestBank.FirstDay, TestBank.FirstDay),
                    Token
                )
            )
            .Value.Lines[0];
        Assert.Equal(500, line.Amount.Minor);
        Assert.Equal(BankCalendar.Standard.NextAfter(TestBank.FirstDay), line.ValueDate);
    }

    /// <summary>The first moment of the day: whatever comes is later.</summary>
    private static async Task SetAsync(RailBank rail, string reference, bool isRefusedAfter) =>
        TestBank.Done(
            await rail.Bank.Bank.Calendars.SetCutOffAsync(
                TestBank.Staff,
                reference,
                Channel.Online,
                RailBank.Cny,
                new CutOff(TimeOnly.MinValue, UtcOffsetMinutes: 0, isRefusedAfter),
                Token
            )
        );
}
