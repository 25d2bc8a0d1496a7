using System.CommandLine;
using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using Evenkeel.Host.Banks;
using Evenkeel.Host.CommandLine;

namespace Evenkeel.Host.Serving;

/// <summary><c>evenkeel health</c>: what <c>/readyz</c> says, in words.</summary>
internal static class HealthCommand
{
    public static Command Create()
    {
        var command = new Command("health", Text.HealthDescription).WithRestOptions();
        command.Does(
            async (parsed, terminal, token) =>
            {
                await using var bank = BankDoor.FindRest(parsed, key: null);
                var answer = await bank.ProbeAsync("/readyz", token).ConfigureAwait(false);
                if (answer is not var (status, body))
                {
                    throw new CommandFailedException(
                        ExitCode.NotDone,
                        Text.CannotConnect(bank.Address, "/readyz")
                    );
                }
                return Print(terminal, status, body);
            }
        );
        return command;
    }

    private static int Print(Terminal terminal, HttpStatusCode status, string body)
    {
        HealthAnswer? health;
        try
        {
            health = JsonSerializer.Deserialize(body, HealthJson.Default.HealthAnswer);
        }
        catch (JsonException e)
        {
            throw new CommandFailedException(
                ExitCode.NotDone,
                Text.RestRefused((int)status, e.Message)
            );
        }
        var isReady = status == HttpStatusCode.OK;
        terminal.Line(isReady ? Text.HealthOk : Text.HealthBad);
        foreach (var reason in health?.Reasons ?? [])
        {
            terminal.Line($"  {reason.Code}: {reason.Detail}");
        }
        terminal.Object(
            new HealthOutput(isReady, health?.Reasons ?? []),
            HealthJson.Default.HealthOutput
        );
        return isReady ? ExitCode.Ok : ExitCode.NotDone;
    }
}

internal sealed record HealthAnswer(string Status, HealthAnswerReason[]? Reasons);

internal sealed record HealthAnswerReason(string Code, string Detail);

internal sealed record HealthOutput(bool Ready, IReadOnlyList<HealthAnswerReason> Reasons);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(HealthAnswer))]
[JsonSerializable(typeof(HealthOutput))]
internal sealed partial class HealthJson : JsonSerializerContext;
