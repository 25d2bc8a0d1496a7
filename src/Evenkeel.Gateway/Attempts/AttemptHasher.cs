using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Evenkeel.Gateway.Attempts;

/// <summary>
/// Keyed hashes of what must not be written down: whoever has the segments but not the key can't try
/// account numbers one by one.
/// </summary>
internal sealed class AttemptHasher
{
    public const string KeyFileName = "attempts.key";

    private const int KeyBytes = 32;
    private const int HashBytes = 16;

    private static readonly byte[] AccountDomain = "evenkeel-attempt-account-v1\0"u8.ToArray();
    private static readonly byte[] RequestDomain = "evenkeel-attempt-request-v1\0"u8.ToArray();
    private static readonly byte[] AskerDomain = "evenkeel-attempt-asker-v1\0"u8.ToArray();
    private static readonly byte[] CheckDomain = "evenkeel-attempt-key-v1\0"u8.ToArray();

    private readonly byte[] _key;

    private AttemptHasher(byte[] key)
    {
        _key = key;
        KeyCheck = Hash(CheckDomain, []);
    }

    /// <summary>Tells which key hashed, without telling the key.</summary>
    public UInt128 KeyCheck { get; }

    /// <summary>The key of a directory, made at its first use and readable by its owner alone.</summary>
    /// <exception cref="InvalidDataException">The file is not a key.</exception>
    public static AttemptHasher OpenOrCreate(string directory)
    {
        string path = Path.Combine(directory, KeyFileName);
        if (!File.Exists(path))
        {
            string aside = path + ".tmp";
            var options = new FileStreamOptions
            {
                Mode = FileMode.Create,
                Access = FileAccess.Write,
            };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }
            using (var stream = new FileStream(aside, options))
            {
                stream.Write(
                    Encoding.ASCII.GetBytes(
                        Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(KeyBytes)) + "\n"
                    )
                );
                stream.Flush(flushToDisk: true);
            }
            File.Move(aside, path);
        }
        byte[] key;
        try
        {
            key = Convert.FromHexString(File.ReadAllText(path).Trim());
        }
        catch (FormatException)
        {
            key = [];
        }
        return key.Length == KeyBytes
            ? new AttemptHasher(key)
            : throw new InvalidDataException(
                $"{path} is not a key of {KeyBytes} bytes in hexadecimal; move it away to begin with a new one."
            );
    }

    public UInt128 Account(UInt128 id)
    {
        Span<byte> bytes = stackalloc byte[HashBytes];
        BinaryPrimitives.WriteUInt128LittleEndian(bytes, id);
        return Hash(AccountDomain, bytes);
    }

    /// <summary>Of the text of an <c>Idempotency-Key</c>, quotes removed.</summary>
    public UInt128 Request(string idempotencyKey) =>
        Hash(RequestDomain, Encoding.UTF8.GetBytes(idempotencyKey));

    /// <summary>Of who gave an instruction: the kind as well, since names of kinds may be alike.</summary>
    public UInt128 Asker(AskerKind kind, string name) =>
        Hash(AskerDomain, [(byte)kind, .. Encoding.UTF8.GetBytes(name)]);

    private UInt128 Hash(ReadOnlySpan<byte> domain, ReadOnlySpan<byte> value)
    {
        Span<byte> input = stackalloc byte[domain.Length + Math.Min(value.Length, 1_024)];
        domain.CopyTo(input);
        value[..(input.Length - domain.Length)].CopyTo(input[domain.Length..]);
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, input, hash);
        return BinaryPrimitives.ReadUInt128BigEndian(hash);
    }
}
