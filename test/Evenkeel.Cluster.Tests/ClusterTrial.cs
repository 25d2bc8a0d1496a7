using Evenkeel.Watch.Drills;
using Evenkeel.Watch.Drills.Checking;
using Evenkeel.Watch.Drills.Load;
using Evenkeel.Watch.Drills.TestBed;
using Xunit;

namespace Evenkeel.Cluster.Tests;

/// <summary>Three real nodes under load, a fault, and the verdict on what became of it.</summary>
internal static class ClusterTrial
{
    public const int Seed = 20_261_123;

    /// <summary>One cluster at a time: two would disturb each other's timing.</summary>
    public const string Collection = "clusters";

    /// <summary>Another binary than the one that was built with these tests.</summary>
    private const string BinaryVariable = "EVENKEEL_TEST_BINARY";

    public static bool IsLong => Environment.GetEnvironmentVariable("EVENKEEL_LONG") == "1";

    public static string Binary =>
        Environment.GetEnvironmentVariable(BinaryVariable)
        ?? Path.Combine(AppContext.BaseDirectory, "evenkeel");

    public static LoadOptions Load => new() { Seed = Seed };

    public static TrialOptions Options =>
        new()
        {
            Cluster = new TestClusterOptions { Binary = Binary },
            Load = Load,
        };

    /// <summary>Runs the faults under load and asserts that the bank kept every promise.</summary>
    public static async Task<Judgement> RunAsync(
        ITestOutputHelper output,
        TrialOptions options,
        Func<Trial, CancellationToken, Task> faults
    )
    {
        CancellationToken token = TestContext.Current.CancellationToken;
        output.WriteLine($"seed {options.Load?.Seed}");
        await using Trial trial = await Trial.StartAsync(options, token);
        try
        {
            await trial.ProgressAsync(100, token);
            await faults(trial, token);
            await trial.ProgressAsync(100, token);
            Judgement judgement = await trial.JudgeAsync(token);
            output.WriteLine($"the kernel was asked {trial.Cluster.LookUps} times who dialled");
            AssertSound(output, judgement);
            return judgement;
        }
        catch
        {
            Show(output, trial.Cluster);
            throw;
        }
    }

    private static void AssertSound(ITestOutputHelper output, Judgement judgement)
    {
        foreach (CheckReport report in judgement.Reports)
        {
            output.WriteLine(
                $"acknowledged {report.Acknowledged}, lost {report.AcknowledgedLost}, twice "
                    + $"{report.PostedTwice}, unknown {report.UnknownAnswers}, refused "
                    + $"{report.CleanRefusals}, reads {report.ReadsChecked}, positions "
                    + $"{report.PositionsCompared}"
            );
        }
        output.WriteLine(
            "led: " + string.Join(", ", judgement.Leaderships.Select(l => $"{l.Term} {l.Node}"))
        );
        Assert.Empty(judgement.Violations.Select(v => $"{v.Kind}: {v.What}"));
        Assert.Equal(0, judgement.TermsWithTwoLeaders);
        Assert.True(judgement.Acknowledged > 200);
        Assert.All(judgement.Reports, r => Assert.True(r.PositionsCompared > 0));
    }

    private static void Show(ITestOutputHelper output, TestCluster cluster)
    {
        foreach (TestNode node in cluster.Nodes.Where(n => File.Exists(n.LogFile)))
        {
            output.WriteLine($"--- {node.Name}, running {node.IsRunning}");
            foreach (string line in File.ReadLines(node.LogFile).TakeLast(40))
            {
                output.WriteLine(line);
            }
        }
    }
}
