using Evenkeel.Banking.GeneralLedger;
using Evenkeel.Banking.StaffEntries;
using Evenkeel.Journal;
using Evenkeel.Payments;
using Xunit;
using static Evenkeel.Banking.Tests.Steps;

namespace Evenkeel.Banking.Tests;

public sealed class StaffEntryTests(SharedBank shared) : IClassFixture<SharedBank>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private TestBank Bank => shared.Bank;

    [Fact]
    public async Task A_correction_is_a_new_posting_that_names_what_it_corrects()
    {
        var (payer, from) = await Bank.OpenAsync(1_000);
        var (_, to) = await Bank.OpenAsync(0);
        var asked = Pay(payer, from, to, 300);
        await Bank.DoesAsync(asked);

        var entry = await Bank.AgreeAsync(
            new StaffRequest.Entry(
                EntrySide.Of(to),
                EntrySide.Of(from),
                new Money(300, Cny),
                ValueDate: null,
                asked.Id,
                "WRONG-PAYEE"
            )
        );

        Assert.Equal((1_000, 1_000), await Bank.BalanceAsync(from));
        Assert.Equal((0, 0), await Bank.BalanceAsync(to));
        Assert.Equal(
            $"corrected:{entry}",
            (await TraceAsync(asked.Id.ToString())).Timeline[^1].Detail
        );
        Assert.Equal("staff-entry", (await TraceAsync(entry)).Kind);
    }

    [Fact]
    public async Task A_proposal_moves_nothing_and_a_rejected_one_never_will()
    {
        var (_, account) = await Bank.OpenAsync(1_000);
        var proposal = TestBank.Done(await ProposeAsync(Goodwill(account, 50)));
        Assert.Contains(
            await Bank.Bank.Approvals.ListAsync(ProposalState.Waiting, Token),
            waiting => string.Equals(waiting.Id, proposal.Id, StringComparison.Ordinal)
        );
        Assert.Equal((1_000, 1_000), await Bank.BalanceAsync(account));

        TestBank.Done(
            await Bank.Bank.Approvals.RejectAsync(Checker, NextReference(), proposal.Id, Token)
        );

        Assert.Equal(
            OutcomeReason.Duplicate,
            Refused(
                await Bank.Bank.Approvals.ApproveAsync(Checker, NextReference(), proposal.Id, Token)
            )
        );
        Assert.Equal((1_000, 1_000), await Bank.BalanceAsync(account));
    }

    [Fact]
    public async Task Two_who_approve_at_once_post_it_once()
    {
        var (_, account) = await Bank.OpenAsync(1_000);
        var proposal = TestBank.Done(await ProposeAsync(Goodwill(account, 50)));

        await Task.WhenAll(
            Enumerable
                .Range(0, 8)
                .Select(i =>
                    Bank.Bank.Approvals.ApproveAsync(
                        new Actor.Staff($"checker-{i}", "HQ"),
                        NextReference(),
                        proposal.Id,
                        Token
                    )
                )
        );

        Assert.Equal((1_050, 1_050), await Bank.BalanceAsync(account));
    }

    [Fact]
    public async Task One_person_can_not_approve_whatever_the_code_above_the_journal_says()
    {
        var answer = await Bank.Journal.ProposeAsync(
            new Operation
            {
                Id = new OperationId(4_711),
                Principals =
                [
                    new Principal(PrincipalKinds.Staff, "maker"),
                    new Principal(PrincipalKinds.Staff, "maker"),
                ],
                Writes = [new RecordWrite(new RecordKey("approval", "x"), "{}"u8.ToArray())],
            },
            Token
        );

        Assert.Equal(
            OperationStatus.NotAuthorised,
            Assert.IsType<Answer<OperationResult>.Done>(answer).Value.Status
        );
    }

    [Fact]
    public async Task An_agreed_overdraft_can_be_used_and_taken_back()
    {
        var (payer, from) = await Bank.OpenAsync(100);
        var (_, to) = await Bank.OpenAsync(0);
        await Bank.RefusesAsync(OutcomeReason.InsufficientFunds, Pay(payer, from, to, 101));

        await Bank.AgreeAsync(new StaffRequest.Overdraft(from, 500, "AGREED"));
        Assert.Equal((100, 600), await Bank.BalanceAsync(from));
        await Bank.DoesAsync(Pay(payer, from, to, 300));
        await Bank.AgreeAsync(new StaffRequest.Overdraft(from, 0, "ENDED"));

        Assert.Equal((-200, -200), await Bank.BalanceAsync(from));
        await Bank.RefusesAsync(OutcomeReason.InsufficientFunds, Pay(payer, from, to, 1));
    }

    [Theory]
    [InlineData(AccountState.DebitBlocked, OutcomeReason.DebtorAccountBlocked, OutcomeReason.None)]
    [InlineData(
        AccountState.CreditBlocked,
        OutcomeReason.None,
        OutcomeReason.CreditorAccountBlocked
    )]
    [InlineData(
        AccountState.Frozen,
        OutcomeReason.DebtorAccountBlocked,
        OutcomeReason.CreditorAccountBlocked
    )]
    [InlineData(AccountState.Dormant, OutcomeReason.DebtorAccountDormant, OutcomeReason.None)]
    public async Task A_state_stops_what_it_says_and_open_again_nothing(
        AccountState state,
        OutcomeReason leaving,
        OutcomeReason coming
    )
    {
        var (owner, account) = await Bank.OpenAsync(1_000);
        var (other, elsewhere) = await Bank.OpenAsync(1_000);
        await Bank.AgreeAsync(new StaffRequest.State(account, state, "ORDER"));

        await ExpectAsync(leaving, Pay(owner, account, elsewhere, 1));
        await ExpectAsync(coming, Pay(other, elsewhere, account, 1));
        await Bank.AgreeAsync(new StaffRequest.State(account, AccountState.Open, "LIFTED"));
        await Bank.DoesAsync(Pay(owner, account, elsewhere, 1));
        await Bank.DoesAsync(Pay(other, elsewhere, account, 1));
    }

    [Fact]
    public async Task An_account_is_closed_by_two_people_when_it_is_empty()
    {
        var (owner, account) = await Bank.OpenAsync(10);
        var (_, other) = await Bank.OpenAsync(0);

        Assert.Equal(
            OutcomeReason.ApprovalRequired,
            Refused(await CloseAsync(account, "alone", Maker))
        );
        Assert.Equal(
            OutcomeReason.AccountNotEmpty,
            Refused(await CloseAsync(account, "full", TestBank.Staff))
        );
        await Bank.DoesAsync(Pay(owner, account, other, 10));
        Assert.Equal(
            OutcomeReason.AccountNotEmpty,
            Refused(await CloseAsync(account, "full", TestBank.Staff))
        );
        TestBank.Done(await CloseAsync(account, "empty", TestBank.Staff));
        TestBank.Done(await CloseAsync(account, "empty", TestBank.Staff));

        await Bank.RefusesAsync(OutcomeReason.DebtorAccountClosed, Pay(owner, account, other, 1));
        Assert.Equal(
            OutcomeReason.DebtorAccountClosed,
            Refused(
                await ProposeAsync(new StaffRequest.State(account, AccountState.Open, "REOPEN"))
            )
        );
    }

    [Fact]
    public async Task An_account_with_a_hold_is_not_closed()
    {
        var (_, account) = await Bank.OpenAsync(0);
        await Bank.AgreeAsync(new StaffRequest.Overdraft(account, 100, "AGREED"));
        var card = await Bank.IssueCardAsync(account);
        await Bank.DoesAsync(
            New(
                new Movement.CardAuthorisation(
                    new CardUse(card.Token, card.ExpiryYearMonth, Pin: null),
                    new Merchant(new TerminalId("SHOP0001"), "ACCEPTOR", "5411", "Shop")
                ),
                100,
                new Actor.CardNetwork("LINE-1"),
                Channel.PointOfSale
            )
        );

        Assert.Equal(
            OutcomeReason.AccountNotEmpty,
            Refused(await CloseAsync(account, "held", TestBank.Staff))
        );
    }

    public static TheoryData<string, StaffRequest, OutcomeReason> Faults() =>
        new()
        {
            { "no code", Entry(Book, Other, 1, "not a code"), OutcomeReason.Malformed },
            { "no amount", Entry(Book, Other, 0), OutcomeReason.AmountInvalid },
            { "no currency", Entry(Book, Other, 1, currency: 0), OutcomeReason.CurrencyMismatch },
            { "same side", Entry(Book, Book, 1), OutcomeReason.SameAccount },
            { "no account", Entry(Nobody, Book, 1), OutcomeReason.CreditorAccountUnknown },
            {
                "a pool of customers' accounts",
                Entry(EntrySide.Of(GlCode.CurrentAccounts), Book, 1),
                OutcomeReason.CreditorAccountUnknown
            },
            {
                "corrects nothing",
                Entry(Book, Other, 1) with
                {
                    Corrects = new InstructionId(1),
                },
                OutcomeReason.OriginalUnknown
            },
            {
                "closing by state",
                new StaffRequest.State(AccountNumber.FromSerial(9), AccountState.Closed, "X"),
                OutcomeReason.NotSupported
            },
            {
                "state of nobody's account",
                new StaffRequest.State(AccountNumber.FromSerial(9), AccountState.Frozen, "X"),
                OutcomeReason.DebtorAccountUnknown
            },
            {
                "negative overdraft",
                new StaffRequest.Overdraft(AccountNumber.FromSerial(9), -1, "X"),
                OutcomeReason.AmountInvalid
            },
            {
                "no item",
                new StaffRequest.Exception("nothing", Other: null, "X"),
                OutcomeReason.OriginalUnknown
            },
        };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task What_can_not_be_is_not_even_proposed(
        string name,
        StaffRequest request,
        OutcomeReason reason
    )
    {
        Assert.NotEmpty(name);
        Assert.Equal(reason, Refused(await ProposeAsync(request)));
    }

    private static EntrySide Book => EntrySide.Of(GlCode.Compensation);

    private static EntrySide Other => EntrySide.Of(GlCode.Equity);

    private static EntrySide Nobody => EntrySide.Of(AccountNumber.FromSerial(9));

    private static StaffRequest.Entry Goodwill(AccountNumber account, long minor) =>
        Entry(Book, EntrySide.Of(account), minor);

    private static StaffRequest.Entry Entry(
        EntrySide debit,
        EntrySide credit,
        long minor,
        string why = "GOODWILL",
        uint currency = Cny
    ) => new(debit, credit, new Money(minor, currency), ValueDate: null, Corrects: null, why);

    private Task<Desk.TaskOutcome<ProposalView>> ProposeAsync(StaffRequest request) =>
        Bank.Bank.Approvals.ProposeAsync(Maker, NextReference(), request, Token);

    private Task<Desk.TaskOutcome<Accounts.OpenedAccount>> CloseAsync(
        AccountNumber account,
        string reference,
        Actor actor
    ) => Bank.Bank.Accounts.CloseAsync(actor, $"{account}/{reference}", account, "ASKED", Token);

    private async Task ExpectAsync(OutcomeReason reason, PaymentInstruction asked)
    {
        if (reason == OutcomeReason.None)
        {
            await Bank.DoesAsync(asked);
        }
        else
        {
            await Bank.RefusesAsync(reason, asked);
        }
    }

    private async Task<InstructionTrace> TraceAsync(string id) =>
        Assert.Single(
            Assert
                .IsType<QueryAnswer<IReadOnlyList<InstructionTrace>>.Found>(
                    await Bank.Queries.TraceAsync(TestBank.Staff, id, Token)
                )
                .Value
        );
}
