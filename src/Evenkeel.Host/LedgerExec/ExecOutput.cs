using System.Globalization;
using System.Text.Json;
using Evenkeel.Model;

namespace Evenkeel.Host.LedgerExec;

/// <summary>
/// Writes results by their published field names: 128-bit numbers as decimal strings, smaller ones
/// as JSON numbers, flags as bits or (once the input named any) as names.
/// </summary>
internal sealed class ExecOutput(Utf8JsonWriter json)
{
    public bool NamesFlags { get; set; }

    public void Write(in CreateAccountResult result) =>
        Result(result.Timestamp, PublishedNames.Of(result.Status));

    public void Write(in CreateTransferResult result) =>
        Result(result.Timestamp, PublishedNames.Of(result.Status));

    public void Write(in UpdateAccountResult result)
    {
        json.WriteStartObject();
        json.WriteNumber("timestamp", result.Timestamp);
        json.WriteString("status", PublishedNames.Of(result.Status));
        json.WriteNumber("version", result.Version);
        json.WriteEndObject();
    }

    public void Write(in Account account)
    {
        json.WriteStartObject();
        Wide("id", account.Id);
        Wide("debits_pending", account.DebitsPending);
        Wide("debits_posted", account.DebitsPosted);
        Wide("credits_pending", account.CreditsPending);
        Wide("credits_posted", account.CreditsPosted);
        Wide("user_data_128", account.UserData128);
        json.WriteNumber("user_data_64", account.UserData64);
        json.WriteNumber("user_data_32", account.UserData32);
        json.WriteNumber("ledger", account.Ledger);
        json.WriteNumber("code", account.Code);
        Flags("flags", (uint)account.Flags, PublishedNames.AccountFlags);
        json.WriteNumber("timestamp", account.Timestamp);
        json.WriteEndObject();
    }

    public void Write(in Transfer transfer)
    {
        json.WriteStartObject();
        Wide("id", transfer.Id);
        Wide("debit_account_id", transfer.DebitAccountId);
        Wide("credit_account_id", transfer.CreditAccountId);
        Wide("amount", transfer.Amount);
        Wide("pending_id", transfer.PendingId);
        Wide("user_data_128", transfer.UserData128);
        json.WriteNumber("user_data_64", transfer.UserData64);
        json.WriteNumber("user_data_32", transfer.UserData32);
        json.WriteNumber("timeout", transfer.Timeout);
        json.WriteNumber("ledger", transfer.Ledger);
        json.WriteNumber("code", transfer.Code);
        Flags("flags", (uint)transfer.Flags, PublishedNames.TransferFlags);
        json.WriteNumber("timestamp", transfer.Timestamp);
        json.WriteEndObject();
    }

    public void Write(in AccountBalance balance)
    {
        json.WriteStartObject();
        Wide("debits_pending", balance.DebitsPending);
        Wide("debits_posted", balance.DebitsPosted);
        Wide("credits_pending", balance.CreditsPending);
        Wide("credits_posted", balance.CreditsPosted);
        json.WriteNumber("timestamp", balance.Timestamp);
        json.WriteEndObject();
    }

    public void Write(in AccountLimits limits)
    {
        json.WriteStartObject();
        Wide("id", limits.Id);
        Wide("allowance", limits.Allowance);
        json.WriteNumber("version", limits.Version);
        Flags("flags", (uint)limits.Flags, PublishedNames.AccountFlags);
        json.WriteNumber("updated_timestamp", limits.UpdatedTimestamp);
        json.WriteEndObject();
    }

    public void Write(in ChangeEvent change)
    {
        json.WriteStartObject();
        Wide("transfer_id", change.TransferId);
        Wide("transfer_amount", change.TransferAmount);
        Wide("transfer_pending_id", change.TransferPendingId);
        Wide("transfer_user_data_128", change.TransferUserData128);
        json.WriteNumber("transfer_user_data_64", change.TransferUserData64);
        json.WriteNumber("transfer_user_data_32", change.TransferUserData32);
        json.WriteNumber("transfer_timeout", change.TransferTimeout);
        json.WriteNumber("transfer_code", change.TransferCode);
        Flags("transfer_flags", (uint)change.TransferFlags, PublishedNames.TransferFlags);
        json.WriteNumber("ledger", change.Ledger);
        json.WriteString("type", PublishedNames.Of(change.Type));
        Side("debit_account_", change.Debit);
        Side("credit_account_", change.Credit);
        json.WriteNumber("timestamp", change.Timestamp);
        json.WriteNumber("transfer_timestamp", change.TransferTimestamp);
        json.WriteNumber("debit_account_timestamp", change.DebitAccountTimestamp);
        json.WriteNumber("credit_account_timestamp", change.CreditAccountTimestamp);
        json.WriteEndObject();
    }

    private void Side(string prefix, in ChangeEventAccount side)
    {
        Wide(prefix + "id", side.AccountId);
        Wide(prefix + "debits_pending", side.DebitsPending);
        Wide(prefix + "debits_posted", side.DebitsPosted);
        Wide(prefix + "credits_pending", side.CreditsPending);
        Wide(prefix + "credits_posted", side.CreditsPosted);
        Wide(prefix + "user_data_128", side.UserData128);
        json.WriteNumber(prefix + "user_data_64", side.UserData64);
        json.WriteNumber(prefix + "user_data_32", side.UserData32);
        json.WriteNumber(prefix + "code", side.Code);
        Flags(prefix + "flags", (uint)side.Flags, PublishedNames.AccountFlags);
    }

    private void Result(ulong timestamp, string status)
    {
        json.WriteStartObject();
        json.WriteNumber("timestamp", timestamp);
        json.WriteString("status", status);
        json.WriteEndObject();
    }

    private void Wide(string name, UInt128 value) =>
        json.WriteString(name, value.ToString(CultureInfo.InvariantCulture));

    private void Flags(string name, uint flags, FlagNames names)
    {
        if (!NamesFlags)
        {
            json.WriteNumber(name, flags);
            return;
        }

        json.WriteStartArray(name);
        foreach (var flag in names.NamesIn(flags))
        {
            json.WriteStringValue(flag);
        }

        json.WriteEndArray();
    }
}
