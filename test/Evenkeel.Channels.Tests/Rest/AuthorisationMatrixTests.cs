using System.Text.Json.Nodes;
using Evenkeel.Payments.Compliance;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Evenkeel.Channels.Tests.Rest;

/// <summary>
/// Every route for every kind of actor: nobody, a stranger's token, a customer, a program, staff. A
/// route without a row fails, and so does a row without a route.
/// </summary>
public sealed class AuthorisationMatrixTests
{
    private const int Yes = 0;
    private const int Anonymous = 401;
    private const int No = 403;

    private static readonly Dictionary<
        string,
        (int Nobody, int Person, int Program, int Staff)
    > Rows = new(StringComparer.Ordinal)
    {
        ["POST /bank/v1/sessions"] = (Yes, Yes, Yes, Yes),
        ["POST /bank/v1/sessions/step-up"] = (Anonymous, Yes, No, No),
        ["POST /bank/v1/sessions/renew"] = (Anonymous, Yes, Yes, Yes),
        ["DELETE /bank/v1/sessions/current"] = (Anonymous, Yes, Yes, Yes),
        ["GET /bank/v1/accounts"] = (Anonymous, Yes, Yes, No),
        ["GET /bank/v1/accounts/{number}"] = (Anonymous, Yes, Yes, Yes),
        ["GET /bank/v1/accounts/{number}/statement"] = (Anonymous, Yes, Yes, Yes),
        ["GET /bank/v1/traces"] = (Anonymous, Yes, Yes, Yes),
        ["POST /bank/v1/payments"] = (Anonymous, Yes, Yes, No),
        ["POST /bank/v1/bill-payments"] = (Anonymous, Yes, Yes, No),
        ["GET /bank/v1/cards"] = (Anonymous, Yes, No, No),
        ["POST /bank/v1/cards/{card}/freeze"] = (Anonymous, Yes, No, No),
        ["POST /bank/v1/cards/{card}/unfreeze"] = (Anonymous, Yes, No, No),
        ["POST /bank/v1/cards/{card}/report-lost"] = (Anonymous, Yes, No, No),
        ["POST /bank/v1/cards/{card}/report-stolen"] = (Anonymous, Yes, No, No),
        ["GET /bank/v1/payees"] = (Anonymous, Yes, No, No),
        ["POST /bank/v1/payees"] = (Anonymous, Yes, No, No),
        ["DELETE /bank/v1/payees/{id}"] = (Anonymous, Yes, No, No),
        ["POST /bank/v1/counter/deposits"] = (Anonymous, No, No, Yes),
        ["POST /bank/v1/counter/withdrawals"] = (Anonymous, No, No, Yes),
        ["GET /bank/problems/{slug}"] = (Yes, Yes, Yes, Yes),
        ["GET /bank/{documentName}.json"] = (Yes, Yes, Yes, Yes),
    };

    [Fact]
    public async Task Every_route_serves_whom_its_row_says_and_nobody_else()
    {
        await using var bed = await RestBed.StartAsync(new ScriptedBank());
        var routes = RoutesOf(bed);
        // The reference page is the framework's own; it is open and holds no data.
        Assert.Empty(routes.Where(static r => !r.Contains("/bank/reference")).Except(Rows.Keys));
        Assert.Empty(Rows.Keys.Except(routes));
        (string Name, string? Token)[] actors =
        [
            ("nobody", null),
            ("a stranger", "es_bm90IGEgdG9rZW4"),
            ("person", await bed.SignInAsync("customer", RestBed.CustomerLogin)),
            ("program", await bed.SignInAsync("program", RestBed.ProgramLogin)),
            ("staff", await bed.SignInAsync("staff", RestBed.StaffLogin)),
        ];
        List<string> wrong = [];
        foreach (var (route, row) in Rows)
        {
            int[] expected = [row.Nobody, row.Nobody, row.Person, row.Program, row.Staff];
            for (var i = 0; i < actors.Length; i++)
            {
                var (status, body) = await CallAsync(bed, route, actors[i].Token);
                // "Yes" is whatever the endpoint itself says; a bank's own 403 has another reason.
                var refused =
                    status == 401 && Reason(body) == "unauthenticated" ? 401
                    : status == 403 && Reason(body) == "not-authorised" ? 403
                    : 0;
                // A sign-in with nothing in it is refused as malformed, not by the door.
                if (refused != expected[i])
                {
                    wrong.Add($"{route} as {actors[i].Name}: {status}, not {expected[i]}");
                }
            }
        }
        Assert.Empty(wrong);

        static string? Reason(JsonNode? body) => body?["reason"]?.GetValue<string>();
    }

    private static HashSet<string> RoutesOf(RestBed bed) =>
        [
            .. bed
                .Web.Services.GetRequiredService<EndpointDataSource>()
                .Endpoints.OfType<RouteEndpoint>()
                .SelectMany(static endpoint =>
                    (
                        endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"]
                    ).Select(method => $"{method} /{endpoint.RoutePattern.RawText!.TrimStart('/')}")
                ),
        ];

    private static async Task<(int Status, JsonNode? Body)> CallAsync(
        RestBed bed,
        string route,
        string? token
    )
    {
        var space = route.IndexOf(' ', StringComparison.Ordinal);
        var path = route[(space + 1)..]
            .Replace("{number}", PlayedBank.Own.ToString())
            .Replace("{card}", "0123456789abcdef0123456789abcdef")
            .Replace("{id}", "y1")
            .Replace("{slug}", "busy")
            .Replace("{documentName}", "openapi");
        // Ending the session would end it for the rows after it: the key of the session stays ours.
        var used =
            route.StartsWith("DELETE /bank/v1/sessions", StringComparison.Ordinal)
            && token is not null
            && token.Length > 40
                ? await AnotherAsync(bed, token)
                : token;
        var (status, body, _) = await bed.SendAsync(
            new HttpMethod(route[..space]),
            path,
            used,
            route.StartsWith("POST", StringComparison.Ordinal) ? new JsonObject() : null,
            key: "k1"
        );
        return (status, body);
    }

    /// <summary>A session of the same kind that may be spent.</summary>
    private static async Task<string> AnotherAsync(RestBed bed, string token)
    {
        var (_, cards, _) = await bed.SendAsync(HttpMethod.Get, "/bank/v1/cards", token);
        if (cards?["cards"] is not null)
        {
            return await bed.SignInAsync("customer", RestBed.CustomerLogin);
        }
        var (_, accounts, _) = await bed.SendAsync(HttpMethod.Get, "/bank/v1/accounts", token);
        return accounts?["accounts"] is not null
            ? await bed.SignInAsync("program", RestBed.ProgramLogin)
            : await bed.SignInAsync("staff", RestBed.StaffLogin);
    }
}
