using System.Runtime.InteropServices;
using Evenkeel.Client;
using Evenkeel.Model;
using Evenkeel.Replication;

namespace Evenkeel.Watch.Backups;

/// <summary>
/// Known recent transfers: ids read from the last entries of a restored archive's raw bytes, which
/// the bank that serves it must know.
/// </summary>
internal static class SentinelTransfers
{
    /// <summary>Ids looked up at once, of the newest batches.</summary>
    private const int IdsMax = 100;

    /// <summary>The last ids that were asked for, newest last.</summary>
    public static IReadOnlyList<UInt128> Read(string archive, Lineage history)
    {
        var ids = new Queue<UInt128>();
        foreach (var segment in ArchiveSegments.List(archive).Reverse().Take(2).Reverse())
        {
            using var reader = new ArchiveReader(
                archive,
                segment.FirstIndex,
                segment.LastIndex,
                history
            );
            while (reader.Read())
            {
                Collect(reader.Payload.Span, ids);
            }
        }
        return [.. ids];
    }

    /// <summary>The newest of the ids that the bank knows; null when it knows none.</summary>
    public static async Task<Transfer?> FindAsync(
        EvenkeelClient bank,
        IReadOnlyList<UInt128> ids,
        CancellationToken cancellationToken
    )
    {
        var found = (await bank.LookupTransfersAsync(ids.ToArray(), cancellationToken)).Require();
        return found.Length == 0 ? null : found[^1];
    }

    private static void Collect(ReadOnlySpan<byte> payload, Queue<UInt128> ids)
    {
        if (payload.Length < EntryHeader.Size)
        {
            return;
        }
        var rest = payload[EntryHeader.Size..];
        while (rest.Length >= CommandHeader.Size)
        {
            var command = MemoryMarshal.Read<CommandHeader>(rest);
            var padded = ((int)command.Length + 15) & ~15;
            var body = rest.Slice(CommandHeader.Size, (int)command.Length);
            if (command.Operation == OperationCode.CreateTransfers)
            {
                foreach (ref readonly var transfer in MemoryMarshal.Cast<byte, Transfer>(body))
                {
                    ids.Enqueue(transfer.Id);
                    if (ids.Count > IdsMax)
                    {
                        ids.Dequeue();
                    }
                }
            }
            rest = rest[(CommandHeader.Size + padded)..];
        }
    }
}
