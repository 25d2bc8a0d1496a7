using DotNext.IO;
using DotNext.IO.Log;
using DotNext.Net.Cluster.Consensus.Raft;

namespace Evenkeel.Replication;

/// <summary>
/// The next cluster file, as an entry of the kind that the engine keeps for its configuration: state
/// machine and archive see an entry without payload.
/// </summary>
internal readonly struct MembershipEntry(ulong term, ReadOnlyMemory<byte> file) : IRaftLogEntry
{
    public long Term => (long)term;

    public bool IsConfiguration => true;

    public long? Length => file.Length;

    bool IDataTransferObject.IsReusable => true;

    public bool TryGetMemory(out ReadOnlyMemory<byte> memory)
    {
        memory = file;
        return true;
    }

    public ValueTask WriteToAsync<TWriter>(TWriter writer, CancellationToken token)
        where TWriter : IAsyncBinaryWriter => writer.WriteAsync(file, token: token);
}

/// <summary>Finds the newest membership that a part of the log names; 0 when it names none.</summary>
internal sealed class MembershipFinder : ILogEntryConsumer<IRaftLogEntry, int>
{
    public bool LogEntryMetadataOnly => false;

    public async ValueTask<int> ReadAsync<TEntry, TList>(
        TList entries,
        long? snapshotIndex,
        CancellationToken token
    )
        where TEntry : IRaftLogEntry
        where TList : IReadOnlyList<TEntry>
    {
        var newest = 0;
        for (var i = 0; i < entries.Count; i++)
        {
            if (entries[i] is { IsConfiguration: true } entry)
            {
                var bytes = new System.Buffers.ArrayBufferWriter<byte>();
                await DataTransferObject.WriteToAsync(entry, bytes, token);
                newest = Math.Max(newest, MembershipBook.VersionOf(bytes.WrittenSpan));
            }
        }
        return newest;
    }
}
