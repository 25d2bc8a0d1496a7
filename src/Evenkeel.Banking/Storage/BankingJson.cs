using System.Text.Json.Serialization;
using Evenkeel.Banking.Accounts;
using Evenkeel.Banking.Customers;
using Evenkeel.Banking.Orders;

namespace Evenkeel.Banking.Storage;

/// <summary>JSON of all documents. Persisted: names never change, members are only added.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true
)]
[JsonSerializable(typeof(CustomerDocument))]
[JsonSerializable(typeof(AccountDocument))]
[JsonSerializable(typeof(OrderDocument))]
internal sealed partial class BankingJson : JsonSerializerContext;
