using System.CommandLine;
using Evenkeel.Host.Banks;
using Evenkeel.Host.CommandLine;

namespace Evenkeel.Host.Serving;

/// <summary>What a bank's desk does to a login: somebody lost a phone, or must be kept out.</summary>
internal static class ChangeLoginCommand
{
    public static Command Create(BankDoor door)
    {
        Argument<string> login = new("login") { Description = Text.BankLoginArgument };
        Argument<string> change = new("change") { Description = Text.BankLoginChangeArgument };
        change.AcceptOnlyFromAmong([.. LoginChangeEndpoint.Names]);
        var kind = BankCommand.KindOfLogin();
        var command = new Command("change-login", Text.BankLoginChangeDescription)
        {
            login,
            change,
            kind,
        }.WithRestOptions();
        command.Does(
            async (parsed, terminal, token) =>
            {
                await using var bank = BankDoor.FindRest(parsed, door.KeyFor(parsed));
                var changed = await bank.PostAsync(
                        LoginChangeEndpoint.Path,
                        new LoginChange(
                            parsed.GetRequiredValue(kind),
                            parsed.GetRequiredValue(login),
                            parsed.GetRequiredValue(change)
                        ),
                        LoginJson.Default.LoginChange,
                        LoginJson.Default.LoginMade,
                        token
                    )
                    .ConfigureAwait(false);
                terminal.Line(Text.BankLoginChanged(changed.Login));
                if (changed.AuthenticatorKey is { } key)
                {
                    terminal.Line(Text.BankLoginKey(key));
                }
                terminal.Object(changed, LoginJson.Default.LoginMade);
                return ExitCode.Ok;
            }
        );
        return command;
    }
}
