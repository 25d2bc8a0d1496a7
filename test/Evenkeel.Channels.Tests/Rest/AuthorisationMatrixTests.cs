using System.Text.Json.Nodes;
using Evenkeel.Payments;
using Evenkeel.Payments.Compliance;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Evenkeel.Channels.Tests.Rest;

/// <summary>
/// Every route for every kind of actor: nobody, a stranger's tokens, a customer, a program with every
/// scope, one with each scope alone, staff. A route without a row fails, and so does a row without a
/// route.
/// </summary>
public sealed class AuthorisationMatrixTests
{
    private const int Yes = 0;
    private const int Anonymous = 401;
    private const int No = 403;

    /// <summary>Served without anything.</summary>
    private const string Open = "";

    /// <summary>No token of a program is served, whatever it allows.</summary>
    private const string? Never = null;

    /// <param name="Scope">What a program's token must allow.</param>
    private sealed record Row(int Nobody, int Person, string? Scope, int Staff);

    private static readonly Dictionary<string, Row> Rows = new(StringComparer.Ordinal)
    {
        ["POST /bank/v1/sessions"] = new(Yes, Yes, Open, Yes),
        ["POST /bank/v1/sessions/step-up"] = new(Anonymous, Yes, Never, No),
        ["POST /bank/v1/sessions/renew"] = new(Anonymous, Yes, Never, Yes),
        ["DELETE /bank/v1/sessions/current"] = new(Anonymous, Yes, Never, Yes),
        ["POST /bank/v1/sessions/passkey/options"] = new(Yes, Yes, Open, Yes),
        ["POST /bank/v1/sessions/passkey"] = new(Yes, Yes, Open, Yes),
        ["POST /bank/v1/sessions/step-up/passkey/options"] = new(Anonymous, Yes, Never, No),
        ["POST /bank/v1/sessions/step-up/passkey"] = new(Anonymous, Yes, Never, No),
        ["GET /bank/v1/me/passkeys"] = new(Anonymous, Yes, Never, Yes),
        ["POST /bank/v1/me/passkeys/options"] = new(Anonymous, Yes, Never, Yes),
        ["POST /bank/v1/me/passkeys"] = new(Anonymous, Yes, Never, Yes),
        ["DELETE /bank/v1/me/passkeys/{id}"] = new(Anonymous, Yes, Never, Yes),
        ["POST /bank/v1/oauth/token"] = new(Yes, Yes, Open, Yes),
        ["GET /bank/v1/accounts"] = new(Anonymous, Yes, ProgramScopes.ReadAccounts, No),
        ["GET /bank/v1/accounts/{number}"] = new(Anonymous, Yes, ProgramScopes.ReadAccounts, Yes),
        ["GET /bank/v1/accounts/{number}/statement"] = new(
            Anonymous,
            Yes,
            ProgramScopes.ReadAccounts,
            Yes
        ),
        ["GET /bank/v1/traces"] = new(Anonymous, Yes, ProgramScopes.ReadAccounts, Yes),
        ["POST /bank/v1/payments"] = new(Anonymous, Yes, ProgramScopes.WritePayments, No),
        ["POST /bank/v1/bill-payments"] = new(Anonymous, Yes, ProgramScopes.WritePayments, No),
        ["GET /bank/v1/cards"] = new(Anonymous, Yes, Never, No),
        ["POST /bank/v1/cards/{card}/freeze"] = new(Anonymous, Yes, Never, No),
        ["POST /bank/v1/cards/{card}/unfreeze"] = new(Anonymous, Yes, Never, No),
        ["POST /bank/v1/cards/{card}/report-lost"] = new(Anonymous, Yes, Never, No),
        ["POST /bank/v1/cards/{card}/report-stolen"] = new(Anonymous, Yes, Never, No),
        ["GET /bank/v1/payees"] = new(Anonymous, Yes, Never, No),
        ["POST /bank/v1/payees"] = new(Anonymous, Yes, Never, No),
        ["DELETE /bank/v1/payees/{id}"] = new(Anonymous, Yes, Never, No),
        ["POST /bank/v1/counter/deposits"] = new(Anonymous, No, Never, Yes),
        ["POST /bank/v1/counter/withdrawals"] = new(Anonymous, No, Never, Yes),
        ["GET /bank/v1/accounts/{number}/statement.csv"] = new(
            Anonymous,
            Yes,
            ProgramScopes.ReadAccounts,
            Yes
        ),
        ["POST /bank/v1/bulk-files"] = new(Anonymous, Yes, ProgramScopes.WriteBulk, No),
        ["GET /bank/v1/bulk-files"] = new(Anonymous, Yes, ProgramScopes.WriteBulk, Yes),
        ["GET /bank/v1/bulk-files/{run}"] = new(Anonymous, Yes, ProgramScopes.WriteBulk, Yes),
        ["GET /bank/v1/bulk-files/{run}/items"] = new(Anonymous, Yes, ProgramScopes.WriteBulk, Yes),
        ["POST /bank/v1/bulk-files/{run}/release"] = new(
            Anonymous,
            Yes,
            ProgramScopes.WriteBulk,
            No
        ),
        ["POST /bank/v1/bulk-files/{run}/cancel"] = new(
            Anonymous,
            Yes,
            ProgramScopes.WriteBulk,
            No
        ),
        ["GET /bank/v1/accounts/{number}/standing-orders"] = new(
            Anonymous,
            Yes,
            ProgramScopes.ReadAccounts,
            Yes
        ),
        ["POST /bank/v1/standing-orders"] = new(Anonymous, Yes, ProgramScopes.WritePayments, No),
        ["GET /bank/v1/standing-orders/{id}"] = new(
            Anonymous,
            Yes,
            ProgramScopes.ReadAccounts,
            Yes
        ),
        ["PUT /bank/v1/standing-orders/{id}"] = new(
            Anonymous,
            Yes,
            ProgramScopes.WritePayments,
            No
        ),
        ["DELETE /bank/v1/standing-orders/{id}"] = new(
            Anonymous,
            Yes,
            ProgramScopes.WritePayments,
            No
        ),
        ["GET /bank/v1/loans"] = new(Anonymous, Yes, ProgramScopes.ReadAccounts, No),
        ["GET /bank/v1/loans/{number}"] = new(Anonymous, Yes, ProgramScopes.ReadAccounts, Yes),
        ["GET /bank/v1/credit-lines"] = new(Anonymous, Yes, ProgramScopes.ReadAccounts, No),
        ["GET /bank/v1/products"] = new(Anonymous, Yes, ProgramScopes.ReadAccounts, Yes),
        ["POST /bank/v1/customers"] = new(Anonymous, No, Never, Yes),
        ["GET /bank/v1/customers/{customer}"] = new(Anonymous, No, Never, Yes),
        ["POST /bank/v1/customers/{customer}/accounts"] = new(Anonymous, No, Never, Yes),
        ["POST /bank/v1/customers/{customer}/logins"] = new(Anonymous, No, Never, Yes),
        ["GET /bank/v1/audit"] = new(Anonymous, No, Never, Yes),
        ["GET /bank/problems/{slug}"] = new(Yes, Yes, Open, Yes),
        ["GET /bank/{documentName}.json"] = new(Yes, Yes, Open, Yes),
    };

    [Fact]
    public async Task Every_route_serves_whom_its_row_says_and_nobody_else()
    {
        await using var bed = await RestBed.StartAsync(new ScriptedBank());
        var routes = RoutesOf(bed);
        // The reference page is the framework's own; it is open and holds no data.
        Assert.Empty(routes.Where(static r => !r.Contains("/bank/reference")).Except(Rows.Keys));
        Assert.Empty(Rows.Keys.Except(routes));
        List<(string Name, string? Token, Func<Row, int> Expected)> actors =
        [
            ("nobody", null, static row => row.Nobody),
            ("a stranger", "es_bm90IGEgdG9rZW4", static row => row.Nobody),
            ("a stranger's program", "CfDJ8bm90IGEgdG9rZW4", static row => row.Nobody),
            (
                "person",
                await bed.SignInAsync("customer", RestBed.CustomerLogin),
                static row => row.Person
            ),
            (
                "program",
                await bed.TokenAsync(RestBed.ProgramLogin),
                static row => row.Scope is null ? No : Yes
            ),
            ("staff", await bed.SignInAsync("staff", RestBed.StaffLogin), static row => row.Staff),
        ];
        foreach (var scope in ProgramScopes.All)
        {
            actors.Add(
                (
                    $"program with {scope}",
                    await bed.TokenAsync(RestBed.ProgramLogin, scope),
                    row => row.Scope == Open || row.Scope == scope ? Yes : No
                )
            );
        }
        List<string> wrong = [];
        foreach (var (route, row) in Rows)
        {
            foreach (var (name, token, expected) in actors)
            {
                var (status, body) = await CallAsync(bed, route, token);
                // "Yes" is whatever the endpoint itself says; a bank's own 403 has another reason.
                var refused =
                    status == 401 && Reason(body) == "unauthenticated" ? 401
                    : status == 403 && Reason(body) is "not-authorised" or "scope-missing" ? 403
                    : 0;
                // A sign-in with nothing in it is refused as malformed, not by the door.
                if (refused != expected(row))
                {
                    wrong.Add($"{route} as {name}: {status}, not {expected(row)}");
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
            .Replace("{run}", "0123456789abcdef0123456789abcdef")
            .Replace("{customer}", PlayedBank.Owner.Value)
            .Replace("{slug}", "busy")
            .Replace("{documentName}", "openapi");
        // Ending the session would end it for the rows after it: the key of the session stays ours.
        var used =
            route.StartsWith("DELETE /bank/v1/sessions", StringComparison.Ordinal)
            && token is ['e', 's', '_', .. { Length: > 40 }]
                ? await AnotherAsync(bed, token)
                : token;
        var (status, body, _) = await bed.SendAsync(
            new HttpMethod(route[..space]),
            path,
            used,
            route.StartsWith('P') ? new JsonObject() : null,
            key: "k1",
            csv: route == "POST /bank/v1/bulk-files" ? "no file" : null
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
        return await bed.SignInAsync("staff", RestBed.StaffLogin);
    }
}
