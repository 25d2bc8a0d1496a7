using System.Text.Json.Serialization;

namespace Evenkeel.Banking.Rails;

/// <summary>What is sealed before it is stored. Names never change.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull
)]
[JsonSerializable(typeof(RailParty))]
internal sealed partial class RailJson : JsonSerializerContext;
