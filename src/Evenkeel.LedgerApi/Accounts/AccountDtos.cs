using System.ComponentModel;
using System.Text.Json.Serialization;
using Evenkeel.Model;

namespace Evenkeel.LedgerApi.Accounts;

/// <summary>An account to create.</summary>
internal sealed record AccountRequest
{
    [Description("Chosen by you and kept for retries. May be left out with an Idempotency-Key.")]
    public UInt128? Id { get; init; }

    [Description("The ledger: accounts of one currency.")]
    public required uint Ledger { get; init; }

    [Description("Your kind of account, not 0.")]
    public required ushort Code { get; init; }

    public AccountFlags Flags { get; init; }

    [JsonPropertyName("user_data_128")]
    public UInt128 UserData128 { get; init; }

    [JsonPropertyName("user_data_64")]
    public ulong UserData64 { get; init; }

    [JsonPropertyName("user_data_32")]
    public uint UserData32 { get; init; }

    [Description("Only with the flag imported: when it was created, nanoseconds since 1970.")]
    public ulong Timestamp { get; init; }

    public Account ToModel(UInt128 id) =>
        new()
        {
            Id = id,
            Ledger = Ledger,
            Code = Code,
            Flags = Flags,
            UserData128 = UserData128,
            UserData64 = UserData64,
            UserData32 = UserData32,
            Timestamp = Timestamp,
        };
}

internal sealed record CreateAccountsRequest
{
    public required AccountRequest[] Accounts { get; init; }
}

internal sealed record AccountResult
{
    public required UInt128 Id { get; init; }
    public required CreateAccountStatus Status { get; init; }

    [Description("Log time, nanoseconds since 1970.")]
    public required ulong Timestamp { get; init; }
}

internal sealed record CreateAccountsResponse
{
    [Description("One for each event, in its order.")]
    public required AccountResult[] Results { get; init; }

    [Description("How many of them are neither created nor exists.")]
    public required int Refused { get; init; }
}

/// <summary>An account and its balances, in minor units.</summary>
internal sealed record AccountResponse
{
    public required UInt128 Id { get; init; }
    public required UInt128 DebitsPending { get; init; }
    public required UInt128 DebitsPosted { get; init; }
    public required UInt128 CreditsPending { get; init; }
    public required UInt128 CreditsPosted { get; init; }

    [JsonPropertyName("user_data_128")]
    public required UInt128 UserData128 { get; init; }

    [JsonPropertyName("user_data_64")]
    public required ulong UserData64 { get; init; }

    [JsonPropertyName("user_data_32")]
    public required uint UserData32 { get; init; }
    public required uint Ledger { get; init; }
    public required ushort Code { get; init; }
    public required AccountFlags Flags { get; init; }

    [Description("Log time of creation, nanoseconds since 1970.")]
    public required ulong Timestamp { get; init; }

    public static AccountResponse From(Account a) =>
        new()
        {
            Id = a.Id,
            DebitsPending = a.DebitsPending,
            DebitsPosted = a.DebitsPosted,
            CreditsPending = a.CreditsPending,
            CreditsPosted = a.CreditsPosted,
            UserData128 = a.UserData128,
            UserData64 = a.UserData64,
            UserData32 = a.UserData32,
            Ledger = a.Ledger,
            Code = a.Code,
            Flags = a.Flags,
            Timestamp = a.Timestamp,
        };
}

internal sealed record AccountPage
{
    public required AccountResponse[] Accounts { get; init; }

    [Description("Send it as cursor for the next page; absent at the end.")]
    public string? NextCursor { get; init; }
}

/// <summary>An account's limits as they are now.</summary>
internal sealed record AccountLimitsResponse
{
    public required UInt128 Id { get; init; }

    [Description("How far the account may go beyond its limit (an agreed overdraft), minor units.")]
    public required UInt128 Allowance { get; init; }

    [Description("Send it as expected_version with the next change.")]
    public required uint Version { get; init; }
    public required AccountFlags Flags { get; init; }

    [Description("Log time of the last change; 0 when there was none.")]
    public required ulong UpdatedTimestamp { get; init; }

    public static AccountLimitsResponse From(AccountLimits l) =>
        new()
        {
            Id = l.Id,
            Allowance = l.Allowance,
            Version = l.Version,
            Flags = l.Flags,
            UpdatedTimestamp = l.UpdatedTimestamp,
        };
}

/// <summary>A change of an account's limits. What is absent stays.</summary>
internal sealed record AccountUpdateRequest
{
    public required UInt128 Id { get; init; }

    [Description("The version that this change was decided on; a new account has version 0.")]
    public required uint ExpectedVersion { get; init; }

    [Description("The new allowance, minor units, at most 64 bits.")]
    public UInt128? Allowance { get; init; }

    [Description("The limit flags that replace the present ones.")]
    public AccountFlags? LimitFlags { get; init; }

    [Description("This change succeeds or fails with the next one.")]
    public bool Linked { get; init; }

    public AccountUpdate ToModel() =>
        new()
        {
            Id = Id,
            ExpectedVersion = ExpectedVersion,
            Allowance = Allowance ?? 0,
            LimitFlags = LimitFlags ?? AccountFlags.None,
            Flags =
                (Linked ? AccountUpdateFlags.Linked : AccountUpdateFlags.None)
                | (Allowance is null ? AccountUpdateFlags.None : AccountUpdateFlags.SetAllowance)
                | (LimitFlags is null ? AccountUpdateFlags.None : AccountUpdateFlags.SetLimitFlags),
        };
}

internal sealed record UpdateAccountsRequest
{
    public required AccountUpdateRequest[] Updates { get; init; }
}

internal sealed record AccountUpdateResult
{
    public required UInt128 Id { get; init; }
    public required UpdateAccountStatus Status { get; init; }
    public required ulong Timestamp { get; init; }

    [Description("The account's version after the event.")]
    public required uint Version { get; init; }
}

internal sealed record UpdateAccountsResponse
{
    public required AccountUpdateResult[] Results { get; init; }

    [Description("How many of them are not updated.")]
    public required int Refused { get; init; }
}

/// <summary>The balances of an account right after one movement.</summary>
internal sealed record BalanceResponse
{
    public required UInt128 DebitsPending { get; init; }
    public required UInt128 DebitsPosted { get; init; }
    public required UInt128 CreditsPending { get; init; }
    public required UInt128 CreditsPosted { get; init; }
    public required ulong Timestamp { get; init; }

    public static BalanceResponse From(AccountBalance b) =>
        new()
        {
            DebitsPending = b.DebitsPending,
            DebitsPosted = b.DebitsPosted,
            CreditsPending = b.CreditsPending,
            CreditsPosted = b.CreditsPosted,
            Timestamp = b.Timestamp,
        };
}

internal sealed record BalancePage
{
    public required BalanceResponse[] Balances { get; init; }

    [Description("Send it as cursor for the next page; absent at the end.")]
    public string? NextCursor { get; init; }
}
