using System.Globalization;
using System.Text.Json.Serialization;
using Evenkeel.Banking.EndOfDay;
using Evenkeel.Demo;
using Evenkeel.Demo.Plan;
using Evenkeel.Host.CommandLine;
using Evenkeel.Host.Serving;
using Evenkeel.Identity;
using Evenkeel.Journal.Access;
using Evenkeel.Payments;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Evenkeel.Host.Demos;

/// <summary>
/// <c>POST /v1/demo</c>: furnishes the bank with a demonstration, and says who is who. Only in the profile
/// named demo. Asking again changes nothing and says the same.
/// </summary>
internal static class DemoEndpoint
{
    public const string Path = "/v1/demo";

    /// <summary>People who can sign in; making a login costs a tenth of a second of a processor.</summary>
    private const int LoginsMax = 20;

    public static void Map(WebApplication web, HostedBank hosted) =>
        web.MapPost(
                Path,
                async (HttpRequest http, CancellationToken token) =>
                {
                    var asked = await http.ReadFromJsonAsync(DemoJson.Default.DemoRequest, token)
                        .ConfigureAwait(false);
                    if (
                        asked is not { Persons: > 0 and <= DemoOptions.PersonsMax }
                        || !Languages.All.Contains(asked.Language, StringComparer.Ordinal)
                    )
                    {
                        return Results.Problem(
                            $"Persons (1 to {DemoOptions.PersonsMax}), a seed and a language (en, zh-Hans, zh-Hant) are needed.",
                            statusCode: StatusCodes.Status400BadRequest
                        );
                    }
                    try
                    {
                        var directory = await new DemoBuilder(hosted.Bank, hosted.CardKeys)
                            .BuildAsync(
                                DemoPlanner.Draw(asked.ToOptions()),
                                DateOnly.FromDateTime(DateTime.Today),
                                token
                            )
                            .ConfigureAwait(false);
                        await LoginsAsync(hosted, asked.ToOptions(), directory, token)
                            .ConfigureAwait(false);
                        // Last: while it is built, its days are nobody else's to close.
                        _ = await hosted
                            .Bank.EndOfDay.SetScheduleAsync(
                                new Actor.Bank("demo"),
                                "opening",
                                DaySchedule.Midnight(TimeZoneInfo.Local.Id),
                                token
                            )
                            .ConfigureAwait(false);
                        return Results.Json(DemoAnswer.Of(directory), DemoJson.Default.DemoAnswer);
                    }
                    catch (InvalidOperationException refused)
                    {
                        return Results.Problem(
                            refused.Message,
                            statusCode: StatusCodes.Status503ServiceUnavailable
                        );
                    }
                }
            )
            .RequireAuthorization(KeyScopes.Admin.ToNames()[0])
            .WithSummary("Build the demonstration bank")
            .WithDescription(
                "Customers, accounts and machines that follow from a seed. Only in the profile named demo."
            );

    private static async Task LoginsAsync(
        HostedBank hosted,
        DemoOptions options,
        DemoDirectory directory,
        CancellationToken token
    )
    {
        foreach (
            var reference in Enumerable
                .Range(1, LoginsMax)
                .Select(static n => string.Create(CultureInfo.InvariantCulture, $"person-{n}"))
                .Append("factory-1")
                .Where(directory.Customers.ContainsKey)
        )
        {
            // False when there is such a login: the demonstration was built before.
            _ = await hosted
                .Logins.MakeAsync(
                    new NewLogin(
                        // A company's own program pays without a person at its side.
                        reference.StartsWith("factory", StringComparison.Ordinal)
                            ? LoginKind.Program
                            : LoginKind.Customer,
                        reference,
                        directory.Customers[reference].Value,
                        DemoSecrets.PasswordOf(options, reference)
                    ),
                    token
                )
                .ConfigureAwait(false);
        }
    }
}

/// <param name="Language">Of the names: en, zh-Hans, zh-Hant.</param>
internal sealed record DemoRequest(int Seed, string Language, int Persons)
{
    public DemoOptions ToOptions() => new(Seed, Language, Persons);
}

/// <summary>References of the plan, and the bank's numbers for them. No names.</summary>
internal sealed record DemoAnswer(
    IReadOnlyDictionary<string, string> Customers,
    IReadOnlyDictionary<string, string> Accounts
)
{
    public static DemoAnswer Of(DemoDirectory directory) =>
        new(
            directory.Customers.ToDictionary(
                static pair => pair.Key,
                static pair => pair.Value.Value,
                StringComparer.Ordinal
            ),
            directory.Accounts.ToDictionary(
                static pair => pair.Key,
                static pair => pair.Value.ToString(),
                StringComparer.Ordinal
            )
        );

    public DemoDirectory ToDirectory() =>
        new(
            Customers.ToDictionary(
                static pair => pair.Key,
                static pair => new Payments.CustomerId(pair.Value),
                StringComparer.Ordinal
            ),
            Accounts.ToDictionary(
                static pair => pair.Key,
                static pair => Payments.AccountNumber.Parse(pair.Value),
                StringComparer.Ordinal
            )
        );
}

/// <summary>What <c>demo build</c> says with <c>--json</c>.</summary>
internal sealed record DemoBuilt(int Seed, string Language, int Customers, int Accounts);

/// <summary>What <c>demo who</c> says with <c>--json</c>.</summary>
internal sealed record DemoPerson(
    string Reference,
    string Customer,
    IReadOnlyDictionary<string, string> Accounts,
    string Login,
    string Password
);

/// <summary>What <c>demo load</c> says with <c>--json</c>.</summary>
internal sealed record DemoLoaded(
    long Asked,
    long Done,
    long NotDone,
    long BeingResolved,
    long Late,
    double Seconds,
    double PerSecond,
    double LatencyP50Ms,
    double LatencyP99Ms,
    double LatencyMaxMs,
    string Truth
);

/// <summary>What <c>demo check</c> says with <c>--json</c>.</summary>
internal sealed record DemoChecked(
    long Asked,
    long Unanswered,
    int AcknowledgedLost,
    int RefusedButDone,
    long BeingResolved,
    bool Kept
);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(DemoRequest))]
[JsonSerializable(typeof(DemoAnswer))]
[JsonSerializable(typeof(DemoBuilt))]
[JsonSerializable(typeof(DemoCard))]
[JsonSerializable(typeof(DemoPerson))]
[JsonSerializable(typeof(DemoLoaded))]
[JsonSerializable(typeof(DemoChecked))]
internal sealed partial class DemoJson : JsonSerializerContext;
