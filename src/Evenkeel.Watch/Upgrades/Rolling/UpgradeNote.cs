using System.Text.Json;

namespace Evenkeel.Watch.Upgrades.Rolling;

/// <summary>
/// <c>upgrade.json</c> of a cluster's directory: where the way back leads to, and until when it is
/// open (docs/formats/upgrade.md).
/// </summary>
/// <param name="From">The program of before.</param>
/// <param name="FromStateVersionMax">The highest state version that it applies.</param>
/// <param name="To">The program that was brought in.</param>
public sealed record UpgradeNote(
    string From,
    uint FromStateVersionMax,
    string To,
    DateTimeOffset StartedAt
)
{
    private const string FileName = "upgrade.json";

    /// <summary>Null when no upgrade was begun here.</summary>
    public static UpgradeNote? Read(string directory)
    {
        var path = Path.Combine(directory, FileName);
        return File.Exists(path)
            ? JsonSerializer.Deserialize(File.ReadAllBytes(path), UpgradesJson.Default.UpgradeNote)
            : null;
    }

    public void Write(string directory)
    {
        var path = Path.Combine(directory, FileName);
        var aside = path + ".tmp";
        File.WriteAllBytes(
            aside,
            JsonSerializer.SerializeToUtf8Bytes(this, UpgradesJson.Default.UpgradeNote)
        );
        File.Move(aside, path, overwrite: true);
    }

    /// <summary>Why the way back is closed; null while it is open.</summary>
    /// <param name="inForce">The state version in force.</param>
    public string? WhyNotBack(uint inForce) =>
        inForce > FromStateVersionMax
            ? $"state version {inForce} is in force, {From} applies up to {FromStateVersionMax}: it could not read what was written since"
            : null;
}
