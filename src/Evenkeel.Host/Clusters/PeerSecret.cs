using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Evenkeel.Host.Clusters;

/// <summary>
/// The secret by which members on loopback know each other, in the cluster file's directory and
/// readable by its owner alone. Beyond loopback a member's certificate takes its place.
/// </summary>
internal static class PeerSecret
{
    public const string FileName = "peer.secret";

    /// <summary>The request header that carries it.</summary>
    public const string Header = "Evenkeel-Peer";

    private const int SecretBytes = 32;
    private const int ReadPatienceMs = 5_000;

    public static string ReadOrMake(string directory)
    {
        var path = Path.Combine(directory, FileName);
        if (!File.Exists(path))
        {
            TryMake(path);
        }
        // Whoever made it may still be writing it.
        for (var waitedMs = 0; ; waitedMs += 20)
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
            Thread.Sleep(20);
        }
    }

    /// <summary>Compares without telling by time how much of it was right.</summary>
    public static bool IsSame(string? presented, string secret) =>
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
            // Another member was first.
        }
    }
}
