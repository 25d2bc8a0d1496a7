namespace Evenkeel.Node;

/// <summary>How a node is, for <c>/healthz</c> and <c>/readyz</c>.</summary>
/// <param name="IsLive">The process should go on; false = restart it.</param>
/// <param name="IsReady">It serves reads and writes.</param>
/// <param name="Reasons">Everything that keeps it from being well, the worst first.</param>
public sealed record NodeHealth(bool IsLive, bool IsReady, IReadOnlyList<HealthReason> Reasons);

/// <summary>One thing that somebody should know or do.</summary>
/// <param name="Code">A stable name, for alerts.</param>
/// <param name="Blocks">True when the node is not ready because of it; else it is a warning.</param>
/// <param name="Detail">For people; no secrets, names or balances.</param>
public sealed record HealthReason(string Code, bool Blocks, string Detail);
