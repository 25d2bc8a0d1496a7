using System.ComponentModel;
using System.Text.Json.Serialization;
using Evenkeel.LedgerApi.Accounts;
using Evenkeel.LedgerApi.Transfers;
using Evenkeel.Model;

namespace Evenkeel.LedgerApi.Changes;

/// <summary>One movement with both accounts right after it.</summary>
internal sealed record ChangeResponse
{
    [Description("When it happened: the position in the feed.")]
    public required ulong Timestamp { get; init; }
    public required ChangeEventType Type { get; init; }
    public required uint Ledger { get; init; }
    public required TransferResponse Transfer { get; init; }
    public required AccountResponse DebitAccount { get; init; }
    public required AccountResponse CreditAccount { get; init; }

    public static ChangeResponse From(ChangeEvent e) =>
        new()
        {
            Timestamp = e.Timestamp,
            Type = e.Type,
            Ledger = e.Ledger,
            Transfer = new TransferResponse
            {
                Id = e.TransferId,
                DebitAccountId = e.Debit.AccountId,
                CreditAccountId = e.Credit.AccountId,
                Amount = e.TransferAmount,
                PendingId = e.TransferPendingId,
                UserData128 = e.TransferUserData128,
                UserData64 = e.TransferUserData64,
                UserData32 = e.TransferUserData32,
                Timeout = e.TransferTimeout,
                Ledger = e.Ledger,
                Code = e.TransferCode,
                Flags = e.TransferFlags,
                Timestamp = e.TransferTimestamp,
            },
            DebitAccount = Side(e.Debit, e.Ledger, e.DebitAccountTimestamp),
            CreditAccount = Side(e.Credit, e.Ledger, e.CreditAccountTimestamp),
        };

    private static AccountResponse Side(ChangeEventAccount a, uint ledger, ulong timestamp) =>
        new()
        {
            Id = a.AccountId,
            DebitsPending = a.DebitsPending,
            DebitsPosted = a.DebitsPosted,
            CreditsPending = a.CreditsPending,
            CreditsPosted = a.CreditsPosted,
            UserData128 = a.UserData128,
            UserData64 = a.UserData64,
            UserData32 = a.UserData32,
            Ledger = ledger,
            Code = a.Code,
            Flags = a.Flags,
            Timestamp = timestamp,
        };
}

internal sealed record ChangePage
{
    [JsonPropertyName("change_events")]
    public required ChangeResponse[] ChangeEvents { get; init; }

    [Description("Where to go on; also at the end of the feed, so that you can ask again later.")]
    public string? NextCursor { get; init; }

    [Description("True when there is more right now.")]
    public required bool HasMore { get; init; }
}
