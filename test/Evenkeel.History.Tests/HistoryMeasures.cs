using System.Diagnostics;
using Evenkeel.Ledger;
using Evenkeel.Model;
using Evenkeel.Node.History;

namespace Evenkeel.History.Tests;

/// <summary>
/// Figures for docs/evidence/history.md: runs with EVENKEEL_LONG=1 only and needs 4 GB of disk.
/// </summary>
public sealed class HistoryMeasures(ITestOutputHelper output)
{
    private const ulong Rows = 10 << 20;
    private const int Batch = 8_190;

    [Fact]
    public void Append_scan_and_cold_reads_at_ten_million_rows()
    {
        Assert.SkipUnless(Kit.IsLong, "a measure: set EVENKEEL_LONG=1");
        using var scratch = new Scratch();
        var options = new HistoryOptions { Directory = scratch.Path, Lineage = Kit.Lineage };
        Append(options);
        Scan(options);
        ReadCold(options);
        FindByReference(options);
    }

    private void Append(HistoryOptions options)
    {
        using var history = FileHistory.Open(options);
        history.Reserve(1);
        var template = Kit.Row(1);
        var process = Process.GetCurrentProcess();
        var before = process.TotalProcessorTime;
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var start = Stopwatch.GetTimestamp();
        var batches = new List<double>((int)(Rows / Batch) + 1);
        while (history.Count < Rows)
        {
            var batchStart = Stopwatch.GetTimestamp();
            var count = (int)Math.Min(Batch, Rows - history.Count);
            var rows = history.Reserve(count);
            var first = history.Count;
            for (var i = 0; i < rows.Length; i++)
            {
                rows[i] = template;
                rows[i].Timestamp = first + (ulong)i;
                rows[i].UserData128 = Kit.Mix(first + (ulong)i);
            }

            history.Advance(count);
            history.Seal(1);
            batches.Add(Stopwatch.GetElapsedTime(batchStart).TotalMicroseconds);
        }

        var applied = Stopwatch.GetElapsedTime(start);
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        var waited = history.Status.ApplyWaited;
        history.FlushTo(Rows, CancellationToken.None);
        var durable = Stopwatch.GetElapsedTime(start);
        process.Refresh();
        var written = process.TotalProcessorTime - before;
        history.Sealer!.WaitUntilIdle(CancellationToken.None);
        var all = Stopwatch.GetElapsedTime(start);
        process.Refresh();
        var cpu = process.TotalProcessorTime - before;
        batches.Sort();
        output.WriteLine(
            $"append: {Rows / durable.TotalSeconds / 1e6:F2} M rows/s durable, "
                + $"{(applied - waited).TotalNanoseconds / Rows:F1} ns/row on the applying thread "
                + $"(waited {waited.TotalMilliseconds:F0} ms of {applied.TotalMilliseconds:F0}, "
                + $"batch p50 {batches[batches.Count / 2]:F0} us, max {batches[^1]:F0} us, "
                + $"allocated {allocated} bytes); CPU of all threads {written.TotalNanoseconds / Rows:F1} ns/row "
                + $"when durable, {cpu.TotalNanoseconds / Rows:F1} when sealed, after {all.TotalSeconds:F1} s"
        );
        Assert.Equal(Rows, history.Count);
    }

    private void Scan(HistoryOptions options)
    {
        foreach (var threads in (int[])[1, 2, 3])
        {
            using var history = FileHistory.Open(options with { ScanThreads = threads });
            var sum = 0UL;
            var start = Stopwatch.GetTimestamp();
            history.Scan(
                0,
                Rows,
                (_, rows) =>
                {
                    foreach (ref readonly var row in rows)
                    {
                        sum += row.Timestamp;
                    }
                },
                CancellationToken.None
            );
            var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            output.WriteLine(
                $"scan: {threads} threads, {Rows * HistoryRow.Size / seconds / 1e9:F2} GB/s, "
                    + $"{Rows / seconds / 1e6:F1} M rows/s"
            );
            Assert.Equal(Rows * (Rows - 1) / 2, sum);
        }
    }

    private void ReadCold(HistoryOptions options)
    {
        using var history = FileHistory.Open(options);
        var random = new Random(1);
        var chains = new List<double>();
        for (var chain = 0; chain < 400; chain++)
        {
            var start = Stopwatch.GetTimestamp();
            for (var i = 0; i < 50; i++)
            {
                history.Read((ulong)random.NextInt64((long)Rows), out var row);
                Assert.NotEqual(HistoryRowKind.None, row.Kind);
            }

            chains.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        chains.Sort();
        output.WriteLine(
            $"50 rows at random places, cold: p50 {chains[200]:F2} ms, p99 {chains[395]:F2} ms, "
                + $"max {chains[^1]:F2} ms"
        );
        Assert.True(chains[395] < 1_000);
    }

    private void FindByReference(HistoryOptions options)
    {
        using var history = FileHistory.Open(options);
        var index = new FileTransferIndex(history);
        var random = new Random(2);
        var positions = new ulong[10];
        var lookups = new List<double>();
        for (var lookup = 0; lookup < 500; lookup++)
        {
            var wanted = (ulong)random.NextInt64((long)Rows);
            var filter = new QueryFilter { UserData128 = Kit.Mix(wanted) };
            var start = Stopwatch.GetTimestamp();
            using var cursor = index.Open(filter, 0, Rows);
            var found = 0UL;
            for (var count = cursor.Next(positions); count > 0; count = cursor.Next(positions))
            {
                found = positions[0];
            }

            lookups.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            Assert.Equal(wanted, found);
        }

        output.WriteLine(
            $"by user_data_128 among {Rows} rows in {Rows >> 20} segments: first (loads fences) "
                + $"{lookups[0]:F2} ms, then p50 {lookups.Skip(1).Order().ElementAt(250):F2} ms, "
                + $"p99 {lookups.Skip(1).Order().ElementAt(494):F2} ms"
        );
    }
}
