using System.ComponentModel;
using System.Text.Json;
using Evenkeel.Journal;
using Evenkeel.LedgerApi.Accounts;
using Evenkeel.LedgerApi.Transfers;

namespace Evenkeel.LedgerApi.Operations;

/// <summary>
/// If these guards hold and all these ledger events succeed, these records are written and these
/// messages sent; else nothing.
/// </summary>
internal sealed record OperationRequest
{
    // Settable: generated readers give an init-only member that is absent null, not its initial value.

    [Description("Chosen by you and kept for retries. May be left out with an Idempotency-Key.")]
    public UInt128? Id { get; init; }
    public GuardRequest[] Guards { get; set; } = [];

    [Description("Each with an id.")]
    public AccountRequest[] Accounts { get; set; } = [];
    public AccountUpdateRequest[] AccountUpdates { get; set; } = [];

    [Description("Each with an id. One chain: the flag linked is set by the journal.")]
    public TransferRequest[] Transfers { get; set; } = [];
    public RecordWriteRequest[] Writes { get; set; } = [];
    public MessageRequest[] Messages { get; set; } = [];
}

/// <summary>Exactly one of its members.</summary>
internal sealed record GuardRequest
{
    [Description("The record has exactly this version.")]
    public VersionGuard? Version { get; init; }

    [Description("There is no such record.")]
    public AbsentGuard? Absent { get; init; }

    [Description("Adds to a counter if it then lies within the bounds.")]
    public CounterGuard? Counter { get; init; }

    [Description("The business date is still this one.")]
    public DateOnly? BusinessDate { get; init; }

    /// <summary>Null when not exactly one member is there.</summary>
    public Guard? ToModel()
    {
        Guard?[] present =
        [
            Version is { } v ? new Guard.Version(new(v.Collection, v.Key), v.Version) : null,
            Absent is { } a ? new Guard.Absent(new(a.Collection, a.Key)) : null,
            Counter is { } c
                ? new Guard.Counter(new(c.Collection, c.Key), c.Delta, c.Min, c.Max)
                : null,
            BusinessDate is { } d ? new Guard.BusinessDate(d) : null,
        ];
        return present.Count(g => g is not null) == 1 ? present.Single(g => g is not null) : null;
    }
}

internal sealed record VersionGuard
{
    public required string Collection { get; init; }
    public required string Key { get; init; }
    public required ulong Version { get; init; }
}

internal sealed record AbsentGuard
{
    public required string Collection { get; init; }
    public required string Key { get; init; }
}

internal sealed record CounterGuard
{
    public required string Collection { get; init; }
    public required string Key { get; init; }
    public required long Delta { get; init; }
    public required long Min { get; init; }
    public required long Max { get; init; }
}

/// <summary>Writes a record (value) or deletes it (delete: true).</summary>
internal sealed record RecordWriteRequest
{
    public required string Collection { get; init; }
    public required string Key { get; init; }

    [Description("Any JSON but null.")]
    public JsonElement? Value { get; init; }
    public bool Delete { get; init; }
}

internal sealed record MessageRequest
{
    public required string Topic { get; init; }
    public required JsonElement Value { get; init; }
}

internal sealed record OperationResponse
{
    public required UInt128 Id { get; init; }

    [Description("Log time at which it was applied, nanoseconds since 1970.")]
    public required ulong Timestamp { get; init; }

    [Description("True when an earlier attempt had done it.")]
    public required bool Replayed { get; init; }
}
