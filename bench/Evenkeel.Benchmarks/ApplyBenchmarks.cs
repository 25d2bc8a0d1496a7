using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Engines;
using Evenkeel.Model;

namespace Evenkeel.Benchmarks;

/// <summary>Applying plain transfers with random ids, in memory.</summary>
[SimpleJob(RunStrategy.Monitoring, launchCount: 1, warmupCount: 50, iterationCount: 200)]
[MedianColumn]
public class ApplyBenchmarks : IDisposable
{
    private Workload? _workload;

    [Params(10_000, 1_000_000)]
    public int Accounts { get; set; }

    /// <summary>Percent of the transfers that debit one and the same account.</summary>
    [Params(0, 50)]
    public int Hot { get; set; }

    [GlobalSetup]
    public void Setup() => _workload = new Workload(Accounts, Limits.BatchEventsMax, Hot);

    [IterationSetup]
    public void Prepare() => _workload!.Prepare();

    [Benchmark(OperationsPerInvoke = Limits.BatchEventsMax)]
    public void Apply() => _workload!.Apply();

    [GlobalCleanup]
    public void Cleanup()
    {
        _workload!.Verify();
        Dispose();
    }

    public void Dispose()
    {
        _workload?.Dispose();
        GC.SuppressFinalize(this);
    }
}
