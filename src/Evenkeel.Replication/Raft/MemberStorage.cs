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

    /// <summary>
    /// Writes the first list of members, whole or not at all. The list of a sole member can't have
    /// changed, so that a damaged one is written again.
    /// </summary>
    /// <returns>What was wrong with the file that was there; null when nothing was.</returns>
    public static RecoveryNote? Initialize(
        string path,
        IReadOnlyCollection<IPEndPoint> members,
        bool sole,
        IFileLayer files
    )
    {
        var bytes = EncodeFirst(members);
        RecoveryNote? note = null;
        if (File.Exists(path))
        {
            if (!sole || File.ReadAllBytes(path).AsSpan().SequenceEqual(bytes))
            {
                return null;
            }
            note = new(path, 0, 0, "damaged list of members written again");
        }
        Write(path, members, files);
        return note;
    }

    /// <summary>Writes the list whole or not at all.</summary>
    public static void Write(string path, IReadOnlyCollection<IPEndPoint> members, IFileLayer files)
    {
        var bytes = EncodeFirst(members);
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

    /// <summary>Version 0, the number of members, then each.</summary>
    private static byte[] EncodeFirst(IReadOnlyCollection<IPEndPoint> members)
    {
        var bytes = new byte[sizeof(long) + sizeof(int) + (members.Count * EncodedBytes)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(sizeof(long)), members.Count);
        var at = sizeof(long) + sizeof(int);
        foreach (var member in members)
        {
            Encode(member).CopyTo(bytes.AsSpan(at));
            at += EncodedBytes;
        }
        return bytes;
    }

    private static byte[] Encode(IPEndPoint member)
    {
        var bytes = new byte[EncodedBytes];
        member.Address.MapToIPv6().TryWriteBytes(bytes, out _);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(AddressBytes), member.Port);
        return bytes;
    }
}
