using Evenkeel.Model;
using Xunit;

namespace Evenkeel.Ledger.Tests;

public sealed class ScopeTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void What_is_rolled_back_leaves_no_trace(int seed)
    {
        using var bank = new Bank();
        var events = new RandomEvents(seed, accounts: 12);
        bank.Create(events.Accounts());
        for (int round = 0; round < TestScale.Of(60, 3_000); round++)
        {
            bank.Transfer(events.Transfers(20));
            bank.Tick(Limits.NanosecondsPerSecond / 3);
            UInt128 digest = bank.Ledger.Digest();
            ulong rows = bank.History.Count;
            ulong nextExpiry = bank.Ledger.NextExpiry;

            bank.InEntry(ledger =>
            {
                ledger.BeginScope();
                Apply(ledger, bank, events);
                ledger.BeginScope();
                Apply(ledger, bank, events);
                if (round % 2 == 0)
                {
                    ledger.CommitScope();
                }
                else
                {
                    ledger.RollbackScope();
                }

                ledger.RollbackScope();
            });
            Assert.Equal(rows, bank.History.Count);
            Assert.Equal(nextExpiry, bank.Ledger.NextExpiry);
            Assert.True(digest == bank.Ledger.Digest(), $"seed {seed}, round {round}");
        }
    }

    [Fact]
    public void A_failed_operation_may_be_retried_with_the_same_transfer_ids()
    {
        using var bank = new Bank();
        bank.Create(
            Bank.NewAccount(1, AccountFlags.DebitsMustNotExceedCredits),
            Bank.NewAccount(2)
        );
        Transfer transfer = Bank.Move(10, 1, 2, 50);
        var results = new CreateTransferResult[1];
        bank.InEntry(ledger =>
        {
            ledger.BeginScope();
            bank.Now += 1;
            ledger.CreateTransfers(bank.Now, [transfer], results, rememberFailedIds: false);
            ledger.RollbackScope();
        });
        Assert.Equal(CreateTransferStatus.ExceedsCredits, results[0].Status);
        Assert.Equal([CreateTransferStatus.Created], bank.Transfer(Bank.Move(11, 2, 1, 50)));
        Assert.Equal([CreateTransferStatus.Created], bank.Transfer(transfer));
    }

    [Fact]
    public void The_id_that_broke_a_chain_is_remembered_and_its_companions_are_not()
    {
        using var bank = new Bank();
        bank.Create(
            Bank.NewAccount(1, AccountFlags.DebitsMustNotExceedCredits),
            Bank.NewAccount(2)
        );
        Transfer first = Bank.Move(10, 2, 1, 5) with { Flags = TransferFlags.Linked };
        Transfer second = Bank.Move(11, 1, 2, 50) with { Flags = TransferFlags.Linked };
        Transfer third = Bank.Move(12, 2, 1, 5);
        Assert.Equal(
            [
                CreateTransferStatus.LinkedEventFailed,
                CreateTransferStatus.ExceedsCredits,
                CreateTransferStatus.LinkedEventFailed,
            ],
            bank.Transfer(first, second, third)
        );
        Assert.Equal(1UL, bank.History.Count);
        first.Flags = TransferFlags.None;
        second.Flags = TransferFlags.None;
        Assert.Equal(
            [
                CreateTransferStatus.Created,
                CreateTransferStatus.IdAlreadyFailed,
                CreateTransferStatus.Created,
            ],
            bank.Transfer(first, second, third)
        );
    }

    [Fact]
    public void An_entry_cannot_end_inside_a_scope()
    {
        using var bank = new Bank();
        bank.Ledger.BeginEntry(1);
        bank.Ledger.BeginScope();
        Assert.Throws<InvariantException>(bank.Ledger.EndEntry);
    }

    private static void Apply(LedgerState ledger, Bank bank, RandomEvents events)
    {
        Transfer[] transfers = events.Transfers(15);
        bank.Now += 15;
        ledger.CreateTransfers(bank.Now, transfers, new CreateTransferResult[15]);
        bank.Now += 1;
        ledger.UpdateAccounts(bank.Now, [events.Update()], new UpdateAccountResult[1]);
        bank.Now += 1;
        ledger.CreateAccounts(
            bank.Now,
            [Bank.NewAccount((UInt128)bank.Now)],
            new CreateAccountResult[1]
        );
    }
}
