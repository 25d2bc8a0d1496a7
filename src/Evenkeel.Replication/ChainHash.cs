using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Evenkeel.Replication;

/// <summary>
/// SHA-256 over everything committed so far: each entry's link covers the one before it, so that
/// no entry can be altered, dropped or moved without changing every later link.
/// </summary>
[InlineArray(Size)]
public struct ChainHash : IEquatable<ChainHash>
{
    public const int Size = 32;

    /// <summary>Bytes hashed ahead of the payload's digest: previous link, index, term, length.</summary>
    private const int PreimageSize = Size + 8 + 8 + 8 + Size;

    private byte first;

    /// <summary>
    /// The link after one more entry: SHA-256 of the previous link, then index, term and payload
    /// length as 64-bit little-endian numbers, then the payload's SHA-256.
    /// </summary>
    public readonly ChainHash Next(ulong index, ulong term, ReadOnlySpan<byte> payload)
    {
        Span<byte> preimage = stackalloc byte[PreimageSize];
        ((ReadOnlySpan<byte>)this).CopyTo(preimage);
        BinaryPrimitives.WriteUInt64LittleEndian(preimage[Size..], index);
        BinaryPrimitives.WriteUInt64LittleEndian(preimage[(Size + 8)..], term);
        BinaryPrimitives.WriteUInt64LittleEndian(preimage[(Size + 16)..], (ulong)payload.Length);
        SHA256.HashData(payload, preimage[(Size + 24)..]);
        ChainHash next = default;
        SHA256.HashData(preimage, next);
        return next;
    }

    public static ChainHash From(ReadOnlySpan<byte> bytes)
    {
        ChainHash hash = default;
        bytes[..Size].CopyTo(hash);
        return hash;
    }

    public readonly void CopyTo(Span<byte> destination) =>
        ((ReadOnlySpan<byte>)this).CopyTo(destination);

    public readonly bool Equals(ChainHash other) => ((ReadOnlySpan<byte>)this).SequenceEqual(other);

    public override readonly bool Equals(object? obj) => obj is ChainHash other && Equals(other);

    public override readonly int GetHashCode() =>
        BinaryPrimitives.ReadInt32LittleEndian((ReadOnlySpan<byte>)this);

    public static bool operator ==(ChainHash left, ChainHash right) => left.Equals(right);

    public static bool operator !=(ChainHash left, ChainHash right) => !left.Equals(right);

    /// <summary>64 lower-case hexadecimal digits.</summary>
    public override readonly string ToString() => Convert.ToHexStringLower(this);
}
