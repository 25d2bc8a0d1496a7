using System.CommandLine;
using Evenkeel.Host.Banks;
using Evenkeel.Host.CommandLine;
using Evenkeel.Host.Serving;
using Evenkeel.Watch.Upgrades;
using Evenkeel.Watch.Upgrades.Rolling;

namespace Evenkeel.Host.Upgrades;

/// <summary>
/// <c>evenkeel upgrade roll</c> and <c>upgrade back</c>: exchange the program of a supervised cluster
/// node by node, and undo it.
/// </summary>
internal static class RollCommand
{
    private const int SecondsMax = 24 * 3_600;
    private const int MebibytesMax = 1 << 20;

    /// <summary>How old the rehearsal of exactly these two programs may be.</summary>
    private static readonly TimeSpan RehearsalAgeMax = TimeSpan.FromHours(24);

    public static Command CreateRoll(BankDoor door)
    {
        Option<string> candidate = new("--candidate")
        {
            Description = Text.CandidateOption,
            HelpName = "BINARY",
            Required = true,
        };
        var soak = Number("--soak", 30, SecondsMax, "SECONDS", Text.RollSoakOption);
        var memory = Number("--memory-growth", 64, MebibytesMax, "MIB", Text.RollMemoryOption);
        Option<bool> unrehearsed = new("--without-rehearsal")
        {
            Description = Text.RollUnrehearsedOption,
        };
        var command = new Command("roll", Text.UpgradeRollDescription)
        {
            candidate,
            soak,
            memory,
            unrehearsed,
            CommonOptions.Data,
            CommonOptions.Key,
            CommonOptions.Json,
        };
        command.Does(
            async (parsed, terminal, token) =>
            {
                var directory = parsed.GetRequiredValue(CommonOptions.Data).FullName;
                var path = Executables.Find(parsed.GetRequiredValue(candidate));
                using var cluster = Open(directory, door.KeyFor(parsed));
                var previous = OnlyProgramOf(cluster);
                if (!parsed.GetValue(unrehearsed))
                {
                    RequireRehearsal(directory, cluster, previous, path);
                }
                new UpgradeNote(
                    previous,
                    await KnownByAllAsync(directory, door.KeyFor(parsed), token)
                        .ConfigureAwait(false),
                    path,
                    TimeProvider.System.GetUtcNow()
                ).Write(directory);
                var limits = new CanaryLimits();
                var roll = new RollingUpgrade(
                    cluster,
                    new RollOptions
                    {
                        CandidatePath = path,
                        Soak = TimeSpan.FromSeconds(parsed.GetValue(soak)),
                        Limits = limits with
                        {
                            MemoryBytesMax = (long)parsed.GetValue(memory) << 20,
                        },
                    },
                    new Remarks(terminal)
                );
                return await RunAsync(terminal, () => roll.RunAsync(token), Text.RollDone)
                    .ConfigureAwait(false);
            }
        );
        return command;
    }

    public static Command CreateBack(BankDoor door)
    {
        var command = new Command("back", Text.UpgradeBackDescription)
        {
            CommonOptions.Data,
            CommonOptions.Key,
            CommonOptions.Json,
        };
        command.Does(
            async (parsed, terminal, token) =>
            {
                var directory = parsed.GetRequiredValue(CommonOptions.Data).FullName;
                var note =
                    UpgradeNote.Read(directory)
                    ?? throw new CommandFailedException(
                        ExitCode.NotDone,
                        Text.RollNothingToUndo(directory)
                    );
                using var cluster = Open(directory, door.KeyFor(parsed));
                var views = await cluster.LookAsync(token).ConfigureAwait(false);
                var inForce = views.Where(v => v.Answers).Select(v => v.StateVersion).ToList();
                if (inForce.Count == 0)
                {
                    throw new CommandFailedException(ExitCode.NotDone, Text.NotServing(directory));
                }
                if (note.WhyNotBack(inForce.Max()) is { } closed)
                {
                    throw new CommandFailedException(ExitCode.NotDone, Text.RollNoWayBack(closed));
                }
                var roll = new RollingUpgrade(
                    cluster,
                    new RollOptions { CandidatePath = note.From },
                    new Remarks(terminal)
                );
                return await RunAsync(
                        terminal,
                        () => roll.BackAsync(note.From, token),
                        Text.RollBackDone
                    )
                    .ConfigureAwait(false);
            }
        );
        return command;
    }

    private static async Task<int> RunAsync(
        Terminal terminal,
        Func<Task<RollReport>> run,
        Func<object, string> done
    )
    {
        RollReport report;
        try
        {
            report = await run().ConfigureAwait(false);
        }
        catch (UpgradeException e)
        {
            throw new CommandFailedException(ExitCode.NotDone, e.Message);
        }
        foreach (var node in report.Nodes)
        {
            terminal.Line(Text.RollNode(node.Name, node.Outcome, node.Seconds));
        }
        if (report.Stopped is { } stopped)
        {
            terminal.Complain(Text.RollStopped(stopped));
        }
        else
        {
            terminal.Line(done(report.Seconds));
        }
        terminal.Object(report, UpgradeOutputJson.Default.RollReport);
        return report.Done ? ExitCode.Ok : ExitCode.NotDone;
    }

    private static SupervisedCluster Open(string directory, string key) =>
        File.Exists(Path.Combine(directory, "cluster.json"))
            ? new SupervisedCluster(directory, key)
            : throw new CommandFailedException(ExitCode.NotDone, Text.RollNoCluster(directory));

    private static string OnlyProgramOf(SupervisedCluster cluster)
    {
        var programs = cluster
            .Nodes.Select(cluster.ExecutableOf)
            .Distinct(StringComparer.Ordinal)
            .ToList();
        return programs is [{ Length: > 0 } one]
            ? one
            : throw new CommandFailedException(
                ExitCode.NotDone,
                Text.RollMixed(string.Join(", ", programs))
            );
    }

    private static void RequireRehearsal(
        string directory,
        SupervisedCluster cluster,
        string previous,
        string candidate
    )
    {
        var current = ProgramHash.Of(Path.GetDirectoryName(previous)!);
        var next = ProgramHash.Of(Path.GetDirectoryName(candidate)!);
        var newest = cluster
            .Nodes.Select(n => Path.Combine(directory, n))
            .Append(directory)
            .Select(d =>
                RehearsalFiles.FindNewest(Path.Combine(d, RehearsalFiles.FolderName), current, next)
            )
            .Where(r => r is not null)
            .MaxBy(r => r!.StartedAt);
        if (newest is null || TimeProvider.System.GetUtcNow() - newest.StartedAt > RehearsalAgeMax)
        {
            throw new CommandFailedException(
                ExitCode.NotDone,
                Text.RollNotRehearsed(RehearsalAgeMax.TotalHours, candidate)
            );
        }
        if (!newest.Passed)
        {
            throw new CommandFailedException(
                ExitCode.NotDone,
                Text.RollRehearsalFailed(
                    newest.Difference?.Entry ?? 0,
                    newest.Difference?.Detail ?? ""
                )
            );
        }
    }

    /// <summary>The state version that every member knows now, with the program of before.</summary>
    private static async Task<uint> KnownByAllAsync(
        string directory,
        string key,
        CancellationToken token
    )
    {
        var known = uint.MaxValue;
        var members = EndpointFile.Read(directory)?.Members;
        if (members is null)
        {
            throw new CommandFailedException(ExitCode.NotDone, Text.NotServing(directory));
        }
        foreach (var member in members)
        {
            await using var bank = new RestBank(
                member.Rest,
                key,
                certificateSha256: null,
                own: null
            );
            var answer = await bank.GetAsync(
                    StateVersionEndpoint.Path,
                    StateVersionJson.Default.StateVersionAnswer,
                    token
                )
                .ConfigureAwait(false);
            known = Math.Min(known, answer.Known);
        }
        return known;
    }

    private static Option<int> Number(
        string name,
        int value,
        int max,
        string help,
        string description
    )
    {
        Option<int> option = new(name)
        {
            Description = description,
            HelpName = help,
            DefaultValueFactory = _ => value,
        };
        option.Validators.Add(Bounds.Between(option, 1, max));
        return option;
    }

    private sealed class Remarks(Terminal terminal) : IProgress<string>
    {
        public void Report(string value) => terminal.Remark(value);
    }
}
