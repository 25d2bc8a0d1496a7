using System.Security.Cryptography;

namespace Evenkeel.Import;

/// <summary>
/// Names the content of a source, so that an import that was begun with one version of the files is
/// not taken for finished with another.
/// </summary>
internal static class SourceDigest
{
    /// <summary>SHA-256 over the files in the order given, in hexadecimal.</summary>
    public static string Compute(string folder, IEnumerable<string> names)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var name in names)
        {
            var path = Path.Combine(folder, name);
            if (!File.Exists(path))
            {
                throw new ImportFailedException(ImportFailureKind.FileMissing, name, 0, path);
            }
            using var file = File.OpenRead(path);
            hash.AppendData(SHA256.HashData(file));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
