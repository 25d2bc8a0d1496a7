using System.Text.Json.Serialization;
using Evenkeel.Simulators.Billers;
using Evenkeel.Simulators.Clearing;

namespace Evenkeel.Simulators;

/// <summary>JSON of all that goes over the lines of the simulators, for both ends.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull
)]
[JsonSerializable(typeof(WireCredit))]
[JsonSerializable(typeof(WireReturn))]
[JsonSerializable(typeof(WireQuestion))]
[JsonSerializable(typeof(WireReport))]
[JsonSerializable(typeof(IReadOnlyList<WireMessage>))]
[JsonSerializable(typeof(IReadOnlyList<WirePosition>))]
[JsonSerializable(typeof(IReadOnlyList<string>))]
[JsonSerializable(typeof(WireBill))]
[JsonSerializable(typeof(WireBillReport))]
[JsonSerializable(typeof(SimulatorState))]
public sealed partial class WireJson : JsonSerializerContext;

/// <summary>What an operator may look at.</summary>
public sealed record SimulatorState(DateOnly Date, int Taken, int Pending, int BillsPaid);
