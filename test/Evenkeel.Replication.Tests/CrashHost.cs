using System.Globalization;
using static Evenkeel.Replication.Tests.Testing;

namespace Evenkeel.Replication.Tests;

/// <summary>
/// The same executable as a child process: appends numbered entries to the directory it is told,
/// and prints each number once it is acknowledged, until it is killed.
/// </summary>
internal static class CrashHost
{
    public const string Variable = "EVENKEEL_CRASH_HOST_DIRECTORY";
    private const int InFlight = 8;

    public static RaftLogOptions HostOptions(string directory) =>
        new()
        {
            Directory = directory,
            Random = new Random(1),
            ChunkBytes = 1 << 20,
            SegmentBytesMax = 512 << 10,
            SnapshotEveryBytes = 1 << 20,
            DiskFloorBytes = 64 << 20,
        };

    public static async Task RunAsync(string directory)
    {
        var machine = new ListMachine();
        await using var log = new RaftLog(HostOptions(directory), machine);
        await log.StartAsync(CancellationToken.None);
        await log.WaitForLeadershipAsync(CancellationToken.None);
        // The entries that were on their way when the process was killed are applied by now, or
        // never will be.
        await log.ProposeAsync(ReadOnlyMemory<byte>.Empty, null, CancellationToken.None);
        var next = machine.Applied.Count;
        Say($"ready {next}");
        var pending = new Queue<(int Number, Task<ProposalOutcome> Outcome)>();
        while (!log.Faulted.IsCompleted)
        {
            var size = 4 + (next * 7919 % 5000);
            pending.Enqueue(
                (next, log.ProposeAsync(Payload(next, size), null, CancellationToken.None).AsTask())
            );
            next++;
            if (pending.Count == InFlight)
            {
                var (number, outcome) = pending.Dequeue();
                if (await outcome == ProposalOutcome.Committed)
                {
                    Say($"ack {number}");
                }
            }
        }
    }

    private static void Say(string line)
    {
        Console.Out.Write(line + '\n');
        Console.Out.Flush();
    }

    public static int ParseAck(string line) =>
        int.Parse(line.AsSpan("ack ".Length), CultureInfo.InvariantCulture);
}
