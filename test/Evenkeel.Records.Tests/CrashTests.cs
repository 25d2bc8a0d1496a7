using Evenkeel.Journal;
using Xunit;

namespace Evenkeel.Records.Tests;

/// <summary>
/// The process dies at the worst moments: memory is lost, the file stays, the log is applied again.
/// After it, both halves must be what they are without a crash.
/// </summary>
public sealed class CrashTests : IDisposable
{
    private static readonly Operation[] Payment =
    [
        Bank.Operation(5) with
        {
            Guards = [new Guard.Counter(new("limit", "day"), Delta: 30, Min: 0, Max: 100)],
            Transfers = [Bank.Transfer(7, debit: 1, credit: 2, 30)],
            Writes = [Bank.Write("payment", "5", "\"booked\"")],
            Messages = [new Message("paid", "5"u8.ToArray())],
        },
        Bank.Operation(6) with
        {
            Guards = [new Guard.Version(new("payment", "5"), 1)],
            Transfers = [Bank.Transfer(8, debit: 1, credit: 2, 5)],
        },
        Bank.Operation(7) with
        {
            Transfers = [Bank.Transfer(9, debit: 1, credit: 9, 5)],
        },
        Bank.Operation(8) with
        {
            Guards = [new Guard.Version(new("payment", "5"), 9)],
            Transfers = [Bank.Transfer(10, debit: 1, credit: 2, 5)],
        },
    ];

    private readonly Bank _bank = new();

    public CrashTests() => Open(_bank);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Crash_between_the_halves_does_both_exactly_once(bool recordsWereCommitted)
    {
        using var unharmed = new Bank();
        Open(unharmed);
        unharmed.Apply(Payment);

        _bank.ApplyPart(Payment, recordsWereCommitted);
        _bank.Crash();
        Assert.Equal(recordsWereCommitted ? 2ul : 1ul, _bank.Store.AppliedIndex);
        var results = _bank.Replay()[^1];

        Assert.Equal(unharmed.Ledger.Describe(), _bank.Ledger.Describe());
        Assert.Equal(30, _bank.Reader.ReadCounter(new("limit", "day")));
        Assert.Equal("\"booked\"", _bank.Read("payment", "5"));
        Assert.Equal(2, _bank.Reader.ReadChanges(after: 0, limit: 10).Count);
        Assert.Equal(OperationStatus.Done, results[0].Status);
        Assert.Equal(OperationStatus.TransferRefused, results[2].Status);
        Assert.True(_bank.Reader.Scrub(CancellationToken.None).IsClean);
    }

    [Fact]
    public void Log_that_is_applied_twice_gives_the_same_digest_and_ledger()
    {
        _bank.Apply(Payment);
        var (digest, ledger) = (_bank.Store.Digest, _bank.Ledger.Describe());
        for (var i = 0; i < 3; i++)
        {
            _bank.Crash();
            _bank.Replay();
            Assert.Equal(digest, _bank.Store.Digest);
            Assert.Equal(ledger, _bank.Ledger.Describe());
        }
    }

    [Fact]
    public void Replay_does_not_even_try_what_was_refused()
    {
        _bank.Apply(Payment);
        _bank.Crash();
        _bank.Replay();
        // The opening, and the two payments that were done.
        Assert.Equal(3, _bank.Ledger.ScopesBegun);
    }

    /// <summary>
    /// The first attempt was stale and left no trace, the second was done. In replay the id is known
    /// at the first attempt already, and must not take effect there.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Stale_attempt_before_a_done_one_stays_without_effect_in_replay(bool inOneEntry)
    {
        var stale = Bank.Operation(5) with
        {
            RequestHash = 1,
            Guards = [new Guard.Version(new("customer", "alice"), 1)],
            Transfers = [Bank.Transfer(7, debit: 1, credit: 2, 30)],
        };
        var write = Bank.Operation(6) with { Writes = [Bank.Write("customer", "alice", "1")] };
        Operation[][] entries = inOneEntry
            ?
            [
                [stale, write, stale],
            ]
            :
            [
                [stale],
                [write],
                [stale],
            ];
        var live = entries.SelectMany(_bank.Apply).ToArray();
        Assert.Equal(
            [OperationStatus.StaleGuard, OperationStatus.Done, OperationStatus.Done],
            live.Select(result => result.Status)
        );
        var ledger = _bank.Ledger.Describe();

        _bank.Crash();
        var replayed = _bank.Replay().Skip(1).SelectMany(results => results).ToArray();

        Assert.Equal(
            [OperationStatus.None, OperationStatus.Done, OperationStatus.Done],
            replayed.Select(result => result.Status)
        );
        Assert.Equal(ledger, _bank.Ledger.Describe());
    }

    [Fact]
    public void Duplicate_in_one_entry_takes_effect_once_live_and_in_replay()
    {
        var live = _bank.Apply(Payment[0], Payment[0]);
        Assert.False(live[0].Replayed);
        Assert.True(live[1].Replayed);
        var ledger = _bank.Ledger.Describe();
        _bank.Crash();
        var replayed = _bank.Replay()[^1];
        Assert.Equal(live, replayed);
        Assert.Equal(ledger, _bank.Ledger.Describe());
    }

    /// <summary>
    /// Power loss: what was not flushed is gone. The file is then an earlier whole state, not older
    /// than the last flush, and replay brings it forward.
    /// </summary>
    [Fact]
    public void Power_loss_leaves_a_whole_state_not_older_than_the_flush()
    {
        Assert.Equal(1ul, _bank.Store.Flush());
        var walBytes = new FileInfo(_bank.Path + "-wal").Length;
        _bank.Apply(Payment);
        Assert.Equal(1ul, _bank.Store.DurableIndex);
        var digest = _bank.Store.Digest;

        for (var lost = 0L; lost < 40_000; lost += 3_001)
        {
            var copy = CopyFiles($"lost-{lost}.db");
            using (var wal = new FileStream(copy + "-wal", FileMode.Open))
            {
                wal.SetLength(Math.Max(walBytes, wal.Length - lost));
            }

            using var store = RecordStore.Open(copy);
            Assert.InRange(store.AppliedIndex, 1ul, 2ul);
            Assert.True(store.CreateReader().Scrub(CancellationToken.None).IsClean);
            if (store.AppliedIndex == 2)
            {
                Assert.Equal(digest, store.Digest);
            }
        }
    }

    [Fact]
    public void Flush_tells_the_index_up_to_which_the_log_may_be_trimmed()
    {
        Assert.Equal(0ul, _bank.Store.DurableIndex);
        _bank.Apply(Payment);
        _bank.Store.AdvanceTo(10);
        Assert.Equal(10ul, _bank.Store.AppliedIndex);
        Assert.Equal(0ul, _bank.Store.DurableIndex);
        Assert.Equal(10ul, _bank.Store.Flush());
        Assert.Equal(10ul, _bank.Store.DurableIndex);
    }

    [Fact]
    public void Index_of_entries_without_records_is_not_part_of_the_digest()
    {
        var digest = _bank.Store.Digest;
        _bank.Store.AdvanceTo(500);
        Assert.Equal(digest, _bank.Store.Digest);
    }

    public void Dispose() => _bank.Dispose();

    private static void Open(Bank bank) =>
        bank.Apply(Bank.Operation(1) with { Accounts = [Bank.Account(1), Bank.Account(2)] });

    private string CopyFiles(string name)
    {
        var copy = _bank.Scratch(name);
        File.Copy(_bank.Path, copy);
        File.Copy(_bank.Path + "-wal", copy + "-wal");
        return copy;
    }
}
