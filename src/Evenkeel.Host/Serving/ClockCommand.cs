using System.CommandLine;
using Evenkeel.Host.Banks;
using Evenkeel.Host.CommandLine;

namespace Evenkeel.Host.Serving;

/// <summary><c>evenkeel clock confirm</c>: log time may follow the machine's clock again.</summary>
internal static class ClockCommand
{
    private const decimal NanosecondsPerSecond = 1_000_000_000m;

    public static Command Create(BankDoor door)
    {
        var confirm = new Command("confirm", Text.ClockConfirmDescription).WithRestOptions();
        confirm.Does(
            async (parsed, terminal, token) =>
            {
                await using var bank = BankDoor.FindRest(parsed, door.KeyFor(parsed));
                var confirmed = await bank.PostAsync(
                        ClockEndpoint.Path,
                        new ClockConfirmed(0),
                        ClockJson.Default.ClockConfirmed,
                        ClockJson.Default.ClockConfirmed,
                        token
                    )
                    .ConfigureAwait(false);
                terminal.Line(
                    confirmed.AcceptedStepNs == 0
                        ? Text.ClockStepNone
                        : Text.ClockStepAccepted(confirmed.AcceptedStepNs / NanosecondsPerSecond)
                );
                terminal.Object(confirmed, ClockJson.Default.ClockConfirmed);
                return ExitCode.Ok;
            }
        );
        return new Command("clock", Text.ClockDescription) { confirm };
    }
}
