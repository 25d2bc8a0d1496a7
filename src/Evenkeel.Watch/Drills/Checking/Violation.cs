namespace Evenkeel.Watch.Drills.Checking;

/// <summary>What a bank must never do.</summary>
public enum ViolationKind
{
    /// <summary>Acknowledged, and not there.</summary>
    Lost,

    /// <summary>There more than once, or moved more than once.</summary>
    Doubled,

    /// <summary>There, and nobody asked for it.</summary>
    Ghost,

    /// <summary>There, although every answer promised that nothing happened.</summary>
    KeptAfterRefusal,

    /// <summary>There with another content than was asked for.</summary>
    OtherContent,

    /// <summary>Two answers, or answer and history, name different times for one transfer.</summary>
    OtherTimestamp,

    /// <summary>A status that this load can't get from a sound bank.</summary>
    WrongStatus,

    /// <summary>Acknowledged before another began, and yet later in the bank's order.</summary>
    OrderBroken,

    /// <summary>The bank's own history is not in the order of its timestamps.</summary>
    HistoryUnordered,

    /// <summary>A read went back behind an earlier read.</summary>
    ReadWentBack,

    /// <summary>A read does not show what was acknowledged before it began.</summary>
    StaleRead,

    /// <summary>A read shows more than had been asked for when it ended.</summary>
    ReadAhead,

    /// <summary>Debits and credits differ.</summary>
    MoneyNotConserved,

    /// <summary>An account's totals are not the sum of its transfers.</summary>
    BalanceDiffers,

    /// <summary>Two nodes differ at one position.</summary>
    Forked,
}

/// <param name="What">For people, with the ids concerned.</param>
public sealed record Violation(ViolationKind Kind, string What);

/// <summary>What a check came to.</summary>
public sealed record CheckReport
{
    /// <summary>Transfers that some answer called created or existing.</summary>
    public required long Acknowledged { get; init; }

    /// <summary>Acknowledged and not there.</summary>
    public required long AcknowledgedLost { get; init; }

    /// <summary>There or moved more than once.</summary>
    public required long PostedTwice { get; init; }

    /// <summary>Tries whose answer left it open.</summary>
    public required long UnknownAnswers { get; init; }

    /// <summary>Tries whose answer promised that nothing happened.</summary>
    public required long CleanRefusals { get; init; }

    public required long ReadsChecked { get; init; }

    /// <summary>Positions at which at least two nodes were compared.</summary>
    public required long PositionsCompared { get; init; }

    /// <summary>The first ones of each kind; <see cref="Counts"/> counts all.</summary>
    public required IReadOnlyList<Violation> Violations { get; init; }

    public required IReadOnlyDictionary<ViolationKind, long> Counts { get; init; }

    public bool Sound => Counts.Count == 0;
}
