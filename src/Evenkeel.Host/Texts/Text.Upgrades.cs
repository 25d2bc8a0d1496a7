namespace Evenkeel.Host.Texts;

/// <content>Shadow replays, upgrades, quarantine.</content>
internal static partial class Text
{
    public static string ShadowDescription => Get();

    public static string ShadowReplayDescription => Get();

    public static string ShadowArchiveOption => Get();

    public static string ShadowDataOption => Get();

    public static string ShadowSnapshotOption => Get();

    public static string ShadowHistoryOption => Get();

    public static string ShadowFromOption => Get();

    public static string ShadowToOption => Get();

    public static string ShadowOutOption => Get();

    public static string ShadowScratchOption => Get();

    public static string ShadowDigestEveryOption => Get();

    public static string ShadowDetailOption => Get();

    public static string ShadowNeedsSource => Get();

    public static string ShadowDone(object entries, object events, object seconds) =>
        Format(nameof(ShadowDone), entries, events, seconds);

    public static string ShadowFailed(object entry, object reason) =>
        Format(nameof(ShadowFailed), entry, reason);
}
