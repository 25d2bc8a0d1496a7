using Evenkeel.Banking.Calendars;
using Evenkeel.Banking.EndOfDay;
using Evenkeel.Banking.Work;
using Evenkeel.Payments;
using Xunit;

namespace Evenkeel.Banking.Tests;

/// <summary>Days that end by themselves, on the node that leads.</summary>
public sealed class DayKeeperTests
{
    private const int PatienceSeconds = 30;

    private static readonly DateOnly NextDay = TestBank.FirstDay.AddDays(1);

    private static readonly DaySchedule Evening = new(new TimeOnly(22, 0), "Asia/Shanghai");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_day_ends_by_itself_when_its_time_has_come_and_not_before()
    {
        ShiftedTime time = new();
        time.Set(At(13, 50));
        await using var bank = await ScheduledAsync(time);
        await using var resolver = Start(bank, static () => true);
        await LookedAsync(bank, time);
        Assert.Equal(TestBank.FirstDay, await bank.Bank.EndOfDay.BusinessDateAsync(Token));

        time.Set(At(14, 0));
        await UntilAsync(async () =>
            (await bank.Bank.EndOfDay.FindAsync(TestBank.FirstDay, Token))?.IsComplete is true
        );

        var status = await bank.Bank.EndOfDay.StatusAsync(Token);
        Assert.Equal(EndOfDayState.Open, status.State);
        Assert.Equal(NextDay, status.BusinessDate);
        Assert.Equal(Evening.EndOf(NextDay), status.EndsAt);
        Assert.Null(status.Step);
        Assert.Null(status.LastFailure);
    }

    [Fact]
    public async Task A_node_that_begins_to_lead_completes_what_another_left_half_done()
    {
        ShiftedTime time = new();
        time.Set(At(1, 0));
        await using var bank = await TestBank.StartAsync(time: time);
        await bank.OpenAsync(1_000);
        await BusinessDays.RollAsync(bank.Bank, TestBank.FirstDay, NextDay, previous: null, Token);
        var isLeading = false;
        await using var resolver = Start(bank, () => Volatile.Read(ref isLeading));
        var before = await bank.Bank.EndOfDay.StatusAsync(Token);
        Assert.Equal(EndOfDayState.Closing, before.State);
        Assert.Equal("interest", before.Step);

        Volatile.Write(ref isLeading, true);
        await UntilAsync(async () =>
            (await bank.Bank.EndOfDay.StatusAsync(Token)).State == EndOfDayState.Open
        );

        Assert.All(
            await bank.Bank.Books.FindAsync(TestBank.FirstDay, Token),
            static balance => Assert.True(balance.IsZeroSum)
        );
    }

    [Fact]
    public async Task A_node_that_does_not_lead_closes_nothing()
    {
        ShiftedTime time = new();
        time.Set(At(14, 0));
        await using var bank = await ScheduledAsync(time);
        var asked = 0;
        await using var resolver = Start(
            bank,
            () =>
            {
                Interlocked.Increment(ref asked);
                return false;
            }
        );

        await UntilAsync(() =>
        {
            bank.Bank.WorkBell.Ring();
            return Task.FromResult(Volatile.Read(ref asked) > 5);
        });

        Assert.Equal(TestBank.FirstDay, await bank.Bank.EndOfDay.BusinessDateAsync(Token));
    }

    [Fact]
    public async Task A_standing_order_that_waits_is_paid_during_the_day_when_money_has_come()
    {
        ShiftedTime time = new();
        time.Set(At(1, 0));
        await using var bank = await ScheduledAsync(time);
        var (payer, from) = await bank.OpenAsync(0);
        var (other, source) = await bank.OpenAsync(10_000);
        var (_, to) = await bank.OpenAsync(0);
        await bank.OrderAsync(
            payer,
            from,
            to,
            700,
            new Schedule(ScheduleKind.Daily, 0, DateShift.None)
        );
        time.Set(At(14, 0));
        await using var resolver = Start(bank, static () => true);
        await UntilAsync(async () =>
            (await bank.Bank.EndOfDay.StatusAsync(Token)) is { Step: null, Last: not null }
        );
        Assert.Equal(0, await bank.BookedAsync(to));

        await bank.PayAsync(other, source, from, 1_000);
        await UntilAsync(async () =>
        {
            time.Advance(TimeSpan.FromMinutes(Evening.RetryMinutes));
            return (await bank.Bank.EndOfDay.StatusAsync(Token)).OrdersRetried > 0;
        });

        Assert.Equal(1, (await bank.Bank.EndOfDay.StatusAsync(Token)).OrdersRetried);
        Assert.Equal(700, await bank.BookedAsync(to));
        Assert.Equal(300, await bank.BookedAsync(from));
    }

    [Fact]
    public async Task A_clock_that_is_wrong_by_months_closes_nothing_and_says_so()
    {
        ShiftedTime time = new();
        time.Set(At(1, 0).AddDays(BankingLimits.BehindDaysMax + 2));
        await using var bank = await ScheduledAsync(time);
        await using var resolver = Start(bank, static () => true);

        await UntilAsync(async () =>
            (await bank.Bank.EndOfDay.StatusAsync(Token)).State == EndOfDayState.Failing
        );

        Assert.Equal(TestBank.FirstDay, await bank.Bank.EndOfDay.BusinessDateAsync(Token));
    }

    [Theory]
    [InlineData("22:00", "Asia/Shanghai", "2026-11-23", "2026-11-23T14:00:00Z")]
    [InlineData("00:00", "Asia/Shanghai", "2026-11-23", "2026-11-23T16:00:00Z")]
    [InlineData("03:30", "UTC", "2026-11-23", "2026-11-24T03:30:00Z")]
    // 02:30 is skipped that night.
    [InlineData("02:30", "Europe/Berlin", "2026-03-28", "2026-03-29T01:00:00Z")]
    public void A_business_day_is_over_at_the_time_of_its_place(
        string time,
        string zone,
        string date,
        string end
    ) =>
        Assert.Equal(
            DateTimeOffset.Parse(end, Culture),
            new DaySchedule(TimeOnly.Parse(time, Culture), zone).EndOf(
                DateOnly.Parse(date, Culture)
            )
        );

    [Theory]
    [InlineData("2026-11-23", "2026-11-23T13:59:00Z", null)]
    [InlineData("2026-11-23", "2026-11-23T14:00:00Z", "2026-11-24")]
    // Friday evening: the next banking day is Monday.
    [InlineData("2026-11-27", "2026-11-27T15:00:00Z", "2026-11-30")]
    // Behind by two months: the first of each month is not passed over.
    [InlineData("2026-11-23", "2027-01-20T15:00:00Z", "2026-12-01")]
    [InlineData("2026-12-01", "2027-01-20T15:00:00Z", "2027-01-01")]
    public void What_follows_a_day_that_is_over(string date, string now, string? next) =>
        Assert.Equal(
            next is null ? null : DateOnly.Parse(next, Culture),
            Evening.NextAfter(
                DateOnly.Parse(date, Culture),
                DateTimeOffset.Parse(now, Culture),
                BankCalendar.Standard
            )
        );

    private static System.Globalization.CultureInfo Culture =>
        System.Globalization.CultureInfo.InvariantCulture;

    private static DateTimeOffset At(int hour, int minute) =>
        new(TestBank.FirstDay, new TimeOnly(hour, minute), TimeSpan.Zero);

    private static async Task<TestBank> ScheduledAsync(TimeProvider time)
    {
        var bank = await TestBank.StartAsync(time: time);
        TestBank.Done(
            await bank.Bank.EndOfDay.SetScheduleAsync(
                new Actor.Bank("test"),
                "schedule",
                Evening,
                Token
            )
        );
        return bank;
    }

    private static Resolver Start(TestBank bank, Func<bool> isLeading) =>
        Resolver.Start(bank.Bank, new ResolverOptions { IsLeading = isLeading });

    /// <summary>The keeper has looked twice, and so has ended what the first look led to.</summary>
    private static async Task LookedAsync(TestBank bank, ShiftedTime time)
    {
        var looks = bank.Bank.EndOfDay.Monitor.Looks;
        await UntilAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return Task.FromResult(bank.Bank.EndOfDay.Monitor.Looks >= looks + 2);
        });
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(
                TimeProvider.System.GetElapsedTime(started).TotalSeconds < PatienceSeconds,
                "Waited in vain."
            );
            await Task.Delay(10, Token);
        }
    }
}
