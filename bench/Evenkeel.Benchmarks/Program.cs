using System.Diagnostics;
using System.Globalization;
using BenchmarkDotNet.Running;
using Evenkeel.Benchmarks;
using Evenkeel.Ledger;
using Evenkeel.Model;

// "quick [accounts] [batches] [hotPercent] [batch]" measures with a stopwatch and ends with one line of
// JSON, for scripts; anything else goes to BenchmarkDotNet.
if (args is not ["quick", ..])
{
    BenchmarkSwitcher.FromAssembly(typeof(ApplyBenchmarks).Assembly).Run(args);
    return;
}

int accounts = Argument(1, 1_000_000);
int batches = Argument(2, 1_200);
int hotPercent = Argument(3, 0);
int batch = Argument(4, Limits.BatchEventsMax);
const int WarmUpBatches = 100;
using var workload = new Workload(accounts, batch, hotPercent);
long accountBytes = workload.Ledger.MemoryBytes;
var nanoseconds = new double[batches];
for (int i = -WarmUpBatches; i < batches; i++)
{
    workload.Prepare();
    long start = Stopwatch.GetTimestamp();
    workload.Apply();
    double elapsed = Stopwatch.GetElapsedTime(start).TotalNanoseconds / batch;
    if (i >= 0)
    {
        nanoseconds[i] = elapsed;
    }
}

workload.Verify();
long ids = workload.Ledger.IdCount;
long idBytes = workload.Ledger.MemoryBytes - accountBytes;
Array.Sort(nanoseconds);
(int during, double worstMs, double seconds) = MeasureSnapshot();
Console.WriteLine(
    string.Create(
        CultureInfo.InvariantCulture,
        $"{{\"accounts\":{accounts},\"hotPercent\":{hotPercent},\"batch\":{batch},\"ids\":{ids},"
            + $"\"nsPerTransferP10\":{nanoseconds[batches / 10]:F1},"
            + $"\"nsPerTransferP50\":{nanoseconds[batches / 2]:F1},"
            + $"\"nsPerTransferMean\":{nanoseconds.Average():F1},"
            + $"\"nsPerTransferP99\":{nanoseconds[batches * 99 / 100]:F1},"
            + $"\"worstBatchMs\":{nanoseconds[^1] * batch / 1e6:F2},"
            + $"\"snapshotSeconds\":{seconds:F2},\"batchesDuringSnapshot\":{during},"
            + $"\"worstBatchDuringSnapshotMs\":{worstMs:F2},"
            + $"\"bytesPerAccount\":{accountBytes / (double)accounts:F1},"
            + $"\"bytesPerId\":{idBytes / (double)ids:F1}}}"
    )
);

// A snapshot is written by another thread while batches go on being applied.
(int Batches, double WorstMs, double Seconds) MeasureSnapshot()
{
    long captured = Stopwatch.GetTimestamp();
    using LedgerSnapshot snapshot = workload.Ledger.CaptureSnapshot();
    double worst = Stopwatch.GetElapsedTime(captured).TotalMilliseconds;
    var writing = new Thread(() => snapshot.WriteTo(Stream.Null));
    writing.Start();
    int count = 0;
    while (writing.IsAlive)
    {
        workload.Prepare();
        long start = Stopwatch.GetTimestamp();
        workload.Apply();
        worst = Math.Max(worst, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        count++;
    }

    writing.Join();
    return (count, worst, Stopwatch.GetElapsedTime(captured).TotalSeconds);
}

int Argument(int index, int fallback) =>
    index < args.Length ? int.Parse(args[index], CultureInfo.InvariantCulture) : fallback;
