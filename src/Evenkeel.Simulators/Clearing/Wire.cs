namespace Evenkeel.Simulators.Clearing;

/// <summary>pacs.008 as the clearing takes it (docs/formats/clearing-simulator.md).</summary>
/// <param name="AmountMinor">Minor units of the currency.</param>
/// <param name="Currency">Number of ISO 4217.</param>
public sealed record WireCredit(
    Guid Uetr,
    string EndToEndId,
    string DebtorBank,
    string DebtorAccount,
    string DebtorName,
    string CreditorBank,
    string CreditorAccount,
    string CreditorName,
    long AmountMinor,
    uint Currency,
    string? Remittance = null
);

/// <summary>pacs.004.</summary>
/// <param name="From">The bank that sends it back.</param>
public sealed record WireReturn(
    Guid ReturnId,
    Guid OriginalUetr,
    string From,
    long AmountMinor,
    uint Currency,
    string Code
);

/// <summary>pacs.028.</summary>
public sealed record WireQuestion(Guid Uetr);

/// <summary>pacs.002.</summary>
/// <param name="Status">"ACSC", "ACSP", "RJCT", "NFND" (never seen).</param>
public sealed record WireReport(
    Guid Uetr,
    string Status,
    string? Code = null,
    DateOnly? SettlementDate = null
);

/// <param name="SentMinor">Credits and returns of the bank.</param>
/// <param name="ReceivedMinor">Credits and returns to the bank.</param>
public sealed record WirePosition(
    string Bank,
    DateOnly Date,
    uint Currency,
    int SentCount,
    long SentMinor,
    int ReceivedCount,
    long ReceivedMinor
);

/// <summary>One message of an inbox: exactly one of the four is there.</summary>
/// <param name="Sequence">From 1, without gaps.</param>
public sealed record WireMessage(
    long Sequence,
    DateOnly? SettlementDate = null,
    WireCredit? Credit = null,
    WireReturn? Return = null,
    WireReport? Report = null,
    WirePosition? Position = null
);
