using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Evenkeel.Demo.Load.Customers;
using Evenkeel.Demo.Plan;
using Evenkeel.Host.Banks;
using Evenkeel.Host.CommandLine;
using Evenkeel.Host.Houses;
using Evenkeel.Payments;

namespace Evenkeel.Host.Demos;

/// <summary>
/// <c>evenkeel demo pay|find</c>: what a company's own program does by REST, as commands: sign in at the
/// gateway, pay with a reference, ask where the money is.
/// </summary>
internal static class DemoPayCommands
{
    private const uint Cny = 156;

    private static readonly Option<Uri?> Gateway = new("--gateway")
    {
        Description = Text.DemoGatewayOption,
        HelpName = "URL",
        CustomParser = CommonOptions.ParseUrl,
    };

    public static Command CreatePay(BankDoor door)
    {
        Argument<string> to = new("TO") { Description = Text.DemoPayToArgument };
        Argument<decimal> amount = new("AMOUNT") { Description = Text.DemoPayAmountArgument };
        Argument<string> reference = new("REFERENCE")
        {
            Description = Text.DemoPayReferenceArgument,
        };
        Command pay = new("pay", Text.DemoPayDescription) { to, amount, reference, Gateway };
        pay.WithRestOptions();
        pay.Does(
            async (parsed, terminal, token) =>
            {
                var demonstration = await Demonstration
                    .FindAsync(door, parsed, token)
                    .ConfigureAwait(false);
                var payee = parsed.GetRequiredValue(to);
                if (
                    !demonstration.Directory.Accounts.TryGetValue(
                        $"{payee}/current",
                        out var account
                    )
                )
                {
                    throw new CommandFailedException(ExitCode.Usage, Text.DemoNobody(payee));
                }
                if (
                    Payments.Money.FromDecimal(parsed.GetValue(amount), Cny)
                    is not { Minor: > 0 } money
                )
                {
                    throw new CommandFailedException(
                        ExitCode.Usage,
                        Text.SettingNotUnderstood(amount.Name, $"{parsed.GetValue(amount)}")
                    );
                }
                var body = CustomerRequests.Payment(
                    demonstration.Directory.Accounts[$"{DemoLogins.Company}/current"],
                    account,
                    money
                );
                return await AskAsync(
                        parsed,
                        terminal,
                        demonstration.File,
                        session =>
                            session.PostAsync(
                                "/payments",
                                body,
                                parsed.GetRequiredValue(reference),
                                token
                            ),
                        token
                    )
                    .ConfigureAwait(false);
            }
        );
        return pay;
    }

    public static Command CreateFind()
    {
        Argument<string> reference = new("REFERENCE")
        {
            Description = Text.DemoFindReferenceArgument,
        };
        Command find = new("find", Text.DemoFindDescription) { reference, Gateway };
        find.WithRestOptions();
        find.Does(
            (parsed, terminal, token) =>
                AskAsync(
                    parsed,
                    terminal,
                    DemoFile.Of(parsed.GetRequiredValue(CommonOptions.Data).FullName),
                    session =>
                        session.GetAsync(
                            $"/traces?reference={Uri.EscapeDataString(parsed.GetRequiredValue(reference))}",
                            token
                        ),
                    token
                )
        );
        return find;
    }

    /// <summary>As the factory's own program; shows the answer as it came.</summary>
    private static async Task<int> AskAsync(
        ParseResult parsed,
        Terminal terminal,
        DemoFile file,
        Func<BankSession, Task<RestReply>> ask,
        CancellationToken token
    )
    {
        var gateway =
            parsed.GetValue(Gateway)
            ?? HouseFile.Of(parsed.GetRequiredValue(CommonOptions.Data).FullName).Gateway;
        using RestDoor door = new(DemoPlanner.Draw(file.ToOptions()), gateway, TimeProvider.System);
        var session = door.SessionOf(LoginKind.Program, DemoLogins.Company);
        var reply =
            await session.EnsureAsync(strong: true, token).ConfigureAwait(false)
            ?? await ask(session).ConfigureAwait(false);
        if (reply.Status == 0)
        {
            throw new CommandFailedException(ExitCode.Unknown, Text.CannotConnect(gateway, ""));
        }
        Print(terminal, reply);
        return reply.Status is 200 or 202 ? ExitCode.Ok : ExitCode.NotDone;
    }

    private static void Print(Terminal terminal, RestReply reply)
    {
        try
        {
            using var json = JsonDocument.Parse(reply.Body);
            terminal.Line(
                JsonSerializer.Serialize(json.RootElement, ReplyJson.Default.JsonElement)
            );
        }
        catch (JsonException)
        {
            terminal.Line(Text.RestRefused(reply.Status, reply.Body));
        }
    }
}

[JsonSourceGenerationOptions(WriteIndented = true)]
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class ReplyJson : JsonSerializerContext;
