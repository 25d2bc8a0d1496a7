using System.Buffers.Binary;
using System.IO.Hashing;
using System.Security.Cryptography;
using Evenkeel.Model;
using Evenkeel.Replication;

namespace Evenkeel.Node.Checkpoints;

/// <summary>
/// What a node signs about its archive: at this entry the chain had this hash (docs/formats/checkpoints.md).
/// </summary>
/// <param name="Number">From 1 without gaps, over all files.</param>
/// <param name="KeyId">First 8 bytes of SHA-256 of the public key.</param>
/// <param name="LogTime">When it was signed, nanoseconds since the Unix epoch.</param>
/// <param name="SnapshotIndex">Entry of the newest finished snapshot; 0 when there is none.</param>
/// <param name="StateDigest">Digest of the ledger's state in that snapshot.</param>
public sealed record Checkpoint(
    ulong Number,
    ulong KeyId,
    UInt128 Lineage,
    ulong Index,
    ulong LogTime,
    ChainHash Chain,
    ulong SnapshotIndex,
    UInt128 StateDigest
)
{
    public const int Size = 256;
    public const int HashSize = 32;

    internal const int SignedBytes = 184;
    private const int SignatureBytes = 64;
    private const int ChecksumOffset = SignedBytes + SignatureBytes;
    private const uint Version = 1;

    private static ReadOnlySpan<byte> Magic => "EKCHKP01"u8;

    /// <summary>Fills the record: fields, signature, checksum.</summary>
    internal byte[] Sign(ReadOnlySpan<byte> previousHash, ECDsa key)
    {
        Check.That(previousHash.Length == HashSize);
        var record = new byte[Size];
        Magic.CopyTo(record);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(8), Version);
        Write(16, Number);
        Write(24, KeyId);
        BinaryPrimitives.WriteUInt128LittleEndian(record.AsSpan(32), Lineage);
        Write(48, Index);
        Write(56, LogTime);
        Chain.CopyTo(record.AsSpan(64));
        Write(96, SnapshotIndex);
        BinaryPrimitives.WriteUInt128LittleEndian(record.AsSpan(104), StateDigest);
        previousHash.CopyTo(record.AsSpan(120));
        byte[] signature = key.SignData(
            record.AsSpan(0, SignedBytes),
            HashAlgorithmName.SHA256,
            DSASignatureFormat.IeeeP1363FixedFieldConcatenation
        );
        Check.That(signature.Length == SignatureBytes);
        signature.CopyTo(record.AsSpan(SignedBytes));
        Write(ChecksumOffset, XxHash3.HashToUInt64(record.AsSpan(0, ChecksumOffset)));
        return record;

        void Write(int at, ulong value) =>
            BinaryPrimitives.WriteUInt64LittleEndian(record.AsSpan(at), value);
    }

    /// <summary>Null when the bytes are no whole record: a torn write, or damage.</summary>
    internal static Checkpoint? Read(ReadOnlySpan<byte> record)
    {
        if (
            record.Length != Size
            || !record.StartsWith(Magic)
            || BinaryPrimitives.ReadUInt32LittleEndian(record[8..]) != Version
            || XxHash3.HashToUInt64(record[..ChecksumOffset])
                != BinaryPrimitives.ReadUInt64LittleEndian(record[ChecksumOffset..])
        )
        {
            return null;
        }
        return new Checkpoint(
            BinaryPrimitives.ReadUInt64LittleEndian(record[16..]),
            BinaryPrimitives.ReadUInt64LittleEndian(record[24..]),
            BinaryPrimitives.ReadUInt128LittleEndian(record[32..]),
            BinaryPrimitives.ReadUInt64LittleEndian(record[48..]),
            BinaryPrimitives.ReadUInt64LittleEndian(record[56..]),
            ChainHash.From(record.Slice(64, ChainHash.Size)),
            BinaryPrimitives.ReadUInt64LittleEndian(record[96..]),
            BinaryPrimitives.ReadUInt128LittleEndian(record[104..])
        );
    }
}

/// <summary>A checkpoint with what a stranger needs to check it.</summary>
/// <param name="Record">The 256 bytes as they are on disk.</param>
/// <param name="PublicKeyPem">SubjectPublicKeyInfo, ECDSA P-256.</param>
public sealed record SignedCheckpoint(
    Checkpoint Checkpoint,
    ReadOnlyMemory<byte> Record,
    string PublicKeyPem
);
