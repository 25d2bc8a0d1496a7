using System.Globalization;
using System.Text.Json;

namespace Evenkeel.Verifier;

/// <summary>Reads lineage.json by docs/formats/snapshot.md alone.</summary>
internal static class LineageFile
{
    /// <summary>
    /// The last entry that each ancestor wrote. Empty without ancestors, and when the file can't be
    /// read: a change of lineage in the archive is then unexplained.
    /// </summary>
    public static HashSet<(UInt128 Lineage, ulong LastEntry)> Forks(string path)
    {
        var forks = new HashSet<(UInt128, ulong)>();
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(path));
            if (json.RootElement.TryGetProperty("ancestors", out var ancestors))
            {
                foreach (var ancestor in ancestors.EnumerateArray())
                {
                    forks.Add(
                        (
                            UInt128.Parse(
                                ancestor.GetProperty("id").GetString()!,
                                NumberStyles.AllowHexSpecifier,
                                CultureInfo.InvariantCulture
                            ),
                            ancestor.GetProperty("forkIndex").GetUInt64()
                        )
                    );
                }
            }
        }
        catch (Exception unreadable)
            when (unreadable
                    is IOException
                        or JsonException
                        or FormatException
                        or InvalidOperationException
                        or KeyNotFoundException
            )
        {
            forks.Clear();
        }
        return forks;
    }
}
