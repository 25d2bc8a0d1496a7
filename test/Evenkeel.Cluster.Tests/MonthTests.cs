using System.Diagnostics;
using System.Text.Json;
using Xunit;

namespace Evenkeel.Cluster.Tests;

/// <summary>A month of business on three nodes whose leader is killed again and again.</summary>
[Collection(ClusterTrial.Collection)]
public sealed class MonthTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_month_on_three_nodes_ends_in_the_same_books_however_often_the_leader_is_killed()
    {
        Assert.SkipUnless(ClusterTrial.IsLong, "long");
        using var month = Process.Start(
            new ProcessStartInfo(
                ClusterTrial.Binary,
                ["bank", "month", "--nodes", "3", "--kills", "15", "--json"]
            )
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
            }
        )!;
        var said = await month.StandardOutput.ReadToEndAsync(Token);
        await month.WaitForExitAsync(Token);

        using var outcome = JsonDocument.Parse(said);
        Assert.True(outcome.RootElement.GetProperty("passed").GetBoolean(), said);
        Assert.True(outcome.RootElement.GetProperty("kills").GetInt32() >= 5, said);
        Assert.Equal(0, month.ExitCode);
    }
}
