using System.Security.Cryptography;
using System.Text;

namespace Evenkeel.Host.Upgrades;

/// <summary>Names a program by what it would do: the SHA-256 over its own assemblies.</summary>
internal static class ProgramHash
{
    /// <summary>Of the running program.</summary>
    public static string OfThis() => Of(AppContext.BaseDirectory);

    /// <summary>
    /// SHA-256 over "hash  name" of every file of the project in a folder, in order of names; lower-case
    /// hexadecimal. Files that don't decide anything (symbols, documentation) are left out.
    /// </summary>
    public static string Of(string folder)
    {
        StringBuilder lines = new();
        foreach (
            var file in Directory
                .EnumerateFiles(folder, "*.dll")
                .Where(f => IsOurs(Path.GetFileName(f)))
                .Order(StringComparer.Ordinal)
        )
        {
            var hash = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)));
            lines.Append(hash).Append("  ").Append(Path.GetFileName(file)).Append('\n');
        }
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(lines.ToString())));
    }

    private static bool IsOurs(string name) =>
        name.StartsWith("Evenkeel.", StringComparison.Ordinal)
        || string.Equals(name, "evenkeel.dll", StringComparison.Ordinal);
}
