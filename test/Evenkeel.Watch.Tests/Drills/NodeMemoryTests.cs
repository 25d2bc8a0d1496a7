using Evenkeel.Watch.Drills.Measuring;
using Evenkeel.Watch.Drills.Soak;
using Xunit;

namespace Evenkeel.Watch.Tests.Drills;

/// <summary>A soak tells a leak from warming up, from restarts and from the bounded log.</summary>
public sealed class NodeMemoryTests
{
    private const double StepMs = 10_000;
    private const long MiB = 1 << 20;

    [Fact]
    public void A_leak_shows_though_each_process_is_killed_before_it_grows_large()
    {
        NodeMemory memory = Observe(processes: 10, leakPerSample: MiB, logPerSample: 0);

        Assert.Equal(360 * MiB, memory.BytesPerHour()!.Value, 1.0);
        Assert.Equal(MiB / 1_000.0, memory.BytesPerAcknowledged()!.Value, 0.001);
    }

    [Fact]
    public void Neither_warming_up_nor_the_log_is_a_leak()
    {
        NodeMemory memory = Observe(processes: 10, leakPerSample: 0, logPerSample: 8 * MiB);

        Assert.Equal(0, memory.BytesPerHour()!.Value, 1.0);
        Assert.Equal(0, memory.BytesPerAcknowledged()!.Value, 0.001);
    }

    [Fact]
    public void Memory_of_a_log_that_was_trimmed_stays_for_what_comes_next()
    {
        NodeMemory memory = new();
        for (int i = 0; i < 60; i++)
        {
            long longest = Math.Min(i, 20) * 32 * MiB;
            long log = i <= 20 ? longest : 32 * MiB;
            memory.Add(new MemorySample("n1", 1, i * StepMs, i * 1_000L, 400 * MiB + longest, log));
        }

        Assert.Equal(0, memory.BytesPerHour()!.Value, 1.0);
        Assert.Equal(0, memory.BytesPerAcknowledged()!.Value, 0.001);
    }

    [Fact]
    public void Nothing_is_said_of_processes_that_never_became_warm()
    {
        NodeMemory memory = new();
        for (int i = 0; i * StepMs < NodeMemory.WarmUpMs; i++)
        {
            memory.Add(new MemorySample("n1", 1, i * StepMs, i, 400 * MiB + i, 0));
        }

        Assert.Null(memory.BytesPerHour());
        Assert.Null(memory.BytesPerAcknowledged());
    }

    [Theory]
    [InlineData("23.56 18.48 11.87 3/412 7017\n", 23.56)]
    [InlineData("", null)]
    [InlineData("many 1 2", null)]
    public void The_machine_s_load_is_read_as_the_system_writes_it(string line, double? load) =>
        Assert.Equal(load, MachineLoad.Parse(line));

    /// <summary>Each process warms up by 100 MiB, then grows only by what is given.</summary>
    private static NodeMemory Observe(int processes, long leakPerSample, long logPerSample)
    {
        const int SamplesOfAProcess = 20;
        NodeMemory memory = new();
        for (int i = 0; i < processes * SamplesOfAProcess; i++)
        {
            int age = i % SamplesOfAProcess;
            long cold = age * StepMs < NodeMemory.WarmUpMs ? 100 * MiB / (age + 1) : 0;
            long log = age * logPerSample;
            memory.Add(
                new MemorySample(
                    "n1",
                    ProcessId: i / SamplesOfAProcess,
                    AtMs: i * StepMs,
                    Acknowledged: i * 1_000L,
                    ResidentBytes: 500 * MiB - cold + (age * leakPerSample) + log,
                    LogBytes: log
                )
            );
        }
        return memory;
    }
}
