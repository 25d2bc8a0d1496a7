using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Evenkeel.Model.People;

namespace Evenkeel.Node.Quarantine;

/// <summary>
/// An order by two people: this one entry, of exactly this content, is applied as refused, on every
/// node and in every replay (docs/formats/quarantine.md).
/// </summary>
public sealed record QuarantineOverride
{
    public const int FormatVersionNow = 1;

    /// <summary>Folder of a data directory that holds overrides.</summary>
    public const string FolderName = "overrides";

    /// <summary>Characters of the reason.</summary>
    public const int ReasonCharsMax = 1_000;

    public required int FormatVersion { get; init; }

    /// <summary>The lineage under which the entry was written, 32 hexadecimal digits.</summary>
    public required string Lineage { get; init; }

    /// <summary>Index of the entry in the log.</summary>
    public required ulong Entry { get; init; }

    /// <summary>SHA-256 of the entry's payload, 64 hexadecimal digits.</summary>
    public required string PayloadSha256 { get; init; }

    /// <summary>Why, for those who read it years later.</summary>
    public required string Reason { get; init; }

    public IReadOnlyList<OperatorSignature> Signatures { get; init; } = [];

    /// <summary>What is signed.</summary>
    [JsonIgnore]
    public byte[] Message =>
        Encoding.UTF8.GetBytes(
            string.Create(
                CultureInfo.InvariantCulture,
                $"evenkeel quarantine 1\n{Lineage}\n{Entry}\n{PayloadSha256}\n{Reason}\n"
            )
        );

    /// <summary>The name of the file in <see cref="FolderName"/>.</summary>
    public static string FileNameOf(ulong entry) =>
        entry.ToString("D20", CultureInfo.InvariantCulture) + ".json";

    /// <exception cref="QuarantineException">It can't be understood.</exception>
    public static QuarantineOverride Read(string path)
    {
        try
        {
            QuarantineOverride? read = JsonSerializer.Deserialize(
                File.ReadAllBytes(path),
                QuarantineJson.Default.QuarantineOverride
            );
            return read is { FormatVersion: FormatVersionNow, Entry: > 0 }
                ? read
                : throw new QuarantineException($"{path}: not an override of version 1");
        }
        catch (JsonException malformed)
        {
            throw new QuarantineException($"{path}: {malformed.Message}", malformed);
        }
    }

    /// <summary>Writes the file whole or not at all.</summary>
    public void Write(string path)
    {
        string aside = path + ".tmp";
        using (var stream = new FileStream(aside, FileMode.Create, FileAccess.Write))
        {
            JsonSerializer.Serialize(stream, this, QuarantineJson.Default.QuarantineOverride);
            stream.Flush(flushToDisk: true);
        }
        File.Move(aside, path, overwrite: true);
    }
}

/// <summary>An override is missing, wrong or not signed by two people; the node does not start.</summary>
public sealed class QuarantineException(string message, Exception? inner = null)
    : Exception(message, inner);

/// <summary>
/// An entry on which applying itself breaks. Every node meets it again at every start, until a newer
/// program can apply it or two people put it in quarantine.
/// </summary>
public sealed class PoisonEntryException(ulong index, string payloadSha256, Exception inner)
    : Exception(
        $"Entry {index} (SHA-256 {payloadSha256}) can't be applied: {inner.GetType().Name}: "
            + $"{inner.Message}. Start a program that can, or put it in quarantine by two people: "
            + $"evenkeel upgrade quarantine --entry {index}",
        inner
    )
{
    public ulong Index { get; } = index;

    /// <summary>64 hexadecimal digits.</summary>
    public string PayloadSha256 { get; } = payloadSha256;
}

/// <summary>What a node leaves behind when it stops at a poison entry: <c>poison.json</c>.</summary>
public sealed record PoisonNote(string Lineage, ulong Entry, string PayloadSha256, string Reason)
{
    public const string FileName = "poison.json";

    /// <summary>Null when there is none.</summary>
    public static PoisonNote? Read(string dataDirectory)
    {
        string path = Path.Combine(dataDirectory, FileName);
        return File.Exists(path)
            ? JsonSerializer.Deserialize(File.ReadAllBytes(path), QuarantineJson.Default.PoisonNote)
            : null;
    }

    /// <summary>Leaves a note when a node stops for this reason, or for one around it.</summary>
    internal static void LeaveIfPoison(Exception? reason, string lineage, string dataDirectory)
    {
        while (reason is not null and not PoisonEntryException)
        {
            reason = reason.InnerException;
        }
        if (reason is PoisonEntryException poison)
        {
            new PoisonNote(
                lineage,
                poison.Index,
                poison.PayloadSha256,
                poison.InnerException!.Message
            ).Write(dataDirectory);
        }
    }

    public void Write(string dataDirectory) =>
        File.WriteAllBytes(
            Path.Combine(dataDirectory, FileName),
            JsonSerializer.SerializeToUtf8Bytes(this, QuarantineJson.Default.PoisonNote)
        );
}

[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase
)]
[JsonSerializable(typeof(QuarantineOverride))]
[JsonSerializable(typeof(PoisonNote))]
internal sealed partial class QuarantineJson : JsonSerializerContext;
