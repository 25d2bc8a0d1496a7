namespace Evenkeel.Model;

/// <summary>
/// Versions of the rules by which entries are applied. A program knows all up to <see cref="Newest"/>;
/// which one is in force is part of the state and is raised by an entry of the log alone, so that two
/// programs that apply one entry agree. Numbers only grow.
/// </summary>
public static class StateVersions
{
    /// <summary>As a bank begins.</summary>
    public const uint First = 1;

    /// <summary>
    /// A hold that is voided or expired can be posted by force once. Before, each forced post under
    /// another id moved the money again.
    /// </summary>
    public const uint ForcedPostOnce = 2;

    /// <summary>The highest version that this program can apply.</summary>
    public const uint Newest = ForcedPostOnce;
}
