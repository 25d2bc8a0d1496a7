using Evenkeel.Model;
using Xunit;

namespace Evenkeel.Ledger.Tests;

public sealed class CopyOnWriteTests
{
    private const int Accounts = 12_000;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_snapshot_is_the_state_at_its_capture_however_writes_interleave(int seed)
    {
        using var bank = new Bank();
        var events = new RandomEvents(seed, Accounts);
        Fill(bank, events);
        for (int round = 0; round < TestScale.Of(4, 100); round++)
        {
            UInt128 digest = bank.Ledger.Digest();
            using LedgerSnapshot snapshot = bank.Ledger.CaptureSnapshot();

            // Before anything is written out, then at every flush of the writer.
            Change(bank, events);
            using var stream = new Interrupted(() => Change(bank, events));
            snapshot.WriteTo(stream);
            Assert.True(stream.Interruptions > 3);
            Assert.True(digest == snapshot.Digest, $"seed {seed}, round {round}");
            Assert.NotEqual(digest, bank.Ledger.Digest());
        }
    }

    [Fact]
    public async Task A_snapshot_written_by_another_thread_is_the_state_at_its_capture()
    {
        using var bank = new Bank();
        var events = new RandomEvents(3, Accounts);
        Fill(bank, events);
        for (int round = 0; round < TestScale.Of(20, 400); round++)
        {
            UInt128 digest = bank.Ledger.Digest();
            using LedgerSnapshot snapshot = bank.Ledger.CaptureSnapshot();
            Task writing = Task.Run(
                () => snapshot.WriteTo(Stream.Null),
                TestContext.Current.CancellationToken
            );
            do
            {
                bank.Transfer(events.Transfers(50));
            } while (!writing.IsCompleted);

            await writing;
            Assert.True(digest == snapshot.Digest, $"round {round}");
        }
    }

    [Fact]
    public void A_snapshot_outlives_its_ledger()
    {
        var bank = new Bank();
        Fill(bank, new RandomEvents(4, Accounts));
        UInt128 digest = bank.Ledger.Digest();
        using LedgerSnapshot snapshot = bank.Ledger.CaptureSnapshot();
        bank.Dispose();
        snapshot.WriteTo(Stream.Null);
        Assert.Equal(digest, snapshot.Digest);
    }

    [Fact]
    public void A_second_snapshot_waits_for_the_first_to_be_disposed_of()
    {
        using var bank = new Bank();
        LedgerSnapshot first = bank.Ledger.CaptureSnapshot();
        Assert.Throws<InvariantException>(bank.Ledger.CaptureSnapshot);
        first.Dispose();
        using LedgerSnapshot second = bank.Ledger.CaptureSnapshot();
        second.WriteTo(Stream.Null);
        Assert.Equal(bank.Ledger.Digest(), second.Digest);
    }

    private static void Fill(Bank bank, RandomEvents events)
    {
        foreach (Account[] chunk in events.Accounts().Chunk(Limits.BatchEventsMax))
        {
            bank.Create(chunk);
        }

        bank.Transfer(events.Transfers(5_000));
    }

    private static void Change(Bank bank, RandomEvents events)
    {
        bank.Transfer(events.Transfers(200));
        bank.Update(events.Update(), events.Update());
        bank.Create(Bank.NewAccount((UInt128)bank.Now * 1_000));
        bank.Tick(Limits.NanosecondsPerSecond / 2);
    }

    /// <summary>Lets others act between two writes.</summary>
    private sealed class Interrupted(Action interrupt) : MemoryStream
    {
        public int Interruptions { get; private set; }

        public override void Write(byte[] buffer, int offset, int count)
        {
            base.Write(buffer, offset, count);
            Interruptions++;
            interrupt();
        }
    }
}
