using System.CommandLine;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Evenkeel.Demo.Plan;
using Evenkeel.Host.Banks;
using Evenkeel.Host.CommandLine;
using Evenkeel.Host.Houses;
using Evenkeel.Host.Rails;
using Evenkeel.Host.Serving;

namespace Evenkeel.Host.Demos;

/// <summary>
/// <c>evenkeel demo pay|find|payroll</c>: what a company's own program does by REST, as a command: sign in
/// at the gateway with a token of OAuth, pay with a reference, ask where the money is; and wages from a file.
/// </summary>
internal static class DemoCompanyCommands
{
    private const string Company = "factory-1";
    private const string Root = "/bank/v1";
    private const int LookMs = 200;
    private const int LooksMax = 300;

    private static readonly Option<Uri?> Gateway = new("--gateway")
    {
        Description = Text.DemoGatewayOption,
        HelpName = "URL",
    };

    public static IEnumerable<Command> All(BankDoor door) => [Pay(door), Find(), Payroll(door)];

    private static Command Pay(BankDoor door)
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
                var who = (
                    await Demonstration.FindAsync(door, parsed, token).ConfigureAwait(false)
                ).Answer;
                if (
                    !who.Accounts.TryGetValue(
                        $"{parsed.GetRequiredValue(to)}/current",
                        out var payee
                    )
                )
                {
                    throw new CommandFailedException(
                        ExitCode.Usage,
                        Text.DemoNobody(parsed.GetRequiredValue(to))
                    );
                }
                using var http = await SignInAsync(parsed, token).ConfigureAwait(false);
                using HttpRequestMessage request = new(HttpMethod.Post, $"{Root}/payments")
                {
                    Content = JsonContent.Create(
                        new DemoPayment(
                            who.Accounts[$"{Company}/current"],
                            new DemoPayee(payee),
                            parsed
                                .GetValue(amount)
                                .ToString("F2", System.Globalization.CultureInfo.InvariantCulture),
                            "CNY"
                        ),
                        DemoRestJson.Default.DemoPayment
                    ),
                };
                request.Headers.Add("Idempotency-Key", parsed.GetRequiredValue(reference));
                using var answer = await http.SendAsync(request, token).ConfigureAwait(false);
                return await PrintAsync(terminal, answer, token).ConfigureAwait(false);
            }
        );
        return pay;
    }

    private static Command Find()
    {
        Argument<string> reference = new("REFERENCE")
        {
            Description = Text.DemoFindReferenceArgument,
        };
        Command find = new("find", Text.DemoFindDescription) { reference, Gateway };
        find.WithRestOptions();
        find.Does(
            async (parsed, terminal, token) =>
            {
                using var http = await SignInAsync(parsed, token).ConfigureAwait(false);
                using var answer = await http.GetAsync(
                        new Uri(
                            $"{Root}/traces?reference={Uri.EscapeDataString(parsed.GetRequiredValue(reference))}",
                            UriKind.Relative
                        ),
                        token
                    )
                    .ConfigureAwait(false);
                return await PrintAsync(terminal, answer, token).ConfigureAwait(false);
            }
        );
        return find;
    }

    private static Command Payroll(BankDoor door)
    {
        Option<int> lines = new("--lines")
        {
            Description = Text.DemoPayrollLinesOption,
            HelpName = "N",
            DefaultValueFactory = static _ => 100,
        };
        lines.Validators.Add(Bounds.Between(lines, 1, 10_000));
        Command payroll = new("payroll", Text.DemoPayrollDescription) { lines };
        payroll.WithRestOptions();
        payroll.Does(
            async (parsed, terminal, token) =>
            {
                var maker = door.KeyFor(parsed);
                var bank = await BankDoor
                    .FindLeadingRestAsync(parsed, maker, token)
                    .ConfigureAwait(false);
                await using (bank.ConfigureAwait(false))
                {
                    var file = await bank.PostAsync(
                            PayrollEndpoint.Path,
                            new PayrollRequest(
                                Kept(parsed).Seed,
                                parsed.GetValue(lines),
                                DateTime.Today.ToString(
                                    "yyyy-MM-dd",
                                    System.Globalization.CultureInfo.InvariantCulture
                                )
                            ),
                            BulkAnswerJson.Default.PayrollRequest,
                            BulkAnswerJson.Default.PayrollAnswer,
                            token
                        )
                        .ConfigureAwait(false);
                    using HttpClient http = new() { BaseAddress = bank.Address };
                    var taken = await SendAsync(http, BulkEndpoint.Path, maker, file.File, token)
                        .ConfigureAwait(false);
                    terminal.Line(Text.DemoPayrollTaken(taken.Outcome, taken.Count, taken.Run!));
                    var path = $"{BulkEndpoint.Path}/{taken.Run}";
                    if (taken is { Outcome: "taken" })
                    {
                        // Whoever brought it may not release it: another key stands for another person.
                        var checker = await CheckerAsync(bank, token).ConfigureAwait(false);
                        taken = await SendAsync(http, $"{path}/release", checker, "", token)
                            .ConfigureAwait(false);
                    }
                    for (
                        var look = 0;
                        look < LooksMax && taken.PaidCount + taken.ReturnedCount < taken.Count;
                        look++
                    )
                    {
                        await Task.Delay(LookMs, token).ConfigureAwait(false);
                        taken = await bank.GetAsync(path, BulkAnswerJson.Default.BulkAnswer, token)
                            .ConfigureAwait(false);
                    }
                    terminal.Line(
                        Text.DemoPayrollPaid(
                            taken.PaidCount,
                            taken.Count,
                            taken.PaidMinor / 100m,
                            taken.ReturnedCount
                        )
                    );
                    terminal.Object(taken, BulkAnswerJson.Default.BulkAnswer);
                    return taken.PaidCount + taken.ReturnedCount == taken.Count
                        ? ExitCode.Ok
                        : ExitCode.Unknown;
                }
            }
        );
        return payroll;
    }

    private static async Task<string> CheckerAsync(RestBank bank, CancellationToken token) =>
        (
            await bank.PostAsync(
                    "/v1/keys",
                    new DemoNewKey($"demo-checker-{Guid.NewGuid():N}", ["admin"]),
                    DemoRestJson.Default.DemoNewKey,
                    DemoRestJson.Default.DemoNewToken,
                    token
                )
                .ConfigureAwait(false)
        ).Token;

    private static async Task<BulkAnswer> SendAsync(
        HttpClient http,
        string path,
        string key,
        string body,
        CancellationToken token
    )
    {
        using HttpRequestMessage request = new(HttpMethod.Post, path)
        {
            Content = new StringContent(body, Encoding.UTF8, "text/csv"),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        using var answer = await http.SendAsync(request, token).ConfigureAwait(false);
        var text = await answer.Content.ReadAsStringAsync(token).ConfigureAwait(false);
        return answer.IsSuccessStatusCode
            ? JsonSerializer.Deserialize(text, BulkAnswerJson.Default.BulkAnswer)!
            : throw new CommandFailedException(
                ExitCode.NotDone,
                Text.RestRefused((int)answer.StatusCode, text)
            );
    }

    private static DemoFile Kept(ParseResult parsed) =>
        DemoFile.Of(parsed.GetRequiredValue(CommonOptions.Data).FullName);

    /// <summary>As the factory's own program.</summary>
    private static async Task<HttpClient> SignInAsync(ParseResult parsed, CancellationToken token)
    {
        var folder = parsed.GetRequiredValue(CommonOptions.Data).FullName;
        HttpClient http = new()
        {
            BaseAddress =
                parsed.GetValue(Gateway)
                ?? EndpointFile.Read(folder)?.Gateway
                ?? new Uri("http://127.0.0.1:4165"),
        };
        try
        {
            var (status, text) = await ProgramSignIn
                .SignInAsync(
                    http,
                    Company,
                    DemoSecrets.PasswordOf(Kept(parsed).ToOptions(), Company),
                    token
                )
                .ConfigureAwait(false);
            return status == HttpStatusCode.OK
                ? http
                : throw new CommandFailedException(
                    ExitCode.NotDone,
                    Text.RestRefused((int)status, text)
                );
        }
        catch (HttpRequestException e)
        {
            throw new CommandFailedException(
                ExitCode.NotDone,
                Text.CannotConnect(http.BaseAddress, e.Message)
            );
        }
    }

    private static async Task<int> PrintAsync(
        Terminal terminal,
        HttpResponseMessage answer,
        CancellationToken token
    )
    {
        var text = await answer.Content.ReadAsStringAsync(token).ConfigureAwait(false);
        using var json = JsonDocument.Parse(text);
        terminal.Line(JsonSerializer.Serialize(json.RootElement, DemoRestJson.Default.JsonElement));
        return answer.IsSuccessStatusCode ? ExitCode.Ok : ExitCode.NotDone;
    }
}

internal sealed record DemoPayee(string Account);

internal sealed record DemoPayment(string From, DemoPayee To, string Amount, string Currency);

internal sealed record DemoNewKey(string Name, IReadOnlyList<string> Scopes);

internal sealed record DemoNewToken(string Token);

[System.Text.Json.Serialization.JsonSourceGenerationOptions(
    PropertyNamingPolicy = System.Text.Json.Serialization.JsonKnownNamingPolicy.SnakeCaseLower,
    WriteIndented = true
)]
[System.Text.Json.Serialization.JsonSerializable(typeof(DemoPayment))]
[System.Text.Json.Serialization.JsonSerializable(typeof(DemoNewKey))]
[System.Text.Json.Serialization.JsonSerializable(typeof(DemoNewToken))]
[System.Text.Json.Serialization.JsonSerializable(typeof(JsonElement))]
internal sealed partial class DemoRestJson : System.Text.Json.Serialization.JsonSerializerContext;
