using System.Text.Json.Serialization;
using Evenkeel.Simulators.Billers;

namespace Evenkeel.Simulators.Clearing;

/// <summary>One line of the clearing's file. <see cref="Kind"/> says which members are there.</summary>
/// <param name="Kind">"credit" or "return" was taken, "final" = decided later, "closed" = a date ended.</param>
internal sealed record ClearingEvent(
    string Kind,
    DateTimeOffset At,
    DateOnly Date,
    WireCredit? Credit = null,
    WireReturn? Return = null,
    Guid? Uetr = null,
    string? Status = null,
    string? Code = null
);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull
)]
[JsonSerializable(typeof(ClearingEvent))]
[JsonSerializable(typeof(BillerEvent))]
internal sealed partial class EventJson : JsonSerializerContext;
