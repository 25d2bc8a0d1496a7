namespace Evenkeel.Host.Texts;

/// <summary>Texts of members that come and go, and of a quorum that is forced.</summary>
internal static partial class Text
{
    public static string ClusterAddDescription => Get();

    public static string ClusterRemoveDescription => Get();

    public static string ClusterReplaceDescription => Get();

    public static string ClusterRemoveName => Get();

    public static string ClusterReplaceName => Get();

    public static string ClusterWaitOption => Get();

    public static string MemberRaftOption => Get();

    public static string MemberBinaryOption => Get();

    public static string MemberRestOption => Get();

    public static string ClusterJoining(object arg0, object arg1) =>
        Format(nameof(ClusterJoining), arg0, arg1);

    public static string ClusterMembersRefused(object arg0) =>
        Format(nameof(ClusterMembersRefused), arg0);

    public static string ClusterMembersNow(object arg0, object arg1, object arg2) =>
        Format(nameof(ClusterMembersNow), arg0, arg1, arg2);

    public static string RecoverDescription => Get();

    public static string RecoverSurvivorOption => Get();

    public static string RecoverNodeDataOption => Get();

    public static string RecoverRaftOption => Get();

    public static string RecoverBadOrder(object arg0) => Format(nameof(RecoverBadOrder), arg0);

    public static string RecoverOtherOrder(object arg0) => Format(nameof(RecoverOtherOrder), arg0);

    public static string RecoverPosition(object arg0, object arg1, object arg2) =>
        Format(nameof(RecoverPosition), arg0, arg1, arg2);

    public static string RecoverLoss(object arg0, object arg1) =>
        Format(nameof(RecoverLoss), arg0, arg1);

    public static string RecoverForGood(object arg0) => Format(nameof(RecoverForGood), arg0);

    public static string RecoverWaiting(object arg0) => Format(nameof(RecoverWaiting), arg0);

    public static string RecoverTakenOver(object arg0) => Format(nameof(RecoverTakenOver), arg0);

    public static string RecoverNext(object arg0, object arg1) =>
        Format(nameof(RecoverNext), arg0, arg1);

    public static string RecoverNeedsNewAddress(object arg0) =>
        Format(nameof(RecoverNeedsNewAddress), arg0);
}
