namespace Evenkeel.Import.Amlsim;

/// <summary>One row of <c>nodes.csv</c>.</summary>
/// <param name="Opening">Opening balance, minor units.</param>
internal readonly record struct AmlsimNode(ulong Id, long Opening, bool IsFraud, string FraudStep);

/// <summary>One row of <c>transactions.csv</c>.</summary>
/// <param name="Row">From 1; the source has no number of its own.</param>
/// <param name="Amount">Minor units, above zero.</param>
/// <param name="Time">The simulation's step.</param>
internal readonly record struct AmlsimMovement(
    ulong Row,
    ulong From,
    ulong To,
    long Amount,
    uint Time
);

/// <summary>Reads the sample's two files and judges every row before anything is loaded.</summary>
internal static class AmlsimFiles
{
    public const int Decimals = 2;
    private const string NodesFile = "nodes.csv";
    private const string MovementsFile = "transactions.csv";

    public static string Digest(string folder) =>
        SourceDigest.Compute(folder, [NodesFile, MovementsFile]);

    public static List<AmlsimNode> Nodes(string folder)
    {
        string[] columns = ["nodeid", "isFraud", "init_balance", "fraudStep"];
        using var table = SourceTable.Open(folder, NodesFile, ',', columns);
        List<AmlsimNode> nodes = [];
        while (table.Read())
        {
            var opening = table.Amount(2, Decimals);
            if (opening < 0)
            {
                throw table.WrongField(2);
            }
            nodes.Add(
                new AmlsimNode(table.Number(0), opening, table.Number(1) != 0, table.Text(3))
            );
        }
        return nodes;
    }

    public static List<AmlsimMovement> Movements(string folder)
    {
        string[] columns = ["sourceNodeId", "targetNodeId", "value", "time"];
        using var table = SourceTable.Open(folder, MovementsFile, ',', columns);
        List<AmlsimMovement> movements = [];
        while (table.Read())
        {
            var amount = table.Amount(2, Decimals);
            if (amount <= 0)
            {
                throw table.WrongField(2);
            }
            var time = table.Number(3);
            if (time > uint.MaxValue)
            {
                throw table.WrongField(3);
            }
            movements.Add(
                new AmlsimMovement(
                    (ulong)movements.Count + 1,
                    table.Number(0),
                    table.Number(1),
                    amount,
                    (uint)time
                )
            );
        }
        return movements;
    }
}
