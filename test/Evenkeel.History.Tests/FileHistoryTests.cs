using CsCheck;
using Evenkeel.Ledger;
using Evenkeel.Model;
using Evenkeel.Node.History;

namespace Evenkeel.History.Tests;

public sealed class FileHistoryTests
{
    [Fact]
    public void Random_appends_truncations_seals_and_restarts_agree_with_memory()
    {
        var steps = Kit.IsLong ? 20_000 : 400;
        Gen.ULong.Sample(
            seed =>
            {
                using var scratch = new Scratch();
                var random = new Random(unchecked((int)seed));
                var model = new MemoryHistory();
                var history = FileHistory.Open(Kit.Options(scratch.Path));
                var sealedCount = 0UL;
                try
                {
                    for (var step = 0; step < steps; step++)
                    {
                        Step(random, scratch, model, ref history, ref sealedCount);
                        Assert.Equal(model.Count, history.Count);
                    }

                    AssertSame(model, history);
                }
                finally
                {
                    history.Dispose();
                }
            },
            iter: 12,
            seed: "0000HiStory1",
            threads: 1
        );
    }

    private static void Step(
        Random random,
        Scratch scratch,
        MemoryHistory model,
        ref FileHistory history,
        ref ulong sealedCount
    )
    {
        switch (random.Next(100))
        {
            case < 55:
                // What is reserved need not be used; what one entry makes is at most half the ring.
                var provisional = (int)(history.Count - sealedCount);
                var reserved = random.Next(0, 257 - provisional);
                var used = random.Next(0, reserved + 1);
                var seed = (ulong)random.Next();
                foreach (var target in (ReadOnlySpan<IHistory>)[model, history])
                {
                    var rows = target.Reserve(reserved);
                    for (var i = 0; i < reserved; i++)
                    {
                        rows[i] = Kit.Row(target.Count + (ulong)i, seed);
                    }

                    target.Advance(used);
                }

                break;
            case < 65:
                var back = sealedCount + (ulong)random.Next((int)(model.Count - sealedCount) + 1);
                model.TruncateTo(back);
                history.TruncateTo(back);
                break;
            case < 90:
                model.Seal(1);
                history.Seal(1);
                sealedCount = model.Count;
                for (var i = 0; i < 5 && model.Count > 0; i++)
                {
                    var position = (ulong)random.NextInt64((long)model.Count);
                    model.Read(position, out var expected);
                    history.Read(position, out var actual);
                    Kit.AssertRow(expected, actual);
                }

                break;
            case < 97:
                history.FlushTo(sealedCount, CancellationToken.None);
                break;
            default:
                history.Dispose();
                history = FileHistory.Open(Kit.Options(scratch.Path));
                Assert.Equal(sealedCount, history.Count);
                Assert.Null(history.Recovery.Cut);
                model.TruncateTo(sealedCount);
                break;
        }
    }

    private static void AssertSame(MemoryHistory model, FileHistory history)
    {
        var rows = new HistoryRow[(int)history.Count];
        history.ReadRange(0, rows);
        for (var position = 0UL; position < model.Count; position++)
        {
            model.Read(position, out var expected);
            Kit.AssertRow(expected, rows[(int)position]);
        }
    }

    [Fact]
    public void Rows_after_the_snapshot_are_cut_at_open_and_made_again()
    {
        using var scratch = new Scratch();
        foreach (var snapshot in (ulong[])[1_000, 768, 700, 512, 64, 63, 1, 0])
        {
            using (var history = FileHistory.Open(Kit.Options(scratch.Path)))
            {
                Kit.AppendSealed(history, 1_300);
                history.FlushTo(1_300, CancellationToken.None);
                history.Sealer!.WaitUntilIdle(CancellationToken.None);
            }

            using (var history = FileHistory.Open(Kit.Options(scratch.Path)))
            {
                Assert.Equal(1_300UL, history.Count);
                history.TruncateTo(snapshot);
                Kit.AppendSealed(history, snapshot + 10);
            }

            using (var history = FileHistory.Open(Kit.Options(scratch.Path)))
            {
                // Not one of the old rows is left behind the new end.
                Assert.Equal(snapshot + 10, history.Count);
                Kit.AssertRows(history);
            }
        }
    }

    [Fact]
    public void Sealed_rows_are_never_truncated_once_appending_has_begun()
    {
        using var scratch = new Scratch();
        using var history = FileHistory.Open(Kit.Options(scratch.Path));
        Kit.AppendSealed(history, 10);
        Assert.Throws<InvariantException>(() => history.TruncateTo(9));
    }

    [Fact]
    public void A_scan_hands_over_every_row_in_order()
    {
        using var scratch = new Scratch();
        using (var history = FileHistory.Open(Kit.Options(scratch.Path)))
        {
            Kit.AppendSealed(history, 2_000);
        }

        using var opened = FileHistory.Open(Kit.Options(scratch.Path));
        foreach (var (from, to) in ((ulong, ulong)[])[(0, 2_000), (255, 257), (5, 5), (700, 1_999)])
        {
            var next = from;
            opened.Scan(
                from,
                to,
                (first, rows) =>
                {
                    Assert.Equal(next, first);
                    foreach (ref readonly var row in rows)
                    {
                        Kit.AssertRow(Kit.Row(next++), row);
                    }
                },
                CancellationToken.None
            );
            Assert.Equal(to, next);
        }
    }

    [Fact]
    public async Task Readers_on_other_threads_see_only_whole_rows_while_rows_are_appended()
    {
        using var scratch = new Scratch();
        using var history = FileHistory.Open(Kit.Options(scratch.Path));
        Kit.AppendSealed(history, 600);
        var until = Kit.IsLong ? 1_000_000UL : 60_000UL;
        var reads = 0;
        var readers = Enumerable
            .Range(0, 3)
            .Select(number =>
                Task.Run(() =>
                {
                    var random = new Random(number);
                    var rows = new HistoryRow[40];
                    while (history.SealedCount < until)
                    {
                        // Near the end of RAM, where slots are being reused, as well as anywhere.
                        var bound = history.SealedCount - 40;
                        var back = random.Next(2) == 0 ? 560 : (long)bound;
                        var first = bound - (ulong)random.NextInt64(Math.Min(back, (long)bound));
                        history.ReadRange(first, rows);
                        for (var i = 0; i < rows.Length; i++)
                        {
                            Kit.AssertRow(Kit.Row(first + (ulong)i), rows[i]);
                        }

                        Interlocked.Increment(ref reads);
                    }
                })
            )
            .ToArray();
        while (history.Count < until)
        {
            Kit.AppendSealed(history, history.Count + 100, batch: 1 + (int)(history.Count % 37));
        }

        await Task.WhenAll(readers);
        Assert.True(reads > 0);
    }

    [Fact]
    public void One_entry_may_fill_half_of_the_ring_and_no_more()
    {
        using var scratch = new Scratch();
        using var history = FileHistory.Open(Kit.Options(scratch.Path));
        Kit.AppendSealed(history, 333);
        Kit.Append(history, 256);
        Assert.Throws<InvariantException>(() => history.Reserve(1));
    }
}
