namespace Evenkeel.Host.Texts;

/// <summary>Texts of clusters.</summary>
internal static partial class Text
{
    public static string ClusterOption => Get();

    public static string ClusterNameOption => Get();

    public static string ClusterNameMissing => Get();

    public static string RaftListenOption => Get();

    public static string OperatorKeyOption => Get();

    public static string NodesOption => Get();

    public static string ClusterNoSuchMember(object name, object file, object names) =>
        Format(nameof(ClusterNoSuchMember), name, file, names);

    public static string ClusterFileBad(object file) => Format(nameof(ClusterFileBad), file);

    public static string ClusterKeyBad(object file) => Format(nameof(ClusterKeyBad), file);

    public static string ClusterOtherCount(object file, object count, object asked) =>
        Format(nameof(ClusterOtherCount), file, count, asked);

    public static string ClusterIsSingle(object folder) => Format(nameof(ClusterIsSingle), folder);

    public static string ClusterNotRunning(object folder) =>
        Format(nameof(ClusterNotRunning), folder);

    public static string ClusterLeader(object name) => Format(nameof(ClusterLeader), name);

    public static string ClusterMemberAt(object name, object binary, object rest) =>
        Format(nameof(ClusterMemberAt), name, binary, rest);

    public static string ClusterGatewayAt(object rest) => Format(nameof(ClusterGatewayAt), rest);

    public static string ChildStarted(object name, object process) =>
        Format(nameof(ChildStarted), name, process);

    public static string ChildEnded(object name, object code, object pause, object log) =>
        Format(nameof(ChildEnded), name, code, pause, log);

    public static string ClusterDoorOption => Get();

    public static string ClusterNone(object folder) => Format(nameof(ClusterNone), folder);

    public static string ClusterNoLeader(object file) => Format(nameof(ClusterNoLeader), file);

    public static string ClusterSilent(object file) => Format(nameof(ClusterSilent), file);

    public static string ClusterStatusDescription => Get();

    public static string HandOverDescription => Get();

    public static string HandOverToOption => Get();

    public static string HandedOver(object name, object ms) => Format(nameof(HandedOver), name, ms);

    public static string ParityDescription => Get();

    public static string ParityColumnMember => Get();

    public static string ParityColumnRole => Get();

    public static string ParityColumnApplied => Get();

    public static string ParityColumnLag => Get();

    public static string ParityColumnEqualAt => Get();

    public static string ParityColumnBinary => Get();

    public static string ParityColumnConfiguration => Get();

    public static string ParityColumnDisk => Get();

    public static string ParityColumnClock => Get();

    public static string ParityColumnLastLed => Get();

    public static string ParityAbsent => Get();

    public static string ParityLeads => Get();

    public static string ParityFollows => Get();

    public static string ParityEqual(object entry, object seconds) =>
        Format(nameof(ParityEqual), entry, seconds);

    public static string ParityGreen => Get();

    public static string ParityRed => Get();
}
