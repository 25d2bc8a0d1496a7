using Evenkeel.Model;
using Xunit;

namespace Evenkeel.Ledger.Tests;

public sealed class HoldTests : IDisposable
{
    private const ulong Second = Limits.NanosecondsPerSecond;
    private readonly Bank _bank = new();

    public HoldTests()
    {
        CreateAccountStatus[] created = _bank.Create(
            Bank.NewAccount(1),
            Bank.NewAccount(2, AccountFlags.CreditsMustNotExceedDebits)
        );
        Assert.All(created, status => Assert.Equal(CreateAccountStatus.Created, status));
        Assert.Equal([CreateTransferStatus.Created], _bank.Transfer(Bank.Move(10, 2, 1, 1_000)));
    }

    public void Dispose() => _bank.Dispose();

    [Fact]
    public void A_posted_hold_moves_its_amount_and_releases_the_rest()
    {
        Hold(20, amount: 100, timeoutSeconds: 0);
        Transfer post = Bank.Resolve(21, 20, TransferFlags.PostPendingTransfer, 60);
        Assert.Equal([CreateTransferStatus.Created], _bank.Transfer(post));
        Account debit = _bank.Account(1);
        Assert.Equal((UInt128)0, debit.DebitsPending);
        Assert.Equal((UInt128)60, debit.DebitsPosted);
        Assert.Equal(TransferPendingStatus.Posted, State(20));
        Assert.Equal([CreateTransferStatus.Exists], _bank.Transfer(post));
    }

    [Fact]
    public void A_due_hold_is_expired_before_any_sweep_and_is_swept_later()
    {
        Hold(20, amount: 100, timeoutSeconds: 1);
        Assert.Equal(TransferPendingStatus.Pending, State(20));
        _bank.Now += Second;
        Transfer post = Bank.Resolve(21, 20, TransferFlags.PostPendingTransfer, 60);
        Assert.Equal([CreateTransferStatus.PendingTransferExpired], _bank.Transfer(post));
        Assert.Equal(1, _bank.Tick(0));
        Assert.Equal((UInt128)0, _bank.Account(1).DebitsPending);
        Assert.Equal(TransferPendingStatus.Expired, State(20));
        Assert.Equal(ulong.MaxValue, _bank.Ledger.NextExpiry);
    }

    [Fact]
    public void A_forced_post_of_an_expired_hold_is_a_single_transfer()
    {
        Hold(20, amount: 100, timeoutSeconds: 1);
        Assert.Equal(1, _bank.Tick(2 * Second));
        Transfer post = Bank.Resolve(
            21,
            20,
            TransferFlags.PostPendingTransfer | TransferFlags.Forced,
            UInt128.MaxValue
        );
        Assert.Equal([CreateTransferStatus.Created], _bank.Transfer(post));
        Assert.Equal((UInt128)100, _bank.Account(1).DebitsPosted);
        Assert.Equal((UInt128)0, _bank.Account(1).DebitsPending);
        Assert.Equal(TransferPendingStatus.Expired, State(20));
        Assert.Equal([CreateTransferStatus.Exists], _bank.Transfer(post));
    }

    [Fact]
    public void Under_the_first_rules_a_second_forced_post_of_an_expired_hold_moves_money_again()
    {
        ExpireAndForce();

        Assert.Equal([CreateTransferStatus.Created], _bank.Transfer(ForcedPost(22)));
        Assert.Equal((UInt128)200, _bank.Account(1).DebitsPosted);
    }

    [Fact]
    public void Under_the_second_rules_it_is_refused_and_the_first_one_still_exists()
    {
        _bank.Ledger.Activate(StateVersions.ForcedPostOnce);
        Transfer first = ExpireAndForce();

        CreateTransferStatus[] again = [CreateTransferStatus.PendingTransferAlreadyPosted];
        Assert.Equal(again, _bank.Transfer(ForcedPost(22)));
        Assert.Equal(again, _bank.Transfer(ForcedPost(22)));
        Assert.Equal([CreateTransferStatus.Exists], _bank.Transfer(first));
        Assert.Equal((UInt128)100, _bank.Account(1).DebitsPosted);
        // Whoever doesn't force is told what they were told before.
        Transfer plain = Bank.Resolve(23, 20, TransferFlags.PostPendingTransfer, UInt128.MaxValue);
        Assert.Equal([CreateTransferStatus.PendingTransferExpired], _bank.Transfer(plain));
    }

    [Fact]
    public void A_hold_that_was_forced_before_the_activation_counts_after_it()
    {
        ExpireAndForce();
        _bank.Ledger.Activate(StateVersions.ForcedPostOnce);

        Assert.Equal(
            [CreateTransferStatus.PendingTransferAlreadyPosted],
            _bank.Transfer(ForcedPost(22))
        );
    }

    [Fact]
    public void A_forced_post_that_falls_with_its_chain_leaves_the_hold_to_another()
    {
        _bank.Ledger.Activate(StateVersions.ForcedPostOnce);
        Hold(20, amount: 100, timeoutSeconds: 1);
        _bank.Tick(2 * Second);
        Transfer linked = ForcedPost(21);
        linked.Flags |= TransferFlags.Linked;

        Assert.Equal(
            [CreateTransferStatus.LinkedEventFailed, CreateTransferStatus.DebitAccountNotFound],
            _bank.Transfer(linked, Bank.Move(24, 99, 2, 1))
        );
        Assert.Equal([CreateTransferStatus.Created], _bank.Transfer(ForcedPost(22)));
    }

    [Fact]
    public void A_ledger_restored_from_a_snapshot_knows_its_rules_and_what_was_forced()
    {
        _bank.Ledger.Activate(StateVersions.ForcedPostOnce);
        ExpireAndForce();
        using var stream = new MemoryStream();
        using (LedgerSnapshot snapshot = _bank.Ledger.CaptureSnapshot())
        {
            snapshot.WriteTo(stream);
        }
        stream.Position = 0;
        using var restored = new LedgerState(new LedgerOptions(), _bank.History);
        restored.Restore(stream);
        for (ulong i = 0; i < _bank.History.Count; i++)
        {
            _bank.History.Read(i, out HistoryRow row);
            restored.IndexRow(i, in row);
        }

        Assert.Equal(StateVersions.ForcedPostOnce, restored.StateVersion);
        Assert.Equal(_bank.Ledger.Digest(), restored.Digest());
        var results = new CreateTransferResult[1];
        restored.BeginEntry(1_000);
        restored.CreateTransfers(_bank.Now + Second, [ForcedPost(22)], results);
        Assert.Equal(CreateTransferStatus.PendingTransferAlreadyPosted, results[0].Status);
    }

    [Fact]
    public void The_digest_tells_two_ledgers_apart_that_differ_in_their_rules_alone()
    {
        UInt128 before = _bank.Ledger.Digest();
        _bank.Ledger.Activate(StateVersions.ForcedPostOnce);
        Assert.NotEqual(before, _bank.Ledger.Digest());
    }

    private Transfer ExpireAndForce()
    {
        Hold(20, amount: 100, timeoutSeconds: 1);
        Assert.Equal(1, _bank.Tick(2 * Second));
        Transfer post = ForcedPost(21);
        Assert.Equal([CreateTransferStatus.Created], _bank.Transfer(post));
        return post;
    }

    private static Transfer ForcedPost(UInt128 id) =>
        Bank.Resolve(
            id,
            20,
            TransferFlags.PostPendingTransfer | TransferFlags.Forced,
            UInt128.MaxValue
        );

    [Fact]
    public void A_forced_transfer_skips_the_limit_that_refuses_a_plain_one()
    {
        Transfer plain = Bank.Move(30, 1, 2, 2_000);
        Assert.Equal([CreateTransferStatus.ExceedsDebits], _bank.Transfer(plain));
        Assert.Equal([CreateTransferStatus.IdAlreadyFailed], _bank.Transfer(plain));
        Transfer forced = Bank.Move(31, 1, 2, 2_000) with { Flags = TransferFlags.Forced };
        Assert.Equal([CreateTransferStatus.Created], _bank.Transfer(forced));
        Assert.Equal((UInt128)2_000, _bank.Account(2).CreditsPosted);
    }

    private void Hold(UInt128 id, UInt128 amount, uint timeoutSeconds)
    {
        Transfer hold = Bank.Move(id, 1, 2, amount) with
        {
            Flags = TransferFlags.Pending,
            Timeout = timeoutSeconds,
        };
        Assert.Equal([CreateTransferStatus.Created], _bank.Transfer(hold));
    }

    private TransferPendingStatus State(UInt128 id)
    {
        Assert.True(_bank.Ledger.TryGetTransferPosition(id, out ulong position));
        return _bank.Ledger.GetPendingStatus(position);
    }
}
