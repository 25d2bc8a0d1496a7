using System.Buffers;
using System.Collections.Frozen;
using System.Net;
using DotNext.IO;
using DotNext.Net.Cluster.Consensus.Raft.Membership;
using Evenkeel.Model.Clusters;

namespace Evenkeel.Replication;

/// <summary>
/// Tells the engine who its members are, by the book. The engine hands over what configuration
/// entries hold when they are committed; what becomes of them is the book's decision.
/// </summary>
internal sealed class MemberList(MembershipBook book, IFileLayer files)
    : IClusterConfigurationStorage<EndPoint>
{
    public event Func<
        IClusterConfiguration<EndPoint>,
        CancellationToken,
        ValueTask
    >? ConfigurationChanged;

    private Addresses Now => new(book.Current.Members.Select(static m => (EndPoint)m.RaftEndpoint));

    /// <summary>Lets the engine go by what counts now.</summary>
    public async ValueTask RefreshAsync(CancellationToken token)
    {
        if (ConfigurationChanged is { } changed)
        {
            await changed(Now, token);
        }
    }

    ValueTask<
        IClusterConfiguration<EndPoint>
    > IClusterConfigurationStorage<EndPoint>.LoadConfigurationAsync(CancellationToken token) =>
        new(Now);

    /// <summary>Sent along with snapshots, which members of ours never take (they are seeded).</summary>
    ValueTask<(
        IDataTransferObject Configuration,
        long Version
    )> IClusterConfigurationStorage.LoadConfigurationAsync(CancellationToken token) =>
        new((new Addresses([]), 0L));

    async ValueTask<bool> IClusterConfigurationStorage.SaveConfigurationAsync<TConfiguration>(
        TConfiguration configuration,
        long configurationVersion,
        CancellationToken token
    )
    {
        var entry = new ArrayBufferWriter<byte>();
        await DataTransferObject.WriteToAsync(configuration, entry, token);
        if (entry.WrittenCount == 0 || !book.TryApply(entry.WrittenMemory, files))
        {
            return false;
        }
        await RefreshAsync(token);
        return true;
    }

    public void Dispose() { }

    /// <summary>A list that the engine reads and never changes.</summary>
    private sealed class Addresses(IEnumerable<EndPoint> members) : IClusterConfiguration<EndPoint>
    {
        public IReadOnlySet<EndPoint> Members { get; } = members.ToFrozenSet();

        bool IDataTransferObject.IsReusable => true;

        long? IDataTransferObject.Length => 0;

        public IClusterConfiguration<EndPoint> Add(EndPoint address) =>
            throw new NotSupportedException("Members change by entries of ours.");

        public IClusterConfiguration<EndPoint> Remove(EndPoint address) => Add(address);

        ValueTask IDataTransferObject.WriteToAsync<TWriter>(
            TWriter writer,
            CancellationToken token
        ) => ValueTask.CompletedTask;

        bool IDataTransferObject.TryGetMemory(out ReadOnlyMemory<byte> memory)
        {
            memory = default;
            return true;
        }
    }
}
