using Evenkeel.Model;
using Xunit;

namespace Evenkeel.Ledger.Tests;

public sealed class SnapshotTests
{
    [Fact]
    public void A_restored_ledger_has_the_digest_of_the_one_it_was_taken_from()
    {
        using var bank = new Bank();
        Fill(bank);
        UInt128 digest = bank.Ledger.Digest();
        using LedgerSnapshot snapshot = bank.Ledger.CaptureSnapshot();
        bank.Transfer(Bank.Move(900, 1, 2, 5));
        Assert.NotEqual(digest, bank.Ledger.Digest());

        var stream = new MemoryStream();
        snapshot.WriteTo(stream);
        Assert.Equal(digest, snapshot.Digest);
        stream.Position = 0;
        var history = new MemoryHistory();
        using var restored = new LedgerState(new LedgerOptions(), history);
        restored.Restore(stream);
        for (ulong position = 0; position < snapshot.HistoryCount; position++)
        {
            bank.History.Read(position, out HistoryRow row);
            history.Reserve(1)[0] = row;
            history.Advance(1);
            restored.IndexRow(position, in row);
        }

        Assert.Equal(digest, restored.Digest());
    }

    [Fact]
    public void Every_flipped_byte_of_a_snapshot_is_noticed()
    {
        using var bank = new Bank();
        Fill(bank);
        using LedgerSnapshot snapshot = bank.Ledger.CaptureSnapshot();
        var stream = new MemoryStream();
        snapshot.WriteTo(stream);
        byte[] bytes = stream.ToArray();
        for (int i = 0; i < bytes.Length; i++)
        {
            byte[] damaged = [.. bytes];
            damaged[i] ^= 0x10;
            using var ledger = new LedgerState(new LedgerOptions(), new MemoryHistory());
            Assert.Throws<InvalidDataException>(() => ledger.Restore(new MemoryStream(damaged)));
        }
    }

    private static void Fill(Bank bank)
    {
        bank.Create(
            Bank.NewAccount(1),
            Bank.NewAccount(2, AccountFlags.DebitsMustNotExceedCredits),
            Bank.NewAccount(3)
        );
        bank.Update(
            new AccountUpdate
            {
                Id = 2,
                Allowance = 50,
                Flags = AccountUpdateFlags.SetAllowance,
            }
        );
        bank.Transfer(
            Bank.Move(10, 1, 2, 100),
            Bank.Move(11, 1, 3, 40) with
            {
                Flags = TransferFlags.Pending,
                Timeout = 9,
            },
            Bank.Move(12, 1, 3, 30) with
            {
                Flags = TransferFlags.Pending,
            },
            Bank.Resolve(13, 12, TransferFlags.VoidPendingTransfer, 0),
            Bank.Move(14, 2, 3, 1_000)
        );
    }
}
