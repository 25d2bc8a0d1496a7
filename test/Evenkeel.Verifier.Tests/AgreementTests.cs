using System.Runtime.InteropServices;
using Evenkeel.Ledger;
using Evenkeel.Ledger.Tests.Agreement;
using Evenkeel.Ledger.Tests.Naive;
using Evenkeel.Model;
using Evenkeel.Verifier.Compare;
using Xunit;

namespace Evenkeel.Verifier.Tests;

/// <summary>
/// The verifier's books and the ledger make the same state and the same rows of the same random commands:
/// else the verifier would accuse the innocent, or share their mistakes.
/// </summary>
public sealed class AgreementTests
{
    private static readonly bool s_long =
        Environment.GetEnvironmentVariable("EVENKEEL_LONG") == "1";

    [Fact]
    public void Books_and_ledger_agree_on_state_and_rows()
    {
        int seeds = s_long ? 2_000 : 60;
        for (int seed = 1; seed <= seeds; seed++)
        {
            string? difference = Run(seed, entries: 300);
            Assert.True(difference is null, $"seed {seed}: {difference}");
        }
    }

    private static string? Run(int seed, int entries)
    {
        var naive = new NaiveLedger();
        var generator = new CommandGenerator(seed, naive.State);
        var history = new MemoryHistory();
        using var ledger = new LedgerState(new LedgerOptions(), history);
        var books = new Replay.Books();
        ulong now = generator.FirstTick;
        for (ulong entry = 1; entry <= (ulong)entries; entry++)
        {
            ulong first = ledger.HistoryCount;
            Step(entry, generator, naive, ledger, books, ref now);
            if (Difference(entry, first, ledger, history, books) is { } difference)
            {
                return $"entry {entry}: {difference}";
            }
        }
        return null;
    }

    private static void Step(
        ulong entry,
        CommandGenerator generator,
        NaiveLedger naive,
        LedgerState ledger,
        Replay.Books books,
        ref ulong now
    )
    {
        if (entry == 150 && generator.Chance(0.7))
        {
            // New rules in the middle of a history: holds forced before count as well.
            naive.State.StateVersion = StateVersions.Newest;
            ledger.Activate(StateVersions.Newest);
            books.Activate(StateVersions.Newest, maker: 1, checker: 2);
        }
        int dice = entry == 1 ? 100 : generator.Next(100);
        Account[] accounts =
            dice == 100 ? generator.Founders()
            : dice < 10 ? generator.Accounts(now)
            : [];
        AccountUpdate[] updates = dice is >= 10 and < 18 ? generator.Updates() : [];
        bool isTick = dice is >= 18 and < 28;
        Transfer[] transfers = dice is >= 28 and < 100 ? generator.Transfers(now) : [];
        ulong events = (ulong)(accounts.Length + updates.Length + transfers.Length);
        now += (ulong)Limits.ExpiriesPerEntryMax + events + (isTick ? generator.Tick() : 0);

        ledger.BeginEntry(entry);
        books.BeginEntry(entry);
        naive.ExpireHolds(now - events);
        ledger.ExpireHolds(now - events);
        books.Expire(now - events);
        if (accounts.Length > 0)
        {
            naive.CreateAccounts(now, accounts);
            ledger.CreateAccounts(now, accounts, new CreateAccountResult[accounts.Length]);
            books.CreateAccounts(now, Wire(accounts, Replay.AskedAccount.Read));
        }
        if (updates.Length > 0)
        {
            naive.UpdateAccounts(now, updates);
            ledger.UpdateAccounts(now, updates, new UpdateAccountResult[updates.Length]);
            books.UpdateAccounts(now, Wire(updates, Replay.AskedUpdate.Read));
        }
        if (transfers.Length > 0)
        {
            naive.CreateTransfers(now, transfers);
            var results = new CreateTransferResult[transfers.Length];
            ledger.CreateTransfers(now, transfers, results);
            Replay.TransferAnswer[] answers = books.CreateTransfers(
                now,
                Wire(transfers, Replay.AskedTransfer.Read),
                rememberFailedIds: true
            );
            Assert.Equal(results.Select(r => (uint)r.Status), answers.Select(a => (uint)a));
        }
        ledger.EndEntry();
    }

    private static string? Difference(
        ulong entry,
        ulong first,
        LedgerState ledger,
        MemoryHistory history,
        Replay.Books books
    )
    {
        if (books.RowCount != ledger.HistoryCount)
        {
            return $"{books.RowCount} rows, the ledger has {ledger.HistoryCount}";
        }
        for (ulong position = first; position < ledger.HistoryCount; position++)
        {
            history.Read(position, out HistoryRow row);
            row.Checksum = 0;
            ReadOnlySpan<byte> have = MemoryMarshal.AsBytes(new ReadOnlySpan<HistoryRow>(in row));
            int at = (int)(position - first) * HistoryRow.Size;
            if (!books.EntryRows.Slice(at, HistoryRow.Size).SequenceEqual(have))
            {
                return $"row {position} of entry {entry} differs";
            }
        }
        string digest = ledger.Digest().ToString("x32");
        return LedgerDigest.Of(books) == digest ? null : "state digests differ";
    }

    private delegate T ReadOne<T>(ReadOnlySpan<byte> bytes);

    private static T[] Wire<TEvent, T>(TEvent[] events, ReadOne<T> read)
        where TEvent : unmanaged
    {
        var items = new T[events.Length];
        for (int i = 0; i < events.Length; i++)
        {
            items[i] = read(MemoryMarshal.AsBytes(events.AsSpan(i, 1)));
        }
        return items;
    }
}
