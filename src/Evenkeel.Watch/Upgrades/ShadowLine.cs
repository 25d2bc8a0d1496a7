using System.Text.Json.Serialization;

namespace Evenkeel.Watch.Upgrades;

/// <summary>Any line of a shadow replay (docs/formats/shadow.md); absent members stay null.</summary>
internal sealed record ShadowLine
{
    [JsonPropertyName("shadow")]
    public int? Shadow { get; init; }

    [JsonPropertyName("lineage")]
    public string? Lineage { get; init; }

    [JsonPropertyName("program")]
    public string? Program { get; init; }

    [JsonPropertyName("stateVersionMax")]
    public uint? StateVersionMax { get; init; }

    [JsonPropertyName("start")]
    public ulong? Start { get; init; }

    [JsonPropertyName("to")]
    public ulong? To { get; init; }

    [JsonPropertyName("i")]
    public ulong? Entry { get; init; }

    [JsonPropertyName("n")]
    public ulong? Events { get; init; }

    [JsonPropertyName("r")]
    public string? Results { get; init; }

    [JsonPropertyName("w")]
    public string? Rows { get; init; }

    [JsonPropertyName("s")]
    public ulong? State { get; init; }

    [JsonPropertyName("v")]
    public uint? StateVersion { get; init; }

    [JsonPropertyName("ledger")]
    public string? Ledger { get; init; }

    [JsonPropertyName("records")]
    public string? Records { get; init; }

    [JsonPropertyName("d")]
    public ulong? Detail { get; init; }

    [JsonPropertyName("c")]
    public int? Command { get; init; }

    [JsonPropertyName("op")]
    public int? Operation { get; init; }

    [JsonPropertyName("e")]
    public uint? Event { get; init; }

    [JsonPropertyName("t")]
    public ulong? Timestamp { get; init; }

    [JsonPropertyName("status")]
    public uint? Status { get; init; }

    [JsonPropertyName("x")]
    public uint? More { get; init; }

    [JsonPropertyName("row")]
    public ulong? Row { get; init; }

    [JsonPropertyName("bytes")]
    public string? Bytes { get; init; }

    [JsonPropertyName("end")]
    public ulong? End { get; init; }

    [JsonPropertyName("failed")]
    public ulong? Failed { get; init; }

    [JsonPropertyName("reason")]
    public string? Reason { get; init; }

    [JsonPropertyName("entries")]
    public ulong? Entries { get; init; }

    [JsonPropertyName("events")]
    public ulong? AllEvents { get; init; }
}

[JsonSerializable(typeof(ShadowLine))]
internal sealed partial class ShadowJson : JsonSerializerContext;
