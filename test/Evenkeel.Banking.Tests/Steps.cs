using Evenkeel.Banking.Desk;
using Evenkeel.Banking.StaffEntries;
using Evenkeel.Model;
using Evenkeel.Payments;
using Evenkeel.Payments.Compliance;
using Xunit;

namespace Evenkeel.Banking.Tests;

/// <summary>What many tests say, in few words.</summary>
internal static class Steps
{
    public const uint Cny = IBankUnderTest.Cny;

    public static readonly Actor.Staff Maker = new("maker", "HQ");

    public static readonly Actor.Staff Checker = new("checker", "HQ");

    private static long references;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static string NextReference() => $"step-{Interlocked.Increment(ref references)}";

    public static PaymentInstruction New(
        Movement movement,
        long minor,
        Actor actor,
        Channel channel,
        uint currency = Cny
    ) =>
        new()
        {
            Id = InstructionId.From(channel, "steps", NextReference()),
            Actor = actor,
            Origin = new Origin(channel),
            Movement = movement,
            Amount = new Money(minor, currency),
            AskedAt = new DateTimeOffset(2026, 11, 23, 9, 0, 0, TimeSpan.Zero),
        };

    public static PaymentInstruction Pay(
        CustomerId payer,
        AccountNumber from,
        AccountNumber to,
        long minor,
        Assurance assurance = Assurance.Strong,
        Channel channel = Channel.Online
    ) =>
        New(
            new Movement.CreditTransfer(from, new Creditor.Here(to)),
            minor,
            new Actor.Customer(payer, assurance),
            channel
        );

    public static Task<PaymentOutcome> SubmitAsync(this TestBank bank, PaymentInstruction asked) =>
        bank.Payments.SubmitAsync(asked, Token);

    public static async Task RefusesAsync(
        this TestBank bank,
        OutcomeReason reason,
        PaymentInstruction asked
    ) =>
        Assert.Equal(
            reason,
            Assert.IsType<PaymentOutcome.NotDone>(await bank.SubmitAsync(asked)).Reason
        );

    public static async Task DoesAsync(this TestBank bank, PaymentInstruction asked) =>
        Assert.IsType<PaymentOutcome.Done>(await bank.SubmitAsync(asked));

    public static OutcomeReason Refused<T>(TaskOutcome<T> outcome) =>
        Assert.IsType<TaskOutcome<T>.NotDone>(outcome).Reason;

    /// <summary>Proposed by one, approved by another.</summary>
    public static async Task<string> AgreeAsync(this TestBank bank, StaffRequest request)
    {
        var proposal = TestBank.Done(
            await bank.Bank.Approvals.ProposeAsync(Maker, NextReference(), request, Token)
        );
        TestBank.Done(
            await bank.Bank.Approvals.ApproveAsync(Checker, NextReference(), proposal.Id, Token)
        );
        return proposal.Id;
    }

    public static async Task<(long Booked, long Available)> BalanceAsync(
        this TestBank bank,
        AccountNumber account
    )
    {
        var view = Assert
            .IsType<QueryAnswer<AccountView>.Found>(
                await bank.Queries.GetAccountAsync(TestBank.Staff, account, Token)
            )
            .Value;
        return (view.Booked.Minor, view.Available.Minor);
    }

    /// <summary>Credits less debits of an account of the ledger, pending ones left out.</summary>
    public static async Task<long> BookedAsync(this TestBank bank, UInt128 ledgerId)
    {
        var found = Assert
            .IsType<Journal.Answer<Account[]>.Done>(
                await bank.Journal.LookupAccountsAsync(new[] { ledgerId }, Token)
            )
            .Value;
        return found is [var account]
            ? (long)((Int128)account.CreditsPosted - (Int128)account.DebitsPosted)
            : 0;
    }
}
