using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Evenkeel.Watch.Upgrades;

/// <summary>Keeps reports of rehearsals: JSON, and beside it its hash as sha256sum prints it.</summary>
public static class RehearsalFiles
{
    /// <summary>Folder of a data directory that keeps reports.</summary>
    public const string FolderName = "rehearsals";

    private const string HashSuffix = ".sha256";

    /// <summary>Writes the report, durably, and returns its path.</summary>
    public static string Write(string folder, RehearsalReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        Directory.CreateDirectory(folder);
        var name = string.Create(
            CultureInfo.InvariantCulture,
            $"{report.StartedAt.UtcDateTime:yyyyMMdd'T'HHmmssfff'Z'}-{Short(report.Candidate.Program)}.json"
        );
        var path = Path.Combine(folder, name);
        var json = JsonSerializer.SerializeToUtf8Bytes(
            report,
            UpgradesJson.Default.RehearsalReport
        );
        WriteDurably(path, json);
        var hash = Convert.ToHexStringLower(SHA256.HashData(json));
        WriteDurably(path + HashSuffix, Encoding.ASCII.GetBytes($"{hash}  {name}\n"));
        return path;
    }

    /// <summary>
    /// The newest whole report of exactly these two programs; null when there is none. A report that
    /// does not match its hash counts as none.
    /// </summary>
    public static RehearsalReport? FindNewest(string folder, string current, string candidate)
    {
        if (!Directory.Exists(folder))
        {
            return null;
        }
        return Directory
            .EnumerateFiles(folder, "*.json")
            .OrderDescending(StringComparer.Ordinal)
            .Select(TryRead)
            .FirstOrDefault(report =>
                report is not null
                && string.Equals(report.Current.Program, current, StringComparison.Ordinal)
                && string.Equals(report.Candidate.Program, candidate, StringComparison.Ordinal)
            );
    }

    private static RehearsalReport? TryRead(string path)
    {
        try
        {
            var json = File.ReadAllBytes(path);
            var expected = File.ReadAllText(path + HashSuffix).Split(' ')[0];
            return string.Equals(
                Convert.ToHexStringLower(SHA256.HashData(json)),
                expected,
                StringComparison.Ordinal
            )
                ? JsonSerializer.Deserialize(json, UpgradesJson.Default.RehearsalReport)
                : null;
        }
        catch (Exception unreadable) when (unreadable is IOException or JsonException)
        {
            return null;
        }
    }

    private static void WriteDurably(string path, byte[] bytes)
    {
        using var stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
        stream.Write(bytes);
        stream.Flush(flushToDisk: true);
    }

    private static string Short(string hash) =>
        hash.Length == 0 ? "unknown" : hash[..Math.Min(12, hash.Length)];
}
