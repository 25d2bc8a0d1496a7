using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Evenkeel.Replication;

namespace Evenkeel.Watch.Backups;

/// <summary>What an object of a set is for.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SetObjectKind>))]
public enum SetObjectKind
{
    /// <summary>lineage.json.</summary>
    [JsonStringEnumMemberName("lineage")]
    Lineage = 1,

    /// <summary>A sealed archive segment.</summary>
    [JsonStringEnumMemberName("archive")]
    Archive = 2,

    /// <summary>A file of a snapshot.</summary>
    [JsonStringEnumMemberName("snapshot")]
    Snapshot = 3,

    /// <summary>A file of signed checkpoints.</summary>
    [JsonStringEnumMemberName("checkpoint")]
    Checkpoint = 4,

    /// <summary>Entries that two people ordered to be refused, and who may order it.</summary>
    [JsonStringEnumMemberName("quarantine")]
    Quarantine = 5,
}

/// <summary>One object as the set's manifest describes it.</summary>
/// <param name="Name">Path in the data directory.</param>
/// <param name="WrittenBy">The set that stored it: an increment lists objects of earlier sets too.</param>
/// <param name="Length">Stored bytes.</param>
/// <param name="Sha256">Of the stored bytes.</param>
/// <param name="PlainLength">Bytes of the content.</param>
/// <param name="PlainSha256">Of the content.</param>
/// <param name="First">Archive: first entry.</param>
/// <param name="Last">Archive: last entry.</param>
/// <param name="Chain">Archive: chain hash after the last entry.</param>
/// <param name="LastTime">Archive: log time of the newest entry that carries one, nanoseconds.</param>
public sealed record SetObject(
    string Name,
    SetObjectKind Kind,
    string WrittenBy,
    long Length,
    string Sha256,
    long PlainLength,
    string PlainSha256,
    ulong First = 0,
    ulong Last = 0,
    string? Chain = null,
    ulong LastTime = 0
)
{
    /// <summary>Where it lies in its target.</summary>
    [JsonIgnore]
    public string Path => $"objects/{WrittenBy}/{Name}";
}

/// <summary>The snapshot that vouches for a set: the state after an entry, digested by the node.</summary>
/// <param name="StateDigest">Of the ledger, 32 hexadecimal digits.</param>
/// <param name="HasPieces">The snapshot's pieces are in the set (full sets).</param>
/// <param name="Chain">Chain hash after the entry, as the snapshot recorded it.</param>
public sealed record SetSnapshot(ulong Index, string StateDigest, string Chain, bool HasPieces);

/// <summary>A set: everything that is needed to restore to any position up to its last entry.</summary>
public sealed record SetManifest
{
    public const string FormatName = "evenkeel-backup-set";
    public const int CurrentVersion = 1;

    public required string Format { get; init; }
    public required int FormatVersion { get; init; }

    /// <summary>Its name: when it was begun, and random digits. Later sets sort later.</summary>
    public required string Set { get; init; }

    /// <summary>True when every object was stored by this set itself.</summary>
    public required bool Full { get; init; }
    public required DateTimeOffset MadeAt { get; init; }
    public required string KeyId { get; init; }

    /// <summary>Nothing of the set may be deleted before; null without a window.</summary>
    public DateTimeOffset? RetainUntil { get; init; }
    public required string Lineage { get; init; }

    /// <summary>Last entry in the set, and the chain hash after it.</summary>
    public required ulong LastIndex { get; init; }
    public required string Chain { get; init; }

    /// <summary>Log time of the newest entry that carries one, nanoseconds since the Unix epoch.</summary>
    public required ulong LogTime { get; init; }
    public SetSnapshot? Snapshot { get; init; }
    public required IReadOnlyList<SetObject> Objects { get; init; }

    [JsonIgnore]
    public LogPosition Position =>
        new(LineageId.Parse(Lineage), LastIndex, ChainHash.From(Convert.FromHexString(Chain)));

    public static string PathOf(string set) => $"sets/{set}.json";

    /// <summary>A name for a set that begins now.</summary>
    public static string NewName(DateTimeOffset now) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{now.UtcDateTime:yyyyMMdd'T'HHmmss.fff'Z'}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}"
        );

    /// <summary>The manifest's bytes: JSON, a line feed, and a line with the HMAC over all before it.</summary>
    public byte[] Encode(BackupKey key)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(this, BackupJson.Default.SetManifest);
        var body = new byte[json.Length + 1];
        json.CopyTo(body, 0);
        body[^1] = (byte)'\n';
        return [.. body, .. Encoding.ASCII.GetBytes(MacLine(key, body))];
    }

    /// <summary>Checks and reads a manifest.</summary>
    /// <exception cref="BackupException">Made with another key, or altered.</exception>
    public static SetManifest Decode(byte[] bytes, string name, BackupKey key)
    {
        var manifest = Peek(bytes, name);
        if (!string.Equals(manifest.KeyId, key.Id, StringComparison.Ordinal))
        {
            throw new BackupException(
                BackupProblem.KeyLost,
                $"set {name} needs the key {manifest.KeyId}; the key at hand is {key.Id}"
            );
        }
        var bodyLength = bytes.AsSpan(0, bytes.Length - 1).LastIndexOf((byte)'\n') + 1;
        var expected = Encoding.ASCII.GetBytes(MacLine(key, bytes[..bodyLength]));
        if (!CryptographicOperations.FixedTimeEquals(expected, bytes.AsSpan(bodyLength)))
        {
            throw Altered(name, "its manifest was altered");
        }
        return string.Equals(manifest.Set, name, StringComparison.Ordinal)
            ? manifest
            : throw Altered(name, $"it is the manifest of set {manifest.Set}");
    }

    /// <summary>Reads a manifest without a key: for lists; nothing of it is proved.</summary>
    /// <exception cref="BackupException">It is no manifest.</exception>
    public static SetManifest Peek(byte[] bytes, string name)
    {
        try
        {
            var bodyLength =
                bytes.Length < 2
                    ? 0
                    : bytes.AsSpan(0, bytes.Length - 1).LastIndexOf((byte)'\n') + 1;
            var manifest = JsonSerializer.Deserialize(
                bytes.AsSpan(0, bodyLength),
                BackupJson.Default.SetManifest
            );
            return
                manifest?.FormatVersion == CurrentVersion
                && string.Equals(manifest.Format, FormatName, StringComparison.Ordinal)
                ? manifest
                : throw Altered(name, "its manifest is of another format");
        }
        catch (JsonException malformed)
        {
            throw Altered(name, $"its manifest can't be read: {malformed.Message}");
        }
    }

    private static string MacLine(BackupKey key, byte[] body) =>
        $"hmac-sha256 {key.Id} {Convert.ToHexStringLower(HMACSHA256.HashData(key.Derive("manifest"), body))}\n";

    private static BackupException Altered(string set, string why) =>
        new(BackupProblem.Altered, $"set {set}: {why}");
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull
)]
[JsonSerializable(typeof(SetManifest))]
[JsonSerializable(typeof(RestoreCertificate))]
[JsonSerializable(typeof(SignedCertificate))]
internal sealed partial class BackupJson : JsonSerializerContext;
