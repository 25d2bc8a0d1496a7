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
    public static string ShadowDigestAtOption => Get();

    public static string ShadowDetailOption => Get();

    public static string ShadowNeedsSource => Get();

    public static string ShadowDone(object entries, object events, object seconds) =>
        Format(nameof(ShadowDone), entries, events, seconds);

    public static string ShadowFailed(object entry, object reason) =>
        Format(nameof(ShadowFailed), entry, reason);

    public static string UpgradeDescription => Get();

    public static string UpgradeRehearseDescription => Get();

    public static string CandidateOption => Get();

    public static string CurrentOption => Get();

    public static string RehearseLastHoursOption => Get();

    public static string RehearseFromSnapshotOption => Get();

    public static string RehearseReportsOption => Get();

    public static string RehearsePassed(
        object entries,
        object events,
        object states,
        object seconds
    ) => Format(nameof(RehearsePassed), entries, events, states, seconds);

    public static string RehearseDiffers(object entry, object detail) =>
        Format(nameof(RehearseDiffers), entry, detail);

    public static string RehearseWhere(object command, object operation, object number) =>
        Format(nameof(RehearseWhere), command, operation, number);

    public static string RehearseEqualBefore(object entries, object events) =>
        Format(nameof(RehearseEqualBefore), entries, events);

    public static string RehearseKept(object path) => Format(nameof(RehearseKept), path);

    public static string RehearseProgress(object entry) => Format(nameof(RehearseProgress), entry);

    public static string ExecutableMissing(object path) => Format(nameof(ExecutableMissing), path);

    public static string ShadowOverridesOption => Get();

    public static string UpgradeActivateDescription => Get();

    public static string ActivateVersionOption => Get();

    public static string ActivateDone(object version) => Format(nameof(ActivateDone), version);

    public static string ActivateWaiting(object minutes) =>
        Format(nameof(ActivateWaiting), minutes);

    public static string ActivateRefused(object reason) => Format(nameof(ActivateRefused), reason);

    public static string UpgradeRollDescription => Get();

    public static string UpgradeBackDescription => Get();

    public static string RollSoakOption => Get();

    public static string RollMemoryOption => Get();

    public static string RollUnrehearsedOption => Get();

    public static string RollNode(object node, object outcome, object seconds) =>
        Format(nameof(RollNode), node, outcome, seconds);

    public static string RollDone(object seconds) => Format(nameof(RollDone), seconds);

    public static string RollStopped(object reason) => Format(nameof(RollStopped), reason);

    public static string RollNoCluster(object folder) => Format(nameof(RollNoCluster), folder);

    public static string RollMixed(object programs) => Format(nameof(RollMixed), programs);

    public static string RollNotRehearsed(object hours, object candidate) =>
        Format(nameof(RollNotRehearsed), hours, candidate);

    public static string RollRehearsalFailed(object entry, object detail) =>
        Format(nameof(RollRehearsalFailed), entry, detail);

    public static string RollNothingToUndo(object folder) =>
        Format(nameof(RollNothingToUndo), folder);

    public static string RollNoWayBack(object reason) => Format(nameof(RollNoWayBack), reason);

    public static string UpgradeOperatorDescription => Get();

    public static string UpgradeQuarantineDescription => Get();

    public static string OperatorNameOption => Get();

    public static string OperatorAdded(object name, object path) =>
        Format(nameof(OperatorAdded), name, path);

    public static string OperatorExists(object name, object path) =>
        Format(nameof(OperatorExists), name, path);

    public static string OperatorKeyMissing(object path) =>
        Format(nameof(OperatorKeyMissing), path);

    public static string QuarantineEntryOption => Get();

    public static string QuarantineReasonOption => Get();

    public static string QuarantineNotPoison(object entry, object file) =>
        Format(nameof(QuarantineNotPoison), entry, file);

    public static string QuarantineNeedsReason => Get();

    public static string QuarantineWaiting(object entry, object hash, object path) =>
        Format(nameof(QuarantineWaiting), entry, hash, path);

    public static string QuarantinePlaced(object path) => Format(nameof(QuarantinePlaced), path);

    public static string SignWithOption => Get();

    public static string RollBackDone(object seconds) => Format(nameof(RollBackDone), seconds);
}
