using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Evenkeel.Replication;

/// <summary>
/// What a member needs to begin without files of its own: a snapshot, the files that it counts on
/// and the whole archive, each with length and hash (docs/formats/seeding.md).
/// </summary>
public sealed record SeedPlan
{
    public const int CurrentVersion = 1;

    public required int FormatVersion { get; init; }

    /// <summary>32 hex digits.</summary>
    public required string Lineage { get; init; }

    /// <summary>Address among the members of the leader that made the plan.</summary>
    public required string Member { get; init; }

    /// <summary>The term in which it led before and after its read barrier.</summary>
    public required ulong Term { get; init; }

    /// <summary>
    /// Every entry that the leader's log held at the barrier is applied there and in these files.
    /// </summary>
    public required ulong BarrierIndex { get; init; }

    /// <summary>0 when there is no snapshot yet: everything is made from the archive then.</summary>
    public required ulong SnapshotIndex { get; init; }

    /// <summary>Last entry in the archive's files.</summary>
    public required ulong ArchiveIndex { get; init; }

    public required IReadOnlyList<SeedFile> Files { get; init; }

    /// <exception cref="InvalidDataException">It is not a plan that this program understands.</exception>
    public static SeedPlan Parse(ReadOnlySpan<byte> json)
    {
        SeedPlan plan;
        try
        {
            plan =
                JsonSerializer.Deserialize(json, SeedJson.Default.SeedPlan)
                ?? throw new InvalidDataException("The plan is empty.");
        }
        catch (JsonException malformed)
        {
            throw new InvalidDataException($"Not a plan: {malformed.Message}", malformed);
        }
        plan.Verify();
        return plan;
    }

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, SeedJson.Default.SeedPlan);

    private void Verify()
    {
        if (FormatVersion != CurrentVersion)
        {
            throw new InvalidDataException(
                $"The plan has version {FormatVersion}; this program reads {CurrentVersion}."
            );
        }
        var names = new HashSet<string>(StringComparer.Ordinal);
        if (
            Files.Count > SeedLimits.FilesMax
            || !Files.All(file =>
                SeedPath.IsValid(file.Path)
                && file.Length >= 0
                && file.Sha256.Length == 64
                && file.Sha256.All(char.IsAsciiHexDigitLower)
                && names.Add(file.Path)
            )
        )
        {
            throw new InvalidDataException("The plan names a file that no member has.");
        }
        if (
            Files.Any(static file =>
                file.Path.StartsWith("archive/", StringComparison.Ordinal)
                && !ulong.TryParse(
                    Path.GetFileNameWithoutExtension(file.Path),
                    NumberStyles.None,
                    CultureInfo.InvariantCulture,
                    out _
                )
            )
            || BarrierIndex > ArchiveIndex
            || SnapshotIndex > ArchiveIndex
            || !UInt128.TryParse(Lineage, NumberStyles.HexNumber, null, out _)
        )
        {
            throw new InvalidDataException("The plan contradicts itself.");
        }
    }
}

/// <summary>One file, or the first bytes of one that is still appended to.</summary>
/// <param name="Path">By the grammar of <see cref="SeedPath"/>.</param>
/// <param name="Length">Bytes that belong to it; they never change any more.</param>
/// <param name="Sha256">Of these bytes, 64 lower-case hex digits.</param>
public sealed record SeedFile(string Path, long Length, string Sha256);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(SeedPlan))]
[JsonSerializable(typeof(SeededState))]
internal sealed partial class SeedJson : JsonSerializerContext;
