using System.Diagnostics;
using Evenkeel.Host.CommandLine;
using Evenkeel.Host.Serving;
using Evenkeel.Replication;
using Microsoft.Extensions.Logging;

namespace Evenkeel.Host.Clusters;

/// <summary>
/// Before a member takes part in anything: is its directory whole? If not, it is made whole from the
/// cluster (ADR 16). Until then neither consensus nor any interface of it runs.
/// </summary>
internal static class SeedPhase
{
    private static readonly TimeSpan SayEvery = TimeSpan.FromSeconds(5);

    /// <exception cref="CommandFailedException">A copy is damaged, or the disk here refuses.</exception>
    public static async Task RunAsync(
        string dataDirectory,
        Membership membership,
        ILoggerFactory logging,
        CancellationToken cancellationToken
    )
    {
        if (!membership.Others.Any())
        {
            // There is nobody to ask, and nobody else can have been promised anything.
            return;
        }
        var kind = MemberStart.Decide(dataDirectory);
        if (kind != MemberStartKind.Seed)
        {
            return;
        }
        var logger = logging.CreateLogger(typeof(SeedPhase));
        logger.SeedingBegins(
            dataDirectory,
            MemberStart.ReseedReason(dataDirectory)
                ?? "it has no history; were the cluster new, each member would be started with --found"
        );
        using HttpClient http = new(membership.CreatePeerHandler())
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        membership.Introduce(http);
        var said = 0L;
        string? waiting = null;
        Seeder seeder = new(
            dataDirectory,
            new HttpSeedSource(http, [.. membership.Others.Select(static m => m.RestAddress)]),
            TimeProvider.System,
            Say
        );
        try
        {
            var report = await seeder.RunAsync(cancellationToken).ConfigureAwait(false);
            logger.SeedingDone(
                report.Member,
                report.Term,
                report.SnapshotIndex,
                report.ArchiveIndex,
                report.FetchedBytes >> 20,
                report.ReusedBytes >> 20,
                report.Passes,
                (long)report.Duration.TotalMilliseconds
            );
        }
        catch (Exception e)
            when (e is SeedDamagedException or InvalidDataException
                || (e is IOException and not DirectoryInUseException)
            )
        {
            throw new CommandFailedException(ExitCode.NotDone, Text.SeedingFailed(e.Message));
        }

        void Say(SeedProgress progress)
        {
            var isNews = !string.Equals(waiting, progress.Waiting, StringComparison.Ordinal);
            if (!isNews && said != 0 && Stopwatch.GetElapsedTime(said) < SayEvery)
            {
                return;
            }
            said = Stopwatch.GetTimestamp();
            waiting = progress.Waiting;
            if (waiting is not null)
            {
                logger.SeedingWaits(waiting);
            }
            else
            {
                logger.SeedingGoesOn(
                    progress.Pass,
                    progress.DoneBytes >> 20,
                    progress.TotalBytes >> 20
                );
            }
        }
    }
}
