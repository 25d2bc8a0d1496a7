using Evenkeel.Model;
using Xunit;

namespace Evenkeel.Ledger.Tests;

public sealed class MemoryTests
{
    [Fact]
    public void An_account_takes_less_than_150_bytes()
    {
        using var bank = new Bank(new LedgerOptions { InitialAccounts = 1 << 15 });
        const int Count = 1_000_000;
        for (int first = 0; first < Count; first += 8_000)
        {
            Account[] batch =
            [
                .. Enumerable.Range(first + 1, 8_000).Select(i => Bank.NewAccount((UInt128)i)),
            ];
            bank.Create(batch);
        }

        Assert.Equal(Count, bank.Ledger.AccountCount);
        double each = bank.Ledger.MemoryBytes / (double)Count;
        Assert.True(each < 150, $"{each} bytes an account");
    }

    [Fact]
    public void A_small_ledger_is_small()
    {
        using var bank = new Bank();
        bank.Create(Bank.NewAccount(1), Bank.NewAccount(2));
        bank.Transfer(Bank.Move(3, 1, 2, 4) with { Flags = TransferFlags.Pending });
        Assert.InRange(bank.Ledger.MemoryBytes, 1, 1 << 20);
    }
}
