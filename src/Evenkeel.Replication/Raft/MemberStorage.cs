using System.Buffers.Binary;
using System.Net;
using DotNext.Buffers;
using DotNext.IO;
using DotNext.Net.Cluster.Consensus.Raft.Membership;

namespace Evenkeel.Replication;

/// <summary>
/// The members, in a file: with the engine's in-memory default a restart forgets every change of
/// membership.
/// </summary>
internal sealed class MemberStorage(string path)
    : PersistentClusterConfigurationStorage<EndPoint>(path)
{
    private const int AddressBytes = 16;
    private const int EncodedBytes = AddressBytes + sizeof(int);

    /// <summary>Writes the first list of members, whole or not at all.</summary>
    public static void Initialize(
        string path,
        IReadOnlyCollection<IPEndPoint> members,
        IFileLayer files
    )
    {
        if (File.Exists(path))
        {
            return;
        }
        var bytes = new byte[sizeof(long) + sizeof(int) + (members.Count * EncodedBytes)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(sizeof(long)), members.Count);
        var at = sizeof(long) + sizeof(int);
        foreach (var member in members)
        {
            Encode(member).CopyTo(bytes.AsSpan(at));
            at += EncodedBytes;
        }
        var temporary = path + ".tmp";
        using (var stream = new BlockStream(files.OpenForWriting(temporary, create: true)))
        {
            stream.Write(bytes);
            stream.Complete();
        }
        File.Move(temporary, path, overwrite: true);
        files.FlushDirectory(Path.GetDirectoryName(path)!);
    }

    protected override void Encode(EndPoint address, ref BufferWriterSlim<byte> writer) =>
        writer.Write(Encode((IPEndPoint)address));

    protected override EndPoint Decode(ref SequenceReader reader)
    {
        Span<byte> bytes = stackalloc byte[EncodedBytes];
        reader.Read(bytes);
        var address = new IPAddress(bytes[..AddressBytes]);
        return new IPEndPoint(
            address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address,
            BinaryPrimitives.ReadInt32LittleEndian(bytes[AddressBytes..])
        );
    }

    private static byte[] Encode(IPEndPoint member)
    {
        var bytes = new byte[EncodedBytes];
        member.Address.MapToIPv6().TryWriteBytes(bytes, out _);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(AddressBytes), member.Port);
        return bytes;
    }
}
