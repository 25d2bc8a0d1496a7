using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Evenkeel.Watch.Backups;

/// <summary>What became of an object's bytes on their way.</summary>
/// <param name="Sha256">Of the stored (encrypted) bytes, hexadecimal.</param>
/// <param name="PlainSha256">Of the content, hexadecimal.</param>
internal sealed record SealedBytes(
    long Length,
    string Sha256,
    long PlainLength,
    string PlainSha256
);

/// <summary>
/// AES-256-GCM in chunks, docs/formats/backup.md. Each object has a key of its own; each chunk is
/// bound to set, object, position and whether it is the last, so that nothing can be swapped,
/// reordered or cut off unseen.
/// </summary>
internal sealed class ObjectCipher(BackupKey key)
{
    public const int HeaderBytes = 64;
    private const int SaltOffset = 24;
    private const int SaltBytes = 32;
    private const int TagBytes = 16;
    private const int NonceBytes = 12;
    private const uint Version = 1;

    private static ReadOnlySpan<byte> Magic => "EKBKOBJ1"u8;

    private readonly byte[] root = key.Derive("objects");

    public async Task<SealedBytes> SealAsync(
        Stream plain,
        Stream destination,
        string set,
        string name,
        Throttle throttle,
        CancellationToken cancellationToken
    )
    {
        var header = new byte[HeaderBytes];
        Magic.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(8), Version);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(12), BackupLimits.ChunkBytes);
        Convert.FromHexString(key.Id).CopyTo(header, 16);
        RandomNumberGenerator.Fill(header.AsSpan(SaltOffset, SaltBytes));
        using var gcm = Open(header);
        using var stored = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var content = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        stored.AppendData(header);
        await destination.WriteAsync(header, cancellationToken);
        var (current, ahead) = (
            new byte[BackupLimits.ChunkBytes],
            new byte[BackupLimits.ChunkBytes]
        );
        var output = new byte[BackupLimits.ChunkBytes + TagBytes];
        var length = await TargetReads.FillAsync(plain, current, cancellationToken);
        long plainLength = 0;
        long storedLength = HeaderBytes;
        for (ulong position = 0; ; position++)
        {
            var next = await TargetReads.FillAsync(plain, ahead, cancellationToken);
            await throttle.TakeAsync(length, cancellationToken);
            content.AppendData(current, 0, length);
            var bytes = length + TagBytes;
            gcm.Encrypt(
                Nonce(position),
                current.AsSpan(0, length),
                output.AsSpan(0, length),
                output.AsSpan(length, TagBytes),
                Associated(header, set, name, position, isLast: next == 0)
            );
            stored.AppendData(output, 0, bytes);
            await destination.WriteAsync(output.AsMemory(0, bytes), cancellationToken);
            plainLength += length;
            storedLength += bytes;
            if (next == 0)
            {
                break;
            }
            (current, ahead) = (ahead, current);
            length = next;
        }
        return new(storedLength, Hex(stored), plainLength, Hex(content));
    }

    /// <summary>Decrypts an object and checks it against what its set says.</summary>
    /// <exception cref="BackupException">It differs in any byte.</exception>
    public async Task OpenAsync(
        Stream stored,
        Stream destination,
        SetObject expected,
        CancellationToken cancellationToken
    )
    {
        var header = new byte[HeaderBytes];
        if (
            await TargetReads.FillAsync(stored, header, cancellationToken) < HeaderBytes
            || !header.AsSpan(0, 8).SequenceEqual(Magic)
            || BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(8)) != Version
            || BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(12)) != BackupLimits.ChunkBytes
        )
        {
            throw Altered(expected, "its header is not that of a backup object");
        }
        using var gcm = Open(header);
        using var storedHash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var content = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        storedHash.AppendData(header);
        var size = BackupLimits.ChunkBytes + TagBytes;
        var (current, ahead) = (new byte[size], new byte[size]);
        var plain = new byte[BackupLimits.ChunkBytes];
        var length = await TargetReads.FillAsync(stored, current, cancellationToken);
        for (ulong position = 0; ; position++)
        {
            var next = await TargetReads.FillAsync(stored, ahead, cancellationToken);
            if (length < TagBytes)
            {
                throw Altered(expected, $"it is cut off in chunk {position}");
            }
            storedHash.AppendData(current, 0, length);
            var plainLength = length - TagBytes;
            try
            {
                gcm.Decrypt(
                    Nonce(position),
                    current.AsSpan(0, plainLength),
                    current.AsSpan(plainLength, TagBytes),
                    plain.AsSpan(0, plainLength),
                    Associated(
                        header,
                        expected.WrittenBy,
                        expected.Name,
                        position,
                        isLast: next == 0
                    )
                );
            }
            catch (AuthenticationTagMismatchException)
            {
                throw Altered(expected, $"chunk {position} is not what was stored");
            }
            content.AppendData(plain, 0, plainLength);
            await destination.WriteAsync(plain.AsMemory(0, plainLength), cancellationToken);
            if (next == 0)
            {
                break;
            }
            (current, ahead) = (ahead, current);
            length = next;
        }
        if (
            !string.Equals(Hex(storedHash), expected.Sha256, StringComparison.Ordinal)
            || !string.Equals(Hex(content), expected.PlainSha256, StringComparison.Ordinal)
        )
        {
            throw Altered(expected, "its SHA-256 differs from the set's manifest");
        }
    }

    private AesGcm Open(byte[] header) =>
        new(
            HKDF.DeriveKey(
                HashAlgorithmName.SHA256,
                root,
                32,
                salt: header[SaltOffset..(SaltOffset + SaltBytes)],
                info: "object"u8.ToArray()
            ),
            TagBytes
        );

    private static byte[] Nonce(ulong position)
    {
        var nonce = new byte[NonceBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(nonce, position);
        return nonce;
    }

    private static byte[] Associated(
        byte[] header,
        string set,
        string name,
        ulong position,
        bool isLast
    )
    {
        var text = Encoding.UTF8.GetBytes($"{set}\n{name}\n");
        var bytes = new byte[HeaderBytes + text.Length + 9];
        header.CopyTo(bytes, 0);
        text.CopyTo(bytes, HeaderBytes);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(HeaderBytes + text.Length), position);
        bytes[^1] = isLast ? (byte)1 : (byte)0;
        return bytes;
    }

    private static string Hex(IncrementalHash hash) =>
        Convert.ToHexStringLower(hash.GetCurrentHash());

    private static BackupException Altered(SetObject expected, string why) =>
        new(BackupProblem.Altered, $"{expected.Name} of set {expected.WrittenBy}: {why}");
}
