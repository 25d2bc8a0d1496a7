using System.Text.Json.Serialization;
using Evenkeel.Watch.Upgrades;
using Evenkeel.Watch.Upgrades.Rolling;

namespace Evenkeel.Host.Upgrades;

/// <summary>What <c>upgrade</c> prints for machines: one object on one line.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull
)]
[JsonSerializable(typeof(RehearsalReport))]
[JsonSerializable(typeof(StateVersionAnswer))]
[JsonSerializable(typeof(RollReport))]
internal sealed partial class UpgradeOutputJson : JsonSerializerContext;
