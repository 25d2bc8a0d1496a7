using Evenkeel.Host.CommandLine;
using Evenkeel.Journal;
using Evenkeel.Journal.Access;
using Evenkeel.Node;

namespace Evenkeel.Host.Clusters;

/// <summary>
/// The operator's key of a cluster: kept before the cluster's first start, made by whichever member
/// leads first. Doing it again changes nothing.
/// </summary>
internal static class ClusterKey
{
    private const int LookMs = 50;
    private const int AgainMs = 500;

    /// <summary>Ends when the keys are there, whoever made them.</summary>
    public static async Task EnsureAsync(
        EvenkeelNode node,
        string keyPath,
        CancellationToken stopping
    )
    {
        var text = await File.ReadAllTextAsync(keyPath, stopping).ConfigureAwait(false);
        if (!ApiKeyToken.TryParse(text.Trim(), out var token))
        {
            throw new CommandFailedException(ExitCode.Usage, Text.ClusterKeyBad(keyPath));
        }
        while (!stopping.IsCancellationRequested)
        {
            if (!node.IsLeading)
            {
                await PauseAsync(LookMs, stopping).ConfigureAwait(false);
                continue;
            }
            var answer = await KeyBootstrap
                .EnsureFirstKeyAsync(node.Keys, token, stopping)
                .ConfigureAwait(false);
            if (answer is Answer<IssuedKey?>.Done)
            {
                return;
            }
            await PauseAsync(AgainMs, stopping).ConfigureAwait(false);
        }
    }

    private static async Task PauseAsync(int milliseconds, CancellationToken stopping) =>
        await Task.Delay(milliseconds, stopping)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
