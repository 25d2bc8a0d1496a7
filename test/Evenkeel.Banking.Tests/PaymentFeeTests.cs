using Evenkeel.Banking.Accounts;
using Evenkeel.Banking.GeneralLedger;
using Evenkeel.Banking.Products;
using Evenkeel.Banking.Storage;
using Evenkeel.Journal;
using Evenkeel.Payments;
using Xunit;
using static Evenkeel.Banking.Tests.Steps;

namespace Evenkeel.Banking.Tests;

public sealed class PaymentFeeTests : IAsyncLifetime
{
    private const long TransferFee = 3;
    private const long CashFee = 5;

    private TestBank? _bank;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private TestBank Bank => _bank!;

    public async ValueTask InitializeAsync()
    {
        _bank = await TestBank.StartAsync();
        Product product = new(
            "current",
            Cny,
            ProductKind.Current,
            [
                new ProductTerms
                {
                    From = TestBank.FirstDay,
                    TransferFeeMinor = TransferFee,
                    CashFeeMinor = CashFee,
                },
            ]
        );
        var answer = await Bank.Journal.ProposeAsync(
            new Operation
            {
                Id = new OperationId(99),
                Principals = [new Principal(PrincipalKinds.Node, "test")],
                Writes = [Collections.Products.Write(Product.KeyOf(product.Code, Cny), product)],
            },
            Token
        );
        Assert.Equal(
            OperationStatus.Done,
            Assert.IsType<Answer<OperationResult>.Done>(answer).Value.Status
        );
    }

    public async ValueTask DisposeAsync() => await Bank.DisposeAsync();

    [Fact]
    public async Task A_fee_is_taken_with_its_payment_or_neither_is()
    {
        var (payer, from) = await Bank.OpenAsync(1_000);
        var (_, to) = await Bank.OpenAsync(0);

        await Bank.RefusesAsync(OutcomeReason.InsufficientFunds, Pay(payer, from, to, 998));
        await Bank.DoesAsync(Pay(payer, from, to, 997));

        Assert.Equal((0, 0), await Bank.BalanceAsync(from));
        Assert.Equal((997, 997), await Bank.BalanceAsync(to));
        Assert.Equal(TransferFee, await Bank.BookedAsync(LedgerIds.Of(GlCode.FeeIncome, Cny)));
    }

    [Theory]
    [InlineData(0, 1_000)]
    [InlineData(100, 900 - CashFee)]
    public async Task A_withdrawal_undone_as_a_whole_gives_its_fee_back(
        long completed,
        long balance
    )
    {
        var (_, account) = await Bank.OpenAsync(1_000);
        var card = await Bank.IssueCardAsync(account);
        var machine = await Bank.OpenMachineAsync(10_000);
        var id = InstructionId.From(Channel.CashMachine, "fees", NextReference());
        var asked = New(
            new Movement.CashWithdrawal(
                new Funding.OfCard(
                    new CardUse(card.Token, card.ExpiryYearMonth, Bank.SealPin(card, card.Pin, id))
                ),
                machine
            ),
            400,
            new Actor.CardNetwork("LINE-1"),
            Channel.CashMachine
        ) with
        {
            Id = id,
        };
        await Bank.DoesAsync(asked);
        Assert.Equal((600 - CashFee, 600 - CashFee), await Bank.BalanceAsync(account));

        await Bank.DoesAsync(
            New(
                new Movement.Reversal(asked.Id, new Money(completed, Cny)),
                400,
                asked.Actor,
                Channel.CashMachine
            )
        );

        Assert.Equal((balance, balance), await Bank.BalanceAsync(account));
    }

    [Fact]
    public async Task Nothing_is_paid_from_the_account_of_a_loan()
    {
        var (payer, to) = await Bank.OpenAsync(0);
        var loan = TestBank
            .Done(
                await Bank.Bank.Accounts.OpenAsync(
                    TestBank.Staff,
                    NextReference(),
                    new AccountOpening(payer, "loan", Cny),
                    Token
                )
            )
            .Number;

        await Bank.RefusesAsync(OutcomeReason.DebtorAccountBlocked, Pay(payer, loan, to, 1));
    }
}
