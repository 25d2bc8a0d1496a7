using CsCheck;
using Evenkeel.Ledger.Tests.Agreement;
using Evenkeel.Ledger.Tests.Naive;
using Evenkeel.Model;
using Xunit;

namespace Evenkeel.Ledger.Tests.Properties;

/// <summary>What must hold for every history; CsCheck shrinks what breaks it.</summary>
public sealed class LedgerProperties
{
    private const string Seed = "0000LedGer01";
    private const int Accounts = 6;

    private static readonly Gen<TransferFlags> s_flags = Gen.Frequency(
        (10, Gen.Const(TransferFlags.None)),
        (4, Gen.Const(TransferFlags.Pending)),
        (3, Gen.Const(TransferFlags.PostPendingTransfer)),
        (2, Gen.Const(TransferFlags.VoidPendingTransfer)),
        (1, Gen.Const(TransferFlags.BalancingDebit)),
        (1, Gen.Const(TransferFlags.BalancingCredit)),
        (1, Gen.Const(TransferFlags.Forced)),
        (1, Gen.Const(TransferFlags.Pending | TransferFlags.ClosingDebit))
    );

    private static readonly Gen<Transfer> s_transfer =
        from id in Gen.Int[1, 60]
        from debit in Gen.Int[1, Accounts + 1]
        from credit in Gen.Int[1, Accounts + 1]
        from amount in Gen.Int[0, 50]
        from hold in Gen.Int[1, 60]
        from flags in s_flags
        select Make(id, debit, credit, amount, hold, flags);

    private static readonly Gen<(Transfer Transfer, bool Linked)[]> s_batch = Gen.Select(
        s_transfer,
        Gen.Int[0, 5],
        (transfer, dice) => (transfer, dice == 0)
    ).Array[1, 60];

    private static int Iterations => TestScale.Of(400, whenLong: 20_000);

    [Fact]
    public void Money_is_conserved() =>
        s_batch.Sample(
            batch =>
            {
                using var bank = Open();
                _ = bank.Transfer(Link(batch));
                AssertBalanced(bank);
                _ = bank.Tick(5 * Limits.NanosecondsPerSecond);
                AssertBalanced(bank);
            },
            iter: Iterations,
            seed: Seed,
            threads: 1
        );

    [Fact]
    public void Sending_a_batch_again_changes_nothing() =>
        s_batch.Sample(
            batch =>
            {
                using var bank = Open();
                var events = batch.Select(pair => pair.Transfer).ToArray();
                var first = bank.Transfer(events);
                var before = Balances(bank);
                var second = bank.Transfer(events);
                for (var i = 0; i < events.Length; i++)
                {
                    Assert.NotEqual(CreateTransferStatus.Created, second[i]);
                    if (first[i] is CreateTransferStatus.Created)
                    {
                        Assert.Equal(CreateTransferStatus.Exists, second[i]);
                    }
                    else if (first[i].IsTransient())
                    {
                        Assert.Equal(CreateTransferStatus.IdAlreadyFailed, second[i]);
                    }
                }

                Assert.Equal(before, Balances(bank));
            },
            iter: Iterations,
            seed: Seed,
            threads: 1
        );

    [Fact]
    public void The_same_events_in_other_batches_have_the_same_results() =>
        Gen.Select(s_batch, Gen.Int[1, 7])
            .Sample(
                (batch, size) =>
                {
                    var events = Link(batch);
                    var whole = RunInBatches(events, events.Length, out var wholeDigest);
                    var split = RunInBatches(events, size, out var splitDigest);
                    Assert.Equal(whole, split);
                    Assert.Equal(wholeDigest, splitDigest);
                },
                iter: Iterations,
                seed: Seed,
                threads: 1
            );

    [Fact]
    public void Replay_gives_the_same_digest() =>
        Gen.Int[0, int.MaxValue / 2]
            .Sample(
                seed =>
                {
                    var commands = RandomCommands(seed, entries: 60);
                    var first = Replay(commands, new LedgerOptions());
                    var other = new LedgerOptions
                    {
                        InitialAccounts = 1 << 15,
                        InitialTransfers = 1 << 17,
                        HashSeed = 0x0123_4567_89AB_CDEF,
                    };
                    Assert.Equal(first, Replay(commands, other));
                },
                iter: TestScale.Of(60, whenLong: 2_000),
                seed: Seed,
                threads: 1
            );

    private static Transfer Make(
        int id,
        int debit,
        int credit,
        int amount,
        int hold,
        TransferFlags flags
    )
    {
        var resolves =
            (flags & (TransferFlags.PostPendingTransfer | TransferFlags.VoidPendingTransfer)) != 0;
        return resolves
            ? Bank.Resolve(
                (UInt128)id,
                (UInt128)hold,
                flags,
                (flags & TransferFlags.PostPendingTransfer) != 0 ? UInt128.MaxValue : 0
            )
            : Bank.Move((UInt128)id, (UInt128)debit, (UInt128)credit, (UInt128)amount) with
            {
                Flags = flags,
            };
    }

    private static Transfer[] Link((Transfer Transfer, bool Linked)[] batch) =>
        [
            .. batch.Select(
                (pair, i) =>
                    pair.Linked && i < batch.Length - 1
                        ? pair.Transfer with
                        {
                            Flags = pair.Transfer.Flags | TransferFlags.Linked,
                        }
                        : pair.Transfer
            ),
        ];

    private static Bank Open()
    {
        var bank = new Bank();
        AccountFlags[] limits =
        [
            AccountFlags.None,
            AccountFlags.DebitsMustNotExceedCredits,
            AccountFlags.CreditsMustNotExceedDebits,
        ];
        _ = bank.Create([
            .. Enumerable
                .Range(1, Accounts)
                .Select(id => Bank.NewAccount((UInt128)id, limits[id % limits.Length])),
        ]);
        return bank;
    }

    private static Account[] Balances(Bank bank) =>
        [.. Enumerable.Range(1, Accounts).Select(id => bank.Account((UInt128)id))];

    private static void AssertBalanced(Bank bank)
    {
        var accounts = Balances(bank);
        Assert.Equal(Total(accounts, a => a.DebitsPosted), Total(accounts, a => a.CreditsPosted));
        Assert.Equal(Total(accounts, a => a.DebitsPending), Total(accounts, a => a.CreditsPending));
    }

    private static UInt128 Total(Account[] accounts, Func<Account, UInt128> amount) =>
        accounts.Aggregate(UInt128.Zero, (sum, account) => sum + amount(account));

    /// <summary>Event i happens at the same time however the events are cut; a chain is never cut.</summary>
    private static CreateTransferResult[] RunInBatches(
        Transfer[] events,
        int size,
        out UInt128 digest
    )
    {
        using var bank = Open();
        var results = new CreateTransferResult[events.Length];
        for (var from = 0; from < events.Length; )
        {
            var to = Math.Min(from + size, events.Length);
            while ((events[to - 1].Flags & TransferFlags.Linked) != 0)
            {
                to++;
            }

            var (first, end) = (from, to);
            bank.InEntry(ledger =>
                ledger.CreateTransfers(
                    100_000_000 + (ulong)end,
                    events.AsSpan(first..end),
                    results.AsSpan(first..end)
                )
            );
            from = to;
        }

        digest = bank.Ledger.Digest();
        return results;
    }

    private static List<Action<LedgerState>> RandomCommands(int seed, int entries)
    {
        var model = new NaiveLedger();
        var generator = new CommandGenerator(seed, model.State);
        var now = generator.FirstTick;
        var commands = new List<Action<LedgerState>>();
        for (var i = 0; i < entries; i++)
        {
            now += Limits.ExpiriesPerEntryMax + generator.Tick();
            var expiry = now;
            _ = model.ExpireHolds(expiry);
            commands.Add(ledger => ledger.ExpireHolds(expiry));
            if (i == 0 || generator.Chance(0.1))
            {
                var accounts = i == 0 ? generator.Founders() : generator.Accounts(now);
                var time = now += (ulong)accounts.Length;
                _ = model.CreateAccounts(time, accounts);
                commands.Add(ledger =>
                    ledger.CreateAccounts(time, accounts, new CreateAccountResult[accounts.Length])
                );
            }
            else if (generator.Chance(0.1))
            {
                var updates = generator.Updates();
                var time = now += (ulong)updates.Length;
                _ = model.UpdateAccounts(time, updates);
                commands.Add(ledger =>
                    ledger.UpdateAccounts(time, updates, new UpdateAccountResult[updates.Length])
                );
            }
            else
            {
                var transfers = generator.Transfers(now);
                var time = now += (ulong)transfers.Length;
                _ = model.CreateTransfers(time, transfers);
                commands.Add(ledger =>
                    ledger.CreateTransfers(
                        time,
                        transfers,
                        new CreateTransferResult[transfers.Length]
                    )
                );
            }
        }

        return commands;
    }

    private static UInt128 Replay(List<Action<LedgerState>> commands, LedgerOptions options)
    {
        using var ledger = new LedgerState(options, new MemoryHistory());
        ulong entry = 0;
        foreach (var command in commands)
        {
            ledger.BeginEntry(++entry);
            command(ledger);
            ledger.EndEntry();
        }

        return ledger.Digest();
    }
}
