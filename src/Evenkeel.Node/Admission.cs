using Evenkeel.Model;
using Evenkeel.Node.Batching;
using Evenkeel.Replication;

namespace Evenkeel.Node;

/// <summary>How much this node may remember.</summary>
public sealed record NodeBudgets
{
    /// <summary>Transfer ids remembered for ever, failed ones included. About 21 bytes of RAM each.</summary>
    public long TransferIdsMax { get; init; } = 200_000_000;

    /// <summary>Accounts. About 150 bytes of RAM each.</summary>
    public long AccountsMax { get; init; } = 20_000_000;
}

/// <summary>Judges whether there is room for a write, before it is proposed.</summary>
internal sealed class Admission(
    NodeParts parts,
    Batcher batcher,
    NodeBudgets budgets,
    Func<string?> diskProblem
)
{
    public NodeBudgets Budgets => budgets;

    /// <summary>Why the disk takes no writes; null while it does.</summary>
    public string? DiskProblem => diskProblem();

    // Counters of the ledger are plain numbers that only the apply thread writes; a value that is
    // an entry old is made up for by the events that are on their way.
    public long TransferIds => parts.Ledger.IdCount;

    public long Accounts => parts.Ledger.AccountCount;

    public bool TransferIdsNearlyUsed => Nearly(TransferIds, budgets.TransferIdsMax);

    public bool AccountsNearlyUsed => Nearly(Accounts, budgets.AccountsMax);

    /// <summary>Any event of an operation may be an account or a transfer.</summary>
    public FrameStatus Admit(OperationCode operation, uint events, out string detail)
    {
        if (diskProblem() is { } problem)
        {
            detail = problem;
            return FrameStatus.DiskFull;
        }
        long room = events + batcher.EventsPending;
        if (
            operation is OperationCode.CreateTransfers or OperationCode.Operation
            && TransferIds + room > budgets.TransferIdsMax
        )
        {
            detail = $"the budget of {budgets.TransferIdsMax} remembered transfer ids is used up";
            return FrameStatus.BudgetExhausted;
        }
        if (
            operation is OperationCode.CreateAccounts or OperationCode.Operation
            && Accounts + room > budgets.AccountsMax
        )
        {
            detail = $"the budget of {budgets.AccountsMax} accounts is used up";
            return FrameStatus.BudgetExhausted;
        }
        detail = "";
        return FrameStatus.Ok;
    }

    private static bool Nearly(long used, long max) =>
        (Int128)used * 100 >= (Int128)max * NodeLimits.BudgetAlarmPercent;
}
