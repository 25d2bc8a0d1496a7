using System.Diagnostics;
using Xunit;
using static Evenkeel.Replication.Tests.Testing;

namespace Evenkeel.Replication.Tests;

public sealed class CrashTests(ITestOutputHelper output)
{
    private const int Seed = 20261123;

    [Fact]
    public async Task Killed_at_random_moments_nothing_acknowledged_is_lost_or_doubled()
    {
        using var directory = new TestDirectory();
        var random = new Random(Seed);
        var rounds = Long ? 200 : 5;
        var acknowledged = -1;
        var acks = 0;
        for (var round = 0; round < rounds; round++)
        {
            var acked = await RunAndKillAsync(directory, killAfterMs: random.Next(5, 400));
            acks += acked.Count;
            // In the order of the proposals, each once, never one that was acknowledged before.
            Assert.Equal(acked.Order().Distinct(), acked);
            Assert.All(acked, number => Assert.True(number > acknowledged, $"seed {Seed}"));
            acknowledged = acked.Count > 0 ? acked[^1] : acknowledged;
            if (!Long || round % 20 == 0 || round == rounds - 1)
            {
                await CheckAsync(directory, acknowledged);
            }
        }
        output.WriteLine($"{rounds} kills, seed {Seed}: {acks} acknowledged, 0 lost, 0 doubled");
        Assert.True(acks > 0);
    }

    private static async Task CheckAsync(TestDirectory directory, int acknowledged)
    {
        using var copy = directory.Copy();
        var machine = new ListMachine();
        await using var log = await StartAsync(CrashHost.HostOptions(copy.Path), machine);
        var numbers = machine.Applied.ConvertAll(payload => Number(payload));
        Assert.Equal(Enumerable.Range(0, numbers.Count), numbers);
        Assert.True(numbers.Count > acknowledged, $"{acknowledged} was acknowledged, seed {Seed}");
        Assert.All(
            machine.Applied,
            payload => Assert.Equal(Payload(Number(payload), payload.Length), payload)
        );
        using var archive = new ArchiveReader(log.ArchiveDirectory, 1);
        var archived = new List<int>();
        while (archive.Read())
        {
            if (archive.Payload.Length > 0)
            {
                archived.Add(Number(archive.Payload.Span));
            }
        }
        Assert.Equal(numbers.Take(archived.Count), archived);
        Assert.True(archived.Count >= numbers.Count - 16);
    }

    private static async Task<List<int>> RunAndKillAsync(TestDirectory directory, int killAfterMs)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.Environment[CrashHost.Variable] = directory.Path;
        using var child = Process.Start(start)!;
        var errors = child.StandardError.ReadToEndAsync(Patience);
        var acked = new List<int>();
        try
        {
            var first = await child.StandardOutput.ReadLineAsync(Patience);
            Assert.True(
                first?.StartsWith("ready ", StringComparison.Ordinal) is true,
                first ?? await errors
            );
            var clock = Stopwatch.StartNew();
            while (await child.StandardOutput.ReadLineAsync(Patience) is { } line)
            {
                acked.Add(CrashHost.ParseAck(line));
                if (clock.ElapsedMilliseconds >= killAfterMs)
                {
                    child.Kill();
                    clock.Reset();
                }
            }
        }
        finally
        {
            child.Kill();
            await child.WaitForExitAsync(Patience);
        }
        return acked;
    }
}
