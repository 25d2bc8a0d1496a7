using System.Diagnostics;
using Xunit;
using static Evenkeel.Replication.Tests.Testing;

namespace Evenkeel.Replication.Tests;

/// <summary>
/// Rates of the whole path: flushed in the consensus log, archived, applied. For the record in
/// docs/evidence/replication.md; only with EVENKEEL_LONG=1.
/// </summary>
public sealed class RateTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(1 << 10, 1)]
    [InlineData(1 << 10, 16)]
    [InlineData(1 << 10, 256)]
    [InlineData(1 << 20, 1)]
    [InlineData(1 << 20, 2)]
    [InlineData(1 << 20, 4)]
    public async Task Rate_of_durable_entries(int size, int inFlight)
    {
        Assert.SkipUnless(Long, "EVENKEEL_LONG=1 measures");
        using var directory = new TestDirectory();
        var options = new RaftLogOptions { Directory = directory.Path, Random = new Random(1) };
        await using var log = await StartAsync(options, new ListMachine { Keep = false });
        var payload = Payload(1, size);
        var latencies = new List<double>();
        var clock = Stopwatch.StartNew();
        var cpu = Process.GetCurrentProcess().TotalProcessorTime;
        await Task.WhenAll(
            Enumerable
                .Range(0, inFlight)
                .Select(_ =>
                    Task.Run(async () =>
                    {
                        var mine = new List<double>();
                        while (clock.Elapsed < TimeSpan.FromSeconds(5))
                        {
                            var began = Stopwatch.GetTimestamp();
                            Assert.Equal(
                                ProposalOutcome.Committed,
                                await log.ProposeAsync(payload, null, Patience)
                            );
                            mine.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
                        }
                        lock (latencies)
                        {
                            latencies.AddRange(mine);
                        }
                    })
                )
        );
        var seconds = clock.Elapsed.TotalSeconds;
        var used = Process.GetCurrentProcess().TotalProcessorTime - cpu;
        latencies.Sort();
        output.WriteLine(
            $"{size >> 10} KiB, {inFlight} in flight: {latencies.Count / seconds:F0} entries/s, "
                + $"{latencies.Count * (double)size / seconds / 1e6:F0} MB/s, "
                + $"p50 {latencies[latencies.Count / 2]:F2} ms, "
                + $"p99 {latencies[(int)(latencies.Count * 0.99)]:F2} ms, "
                + $"CPU {used.TotalSeconds / seconds:F2} cores"
        );
    }
}
