namespace Evenkeel.Simulation.World;

/// <summary>
/// Mistakes that a run can be made to contain. Each breaks a promise that the checkers watch; a simulation
/// that does not find them proves nothing.
/// </summary>
internal enum Bug
{
    None,

    /// <summary>The leader answers when it has appended, not when a quorum has flushed.</summary>
    AcknowledgeBeforeCommit,

    /// <summary>A follower says "appended" before its disk has flushed.</summary>
    AcknowledgeBeforeFlush,

    /// <summary>A vote is given and not remembered.</summary>
    ForgetVote,

    /// <summary>A follower does not compare the entry before those that it is sent.</summary>
    SkipLogMatching,

    /// <summary>A client asks again under a new id.</summary>
    ClientForgetsItsId,

    /// <summary>A new leader stamps by its own clock, though the log is ahead of it.</summary>
    StampByOwnClock,

    /// <summary>A snapshot is restored without the last history row that it counts on.</summary>
    RestoreOneRowShort,

    /// <summary>After a forced recovery a consumer's position on the lost branch is still believed.</summary>
    BelieveLostLineage,
}
