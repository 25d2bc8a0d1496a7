using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Evenkeel.Model;

namespace Evenkeel.Contract;

/// <summary>
/// The secret by which both ends on one machine know each other: a file that only its owner can read.
/// Beyond loopback certificates take its place.
/// </summary>
public static class ContractSecret
{
    public const string FileName = "contract.secret";

    /// <summary>The metadata that carries it.</summary>
    internal const string Header = "evenkeel-contract";

    private const int SecretBytes = 32;

    /// <summary>Reads the file, and makes it when there is none.</summary>
    /// <exception cref="IOException">It can't be read, or whoever made it left it empty.</exception>
    public static string ReadOrMake(string path)
    {
        if (!File.Exists(path))
        {
            TryMake(path);
        }
        var secret = File.ReadAllText(path).Trim();
        return secret.Length > 0 ? secret : throw new IOException($"{path} is empty");
    }

    /// <summary>Compares without telling by time how much of it was right.</summary>
    internal static bool IsSame(string? presented, string secret) =>
        presented is not null
        && CryptographicOperations.FixedTimeEquals(
            SHA256.HashData(Encoding.UTF8.GetBytes(presented)),
            SHA256.HashData(Encoding.UTF8.GetBytes(secret))
        );

    private static void TryMake(string path)
    {
        var aside = $"{path}.{Guid.NewGuid():N}.tmp";
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }
        using (FileStream stream = new(aside, options))
        {
            stream.Write(
                Encoding.ASCII.GetBytes(
                    Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes))
                )
            );
            stream.Flush(flushToDisk: true);
        }
        // The other end may be first: then its secret is the one.
        _ = NewFile.TryName(aside, path);
    }
}
