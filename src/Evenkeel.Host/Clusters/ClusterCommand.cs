using System.CommandLine;
using Evenkeel.Host.CommandLine;

namespace Evenkeel.Host.Clusters;

/// <summary><c>evenkeel cluster</c>: what an operator does to a running cluster.</summary>
internal static class ClusterCommand
{
    public static Command Create() =>
        new("cluster", Text.ClusterDescription)
        {
            Status(),
            HandOver(),
            MembersCommand.CreateAdd(),
            MembersCommand.CreateRemove(),
            MembersCommand.CreateReplace(),
            RecoverCommand.Create(),
            CertificatesCommand.Create(),
        };

    private static Command Status()
    {
        var command = new Command("status", Text.ClusterStatusDescription).WithClusterOptions();
        command.Does(
            async (parsed, terminal, token) =>
            {
                var certificate = await ParityCommand.AskAsync(parsed, token).ConfigureAwait(false);
                ParityCommand.Print(terminal, certificate);
                terminal.Object(certificate, ClusterJson.Default.ParityCertificate);
                return ExitCode.Ok;
            }
        );
        return command;
    }

    private static Command HandOver()
    {
        Option<string?> to = new("--to") { Description = Text.HandOverToOption, HelpName = "NAME" };
        var command = new Command("hand-over", Text.HandOverDescription)
        {
            to,
        }.WithClusterOptions();
        command.Does(
            async (parsed, terminal, token) =>
            {
                await using var leader = await ClusterDoor
                    .OpenAsync(parsed, mustLead: true, token)
                    .ConfigureAwait(false);
                var answer = await leader
                    .PostAsync(
                        ClusterEndpoints.HandOverPath,
                        new HandOverRequest(parsed.GetValue(to)),
                        ClusterJson.Default.HandOverRequest,
                        ClusterJson.Default.HandOverAnswer,
                        token
                    )
                    .ConfigureAwait(false);
                terminal.Line(Text.HandedOver(answer.To ?? "", answer.PauseMs));
                terminal.Object(answer, ClusterJson.Default.HandOverAnswer);
                return ExitCode.Ok;
            }
        );
        return command;
    }
}
