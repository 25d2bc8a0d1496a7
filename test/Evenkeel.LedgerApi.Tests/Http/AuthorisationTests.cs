using System.Net;
using Evenkeel.Journal.Access;
using Evenkeel.Model;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Evenkeel.LedgerApi.Tests.Http;

public sealed class AuthorisationTests
{
    private const KeyScopes Open = KeyScopes.None;

    /// <summary>Every endpoint and the scope that opens it. A new endpoint must be added here.</summary>
    private static readonly Dictionary<string, KeyScopes> Matrix = new(StringComparer.Ordinal)
    {
        ["POST /v1/accounts"] = KeyScopes.LedgerWrite,
        ["PUT /v1/accounts/{id}"] = KeyScopes.LedgerWrite,
        ["POST /v1/accounts/updates"] = KeyScopes.LedgerWrite,
        ["GET /v1/accounts"] = KeyScopes.LedgerRead,
        ["GET /v1/accounts/{id}"] = KeyScopes.LedgerRead,
        ["GET /v1/accounts/{id}/limits"] = KeyScopes.LedgerRead,
        ["GET /v1/accounts/{id}/transfers"] = KeyScopes.LedgerRead,
        ["GET /v1/accounts/{id}/balances"] = KeyScopes.LedgerRead,
        ["POST /v1/transfers"] = KeyScopes.LedgerWrite,
        ["PUT /v1/transfers/{id}"] = KeyScopes.LedgerWrite,
        ["GET /v1/transfers"] = KeyScopes.LedgerRead,
        ["GET /v1/transfers/{id}"] = KeyScopes.LedgerRead,
        ["GET /v1/change-events"] = KeyScopes.LedgerRead,
        ["POST /v1/operations"] = KeyScopes.RecordsWrite,
        ["GET /v1/records/{collection}"] = KeyScopes.RecordsRead,
        ["GET /v1/records/{collection}/{key}"] = KeyScopes.RecordsRead,
        ["POST /v1/keys"] = KeyScopes.Admin,
        ["GET /v1/keys"] = KeyScopes.Admin,
        ["GET /v1/keys/{number}"] = KeyScopes.Admin,
        ["DELETE /v1/keys/{number}"] = KeyScopes.Admin,
        ["GET /metrics"] = KeyScopes.MetricsRead,
        ["GET /healthz"] = Open,
        ["GET /leaderz"] = Open,
        ["GET /readyz"] = Open,
        ["GET /problems/{reason}"] = Open,
        ["GET /openapi/{documentName}.json"] = Open,
        ["GET /reference/{documentName?}"] = Open,
        ["GET /reference/scalar.js"] = Open,
        ["GET /reference/favicon.svg"] = Open,
        ["GET /reference/scalar.aspnetcore.js"] = Open,
    };

    [Fact]
    public async Task Every_endpoint_is_in_the_matrix()
    {
        await using var api = await ApiHost.StartAsync();
        var endpoints = api
            .Services.GetRequiredService<EndpointDataSource>()
            .Endpoints.OfType<RouteEndpoint>()
            .SelectMany(e =>
                (e.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["GET"]).Select(m =>
                    $"{m} /{e.RoutePattern.RawText!.TrimStart('/')}"
                )
            );
        Assert.Equal(
            Matrix.Keys.Order(StringComparer.Ordinal),
            endpoints.Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public async Task An_endpoint_opens_for_its_scope_and_for_no_other()
    {
        await using var api = await ApiHost.StartAsync();
        foreach (var (endpoint, needed) in Matrix.Where(e => e.Value != Open))
        {
            var with = await api.IssueAsync(needed);
            var without = await api.IssueAsync(KeyScopes.All & ~needed);
            var opened = await SendAsync(api, endpoint, with);
            var closed = await SendAsync(api, endpoint, without);
            Assert.False(
                opened.Status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden,
                $"{endpoint} with its scope: {opened.Status}"
            );
            Assert.True(closed.Status == HttpStatusCode.Forbidden, $"{endpoint}: {closed.Status}");
            closed.IsProblem(HttpStatusCode.Forbidden, "missing_scope");
            Assert.Equal(
                needed.ToNames(),
                closed.Json["missing_scopes"]!.AsArray().Select(s => s!.GetValue<string>())
            );
        }
    }

    [Fact]
    public async Task Without_a_key_only_open_endpoints_answer()
    {
        await using var api = await ApiHost.StartAsync();
        foreach (var (endpoint, needed) in Matrix)
        {
            using var request = RequestOf(endpoint);
            using var response = await api.Client.SendAsync(request);
            var refused = response.StatusCode == HttpStatusCode.Unauthorized;
            Assert.True(refused == (needed != Open), $"{endpoint}: {response.StatusCode}");
            if (refused)
            {
                (await Reply.OfAsync(response)).IsProblem(
                    HttpStatusCode.Unauthorized,
                    "unauthenticated"
                );
                Assert.Contains(
                    "Bearer",
                    response.Headers.WwwAuthenticate.ToString(),
                    StringComparison.Ordinal
                );
            }
        }
    }

    [Theory]
    [InlineData("Authorization", "Bearer ek_1_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("Authorization", "Basic ek_1_x")]
    [InlineData("Authorization", "Bearer")]
    [InlineData("X-Api-Key", "nonsense")]
    public async Task A_key_that_is_none_is_refused(string header, string value)
    {
        await using var api = await ApiHost.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/accounts");
        request.Headers.TryAddWithoutValidation(header, value);
        using var response = await api.Client.SendAsync(request);
        (await Reply.OfAsync(response)).IsProblem(HttpStatusCode.Unauthorized, "unauthenticated");
    }

    [Fact]
    public async Task The_other_header_works_and_both_at_once_do_not()
    {
        await using var api = await ApiHost.StartAsync();
        using var one = new HttpRequestMessage(HttpMethod.Get, "/v1/accounts");
        one.Headers.Add("X-Api-Key", api.FirstKey);
        using var accepted = await api.Client.SendAsync(one);
        Assert.Equal(HttpStatusCode.OK, accepted.StatusCode);
        using var two = new HttpRequestMessage(HttpMethod.Get, "/v1/accounts");
        two.Headers.Add("X-Api-Key", api.FirstKey);
        two.Headers.Authorization = new("Bearer", api.FirstKey);
        using var refused = await api.Client.SendAsync(two);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
    }

    [Theory]
    [InlineData("forced", "ledger:forced")]
    [InlineData("imported", "ledger:imported")]
    public async Task Forced_and_imported_transfers_need_their_own_scope(string flag, string scope)
    {
        await using var api = await ApiHost.StartAsync();
        await api.OpenAccountsAsync(2);
        var writer = await api.IssueAsync(KeyScopes.LedgerWrite | KeyScopes.RecordsWrite);
        var transfer = ApiHost.Transfer(1, 2, 5, id: "8", flags: $"\"{flag}\"");
        Reply[] refused =
        [
            await api.PutAsync("/v1/transfers/8", transfer, writer),
            await api.PostAsync("/v1/transfers", ApiHost.Transfers(transfer), writer),
            await api.PostAsync(
                "/v1/operations",
                $$"""{"id":"9","transfers":[{{transfer}}]}""",
                writer
            ),
        ];
        foreach (var reply in refused)
        {
            reply.IsProblem(HttpStatusCode.Forbidden, "missing_scope");
            Assert.Equal(scope, reply.Json["missing_scopes"]![0]!.GetValue<string>());
        }
        Assert.Empty(api.Journal.Proposed);
    }

    [Fact]
    public async Task An_operation_with_transfers_needs_to_write_the_ledger()
    {
        await using var api = await ApiHost.StartAsync();
        var key = await api.IssueAsync(KeyScopes.RecordsWrite);
        var body = $$"""{"id":"9","transfers":[{{ApiHost.Transfer(1, 2, 5, id: "8")}}]}""";
        (await api.PostAsync("/v1/operations", body, key)).IsProblem(
            HttpStatusCode.Forbidden,
            "missing_scope"
        );
    }

    [Theory]
    [InlineData("""{"id":"9","writes":[{"collection":"api-key","key":"1","value":{}}]}""")]
    [InlineData("""{"id":"9","writes":[{"collection":"idempotency","key":"1","delete":true}]}""")]
    [InlineData(
        """{"id":"9","guards":[{"counter":{"collection":"api-key-total","key":"active-admins","delta":"5","min":"0","max":"9"}}]}"""
    )]
    [InlineData(
        """{"id":"9","writes":[{"collection":"system","key":"business-date","value":"2030-01-01"}]}"""
    )]
    public async Task Nobody_writes_keys_by_an_operation(string body)
    {
        await using var api = await ApiHost.StartAsync();
        var before = api.Journal.Operations.Count;
        (await api.PostAsync("/v1/operations", body)).IsProblem(
            HttpStatusCode.Forbidden,
            "reserved_collection"
        );
        Assert.Equal(before, api.Journal.Operations.Count);
    }

    [Theory]
    [InlineData("/v1/records/api-key")]
    [InlineData("/v1/records/api-key/00000000000000000001")]
    [InlineData("/v1/records/idempotency")]
    public async Task Nobody_reads_keys_as_records(string path)
    {
        await using var api = await ApiHost.StartAsync();
        (await api.GetAsync(path)).IsProblem(HttpStatusCode.Forbidden, "reserved_collection");
    }

    [Fact]
    public async Task A_client_can_not_say_who_it_is()
    {
        await using var api = await ApiHost.StartAsync();
        var reply = await api.PostAsync(
            "/v1/operations",
            """{"id":"9","principals":[{"kind":"node","name":"0"}],"messages":[{"topic":"t","value":1}]}"""
        );
        reply.IsProblem(HttpStatusCode.BadRequest, "invalid_json");
    }

    [Fact]
    public async Task Keys_are_unavailable_rather_than_wrong_while_they_can_not_be_read()
    {
        await using var api = await ApiHost.StartAsync();
        api.Journal.ReadsRefused = FrameStatus.Unavailable;
        (await api.GetAsync("/v1/accounts")).IsProblem(
            HttpStatusCode.ServiceUnavailable,
            "unavailable"
        );
    }

    private static async Task<Reply> SendAsync(ApiHost api, string endpoint, string key)
    {
        using var request = RequestOf(endpoint);
        return await api.SendAsync(
            request.Method,
            request.RequestUri!.ToString(),
            request.Content is null ? null : "{}",
            key
        );
    }

    private static HttpRequestMessage RequestOf(string endpoint)
    {
        var (method, path) = (endpoint.Split(' ')[0], endpoint.Split(' ')[1]);
        var concrete = path.Replace("{documentName}", "v1", StringComparison.Ordinal)
            .Replace("/{documentName?}", "/", StringComparison.Ordinal)
            .Replace("{reason}", "busy", StringComparison.Ordinal)
            .Replace("{id}", "1", StringComparison.Ordinal)
            .Replace("{collection}", "customer", StringComparison.Ordinal)
            .Replace("{key}", "1", StringComparison.Ordinal)
            .Replace("{number}", "9999", StringComparison.Ordinal);
        var request = new HttpRequestMessage(new HttpMethod(method), concrete);
        if (method is "POST" or "PUT")
        {
            request.Content = new StringContent(
                "{}",
                System.Text.Encoding.UTF8,
                "application/json"
            );
        }
        return request;
    }
}
