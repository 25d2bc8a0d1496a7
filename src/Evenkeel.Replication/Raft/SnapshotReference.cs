using System.Buffers.Binary;
using System.IO.Hashing;
using DotNext.IO;
using DotNext.Net.Cluster.Consensus.Raft.StateMachine;

namespace Evenkeel.Replication;

/// <summary>
/// What stands for a snapshot inside the engine: 96 bytes that name a manifest. The pieces travel
/// outside of it, since the engine has one timeout for a whole snapshot and keeps a truncated one.
/// </summary>
internal sealed class SnapshotReference(LineageId lineage, ArchivePoint point) : ISnapshot
{
    public const int Size = 96;

    /// <summary>"EKSNAPR1".</summary>
    private const ulong Magic = 0x315250414E534B45;

    public long Index => checked((long)point.Index);

    public long Term => checked((long)point.Term);

    public long? Length => Size;

    public bool IsReusable => true;

    public ArchivePoint Point => point;

    public bool TryGetMemory(out ReadOnlyMemory<byte> memory)
    {
        memory = Encode();
        return true;
    }

    public ValueTask WriteToAsync<TWriter>(TWriter writer, CancellationToken token)
        where TWriter : IAsyncBinaryWriter => writer.Invoke(Encode(), token);

    /// <summary>Null unless the bytes are exactly one whole reference.</summary>
    public static SnapshotReference? TryDecode(ReadOnlySpan<byte> bytes)
    {
        if (
            bytes.Length != Size
            || BinaryPrimitives.ReadUInt64LittleEndian(bytes) != Magic
            || BinaryPrimitives.ReadUInt64LittleEndian(bytes[(Size - 8)..])
                != XxHash3.HashToUInt64(bytes[..(Size - 8)])
        )
        {
            return null;
        }
        return new SnapshotReference(
            new(BinaryPrimitives.ReadUInt128LittleEndian(bytes[8..])),
            new(
                BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]),
                BinaryPrimitives.ReadUInt64LittleEndian(bytes[32..]),
                ChainHash.From(bytes[40..])
            )
        );
    }

    private byte[] Encode()
    {
        var bytes = new byte[Size];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, Magic);
        BinaryPrimitives.WriteUInt128LittleEndian(bytes.AsSpan(8), lineage.Value);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(24), point.Index);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(32), point.Term);
        point.Chain.CopyTo(bytes.AsSpan(40));
        BinaryPrimitives.WriteUInt64LittleEndian(
            bytes.AsSpan(Size - 8),
            XxHash3.HashToUInt64(bytes.AsSpan(0, Size - 8))
        );
        return bytes;
    }
}

/// <summary>
/// This member is too far behind: the leader's log no longer holds what it lacks. It must be
/// seeded with a snapshot and archive of another member.
/// </summary>
public sealed class ReseedRequiredException(string message) : Exception(message);
