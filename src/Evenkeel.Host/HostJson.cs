using System.Text.Json.Serialization;
using Evenkeel.Host.Imports;
using Evenkeel.Host.Ledgers;
using Evenkeel.Host.Verify;

namespace Evenkeel.Host;

/// <summary>What commands print for machines (docs/cli.md). Ids are decimal strings, amounts numbers.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull
)]
[JsonSerializable(typeof(BerkaOutput))]
[JsonSerializable(typeof(AmlsimOutput))]
[JsonSerializable(typeof(AccountOutput))]
[JsonSerializable(typeof(StatementOutput))]
[JsonSerializable(typeof(TransferOutput))]
[JsonSerializable(typeof(TrialBalanceOutput))]
[JsonSerializable(typeof(VerifyOutput))]
internal sealed partial class HostJson : JsonSerializerContext;
