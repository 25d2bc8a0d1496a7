using System.Security.Cryptography;
using Evenkeel.Model.Clusters;
using Evenkeel.Model.People;
using Evenkeel.Watch.Drills;
using Evenkeel.Watch.Drills.TestBed;
using Xunit;

namespace Evenkeel.Cluster.Tests;

/// <summary>What an operator does to the members of a test bed, by the commands that operators have.</summary>
internal static class MemberChanges
{
    private static readonly TimeSpan FileMax = TimeSpan.FromSeconds(300);
    private static int commands;

    /// <summary>A new node joins, as documented: the command says with which file to start it.</summary>
    public static async Task<TestNode> AddAsync(this Trial trial, CancellationToken token)
    {
        TestNode node = trial.Cluster.AddNode();
        await JoinAsync(trial, node, ["cluster", "add"], token);
        return node;
    }

    /// <summary>A new node takes the place of another one.</summary>
    public static async Task<TestNode> ReplaceAsync(
        this Trial trial,
        TestNode old,
        CancellationToken token
    )
    {
        TestNode node = trial.Cluster.AddNode();
        await JoinAsync(trial, node, ["cluster", "replace", old.Name], token);
        trial.Cluster.Forget(old);
        return node;
    }

    /// <summary>Runs the executable; its exit status and what it printed.</summary>
    public static async Task<(int Status, string Said)> RunAsync(
        this TestCluster cluster,
        IReadOnlyList<string> arguments,
        CancellationToken token
    )
    {
        string log = Path.Combine(
            cluster.Directory,
            $"command-{Interlocked.Increment(ref commands)}.log"
        );
        using BedProcess process = BedProcess.Start(
            "command",
            [cluster.Options.Binary, .. arguments],
            log
        );
        int status = await process.WaitAsync(token);
        return (status, await System.IO.File.ReadAllTextAsync(log, token));
    }

    public static ClusterFile File(this TestCluster cluster) =>
        ClusterFile.Read(cluster.ClusterFile);

    /// <summary>Two people, and the files of their keys.</summary>
    public static IReadOnlyList<(string Name, string Key)> MakeOperators(this TestCluster cluster)
    {
        List<(string, string)> people = [];
        List<Operator> operators = [];
        foreach (string name in (string[])["ada", "grace"])
        {
            using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            string path = Path.Combine(cluster.Directory, $"{name}.pem");
            System.IO.File.WriteAllText(path, key.ExportPkcs8PrivateKeyPem());
            operators.Add(Operator.From(name, key));
            people.Add((name, path));
        }
        (OperatorsFile.Empty with { Operators = operators }).Write(
            Path.Combine(cluster.Directory, OperatorsFile.FileName)
        );
        return people;
    }

    private static async Task JoinAsync(
        Trial trial,
        TestNode node,
        string[] command,
        CancellationToken token
    )
    {
        TestCluster cluster = trial.Cluster;
        Task<(int Status, string Said)> asked = cluster.RunAsync(
            [
                .. command,
                "--cluster",
                cluster.ClusterFile,
                "--name",
                node.Name,
                "--raft",
                cluster.RaftAddressOf(node),
                "--binary",
                node.Binary.ToString(),
                "--rest",
                node.Rest.ToString(),
                "--wait",
                "300",
            ],
            token
        );
        node.ClusterFile = Path.Combine(cluster.Directory, $"joining-{node.Name}.json");
        await Patience.UntilAsync(
            $"{node.Name} may join",
            FileMax,
            () => asked.IsCompleted || System.IO.File.Exists(node.ClusterFile),
            token
        );
        if (!asked.IsCompleted)
        {
            node.Start();
        }
        (int status, string said) = await asked;
        Assert.True(status == 0, said);
        await cluster.WaitReadyAsync(token);
    }
}
