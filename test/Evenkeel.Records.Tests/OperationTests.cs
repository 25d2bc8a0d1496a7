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

    [Fact]
    public void Refused_account_takes_everything_back()
    {
        _bank.ApplyOne(Bank.Operation(1) with { Accounts = [Bank.Account(1)] });
        var before = _bank.Ledger.Describe();
        var result = _bank.ApplyOne(
            Bank.Operation(2) with
            {
                Accounts = [Bank.Account(2), Bank.Account(1)],
                Writes = [Bank.Write("customer", "alice", "1")],
            }
        );

        Assert.Equal(OperationStatus.AccountRefused, result.Status);
        Assert.Equal(1, result.FailedIndex);
        Assert.Equal((uint)CreateAccountStatus.Exists, result.FailedStatus);
        Assert.Equal(before, _bank.Ledger.Describe());
        Assert.Null(_bank.Read("customer", "alice"));
    }

    [Fact]
    public void Refused_update_is_counted_after_the_accounts()
    {
        var result = _bank.ApplyOne(
            Bank.Operation(2) with
            {
                Accounts = [Bank.Account(1), Bank.Account(2)],
                AccountUpdates = [new AccountUpdate { Id = 1 }, new AccountUpdate { Id = 3 }],
            }
        );

        Assert.Equal(OperationStatus.AccountRefused, result.Status);
        Assert.Equal(3, result.FailedIndex);
        Assert.Equal((uint)UpdateAccountStatus.AccountNotFound, result.FailedStatus);
        Assert.Empty(_bank.Ledger.Accounts);
    }

    [Fact]
    public void Same_id_and_content_gives_the_first_result_for_ever()
    {
        var operation = Bank.Operation(1) with
        {
            Accounts = [Bank.Account(1)],
            Writes = [Bank.Write("customer", "alice", "1")],
        };
        var first = _bank.ApplyOne(operation);
        var second = _bank.ApplyOne(operation);

        Assert.Equal(first with { Replayed = true }, second);
        Assert.Equal(1ul, _bank.Reader.Find(Alice)!.Version);
        Assert.Equal(1, _bank.Ledger.ScopesBegun);
    }

    [Fact]
    public void Same_id_with_other_content_is_refused()
    {
        _bank.ApplyOne(Bank.Operation(1) with { Writes = [Bank.Write("customer", "alice", "1")] });
        var digest = _bank.Store.Digest;
        var other = _bank.ApplyOne(
            Bank.Operation(1) with
            {
                Writes = [Bank.Write("customer", "alice", "2")],
            }
        );

        Assert.Equal(OperationStatus.IdReusedWithOtherContent, other.Status);
        Assert.Equal("1", _bank.Read("customer", "alice"));
        Assert.Equal(digest, _bank.Store.Digest);
    }

    /// <summary>Told "no" is final: the account was funded since, but nobody waits any more.</summary>
    [Fact]
    public void Late_duplicate_of_a_refused_operation_stays_refused()
    {
        _bank.ApplyOne(
            Bank.Operation(1) with
            {
                Accounts =
                [
                    Bank.Account(1, AccountFlags.DebitsMustNotExceedCredits),
                    Bank.Account(2),
                ],
            }
        );
        var payment = Bank.Operation(2) with { Transfers = [Bank.Transfer(7, 1, 2, 100)] };
        var refused = _bank.ApplyOne(payment);
        _bank.ApplyOne(Bank.Operation(3) with { Transfers = [Bank.Transfer(8, 2, 1, 100)] });
        var late = _bank.ApplyOne(payment);

        Assert.Equal(OperationStatus.TransferRefused, refused.Status);
        Assert.Equal(refused with { Replayed = true }, late);
        Assert.Equal(0u, _bank.Ledger.Accounts[1].DebitsPosted);
    }

    [Fact]
    public void Failed_transfer_id_of_an_operation_is_free_for_another()
    {
        _bank.ApplyOne(
            Bank.Operation(1) with
            {
                Accounts =
                [
                    Bank.Account(1, AccountFlags.DebitsMustNotExceedCredits),
                    Bank.Account(2),
                ],
            }
        );
        _bank.ApplyOne(Bank.Operation(2) with { Transfers = [Bank.Transfer(7, 1, 2, 100)] });
        _bank.ApplyOne(Bank.Operation(3) with { Transfers = [Bank.Transfer(8, 2, 1, 100)] });
        var again = _bank.ApplyOne(
            Bank.Operation(4) with
            {
                Transfers = [Bank.Transfer(7, 1, 2, 100)],
            }
        );

        Assert.Equal(OperationStatus.Done, again.Status);
    }

    /// <summary>The leader decided on version 1, somebody wrote version 2, the leader decides anew.</summary>
    [Fact]
    public void Retry_after_a_stale_guard_succeeds_under_the_same_id()
    {
        _bank.ApplyOne(Bank.Operation(1) with { Writes = [Bank.Write("customer", "alice", "1")] });
        _bank.ApplyOne(Bank.Operation(2) with { Writes = [Bank.Write("customer", "alice", "2")] });
        var digest = _bank.Store.Digest;
        var decided = Bank.Operation(3) with
        {
            RequestHash = 42,
            Guards = [new Guard.Version(Alice, 1)],
            Writes = [Bank.Write("customer", "alice", "11")],
        };
        var stale = _bank.ApplyOne(decided);
        Assert.Equal(OperationStatus.StaleGuard, stale.Status);
        Assert.Equal(0, stale.FailedIndex);
        Assert.Equal(digest, _bank.Store.Digest);
        Assert.Null(_bank.Reader.FindOperation(decided.Id));

        var retry = _bank.ApplyOne(
            decided with
            {
                Guards = [new Guard.Version(Alice, 2)],
                Writes = [Bank.Write("customer", "alice", "12")],
            }
        );

        Assert.Equal(OperationStatus.Done, retry.Status);
        Assert.False(retry.Replayed);
        Assert.Equal("12", _bank.Read("customer", "alice"));
    }

    [Fact]
    public void Version_never_names_two_states_of_a_record()
    {
        _bank.ApplyOne(Bank.Operation(1) with { Writes = [Bank.Write("customer", "alice", "1")] });
        _bank.ApplyOne(Bank.Operation(2) with { Writes = [new RecordWrite(Alice, Json: null)] });
        Assert.Null(_bank.Reader.Find(Alice));
        _bank.ApplyOne(
            Bank.Operation(3) with
            {
                Guards = [new Guard.Absent(Alice)],
                Writes = [Bank.Write("customer", "alice", "1")],
            }
        );

        Assert.Equal(3ul, _bank.Reader.Find(Alice)!.Version);
        var stale = _bank.ApplyOne(
            Bank.Operation(4) with
            {
                Guards = [new Guard.Version(Alice, 1)],
                Writes = [Bank.Write("customer", "alice", "2")],
            }
        );
        Assert.Equal(OperationStatus.StaleGuard, stale.Status);
    }

    [Fact]
    public void Guard_with_content_tells_writes_with_one_version_number_apart()
    {
        _bank.ApplyOne(Bank.Operation(1) with { Writes = [Bank.Write("customer", "alice", "50")] });
        var forecast = OperationHash.OfDocument("40"u8);
        var onForecast = _bank.ApplyOne(
            Bank.Operation(2) with
            {
                Guards = [new Guard.Version(Alice, 1, forecast)],
                Writes = [Bank.Write("customer", "alice", "0")],
            }
        );
        var onFact = _bank.ApplyOne(
            Bank.Operation(3) with
            {
                Guards = [new Guard.Version(Alice, 1, OperationHash.OfDocument("50"u8))],
                Writes = [Bank.Write("customer", "alice", "10")],
            }
        );

        Assert.Equal(OperationStatus.StaleGuard, onForecast.Status);
        Assert.Equal(OperationStatus.Done, onFact.Status);
    }

    [Fact]
    public void Version_guard_does_not_hold_for_an_absent_record()
    {
        var result = _bank.ApplyOne(
            Bank.Operation(1) with
            {
                Guards = [new Guard.Version(Alice, 1)],
                Messages = [new Message("x", "1"u8.ToArray())],
            }
        );
        Assert.Equal(OperationStatus.StaleGuard, result.Status);
    }

    [Fact]
    public void Refusal_of_a_decision_is_remembered_only_while_its_guards_hold()
    {
        _bank.ApplyOne(Bank.Operation(1) with { Writes = [Bank.Write("customer", "alice", "1")] });
        var refusal = Bank.Operation(2) with
        {
            RequestHash = 9,
            RefusalCode = 77,
            Guards = [new Guard.Version(Alice, 7)],
        };
        Assert.Equal(OperationStatus.StaleGuard, _bank.ApplyOne(refusal).Status);
        var decided = _bank.ApplyOne(refusal with { Guards = [new Guard.Version(Alice, 1)] });
        Assert.Equal(OperationStatus.DecisionRefused, decided.Status);
        Assert.Equal(77u, decided.FailedStatus);

        var late = _bank.ApplyOne(
            Bank.Operation(2) with
            {
                RequestHash = 9,
                Writes = [Bank.Write("customer", "alice", "2")],
            }
        );
        Assert.Equal(decided with { Replayed = true }, late);
        Assert.Equal("1", _bank.Read("customer", "alice"));
    }

    [Fact]
    public void Business_date_is_a_guard_and_rolls_by_an_operation_once()
    {
        var monday = new DateOnly(2026, 11, 23);
        var tuesday = monday.AddDays(1);
        var onMonday = Bank.Operation(10) with
        {
            Guards = [new Guard.BusinessDate(monday)],
            Writes = [Bank.Write("customer", "alice", "1")],
        };
        Assert.Equal(OperationStatus.StaleGuard, _bank.ApplyOne(onMonday).Status);
        _bank.ApplyOne(SystemRecords.OpenBusinessDate(new(1), monday, Bank.Node));
        Assert.Equal(
            OperationStatus.Done,
            _bank
                .ApplyOne(SystemRecords.RollBusinessDate(new(2), monday, tuesday, Bank.Node))
                .Status
        );
        Assert.Equal(
            OperationStatus.StaleGuard,
            _bank
                .ApplyOne(SystemRecords.RollBusinessDate(new(3), monday, tuesday, Bank.Node))
                .Status
        );
        Assert.Equal(OperationStatus.StaleGuard, _bank.ApplyOne(onMonday).Status);
        Assert.Equal(
            OperationStatus.Done,
            _bank.ApplyOne(onMonday with { Guards = [new Guard.BusinessDate(tuesday)] }).Status
        );
    }

    [Fact]
    public void Malformed_command_is_answered_and_leaves_no_trace()
    {
        _bank.Applier.BeginEntry(1);
        var noise = _bank.Applier.Apply(new byte[100], eventCount: 1, timestamp: 5);
        var body = OperationCodec.Encode(Bank.Operation(1) with { Accounts = [Bank.Account(1)] });
        var miscounted = _bank.Applier.Apply(body, eventCount: 2, timestamp: 6);
        var whole = _bank.Applier.Apply(body, eventCount: 1, timestamp: 7);
        _bank.Applier.CommitEntry();

        Assert.Equal(OperationStatus.Invalid, noise.Status);
        Assert.Equal((uint)OperationFault.BadMagic, noise.FailedStatus);
        Assert.Equal((uint)OperationFault.WrongEventCount, miscounted.FailedStatus);
        Assert.Equal(OperationStatus.Done, whole.Status);
    }

    public void Dispose() => _bank.Dispose();
}
