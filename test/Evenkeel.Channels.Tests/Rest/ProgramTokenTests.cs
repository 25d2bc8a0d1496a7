using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Evenkeel.Channels.Programs;
using Evenkeel.Payments;
using Evenkeel.Payments.Compliance;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Evenkeel.Channels.Tests.Rest;

/// <summary>Tokens of programs by OAuth 2.0 (RFC 6749, 6750, 8414).</summary>
public sealed class ProgramTokenTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_client_gets_a_token_for_all_that_it_was_given(bool isBasic)
    {
        await using var bed = await RestBed.StartAsync(new ScriptedBank());

        var (status, body, headers) = await bed.AskTokenAsync(
            RestBed.ProgramLogin,
            RestBed.Secret,
            isBasic: isBasic
        );

        Assert.Equal(200, status);
        Assert.Equal("Bearer", body!["token_type"]!.GetValue<string>());
        Assert.InRange(body["expires_in"]!.GetValue<int>(), 890, 900);
        Assert.Equal(string.Join(' ', ProgramScopes.All), body["scope"]!.GetValue<string>());
        Assert.True(headers.CacheControl!.NoStore);
        Assert.Equal(200, await ListAsync(bed, body["access_token"]!.GetValue<string>()));
    }

    [Theory]
    [InlineData("p1", "wrong", null, 401, "invalid_client")]
    [InlineData("nobody", "a long secret", null, 401, "invalid_client")]
    [InlineData("code", "x", null, 401, "invalid_client")]
    [InlineData("p1", "a long secret", "accounts.read everything", 400, "invalid_scope")]
    [InlineData("p2", "a long secret", "payments.write", 400, "invalid_scope")]
    [InlineData("wait", "x", null, 429, "slow_down")]
    [InlineData("away", "x", null, 503, "temporarily_unavailable")]
    public async Task A_refusal_is_one_of_the_standard_and_says_no_more_than_it_may(
        string client,
        string secret,
        string? scope,
        int status,
        string error
    )
    {
        await using var bed = await RestBed.StartAsync(new ScriptedBank());

        var answer = await bed.AskTokenAsync(client, secret, scope, isBasic: true);

        Assert.Equal(status, answer.Status);
        Assert.Equal(error, answer.Body!["error"]!.GetValue<string>());
        Assert.Null(answer.Body["access_token"]);
        Assert.Null(answer.Body["error_uri"]);
        Assert.Equal(status == 401, answer.Headers.WwwAuthenticate.Any(h => h.Scheme == "Basic"));
        Assert.Equal(status is 429 or 503, answer.Headers.RetryAfter is not null);
        if (status == 429)
        {
            Assert.InRange(answer.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 100, 120);
        }
    }

    [Theory]
    [InlineData("password", "p1", "a long secret", 400, "unsupported_grant_type")]
    [InlineData("refresh_token", "p1", "a long secret", 400, "unsupported_grant_type")]
    [InlineData("client_credentials", null, null, 400, "invalid_request")]
    [InlineData("client_credentials", "p1", null, 400, "invalid_request")]
    public async Task What_is_no_request_of_ours_does_not_reach_the_bank(
        string grant,
        string? client,
        string? secret,
        int status,
        string error
    )
    {
        await using var bed = await RestBed.StartAsync(new ScriptedBank());

        var answer = await bed.AskTokenAsync(client, secret, grant: grant);

        Assert.Equal(status, answer.Status);
        Assert.Equal(error, answer.Body!["error"]!.GetValue<string>());
        Assert.Empty(bed.Bank.SignIns);
    }

    [Fact]
    public async Task A_token_for_less_opens_less_and_says_what_is_missing()
    {
        ScriptedBank bank = new();
        await using var bed = await RestBed.StartAsync(bank);
        var token = await bed.TokenAsync(RestBed.ProgramLogin, ProgramScopes.ReadAccounts);
        Assert.Equal(200, await ListAsync(bed, token));

        using HttpRequestMessage request = new(HttpMethod.Post, "/bank/v1/payments");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var answer = await bed.Http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Contains("scope-missing", await TextOfAsync(answer));
        Assert.Equal(
            "realm=\"evenkeel-bank\", error=\"insufficient_scope\", scope=\"payments.write\"",
            Assert.Single(answer.Headers.WwwAuthenticate).Parameter
        );
        Assert.Empty(bank.Asked);
    }

    [Fact]
    public async Task A_token_is_good_at_every_gateway_that_shares_the_keys_and_after_a_restart()
    {
        await using var bed = await RestBed.StartAsync(new ScriptedBank());
        await using var other = await RestBed.StartAsync(new ScriptedBank(), bed.Keys);
        await using var stranger = await RestBed.StartAsync(new ScriptedBank());
        var token = await bed.TokenAsync(RestBed.ProgramLogin);

        Assert.Equal(200, await ListAsync(other, token));
        Assert.Equal(401, await ListAsync(stranger, token));
        await bed.RestartAsync();
        Assert.Equal(200, await ListAsync(bed, token));
    }

    [Fact]
    public async Task A_token_that_was_altered_or_stands_in_the_address_opens_nothing()
    {
        await using var bed = await RestBed.StartAsync(new ScriptedBank());
        var token = await bed.TokenAsync(RestBed.ProgramLogin);
        var altered = token[..80] + (token[80] == 'A' ? 'B' : 'A') + token[81..];

        Assert.Equal(401, await ListAsync(bed, altered));
        var (inAddress, _, _) = await bed.SendAsync(
            HttpMethod.Get,
            $"/bank/v1/accounts?access_token={token}"
        );
        Assert.Equal(401, inAddress);
    }

    [Fact]
    public async Task Programs_that_sign_in_as_people_do_are_told_where_to_go()
    {
        await using var bed = await RestBed.StartAsync(new ScriptedBank());

        var (status, body, _) = await bed.SendAsync(
            HttpMethod.Post,
            "/bank/v1/sessions",
            body: new JsonObject
            {
                ["kind"] = "program",
                ["login"] = RestBed.ProgramLogin,
                ["secret"] = RestBed.Secret,
            }
        );

        Assert.Equal(400, status);
        Assert.Equal("programs-use-tokens", body!["reason"]!.GetValue<string>());
        Assert.Contains(ProgramTokens.Path, body["title"]!.GetValue<string>());
        Assert.Empty(bed.Bank.SignIns);
    }

    [Theory]
    [InlineData("/.well-known/oauth-authorization-server")]
    [InlineData("/.well-known/openid-configuration")]
    public async Task The_server_describes_itself(string path)
    {
        await using var bed = await RestBed.StartAsync(new ScriptedBank());

        var (status, body, _) = await bed.SendAsync(HttpMethod.Get, path);

        Assert.Equal(200, status);
        Assert.Equal(
            new Uri(bed.Http.BaseAddress!, ProgramTokens.Path).ToString(),
            body!["token_endpoint"]!.GetValue<string>()
        );
        Assert.Equal(["client_credentials"], Names("grant_types_supported"));
        Assert.Equal(
            ["client_secret_basic", "client_secret_post"],
            Names("token_endpoint_auth_methods_supported").Order()
        );
        Assert.Equal([.. ProgramScopes.All.Order()], Names("scopes_supported").Order());
        Assert.Null(body["jwks_uri"]);

        IEnumerable<string> Names(string member) =>
            body[member]!.AsArray().Select(static n => n!.GetValue<string>());
    }

    [Theory]
    [InlineData("http", "127.0.0.1", "127.0.0.1", true)]
    [InlineData("http", "::1", "::1", true)]
    [InlineData("https", "192.0.2.1", "192.0.2.2", true)]
    [InlineData("http", "192.0.2.1", "192.0.2.2", false)]
    [InlineData("http", "192.0.2.1", "127.0.0.1", false)]
    [InlineData("http", null, null, false)]
    public void A_secret_is_taken_over_tls_or_on_this_machine(
        string scheme,
        string? from,
        string? here,
        bool isSafe
    )
    {
        DefaultHttpContext http = new();
        http.Request.Scheme = scheme;
        http.Connection.RemoteIpAddress = from is null ? null : IPAddress.Parse(from);
        http.Connection.LocalIpAddress = here is null ? null : IPAddress.Parse(here);

        Assert.Equal(isSafe, SafeTransport.IsSafe(http.Request));
    }

    private static async Task<int> ListAsync(RestBed bed, string token) =>
        (await bed.SendAsync(HttpMethod.Get, "/bank/v1/accounts", token)).Status;

    private static Task<string> TextOfAsync(HttpResponseMessage answer) =>
        answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
}
