using Evenkeel.Ledger;
using Evenkeel.Model;
using Evenkeel.Records;

namespace Evenkeel.Node;

/// <summary>The ledger as operations see it: refused ids inside them are not remembered (rule 2).</summary>
internal sealed class OperationLedger(LedgerState ledger) : IOperationLedger
{
    public void BeginScope() => ledger.BeginScope();

    public void CommitScope() => ledger.CommitScope();

    public void RollbackScope() => ledger.RollbackScope();

    public void CreateAccounts(
        ReadOnlySpan<Account> events,
        ulong timestamp,
        Span<CreateAccountResult> results
    ) => ledger.CreateAccounts(timestamp, events, results);

    public void UpdateAccounts(
        ReadOnlySpan<AccountUpdate> events,
        ulong timestamp,
        Span<UpdateAccountResult> results
    ) => ledger.UpdateAccounts(timestamp, events, results);

    public void CreateTransfers(
        ReadOnlySpan<Transfer> events,
        ulong timestamp,
        Span<CreateTransferResult> results
    ) => ledger.CreateTransfers(timestamp, events, results, rememberFailedIds: false);
}
