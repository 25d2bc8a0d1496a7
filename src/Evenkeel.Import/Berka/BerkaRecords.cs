using System.Text.Json.Serialization;

namespace Evenkeel.Import.Berka;

/// <summary>Documents of the Berka data set as they are stored. Dates are ISO 8601.</summary>
internal sealed record CustomerRecord(
    ulong ClientId,
    DateOnly BirthDate,
    string Sex,
    string DistrictKey
);

internal sealed record AccountRecord(
    ulong AccountId,
    string LedgerAccountId,
    string DistrictKey,
    string StatementFrequency,
    DateOnly Opened
);

internal sealed record DispositionRecord(
    ulong DispositionId,
    string CustomerKey,
    string AccountKey,
    string Role
);

/// <param name="AmountMinorUnits">Hundredths of a koruna.</param>
internal sealed record StandingOrderRecord(
    ulong OrderId,
    string AccountKey,
    string BankTo,
    string AccountTo,
    long AmountMinorUnits,
    string Purpose
);

internal sealed record CardRecord(
    ulong CardId,
    string DispositionKey,
    string Kind,
    DateOnly Issued
);

/// <param name="Status">
/// The source's letter: A finished and paid, B finished and unpaid, C running, D running in debt.
/// </param>
internal sealed record LoanRecord(
    ulong LoanId,
    string AccountKey,
    DateOnly Granted,
    long AmountMinorUnits,
    int DurationMonths,
    long PaymentMinorUnits,
    string Status
);

/// <param name="Figures">Columns A4 to A16 of the source by name; unknown ones are left out.</param>
internal sealed record DistrictRecord(
    ulong DistrictId,
    string Name,
    string Region,
    IReadOnlyDictionary<string, decimal> Figures
);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(CustomerRecord))]
[JsonSerializable(typeof(AccountRecord))]
[JsonSerializable(typeof(DispositionRecord))]
[JsonSerializable(typeof(StandingOrderRecord))]
[JsonSerializable(typeof(CardRecord))]
[JsonSerializable(typeof(LoanRecord))]
[JsonSerializable(typeof(DistrictRecord))]
internal sealed partial class BerkaJson : JsonSerializerContext;
