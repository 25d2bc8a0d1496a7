using Evenkeel.Model;

namespace Evenkeel.Replication;

/// <summary>Limits of seeding a member, each with its unit.</summary>
public static class SeedLimits
{
    /// <summary>
    /// Bytes a second that a member gives away, for all that are being seeded together. Bounds what
    /// seeding takes from customers (docs/evidence/seeding.md).
    /// </summary>
    public const long ServedBytesPerSecond = 64L << 20;

    /// <summary>Bytes a second that are read to hash sealed files ahead of need.</summary>
    public const long HashedBytesPerSecond = 32L << 20;

    /// <summary>Bytes a second that are read to hash files while somebody waits for the plan.</summary>
    public const long HashedNowBytesPerSecond = 256L << 20;

    /// <summary>Bytes served between two looks at the rate: a short burst delays nobody for long.</summary>
    public const int StepBytes = 256 << 10;

    /// <summary>A pass that brought fewer bytes than this is the last: the log holds the rest.</summary>
    public const long LastPassBytesMax = 8L << 20;

    /// <summary>Passes after which the rest is left to the log all the same.</summary>
    public const int PassesMax = 20;

    /// <summary>Files of one plan; more is not a plan.</summary>
    public const int FilesMax = 1_000_000;

    /// <summary>Bytes of a plan's JSON.</summary>
    public const int PlanBytesMax = 256 << 20;

    /// <summary>How long a plan may take (it may have to hash), seconds.</summary>
    public const int PlanTimeoutSeconds = 900;

    /// <summary>Silence of a source after which a piece is asked for again, seconds.</summary>
    public const int StallSeconds = 20;

    /// <summary>Pause before the members are asked again, milliseconds.</summary>
    public const int RetryMs = 500;

    /// <summary>Free bytes that must stay on the volume after everything has arrived.</summary>
    public const long FreeBytesMin = 1L << 30;

    static SeedLimits()
    {
        Check.That(StepBytes < ServedBytesPerSecond);
    }
}
