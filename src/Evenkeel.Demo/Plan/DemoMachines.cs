namespace Evenkeel.Demo.Plan;

/// <summary>Cash machines of a demonstration.</summary>
public static class DemoMachines
{
    /// <summary>
    /// The one that runs as a process with a drawer of its own. Nobody else may pay out in its name: the
    /// books would say less than lies in it.
    /// </summary>
    public const string Process = "ATM00001";

    /// <summary>Those that customers of the demonstration use.</summary>
    public static IEnumerable<DemoTerminal> Played(DemoPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return plan.Terminals.Where(static t =>
            t.Kind == DemoTerminalKind.CashMachine
            && !string.Equals(t.Id, Process, StringComparison.Ordinal)
        );
    }
}
