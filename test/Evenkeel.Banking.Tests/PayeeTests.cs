using Evenkeel.Banking.CustomerLimits;
using Evenkeel.Payments;
using Xunit;
using static Evenkeel.Banking.Tests.Steps;

namespace Evenkeel.Banking.Tests;

public sealed class PayeeTests : IAsyncLifetime
{
    private readonly MovableTime _time = new();
    private TestBank? _bank;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private TestBank Bank => _bank!;

    public async ValueTask InitializeAsync() => _bank = await TestBank.StartAsync(time: _time);

    public async ValueTask DisposeAsync() => await Bank.DisposeAsync();

    [Fact]
    public async Task A_new_payee_needs_two_factors_and_a_known_one_does_not()
    {
        var (payer, from) = await Bank.OpenAsync(10_000);
        var (_, to) = await Bank.OpenAsync(0);

        await Bank.RefusesAsync(
            OutcomeReason.StrongAuthenticationRequired,
            Pay(payer, from, to, 1, Assurance.Single)
        );
        await Bank.DoesAsync(Pay(payer, from, to, 1));
        await Bank.DoesAsync(Pay(payer, from, to, 1, Assurance.Single));
    }

    [Fact]
    public async Task New_payees_share_a_smaller_limit_until_a_day_has_passed()
    {
        var small = LimitSet.Person.NewPayeeDayMinor;
        var (payer, from) = await Bank.OpenAsync(10 * small);
        var (_, one) = await Bank.OpenAsync(0);
        var (_, two) = await Bank.OpenAsync(0);

        await Bank.RefusesAsync(
            OutcomeReason.TransactionLimitExceeded,
            Pay(payer, from, one, small + 1)
        );
        await Bank.DoesAsync(Pay(payer, from, one, small - 10));
        await Bank.RefusesAsync(OutcomeReason.DailyAmountLimitExceeded, Pay(payer, from, two, 11));
        await Bank.DoesAsync(Pay(payer, from, two, 10));

        _time.Advance(TimeSpan.FromHours(24) - TimeSpan.FromSeconds(1));
        await Bank.RefusesAsync(OutcomeReason.DailyAmountLimitExceeded, Pay(payer, from, one, 1));
        _time.Advance(TimeSpan.FromSeconds(1));
        await Bank.DoesAsync(Pay(payer, from, one, small + 1));
    }

    [Fact]
    public async Task A_refused_first_payment_makes_no_payee_known()
    {
        var (payer, from) = await Bank.OpenAsync(10);
        var (_, to) = await Bank.OpenAsync(0);

        await Bank.RefusesAsync(OutcomeReason.InsufficientFunds, Pay(payer, from, to, 11));
        await Bank.RefusesAsync(
            OutcomeReason.StrongAuthenticationRequired,
            Pay(payer, from, to, 1, Assurance.Single)
        );
    }

    [Fact]
    public async Task A_payee_is_added_listed_and_removed_and_adding_again_does_not_make_it_new()
    {
        var (payer, from) = await Bank.OpenAsync(10_000_00);
        var (_, to) = await Bank.OpenAsync(0);
        Actor actor = new Actor.Customer(payer, Assurance.Strong);
        Creditor creditor = new Creditor.Here(to, "Landlord");

        Assert.Equal(
            OutcomeReason.StrongAuthenticationRequired,
            Assert
                .IsType<QueryAnswer<PayeeView>.Refused>(
                    await Bank.Services.AddPayeeAsync(
                        new Actor.Customer(payer, Assurance.Single),
                        "a",
                        creditor,
                        Token
                    )
                )
                .Reason
        );
        var added = Found(await Bank.Services.AddPayeeAsync(actor, "a", creditor, Token));
        Assert.Equal((to.ToString(), "Landlord", true), (added.Account, added.Name, added.IsNew));
        _time.Advance(TimeSpan.FromDays(2));
        var again = Found(await Bank.Services.AddPayeeAsync(actor, "b", creditor, Token));
        Assert.Equal((added.Id, false), (again.Id, again.IsNew));
        Assert.Equal(
            added.Id,
            Assert.Single(Found(await Bank.Services.ListPayeesAsync(actor, Token))).Id
        );
        await Bank.DoesAsync(Pay(payer, from, to, 1, Assurance.Single));

        Found(await Bank.Services.RemovePayeeAsync(actor, "r", added.Id, Token));

        Assert.Empty(Found(await Bank.Services.ListPayeesAsync(actor, Token)));
        await Bank.RefusesAsync(
            OutcomeReason.StrongAuthenticationRequired,
            Pay(payer, from, to, 1, Assurance.Single)
        );
    }

    [Fact]
    public async Task Nobody_sees_or_removes_a_payee_of_another()
    {
        var (payer, _) = await Bank.OpenAsync(0);
        var (stranger, to) = await Bank.OpenAsync(0);
        Actor owner = new Actor.Customer(payer, Assurance.Strong);
        Actor other = new Actor.Customer(stranger, Assurance.Strong);
        var added = Found(
            await Bank.Services.AddPayeeAsync(owner, "a", new Creditor.Here(to), Token)
        );

        Assert.Empty(Found(await Bank.Services.ListPayeesAsync(other, Token)));
        Assert.Equal(
            OutcomeReason.PayeeNotConfirmed,
            Assert
                .IsType<QueryAnswer<string>.Refused>(
                    await Bank.Services.RemovePayeeAsync(other, "r", added.Id, Token)
                )
                .Reason
        );
    }

    private static T Found<T>(QueryAnswer<T> answer) =>
        Assert.IsType<QueryAnswer<T>.Found>(answer).Value;

    /// <summary>The machine's time, moved forward by hand.</summary>
    private sealed class MovableTime : TimeProvider
    {
        private long _aheadTicks;

        public void Advance(TimeSpan by) => Interlocked.Add(ref _aheadTicks, by.Ticks);

        public override DateTimeOffset GetUtcNow() =>
            Start + TimeSpan.FromTicks(Interlocked.Read(ref _aheadTicks));

        private static DateTimeOffset Start => new(2026, 11, 23, 9, 0, 0, TimeSpan.Zero);
    }
}
