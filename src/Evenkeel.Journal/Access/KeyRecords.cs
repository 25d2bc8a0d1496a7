using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Evenkeel.Model;

namespace Evenkeel.Journal.Access;

/// <summary>A key as it is kept: everything but the secret.</summary>
public sealed record KeyRecord
{
    public required ulong Number { get; init; }
    public required string Name { get; init; }
    public required string[] Scopes { get; init; }

    /// <summary>SHA-256 of the whole token, 64 hexadecimal digits.</summary>
    public required string Sha256 { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The number of the key that issued this one; 0 = the node itself.</summary>
    public required ulong CreatedBy { get; init; }
    public DateTimeOffset? RevokedAt { get; init; }

    /// <summary>The number of the key that revoked this one.</summary>
    public ulong? RevokedBy { get; init; }
}

/// <summary>Where keys live among the records (docs/formats/api-keys.md).</summary>
internal static class KeyRecords
{
    public const string Collection = "api-key";

    /// <summary>Counters about keys.</summary>
    public const string Totals = "api-key-total";

    /// <summary>Keys with the admin scope that are not revoked; never below one again.</summary>
    public static readonly RecordKey ActiveAdmins = new(Totals, "active-admins");

    /// <summary>Numbers are padded so that the order of keys is the order of numbers.</summary>
    public static RecordKey KeyOf(ulong number) =>
        new(Collection, number.ToString("D20", CultureInfo.InvariantCulture));

    public static RecordWrite Write(KeyRecord key) =>
        new(
            KeyOf(key.Number),
            JsonSerializer.SerializeToUtf8Bytes(key, KeyRecordJson.Default.KeyRecord)
        );

    /// <summary>A record that does not read as a key stops here: nobody but us writes them.</summary>
    public static KeyRecord Read(StoredRecord record)
    {
        var key = JsonSerializer.Deserialize(record.Json.Span, KeyRecordJson.Default.KeyRecord);
        Check.That(key is not null && KeyOf(key.Number) == record.Key);
        return key;
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull
)]
[JsonSerializable(typeof(KeyRecord))]
internal sealed partial class KeyRecordJson : JsonSerializerContext;
