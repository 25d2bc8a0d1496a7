using Evenkeel.Payments;
using Xunit;

namespace Evenkeel.Banking.Tests;

public sealed class StatementTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_statement_closes_and_its_pages_join_without_gap_or_repeat()
    {
        await using var bank = await TestBank.StartAsync();
        var (payer, from) = await bank.OpenAsync(10_000);
        var (_, to) = await bank.OpenAsync(0);
        for (var i = 1; i <= 5; i++)
        {
            Assert.IsType<PaymentOutcome.Done>(
                await bank.Payments.SubmitAsync(Pay(payer, from, to, i), Token)
            );
        }

        List<StatementLine> lines = [];
        string? next = null;
        do
        {
            var page = Assert
                .IsType<QueryAnswer<StatementPage>.Found>(
                    await bank.Queries.GetStatementAsync(
                        new Actor.Customer(payer, Assurance.Strong),
                        new StatementQuery(from, TestBank.FirstDay, TestBank.FirstDay, next, 2),
                        Token
                    )
                )
                .Value;
            Assert.Equal(0, page.Opening.Minor);
            Assert.Equal(9_985, page.Closing.Minor);
            lines.AddRange(page.Lines);
            next = page.Next;
        } while (next is not null);

        Assert.Equal([-5, -4, -3, -2, -1, 10_000], lines.Select(line => line.Amount.Minor));
        Assert.Equal(9_985, lines.Sum(line => line.Amount.Minor));
    }

    private static PaymentInstruction Pay(
        CustomerId payer,
        AccountNumber from,
        AccountNumber to,
        long minor
    ) =>
        new()
        {
            Id = InstructionId.From(Channel.Online, payer.Value, $"pay-{minor}"),
            Actor = new Actor.Customer(payer, Assurance.Strong),
            Origin = new Origin(Channel.Online),
            Movement = new Movement.CreditTransfer(from, new Creditor.Here(to)),
            Amount = new Money(minor, Evenkeel.Payments.Compliance.IBankUnderTest.Cny),
            AskedAt = TimeProvider.System.GetUtcNow(),
        };
}
