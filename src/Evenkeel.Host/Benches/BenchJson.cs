using System.Text.Json.Serialization;
using Evenkeel.Bench;

namespace Evenkeel.Host.Benches;

/// <summary>What <c>bench</c> prints for machines.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Measurement))]
[JsonSerializable(typeof(Measurement[]))]
[JsonSerializable(typeof(PeerReport))]
[JsonSerializable(typeof(RestartResult))]
[JsonSerializable(typeof(HistoryResult))]
[JsonSerializable(typeof(MemoryResult))]
[JsonSerializable(typeof(RejoinResult))]
[JsonSerializable(typeof(GatewayResult))]
[JsonSerializable(typeof(FailoverResult))]
[JsonSerializable(typeof(BankBenchResult))]
[JsonSerializable(typeof(BankingResult))]
[JsonSerializable(typeof(EndOfDayResult))]
internal sealed partial class BenchJson : JsonSerializerContext;
