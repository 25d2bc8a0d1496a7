using System.Buffers.Binary;

namespace Evenkeel.Replication.Tests;

internal static class Testing
{
    public static CancellationToken Patience =>
        new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token;

    public static bool Long => Environment.GetEnvironmentVariable("EVENKEEL_LONG") is "1";

    /// <summary>Small files and rare snapshots, so that a test decides when things happen.</summary>
    public static RaftLogOptions Options(TestDirectory directory) =>
        new()
        {
            Directory = directory.Path,
            Random = new Random(20260301),
            ChunkBytes = 1 << 20,
            SegmentBytesMax = 1 << 20,
            DiskFloorBytes = 64 << 20,
        };

    /// <summary>A payload that says its number and fills the rest from it.</summary>
    public static byte[] Payload(int number, int size = 1000)
    {
        var payload = new byte[size];
        new Random(number).NextBytes(payload);
        BinaryPrimitives.WriteInt32LittleEndian(payload, number);
        return payload;
    }

    public static int Number(ReadOnlySpan<byte> payload) =>
        BinaryPrimitives.ReadInt32LittleEndian(payload);

    public static async Task<RaftLog> StartAsync(RaftLogOptions options, ListMachine machine)
    {
        var log = new RaftLog(options, machine);
        try
        {
            await log.StartAsync(Patience);
            await log.WaitForLeadershipAsync(Patience);
            return log;
        }
        catch
        {
            await log.DisposeAsync();
            throw;
        }
    }

    public static async Task ProposeAsync(RaftLog log, int from, int count, int size = 1000)
    {
        var pending = new List<Task<ProposalOutcome>>();
        for (var number = from; number < from + count; number++)
        {
            pending.Add(log.ProposeAsync(Payload(number, size), null, Patience).AsTask());
            if (pending.Count == 16)
            {
                Xunit.Assert.All(
                    await Task.WhenAll(pending),
                    static outcome => Xunit.Assert.Equal(ProposalOutcome.Committed, outcome)
                );
                pending.Clear();
            }
        }
        Xunit.Assert.All(
            await Task.WhenAll(pending),
            static outcome => Xunit.Assert.Equal(ProposalOutcome.Committed, outcome)
        );
    }
}
