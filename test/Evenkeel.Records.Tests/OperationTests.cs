using Evenkeel.Journal;
using Evenkeel.Model;
using Xunit;

namespace Evenkeel.Records.Tests;

/// <summary>What one operation does, and what a refused one does not do.</summary>
public sealed class OperationTests : IDisposable
{
    private static readonly RecordKey Alice = new("customer", "alice");

    private readonly Bank _bank = new();

    [Fact]
    public void Operation_moves_money_and_writes_records_together()
    {
        var result = _bank.ApplyOne(
            Bank.Operation(1) with
            {
                Guards = [new Guard.Absent(Alice)],
                Accounts = [Bank.Account(1), Bank.Account(2)],
                AccountUpdates = [new AccountUpdate { Id = 1, Allowance = 5 }],
                Transfers = [Bank.Transfer(7, debit: 1, credit: 2, 100)],
                Writes = [Bank.Write("customer", "alice", """{"accounts":[1,2]}""")],
                Messages = [new Message("welcome", "\"alice\""u8.ToArray())],
            }
        );

        Assert.Equal(OperationStatus.Done, result.Status);
        Assert.False(result.Replayed);
        Assert.Equal(100u, _bank.Ledger.Accounts[2].CreditsPosted);
        Assert.Equal("""{"accounts":[1,2]}""", _bank.Read("customer", "alice"));
        var changes = _bank.Reader.ReadChanges(after: 0, limit: 10);
        Assert.Equal([ChangeKind.Written, ChangeKind.Message], changes.Select(x => x.Kind));
        Assert.Equal(1ul, _bank.Store.AppliedIndex);
        Assert.True(_bank.Reader.Scrub(CancellationToken.None).IsClean);
    }

    [Fact]
    public void Each_event_of_an_operation_has_its_own_timestamp_in_order()
    {
        var result = _bank.ApplyOne(
            Bank.Operation(1) with
            {
                Accounts = [Bank.Account(1), Bank.Account(2)],
                Transfers =
                [
                    Bank.Transfer(7, debit: 1, credit: 2, 100),
                    Bank.Transfer(8, debit: 2, credit: 1, 100),
                ],
            }
        );

        Assert.Equal(OperationStatus.Done, result.Status);
        Assert.Equal(result.Timestamp - 3, _bank.Ledger.Accounts[1].Timestamp);
        Assert.Equal(result.Timestamp - 2, _bank.Ledger.Accounts[2].Timestamp);
    }

    [Fact]
    public void Refused_transfer_takes_back_accounts_records_and_counters()
    {
        var before = _bank.Ledger.Describe();
        var result = _bank.ApplyOne(
            Bank.Operation(1) with
            {
                Guards = [new Guard.Counter(new("limit", "day"), Delta: 5, Min: 0, Max: 10)],
                Accounts =
                [
                    Bank.Account(1, AccountFlags.DebitsMustNotExceedCredits),
                    Bank.Account(2),
                ],
                Transfers =
                [
                    Bank.Transfer(7, debit: 2, credit: 1, 10),
                    Bank.Transfer(8, debit: 1, credit: 2, 11),
                ],
                Writes = [Bank.Write("customer", "alice", "1")],
                Messages = [new Message("welcome", "1"u8.ToArray())],
            }
        );

        Assert.Equal(OperationStatus.TransferRefused, result.Status);
        Assert.Equal(1, result.FailedIndex);
        Assert.Equal((uint)CreateTransferStatus.ExceedsCredits, result.FailedStatus);
        Assert.Equal(before, _bank.Ledger.Describe());
        Assert.Null(_bank.Read("customer", "alice"));
        Assert.Equal(0, _bank.Reader.ReadCounter(new("limit", "day")));
        Assert.Empty(_bank.Reader.ReadChanges(after: 0, limit: 10));
    }

    public void Dispose() => _bank.Dispose();
}
