using Evenkeel.Model;

namespace Evenkeel.Records;

/// <summary>
/// The ledger as operations need it. The node implements it over its ledger; tests over a naive one.
/// </summary>
/// <remarks>
/// Timestamps are that of the last event: with n events, event i gets <c>timestamp - n + i + 1</c>.
/// A scope that is rolled back must leave the ledger exactly as if it had never begun, its digest
/// and its clock included, since a replay does not even try what was refused. Inside a scope refused
/// transfer ids are not remembered.
/// </remarks>
public interface IOperationLedger
{
    void BeginScope();

    void CreateAccounts(
        ReadOnlySpan<Account> events,
        ulong timestamp,
        Span<CreateAccountResult> results
    );

    void UpdateAccounts(
        ReadOnlySpan<AccountUpdate> events,
        ulong timestamp,
        Span<UpdateAccountResult> results
    );

    void CreateTransfers(
        ReadOnlySpan<Transfer> events,
        ulong timestamp,
        Span<CreateTransferResult> results
    );

    void CommitScope();

    void RollbackScope();
}
