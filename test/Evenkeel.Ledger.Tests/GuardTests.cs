using Evenkeel.Model;
using Xunit;

namespace Evenkeel.Ledger.Tests;

/// <summary>What stops the ledger, or a restore, before it could answer wrongly.</summary>
public sealed class GuardTests
{
    [Fact]
    public void Time_that_does_not_advance_stops_the_ledger()
    {
        using var bank = new Bank();
        bank.Create(Bank.NewAccount(1), Bank.NewAccount(2));
        bank.Ledger.BeginEntry(9);
        Assert.Throws<InvariantException>(() =>
            bank.Ledger.CreateTransfers(
                bank.Now,
                [Bank.Move(10, 1, 2, 1)],
                new CreateTransferResult[1]
            )
        );
    }

    [Fact]
    public void A_restored_ledger_applies_nothing_before_its_ids_are_rebuilt()
    {
        using var bank = Filled();
        var history = new MemoryHistory();
        using LedgerState restored = Restore(bank, history);
        Assert.Throws<InvariantException>(() => restored.BeginEntry(10));
    }

    [Fact]
    public void Rows_that_miss_a_remembered_id_are_not_those_of_the_snapshot()
    {
        using var bank = Filled();
        using LedgerState restored = Restore(bank, new MemoryHistory());
        var rows = new HistoryRow[bank.History.Count];
        for (int i = 0; i < rows.Length; i++)
        {
            bank.History.Read((ulong)i, out rows[i]);
        }

        rows[0].Kind = HistoryRowKind.Expiry;
        Assert.Throws<InvalidDataException>(() => restored.IndexRows(0, rows));
    }

    [Fact]
    public void An_imported_transfer_may_not_be_older_than_the_last_expiry()
    {
        using var bank = new Bank();
        bank.Create(Bank.NewAccount(1), Bank.NewAccount(2));
        bank.Transfer(Bank.Move(10, 1, 2, 5) with { Flags = TransferFlags.Pending, Timeout = 1 });
        Assert.Equal(1, bank.Tick(2 * Limits.NanosecondsPerSecond));
        Transfer imported = Bank.Move(11, 1, 2, 5) with
        {
            Flags = TransferFlags.Imported,
            Timestamp = bank.Now,
        };
        Assert.Equal(
            [CreateTransferStatus.ImportedEventTimestampMustNotRegress],
            bank.Transfer(imported)
        );
        imported.Timestamp++;
        Assert.Equal([CreateTransferStatus.Created], bank.Transfer(imported));
    }

    private static Bank Filled()
    {
        var bank = new Bank();
        bank.Create(Bank.NewAccount(1), Bank.NewAccount(2));
        bank.Transfer(Bank.Move(10, 1, 2, 5), Bank.Move(11, 2, 1, 7));
        return bank;
    }

    private static LedgerState Restore(Bank bank, MemoryHistory history)
    {
        using LedgerSnapshot snapshot = bank.Ledger.CaptureSnapshot();
        var stream = new MemoryStream();
        snapshot.WriteTo(stream);
        stream.Position = 0;
        var restored = new LedgerState(new LedgerOptions(), history);
        restored.Restore(stream);
        return restored;
    }
}
