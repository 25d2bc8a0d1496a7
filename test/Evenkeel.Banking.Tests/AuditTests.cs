using Evenkeel.Payments;
using Xunit;
using static Evenkeel.Banking.Tests.Steps;

namespace Evenkeel.Banking.Tests;

public sealed class AuditTests(SharedBank shared) : IClassFixture<SharedBank>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private TestBank Bank => shared.Bank;

    [Fact]
    public async Task Who_asks_for_anothers_account_is_refused_and_leaves_a_line()
    {
        var (owner, account) = await Bank.OpenAsync(1_000);
        var (stranger, own) = await Bank.OpenAsync(0);
        Actor actor = new Actor.Customer(stranger, Assurance.Strong);

        Assert.IsType<QueryAnswer<AccountView>.Refused>(
            await Bank.Queries.GetAccountAsync(actor, account, Token)
        );
        Assert.IsType<QueryAnswer<StatementPage>.Refused>(
            await Bank.Queries.GetStatementAsync(
                actor,
                new StatementQuery(account, TestBank.FirstDay, TestBank.FirstDay),
                Token
            )
        );
        await Bank.RefusesAsync(OutcomeReason.DebtorAccountUnknown, Pay(stranger, account, own, 1));

        var paid = Pay(owner, account, own, 1);
        await Bank.DoesAsync(paid);
        var (outsider, _) = await Bank.OpenAsync(0);
        Assert.Empty(
            Assert
                .IsType<QueryAnswer<IReadOnlyList<InstructionTrace>>.Found>(
                    await Bank.Queries.TraceAsync(
                        new Actor.Customer(outsider, Assurance.Strong),
                        paid.Id.ToString(),
                        Token
                    )
                )
                .Value
        );
        Assert.Equal("trace", Assert.Single(await LinesAsync(outsider)).What);

        Assert.Equal(
            ["account", "statement", "debit"],
            (await LinesAsync(stranger)).Select(static line => line.What)
        );
        Assert.All(
            await LinesAsync(stranger),
            line => Assert.Equal(account.ToString(), line.Subject)
        );
    }

    [Fact]
    public async Task Ones_own_and_what_is_not_there_leave_no_line()
    {
        var (customer, account) = await Bank.OpenAsync(1_000);
        Actor actor = new Actor.Customer(customer, Assurance.Strong);

        await Bank.Queries.GetAccountAsync(actor, account, Token);
        await Bank.Queries.GetAccountAsync(actor, AccountNumber.FromSerial(8), Token);

        Assert.Empty(await LinesAsync(customer));
    }

    [Fact]
    public async Task A_flood_fills_no_disk()
    {
        var (_, account) = await Bank.OpenAsync(1_000);
        var (stranger, _) = await Bank.OpenAsync(0);
        Actor actor = new Actor.Customer(stranger, Assurance.Strong);

        for (var i = 0; i < 3 * BankingLimits.AuditLinesPerHourMax; i++)
        {
            await Bank.Queries.GetAccountAsync(actor, account, Token);
        }

        var lines = await LinesAsync(stranger);
        // An hour may have passed in between, no more than one.
        Assert.InRange(
            lines.Count,
            BankingLimits.AuditLinesPerHourMax,
            2 * BankingLimits.AuditLinesPerHourMax
        );
        Assert.Contains(lines, static line => line.IsLastOfHour);
    }

    [Fact]
    public async Task Only_staff_read_the_audit()
    {
        var (customer, _) = await Bank.OpenAsync(0);

        Assert.IsType<QueryAnswer<IReadOnlyList<AuditLine>>.Refused>(
            await Bank.Bank.Audit.ListAsync(
                new Actor.Customer(customer, Assurance.Strong),
                TestBank.FirstDay,
                Token
            )
        );
    }

    private async Task<IReadOnlyList<AuditLine>> LinesAsync(CustomerId customer)
    {
        var today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);
        List<AuditLine> lines = [];
        foreach (var day in new[] { today.AddDays(-1), today })
        {
            lines.AddRange(
                Assert
                    .IsType<QueryAnswer<IReadOnlyList<AuditLine>>.Found>(
                        await Bank.Bank.Audit.ListAsync(TestBank.Staff, day, Token)
                    )
                    .Value.Where(line =>
                        string.Equals(line.Actor, customer.Value, StringComparison.Ordinal)
                    )
            );
        }
        return lines;
    }
}
