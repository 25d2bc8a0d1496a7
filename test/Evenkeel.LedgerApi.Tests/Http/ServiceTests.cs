using System.Net;
using System.Net.Security;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using Evenkeel.LedgerApi.Health;
using Evenkeel.LedgerApi.Security;
using Xunit;

namespace Evenkeel.LedgerApi.Tests.Http;

public sealed partial class ServiceTests
{
    [Fact]
    public async Task The_description_is_the_golden_one()
    {
        await using var api = await ApiHost.StartAsync();
        using var response = await api.Client.GetAsync("/openapi/v1.json");
        var text = (await response.Content.ReadAsStringAsync()).ReplaceLineEndings("\n") + "\n";
        var golden = Path.Combine(FolderOf(), "..", "Golden", "openapi-v1.json");
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") is "1")
        {
            await File.WriteAllTextAsync(golden, text);
        }
        Assert.Equal(await File.ReadAllTextAsync(golden), text);
    }

    [Fact]
    public async Task Whole_numbers_of_64_and_128_bits_are_described_as_strings()
    {
        await using var api = await ApiHost.StartAsync();
        var description = (await api.GetAsync("/openapi/v1.json")).Json;
        var schemas = description["components"]!["schemas"]!;
        var transfer = schemas["TransferRequest"]!["properties"]!;
        foreach (var member in new[] { "id", "amount", "user_data_64", "timestamp" })
        {
            Assert.Equal("string", transfer[member]!["type"]!.ToString());
            Assert.Null(transfer[member]!["format"]);
        }
        Assert.Equal("integer", transfer["ledger"]!["type"]!.ToString());
        Assert.Equal("array", schemas["TransferFlags"]!["type"]!.ToString());
    }

    [Fact]
    public async Task Every_operation_of_the_description_names_its_scope_and_problems()
    {
        await using var api = await ApiHost.StartAsync();
        var paths = (await api.GetAsync("/openapi/v1.json")).Json["paths"]!.AsObject();
        foreach (var (path, operations) in paths)
        {
            foreach (var (method, operation) in operations!.AsObject())
            {
                var named = operation!["security"]?[0]?["api_key"]?[0] is not null;
                var secured = path.StartsWith("/v1/", StringComparison.Ordinal);
                Assert.True(secured == named, $"{method} {path}");
                Assert.NotNull(operation["responses"]!["default"]);
                Assert.NotNull(operation["summary"]);
            }
        }
    }

    [Fact]
    public async Task The_reference_page_names_nothing_outside_and_may_load_nothing_from_there()
    {
        await using var api = await ApiHost.StartAsync();
        using var response = await api.Client.GetAsync("/reference/");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var html = await response.Content.ReadAsStringAsync();
        Assert.Empty(Outside().Matches(html).Select(m => m.Value));
        var policy = response.Headers.GetValues("Content-Security-Policy").Single();
        Assert.StartsWith("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("http", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("*", policy, StringComparison.Ordinal);
        foreach (Match script in ScriptSource().Matches(html))
        {
            var path = new Uri(response.RequestMessage!.RequestUri!, script.Groups[1].Value);
            using var loaded = await api.Client.GetAsync(path);
            Assert.Equal(HttpStatusCode.OK, loaded.StatusCode);
        }
    }

    [Fact]
    public async Task Every_answer_carries_the_security_headers()
    {
        await using var api = await ApiHost.StartAsync();
        foreach (var path in new[] { "/v1/accounts", "/healthz", "/nothing", "/reference/" })
        {
            using var response = await api.Client.GetAsync(path);
            Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
            Assert.Equal("DENY", response.Headers.GetValues("X-Frame-Options").Single());
            Assert.Equal("no-store", response.Headers.CacheControl!.ToString());
            Assert.True(response.Headers.Contains("Content-Security-Policy"));
            Assert.False(response.Headers.Contains("Server"));
        }
    }

    [Fact]
    public async Task Health_tells_alive_and_ready_apart()
    {
        await using var api = await ApiHost.StartAsync();
        api.Readiness.Answer = new(
            Live: true,
            Ready: false,
            [new("starting", "Replaying the log.")]
        );
        using var alive = await api.Client.GetAsync("/healthz");
        using var ready = await api.Client.GetAsync("/readyz");
        Assert.Equal(HttpStatusCode.OK, alive.StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        var reply = await Reply.OfAsync(ready);
        Assert.Equal("not_ready", reply.String("status"));
        Assert.Equal("starting", reply.Json["reasons"]![0]!["code"]!.GetValue<string>());
        api.Readiness.Answer = new(Live: false, Ready: false, []);
        using var dead = await api.Client.GetAsync("/healthz");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, dead.StatusCode);
    }

    [Fact]
    public async Task Metrics_count_refusals_by_reason_and_hold_no_ids()
    {
        await using var api = await ApiHost.StartAsync();
        await api.GetAsync("/v1/accounts/123456789");
        var metrics = await api.GetAsync("/metrics");
        Assert.Equal(HttpStatusCode.OK, metrics.Status);
        Assert.Contains("evenkeel_api_refusals", metrics.Text, StringComparison.Ordinal);
        Assert.Contains("reason=\"not_found\"", metrics.Text, StringComparison.Ordinal);
        Assert.Contains("http_server_request_duration", metrics.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("123456789", metrics.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_is_shown_once_and_never_logged()
    {
        await using var api = await ApiHost.StartAsync();
        var issued = await api.PostAsync("/v1/keys", """{"name":"n","scopes":["ledger:read"]}""");
        var token = issued.String("token")!;
        var number = issued.Json["key"]!["number"]!.GetValue<string>();
        Assert.Equal(HttpStatusCode.OK, (await api.GetAsync("/v1/accounts", token)).Status);
        var list = await api.GetAsync("/v1/keys");
        var read = await api.GetAsync($"/v1/keys/{number}");
        var revoked = await api.SendAsync(HttpMethod.Delete, $"/v1/keys/{number}", body: null);
        Assert.Equal(HttpStatusCode.OK, revoked.Status);
        Assert.Equal(
            HttpStatusCode.Unauthorized,
            (await api.GetAsync("/v1/accounts", token)).Status
        );
        foreach (var reply in new[] { list, read, revoked })
        {
            Assert.DoesNotContain(token, reply.Text, StringComparison.Ordinal);
            Assert.DoesNotContain("sha256", reply.Text, StringComparison.Ordinal);
        }
        Assert.Contains(
            api.Logs.Lines,
            l => l.Contains($"API key {number} was issued", StringComparison.Ordinal)
        );
        foreach (var secret in new[] { token, api.FirstKey })
        {
            Assert.DoesNotContain(
                api.Logs.Lines,
                l =>
                    l.Contains(secret, StringComparison.Ordinal)
                    || l.Contains(secret[5..], StringComparison.Ordinal)
            );
        }
    }

    [Fact]
    public async Task Tls_serves_by_the_configured_certificate()
    {
        var folder = Directory.CreateTempSubdirectory("evenkeel-tls-");
        try
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
            var now = DateTimeOffset.UtcNow;
            using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
            var pem = Path.Combine(folder.FullName, "cert.pem");
            var keyPem = Path.Combine(folder.FullName, "key.pem");
            await File.WriteAllTextAsync(pem, certificate.ExportCertificatePem());
            await File.WriteAllTextAsync(keyPem, key.ExportPkcs8PrivateKeyPem());
            await using var api = await ApiHost.StartAsync(
                new LedgerApiOptions { CertificatePath = pem, CertificateKeyPath = keyPem }
            );
            using var handler = new SocketsHttpHandler
            {
                SslOptions = new SslClientAuthenticationOptions
                {
                    RemoteCertificateValidationCallback = (_, presented, _, _) =>
                        presented!.GetCertHashString() == certificate.GetCertHashString(),
                },
            };
            using var client = new HttpClient(handler);
            using var response = await client.GetAsync(
                new Uri(api.Client.BaseAddress!, "/healthz")
            );
            Assert.Equal("https", api.Client.BaseAddress!.Scheme);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.True(response.Headers.Contains("Strict-Transport-Security"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64")]
    [InlineData("::ffff:10.1.2.3", "10.1.2.3")]
    [InlineData("127.0.0.1", "127.0.0.1")]
    public void Addresses_of_one_network_count_as_one(string address, string network)
    {
        Assert.Equal(network, RateLimits.NetworkOf(IPAddress.Parse(address)));
    }

    private static string FolderOf([CallerFilePath] string file = "") =>
        Path.GetDirectoryName(file)!;

    [GeneratedRegex("https?://[^\\s\"'<]+|(?:src|href)=[\"']//", RegexOptions.None, 1000)]
    private static partial Regex Outside();

    [GeneratedRegex("<script[^>]* src=\"([^\"]+)\"", RegexOptions.None, 1000)]
    private static partial Regex ScriptSource();
}
