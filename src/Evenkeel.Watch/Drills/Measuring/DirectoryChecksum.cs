using System.Security.Cryptography;
using System.Text;

namespace Evenkeel.Watch.Drills.Measuring;

/// <summary>Tells whether anything below a directory was touched.</summary>
internal static class DirectoryChecksum
{
    /// <summary>Over names and content of every file, lower-case hexadecimal.</summary>
    public static string Of(string directory)
    {
        using var all = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (
            string path in Directory
                .EnumerateFiles(directory, "*", SearchOption.AllDirectories)
                .Order(StringComparer.Ordinal)
        )
        {
            using FileStream file = File.OpenRead(path);
            all.AppendData(Encoding.UTF8.GetBytes(path));
            all.AppendData(SHA256.HashData(file));
        }
        return Convert.ToHexStringLower(all.GetHashAndReset());
    }
}
