using System.Globalization;
using Evenkeel.Node.Clock;
using Evenkeel.Node.Recovery;

namespace Evenkeel.Node;

/// <summary>One place that decides what is wrong with a node.</summary>
internal static class HealthReport
{
    public static NodeHealth Make(
        Exception? fatal,
        bool isStopping,
        NodeCore core,
        Admission admission,
        ClockState clock,
        ScrubState scrub
    )
    {
        var reasons = new List<HealthReason>();
        if (fatal is not null)
        {
            reasons.Add(new("halted", Blocks: true, fatal.Message));
        }
        if (isStopping)
        {
            reasons.Add(new("stopping", Blocks: true, "the node is stopping"));
        }
        else if (!core.Log.IsLeader)
        {
            reasons.Add(
                core.Leader() is { } leader
                    ? new("follower", Blocks: false, $"{leader} leads")
                    : new("no-leader", Blocks: true, "nobody leads as far as this node knows")
            );
        }
        if (admission.DiskProblem is { } disk)
        {
            reasons.Add(new("disk-full", Blocks: true, disk));
        }
        if (core.Parts.Files?.Status is { Fault: { } fault })
        {
            reasons.Add(new("history-halted", Blocks: true, fault));
        }
        if (scrub.Findings is [var first, ..])
        {
            reasons.Add(
                new("damaged", Blocks: false, $"{first}; restart this node and it is rebuilt")
            );
        }
        AddBudget(
            reasons,
            "transfer-ids",
            admission.TransferIds,
            admission.Budgets.TransferIdsMax,
            admission.TransferIdsNearlyUsed
        );
        AddBudget(
            reasons,
            "accounts",
            admission.Accounts,
            admission.Budgets.AccountsMax,
            admission.AccountsNearlyUsed
        );
        if (clock.PendingStepNs != 0)
        {
            double seconds = clock.PendingStepNs / 1e9;
            reasons.Add(
                new(
                    "clock-step",
                    Blocks: false,
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"the wall clock is {seconds:F1} s off; log time does not follow until confirmed"
                    )
                )
            );
        }
        if (clock.SkewNs != 0)
        {
            double seconds = clock.SkewNs / 1e9;
            reasons.Add(
                new(
                    "clock-skew",
                    Blocks: false,
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"log time runs {seconds:F1} s ahead of the wall clock"
                    )
                )
            );
        }
        if (core.Parts.Files?.Status is { WritesBlocked: { } blocked })
        {
            reasons.Add(new("history-blocked", Blocks: false, blocked));
        }
        bool isReady = !reasons.Exists(reason => reason.Blocks);
        return new NodeHealth(IsLive: fatal is null, isReady, reasons);
    }

    private static void AddBudget(
        List<HealthReason> reasons,
        string name,
        long used,
        long max,
        bool nearly
    )
    {
        if (used >= max)
        {
            // Reads go on, and so does what needs no more of this budget: not a reason to be unready.
            reasons.Add(new($"{name}-exhausted", Blocks: false, $"{used} of {max} used"));
        }
        else if (nearly)
        {
            reasons.Add(new($"{name}-nearly-exhausted", Blocks: false, $"{used} of {max} used"));
        }
    }
}
