using System.CommandLine;
using Evenkeel.Host.Banks;
using Evenkeel.Host.CommandLine;

namespace Evenkeel.Host.Upgrades;

/// <summary>
/// <c>evenkeel upgrade activate --version N</c>: asks for newer rules with one key. The second person
/// runs the same command with another key.
/// </summary>
internal static class ActivateCommand
{
    public static Command Create(BankDoor door)
    {
        Option<uint> version = new("--version")
        {
            Description = Text.ActivateVersionOption,
            HelpName = "N",
            Required = true,
        };
        var command = new Command("activate", Text.UpgradeActivateDescription)
        {
            version,
        }.WithRestOptions();
        command.Does(
            async (parsed, terminal, token) =>
            {
                var key = door.KeyFor(parsed);
                await using var bank = await BankDoor
                    .FindLeadingRestAsync(parsed, key, token)
                    .ConfigureAwait(false);
                var answer = await bank.PostAsync(
                        StateVersionEndpoint.Path,
                        new StateVersionRequest(parsed.GetRequiredValue(version)),
                        StateVersionJson.Default.StateVersionRequest,
                        StateVersionJson.Default.StateVersionAnswer,
                        token
                    )
                    .ConfigureAwait(false);
                terminal.Object(answer, UpgradeOutputJson.Default.StateVersionAnswer);
                return Say(terminal, answer);
            }
        );
        return command;
    }

    private static int Say(Terminal terminal, StateVersionAnswer answer)
    {
        switch (answer.State)
        {
            case "active":
                terminal.Line(Text.ActivateDone(answer.InForce));
                return ExitCode.Ok;
            case "waiting":
                terminal.Line(Text.ActivateWaiting(ActivationDesk.SecondPersonMax.TotalMinutes));
                return ExitCode.Ok;
            case "unknown":
                terminal.Complain(answer.Detail);
                return ExitCode.Unknown;
            default:
                terminal.Complain(Text.ActivateRefused(answer.Detail));
                return ExitCode.NotDone;
        }
    }
}
