using System.Runtime.InteropServices;
using CsCheck;
using Evenkeel.Journal;
using Evenkeel.Ledger;
using Evenkeel.Model;
using Xunit;

namespace Evenkeel.Records.Tests;

/// <summary>
/// The real ledger under operations: replay skips what was refused, so a scope that is rolled back
/// must leave no trace at all, in balances, holds, ids, clock or history rows.
/// </summary>
public sealed class RealLedgerTests
{
    private const string Seed = "0000KOIPe036";
    private const ulong Start = 1_000_000_000;

    private static readonly bool IsLong =
        Environment.GetEnvironmentVariable("EVENKEEL_LONG") == "1";

    private static readonly TransferFlags[] Shapes =
    [
        TransferFlags.None,
        TransferFlags.None,
        TransferFlags.Pending,
        TransferFlags.Pending,
        TransferFlags.PostPendingTransfer,
        TransferFlags.VoidPendingTransfer,
        TransferFlags.BalancingDebit,
        TransferFlags.Pending | TransferFlags.ClosingDebit,
        TransferFlags.Forced,
    ];

    private static readonly Gen<Transfer> GenTransfer = Gen.Select(
        Gen.UInt[1, 400],
        Gen.UInt[1, 6],
        Gen.UInt[1, 6],
        Gen.UInt[0, 60],
        Gen.UInt[1, 400],
        Gen.Int[0, Shapes.Length - 1],
        (id, debit, credit, amount, pending, shape) =>
        {
            var flags = Shapes[shape];
            var resolves =
                flags is TransferFlags.PostPendingTransfer or TransferFlags.VoidPendingTransfer;
            return new Transfer
            {
                Id = id,
                DebitAccountId = resolves ? 0 : debit,
                CreditAccountId = resolves ? 0 : credit,
                Amount = flags == TransferFlags.PostPendingTransfer ? UInt128.MaxValue : amount,
                PendingId = resolves ? pending : 0,
                Ledger = resolves ? 0u : 1u,
                Code = resolves ? (ushort)0 : (ushort)1,
                Timeout = flags == TransferFlags.Pending ? amount % 3 : 0,
                Flags = flags,
            };
        }
    );

    private static readonly Gen<Operation> GenOperation = Gen.Select(
        Gen.UInt[10, 200],
        GenTransfer.Array[0, 4],
        Gen.UInt[1, 12].Array[0, 1],
        Gen.UInt[1, 8].Array[0, 1],
        Gen.ULong[1, 6],
        (id, transfers, accounts, updates, version) =>
            new Operation
            {
                Id = new OperationId(id),
                Principals = [Bank.Node],
                RequestHash = id % 3,
                Guards = version > 4 ? [new Guard.Version(new("c", "k"), version)] : [],
                Transfers = transfers,
                Accounts =
                [
                    .. accounts.Select(account => new Account
                    {
                        Id = account,
                        Ledger = 1,
                        Code = 1,
                        Flags = AccountFlags.DebitsMustNotExceedCredits,
                    }),
                ],
                AccountUpdates =
                [
                    .. updates.Select(account => new AccountUpdate
                    {
                        Id = account,
                        Allowance = 100,
                        Flags = AccountUpdateFlags.SetAllowance,
                        ExpectedVersion = (uint)(id % 2),
                    }),
                ],
                Writes = [Bank.Write("c", "k", $"{id}")],
            }
    );

    [Fact]
    public void Replay_that_skips_refused_operations_gives_the_same_ledger()
    {
        var statuses = new Dictionary<OperationStatus, int>();
        GenOperation
            .Array[1, 4]
            .Array[1, 40]
            .Sample(
                entries =>
                {
                    using var bank = new Bank();
                    var live = Run(bank.Store, entries, crashAt: -1, commit: false, statuses);
                    for (var crashAt = 0; crashAt < entries.Length; crashAt += 13)
                    {
                        using var crashed = new Bank();
                        Run(
                            crashed.Store,
                            entries,
                            crashAt,
                            commit: crashAt % 2 == 0,
                            statuses: null
                        );
                        crashed.Crash();
                        var replayed = Run(
                            crashed.Store,
                            entries,
                            -1,
                            commit: false,
                            statuses: null
                        );
                        Assert.Equal(live, replayed);
                        Assert.Equal(bank.Store.Digest, crashed.Store.Digest);
                    }
                },
                iter: IsLong ? 2_000 : 60,
                seed: Seed,
                threads: 1,
                print: entries => $"{entries.Length} entries"
            );
        Assert.Subset(
            statuses.Keys.ToHashSet(),
            new HashSet<OperationStatus>
            {
                OperationStatus.Done,
                OperationStatus.StaleGuard,
                OperationStatus.TransferRefused,
                OperationStatus.AccountRefused,
                OperationStatus.IdReusedWithOtherContent,
            }
        );
    }

    /// <summary>Applies all entries, or stops in one as a crash would; describes the ledger.</summary>
    private static string Run(
        RecordStore store,
        Operation[][] entries,
        int crashAt,
        bool commit,
        Dictionary<OperationStatus, int>? statuses
    )
    {
        var history = new MemoryHistory();
        using var ledger = new LedgerState(new LedgerOptions(), history);
        var applier = new OperationApplier(store, new Port(ledger));
        var time = Start;
        for (var i = 0; i < entries.Length; i++)
        {
            var index = (ulong)i + 1;
            time += Start;
            ledger.BeginEntry(index);
            ledger.ExpireHolds(time);
            applier.BeginEntry(index);
            var timestamp = time;
            foreach (var operation in entries[i])
            {
                timestamp += (ulong)operation.EventCount;
                var status = applier.Apply(operation, timestamp).Status;
                if (statuses is not null)
                {
                    CollectionsMarshal.GetValueRefOrAddDefault(statuses, status, out _)++;
                }
            }

            if (i == crashAt && !commit)
            {
                return "";
            }

            applier.CommitEntry();
            if (i == crashAt)
            {
                return "";
            }

            ledger.EndEntry();
        }

        return Describe(ledger, history);
    }

    private static string Describe(LedgerState ledger, MemoryHistory history)
    {
        var rows = new System.IO.Hashing.XxHash128();
        for (ulong position = 0; position < history.Count; position++)
        {
            history.Read(position, out var row);
            rows.Append(MemoryMarshal.AsBytes(new ReadOnlySpan<HistoryRow>(in row)));
        }

        return $"{ledger.Digest():x32} {ledger.LastTimestamp} {ledger.IdCount} "
            + $"{ledger.OpenHoldCount} {history.Count} {rows.GetCurrentHashAsUInt128():x32}";
    }

    private sealed class Port(LedgerState ledger) : IOperationLedger
    {
        public void BeginScope() => ledger.BeginScope();

        public void CommitScope() => ledger.CommitScope();

        public void RollbackScope() => ledger.RollbackScope();

        public void CreateAccounts(
            ReadOnlySpan<Account> events,
            ulong timestamp,
            Span<CreateAccountResult> results
        ) => ledger.CreateAccounts(timestamp, events, results);

        public void UpdateAccounts(
            ReadOnlySpan<AccountUpdate> events,
            ulong timestamp,
            Span<UpdateAccountResult> results
        ) => ledger.UpdateAccounts(timestamp, events, results);

        public void CreateTransfers(
            ReadOnlySpan<Transfer> events,
            ulong timestamp,
            Span<CreateTransferResult> results
        ) => ledger.CreateTransfers(timestamp, events, results, rememberFailedIds: false);
    }
}
