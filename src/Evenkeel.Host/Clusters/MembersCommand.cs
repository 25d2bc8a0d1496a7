using System.CommandLine;
using System.Diagnostics;
using Evenkeel.Host.Banks;
using Evenkeel.Host.CommandLine;
using Evenkeel.Host.Serving;
using Evenkeel.Model.Clusters;

namespace Evenkeel.Host.Clusters;

/// <summary>
/// <c>evenkeel cluster add</c>, <c>remove</c> and <c>replace</c>: one member at a time, while the bank
/// serves (ADR 24).
/// </summary>
internal static class MembersCommand
{
    private const int LookMs = 200;
    private const int WaitSecondsMax = 24 * 3_600;

    private static readonly Option<int> Wait = MakeWait();

    public static Command CreateAdd()
    {
        MemberOptions member = new();
        var command = new Command("add", Text.ClusterAddDescription) { Wait }.WithClusterOptions();
        member.AddTo(command);
        command.Does(
            async (parsed, terminal, token) =>
                Say(
                    terminal,
                    await AddAsync(parsed, terminal, member.Read(parsed), token)
                        .ConfigureAwait(false)
                )
        );
        return command;
    }

    public static Command CreateRemove()
    {
        Argument<string> name = new("name") { Description = Text.ClusterRemoveName };
        var command = new Command("remove", Text.ClusterRemoveDescription)
        {
            name,
            Wait,
        }.WithClusterOptions();
        command.Does(
            async (parsed, terminal, token) =>
                Say(
                    terminal,
                    await RemoveAsync(parsed, terminal, parsed.GetRequiredValue(name), token)
                        .ConfigureAwait(false)
                )
        );
        return command;
    }

    public static Command CreateReplace()
    {
        Argument<string> old = new("old") { Description = Text.ClusterReplaceName };
        MemberOptions member = new();
        var command = new Command("replace", Text.ClusterReplaceDescription)
        {
            old,
            Wait,
        }.WithClusterOptions();
        member.AddTo(command);
        command.Does(
            async (parsed, terminal, token) =>
            {
                var name = parsed.GetRequiredValue(old);
                var joining = member.Read(parsed);
                var certificate = await ParityCommand.AskAsync(parsed, token).ConfigureAwait(false);
                // One that still answers keeps its place until the new one has taken it.
                if (
                    certificate.Members.Any(m =>
                        m.Answers && string.Equals(m.Name, name, StringComparison.Ordinal)
                    )
                )
                {
                    await AddAsync(parsed, terminal, joining, token).ConfigureAwait(false);
                    return Say(
                        terminal,
                        await RemoveAsync(parsed, terminal, name, token).ConfigureAwait(false)
                    );
                }
                await RemoveAsync(parsed, terminal, name, token).ConfigureAwait(false);
                return Say(
                    terminal,
                    await AddAsync(parsed, terminal, joining, token).ConfigureAwait(false)
                );
            }
        );
        return command;
    }

    private static async Task<MemberChangeAnswer> AddAsync(
        ParseResult parsed,
        Terminal terminal,
        ClusterMember joining,
        CancellationToken token
    )
    {
        var path = ClusterDoor.PathOf(parsed);
        var prepared = await UntilDoneAsync(
                parsed,
                terminal,
                new MemberChangeRequest(joining, Remove: null, Prepare: true),
                token
            )
            .ConfigureAwait(false);
        // Beside the cluster file, where the supervisor looks; certificates are relative to it.
        var file = JoiningFile.PathFor(path, joining.Name);
        var proposed = ClusterFile.Parse(System.Text.Encoding.UTF8.GetBytes(prepared.File!), file);
        proposed.Write(file);
        terminal.Line(Text.ClusterJoining(joining.Name, file));
        var answer = await UntilDoneAsync(parsed, terminal, new MemberChangeRequest(joining), token)
            .ConfigureAwait(false);
        Keep(path, answer);
        return answer;
    }

    private static async Task<MemberChangeAnswer> RemoveAsync(
        ParseResult parsed,
        Terminal terminal,
        string name,
        CancellationToken token
    )
    {
        var path = ClusterDoor.PathOf(parsed);
        if (Membership.ReadFile(path).Find(name) is null)
        {
            throw new CommandFailedException(
                ExitCode.NotDone,
                Text.ClusterMembersRefused(
                    Text.ClusterNoSuchMember(
                        name,
                        path,
                        string.Join(
                            ", ",
                            Membership.ReadFile(path).Members.Select(static m => m.Name)
                        )
                    )
                )
            );
        }
        var answer = await UntilDoneAsync(
                parsed,
                terminal,
                new MemberChangeRequest(Remove: name),
                token
            )
            .ConfigureAwait(false);
        Keep(path, answer);
        return answer;
    }

    /// <summary>Members write their own copies; this one may be another.</summary>
    private static void Keep(string path, MemberChangeAnswer answer)
    {
        var file = ClusterFile.Parse(System.Text.Encoding.UTF8.GetBytes(answer.File!), path);
        if (ClusterFile.Read(path).VersionNow < file.VersionNow)
        {
            file.Write(path, aside: $"{path}.{Environment.ProcessId}.tmp");
        }
    }

    /// <exception cref="CommandFailedException">It is refused, or not possible in time.</exception>
    private static async Task<MemberChangeAnswer> UntilDoneAsync(
        ParseResult parsed,
        Terminal terminal,
        MemberChangeRequest asked,
        CancellationToken token
    )
    {
        var started = Stopwatch.GetTimestamp();
        var patience = TimeSpan.FromSeconds(parsed.GetValue(Wait));
        string? said = null;
        while (true)
        {
            string? detail;
            try
            {
                var answer = await AskAsync(parsed, asked, token).ConfigureAwait(false);
                if (answer.Done)
                {
                    return answer;
                }
                if (!answer.MayBecome)
                {
                    throw new CommandFailedException(
                        ExitCode.NotDone,
                        Text.ClusterMembersRefused(answer.Detail ?? "")
                    );
                }
                detail = answer.Detail;
            }
            catch (LeaderAwayException away)
            {
                // Asked again it does nothing twice: what is done already is said to be done.
                detail = away.Message;
            }
            if (Stopwatch.GetElapsedTime(started) > patience)
            {
                throw new CommandFailedException(
                    ExitCode.NotDone,
                    Text.ClusterMembersRefused(detail ?? "")
                );
            }
            if (!string.Equals(said, detail, StringComparison.Ordinal))
            {
                said = detail;
                terminal.Remark(said ?? "");
            }
            await Task.Delay(LookMs, token).ConfigureAwait(false);
        }
    }

    /// <exception cref="LeaderAwayException">Nobody leads, or whoever did went away.</exception>
    private static async Task<MemberChangeAnswer> AskAsync(
        ParseResult parsed,
        MemberChangeRequest asked,
        CancellationToken token
    )
    {
        RestBank leader;
        try
        {
            leader = await ClusterDoor
                .OpenAsync(parsed, mustLead: true, token)
                .ConfigureAwait(false);
        }
        catch (CommandFailedException none) when (none.ExitCode == ExitCode.NotDone)
        {
            throw new LeaderAwayException(none);
        }
        await using (leader.ConfigureAwait(false))
        {
            try
            {
                return await leader
                    .PostAsync(
                        ClusterEndpoints.MembersPath,
                        asked,
                        ClusterJson.Default.MemberChangeRequest,
                        ClusterJson.Default.MemberChangeAnswer,
                        token
                    )
                    .ConfigureAwait(false);
            }
            catch (CommandFailedException lost) when (lost.ExitCode == ExitCode.Unknown)
            {
                throw new LeaderAwayException(lost);
            }
        }
    }

    private static int Say(Terminal terminal, MemberChangeAnswer answer)
    {
        var file = ClusterFile.Parse(System.Text.Encoding.UTF8.GetBytes(answer.File!), "");
        terminal.Line(
            Text.ClusterMembersNow(
                answer.Version,
                string.Join(", ", file.Members.Select(static m => m.Name)),
                file.Quorum
            )
        );
        terminal.Object(answer, ClusterJson.Default.MemberChangeAnswer);
        return ExitCode.Ok;
    }

    private static Option<int> MakeWait()
    {
        Option<int> wait = new("--wait")
        {
            Description = Text.ClusterWaitOption,
            HelpName = "SECONDS",
            DefaultValueFactory = static _ => 600,
        };
        wait.Validators.Add(Bounds.Between(wait, 0, WaitSecondsMax));
        return wait;
    }
}

/// <summary>Nobody leads for the moment; asking again may help.</summary>
internal sealed class LeaderAwayException(Exception reason) : Exception(reason.Message, reason);

/// <summary>The file that a joining member is started with, until it belongs.</summary>
internal static class JoiningFile
{
    private const string Prefix = "joining-";

    public static string PathFor(string clusterFile, string name) =>
        Path.Combine(Path.GetDirectoryName(clusterFile)!, $"{Prefix}{name}.json");

    /// <summary>Names and files of who wants to join the cluster of this directory.</summary>
    public static IEnumerable<(string Name, string Path)> In(string directory) =>
        Directory
            .EnumerateFiles(directory, Prefix + "*.json")
            .Select(static path => (Path.GetFileNameWithoutExtension(path)[Prefix.Length..], path));
}

/// <summary>Options that describe a new member.</summary>
internal sealed class MemberOptions
{
    private readonly Option<string> _name;
    private readonly Option<string> _raft;
    private readonly Option<string> _binary;
    private readonly Option<string> _rest;
    private readonly Option<string?> _certificate = new("--certificate")
    {
        Description = Text.CertificateOption,
        HelpName = "FILE",
    };
    private readonly Option<string?> _certificateKey = new("--certificate-key")
    {
        Description = Text.CertificateKeyOption,
        HelpName = "FILE",
    };

    public MemberOptions()
    {
        _name = Of("--name", Text.ClusterNameOption, "NAME");
        _raft = Of("--raft", Text.MemberRaftOption, "ADDRESS:PORT");
        _binary = Of("--binary", Text.MemberBinaryOption, "HOST:PORT");
        _rest = Of("--rest", Text.MemberRestOption, "URL");

        Option<string> Of(string name, string description, string help) =>
            new(name)
            {
                Description = description,
                HelpName = help,
                Required = true,
            };
    }

    public void AddTo(Command command)
    {
        Option[] all = [_name, _raft, _binary, _rest, _certificate, _certificateKey];
        foreach (var option in all)
        {
            command.Options.Add(option);
        }
    }

    public ClusterMember Read(ParseResult parsed) =>
        new()
        {
            Name = parsed.GetRequiredValue(_name),
            Raft = parsed.GetRequiredValue(_raft),
            Binary = parsed.GetRequiredValue(_binary),
            Rest = parsed.GetRequiredValue(_rest),
            Certificate = parsed.GetValue(_certificate),
            CertificateKey = parsed.GetValue(_certificateKey),
        };
}
