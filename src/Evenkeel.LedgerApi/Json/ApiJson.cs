using System.Text.Json.Serialization;
using Evenkeel.LedgerApi.Accounts;
using Evenkeel.LedgerApi.Changes;
using Evenkeel.LedgerApi.Health;
using Evenkeel.LedgerApi.Idempotency;
using Evenkeel.LedgerApi.Keys;
using Evenkeel.LedgerApi.Operations;
using Evenkeel.LedgerApi.Problems;
using Evenkeel.LedgerApi.Records;
using Evenkeel.LedgerApi.Transfers;

namespace Evenkeel.LedgerApi.Json;

/// <summary>
/// All JSON of this interface. Members that mean nothing, members given twice and nulls where a
/// value is needed are refused: a misspelt "timeout" must not become a hold that never expires.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    NumberHandling = JsonNumberHandling.Strict,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    MaxDepth = DepthMax,
    Converters = [
        typeof(UInt128Converter),
        typeof(UInt64Converter),
        typeof(Int64Converter),
        typeof(AccountFlagsConverter),
        typeof(TransferFlagsConverter),
        typeof(AccountStatusConverter),
        typeof(TransferStatusConverter),
        typeof(UpdateStatusConverter),
        typeof(ChangeEventTypeConverter),
    ]
)]
[JsonSerializable(typeof(CreateAccountsRequest))]
[JsonSerializable(typeof(CreateAccountsResponse))]
[JsonSerializable(typeof(AccountRequest))]
[JsonSerializable(typeof(AccountResult))]
[JsonSerializable(typeof(AccountResponse))]
[JsonSerializable(typeof(AccountPage))]
[JsonSerializable(typeof(AccountLimitsResponse))]
[JsonSerializable(typeof(UpdateAccountsRequest))]
[JsonSerializable(typeof(UpdateAccountsResponse))]
[JsonSerializable(typeof(BalancePage))]
[JsonSerializable(typeof(CreateTransfersRequest))]
[JsonSerializable(typeof(CreateTransfersResponse))]
[JsonSerializable(typeof(TransferRequest))]
[JsonSerializable(typeof(TransferResult))]
[JsonSerializable(typeof(TransferResponse))]
[JsonSerializable(typeof(TransferPage))]
[JsonSerializable(typeof(ChangePage))]
[JsonSerializable(typeof(OperationRequest))]
[JsonSerializable(typeof(OperationResponse))]
[JsonSerializable(typeof(RecordResponse))]
[JsonSerializable(typeof(RecordPageResponse))]
[JsonSerializable(typeof(IssueKeyRequest))]
[JsonSerializable(typeof(IssuedKeyResponse))]
[JsonSerializable(typeof(KeyResponse))]
[JsonSerializable(typeof(KeyPageResponse))]
[JsonSerializable(typeof(HealthResponse))]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(ReasonResponse))]
[JsonSerializable(typeof(IdempotencyRecord))]
internal sealed partial class ApiJson : JsonSerializerContext
{
    /// <summary>Levels of nesting in a request: a record's own 32 and what stands around it.</summary>
    public const int DepthMax = 36;
}
