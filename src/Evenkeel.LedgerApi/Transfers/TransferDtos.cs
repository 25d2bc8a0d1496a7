using System.ComponentModel;
using System.Text.Json.Serialization;
using Evenkeel.Model;

namespace Evenkeel.LedgerApi.Transfers;

/// <summary>A transfer to create.</summary>
internal sealed record TransferRequest
{
    [Description("Chosen by you and kept for retries. May be left out with an Idempotency-Key.")]
    public UInt128? Id { get; init; }

    [Description("Left out or 0 when a hold is posted or voided: the hold's own.")]
    public UInt128 DebitAccountId { get; init; }

    [Description("Left out or 0 when a hold is posted or voided: the hold's own.")]
    public UInt128 CreditAccountId { get; init; }

    [Description("Minor units. 2^128 - 1 means as much as allowed (posting and balancing).")]
    public required UInt128 Amount { get; init; }

    [Description("The hold that this transfer posts or voids.")]
    public UInt128 PendingId { get; init; }

    [Description("The outside reference (UETR, RRN).")]
    [JsonPropertyName("user_data_128")]
    public UInt128 UserData128 { get; init; }

    [JsonPropertyName("user_data_64")]
    public ulong UserData64 { get; init; }

    [JsonPropertyName("user_data_32")]
    public uint UserData32 { get; init; }

    [Description("Seconds after which a hold expires; 0 = never.")]
    public uint Timeout { get; init; }
    public uint Ledger { get; init; }

    [Description("Your kind of transfer, not 0.")]
    public ushort Code { get; init; }

    [Description("forced needs the scope ledger:forced, imported needs ledger:imported.")]
    public TransferFlags Flags { get; init; }

    [Description("Only with the flag imported: when it happened, nanoseconds since 1970.")]
    public ulong Timestamp { get; init; }

    public Transfer ToModel(UInt128 id) =>
        new()
        {
            Id = id,
            DebitAccountId = DebitAccountId,
            CreditAccountId = CreditAccountId,
            Amount = Amount,
            PendingId = PendingId,
            UserData128 = UserData128,
            UserData64 = UserData64,
            UserData32 = UserData32,
            Timeout = Timeout,
            Ledger = Ledger,
            Code = Code,
            Flags = Flags,
            Timestamp = Timestamp,
        };
}

internal sealed record CreateTransfersRequest
{
    public required TransferRequest[] Transfers { get; init; }
}

internal sealed record TransferResult
{
    public required UInt128 Id { get; init; }
    public required CreateTransferStatus Status { get; init; }

    [Description("Log time, nanoseconds since 1970.")]
    public required ulong Timestamp { get; init; }
}

internal sealed record CreateTransfersResponse
{
    [Description("One for each event, in its order.")]
    public required TransferResult[] Results { get; init; }

    [Description("How many of them are neither created nor exists.")]
    public required int Refused { get; init; }
}

internal sealed record TransferResponse
{
    public required UInt128 Id { get; init; }
    public required UInt128 DebitAccountId { get; init; }
    public required UInt128 CreditAccountId { get; init; }

    [Description("Minor units.")]
    public required UInt128 Amount { get; init; }
    public required UInt128 PendingId { get; init; }

    [JsonPropertyName("user_data_128")]
    public required UInt128 UserData128 { get; init; }

    [JsonPropertyName("user_data_64")]
    public required ulong UserData64 { get; init; }

    [JsonPropertyName("user_data_32")]
    public required uint UserData32 { get; init; }
    public required uint Timeout { get; init; }
    public required uint Ledger { get; init; }
    public required ushort Code { get; init; }
    public required TransferFlags Flags { get; init; }

    [Description("Log time, nanoseconds since 1970.")]
    public required ulong Timestamp { get; init; }

    public static TransferResponse From(Transfer t) =>
        new()
        {
            Id = t.Id,
            DebitAccountId = t.DebitAccountId,
            CreditAccountId = t.CreditAccountId,
            Amount = t.Amount,
            PendingId = t.PendingId,
            UserData128 = t.UserData128,
            UserData64 = t.UserData64,
            UserData32 = t.UserData32,
            Timeout = t.Timeout,
            Ledger = t.Ledger,
            Code = t.Code,
            Flags = t.Flags,
            Timestamp = t.Timestamp,
        };
}

internal sealed record TransferPage
{
    public required TransferResponse[] Transfers { get; init; }

    [Description("Send it as cursor for the next page; absent at the end.")]
    public string? NextCursor { get; init; }
}
