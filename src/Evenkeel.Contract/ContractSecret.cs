using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

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
    private const int ReadPatienceMs = 5_000;
    private const int LookMs = 20;

    /// <summary>Reads the file, and makes it when there is none.</summary>
    /// <exception cref="IOException">It can't be read, or whoever made it left it empty.</exception>
    public static string ReadOrMake(string path)
    {
        if (!File.Exists(path))
        {
            TryMake(path);
        }
        // Whoever made it may still be writing it.
        for (var waitedMs = 0; ; waitedMs += LookMs)
        {
            var text = File.ReadAllText(path).Trim();
            if (text.Length > 0)
            {
                return text;
            }
            if (waitedMs >= ReadPatienceMs)
            {
                throw new IOException($"{path} is empty");
            }
            Thread.Sleep(LookMs);
        }
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
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }
        try
        {
            using FileStream stream = new(path, options);
            stream.Write(
                Encoding.ASCII.GetBytes(
                    Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes))
                )
            );
            stream.Flush(flushToDisk: true);
        }
        catch (IOException) when (File.Exists(path))
        {
            // The other end was first.
        }
    }
}
