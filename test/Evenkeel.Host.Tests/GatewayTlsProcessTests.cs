using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Evenkeel.Host.Serving;
using Evenkeel.Journal.Access;
using Evenkeel.Replication;
using Xunit;

namespace Evenkeel.Host.Tests;

/// <summary>Three members that no machine trusts, a gateway, and commands of an operator.</summary>
public sealed class GatewayTlsProcessTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private static readonly string[] Names = ["n1", "n2", "n3"];

    private readonly string _home = Directory.CreateTempSubdirectory("evenkeel-tls-").FullName;
    private readonly string _key = ApiKeyToken.Create(number: 1).Reveal();
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(60) };
    private readonly List<HostProcess> _started = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string ClusterFile => Path.Combine(_home, "cluster.json");

    public void Dispose()
    {
        _http.Dispose();
        _started.ForEach(static process => process.Dispose());
        Directory.Delete(_home, recursive: true);
    }

    [Fact]
    public async Task Gateway_and_commands_trust_the_authority_of_the_cluster_and_no_other()
    {
        ClusterCertificates.Create(
            _home,
            [.. Names, HostedBank.GatewayName],
            TimeProvider.System.GetUtcNow()
        );
        CertifiedCluster.WriteFile(_home, Names);
        var keyFile = Path.Combine(_home, "operator.key");
        await File.WriteAllTextAsync(keyFile, _key + "\n", Token);
        foreach (var name in Names)
        {
            Start(
                "node",
                "--cluster",
                ClusterFile,
                "--name",
                name,
                "--data",
                Path.Combine(_home, name),
                "--operator-key",
                keyFile,
                "--found"
            );
        }
        // Members that are still starting are nobody's fault: the gateway waits for a leader no longer
        // than a customer would.
        var customers = await GatewayAsync(
            "gateway",
            "--hold-seconds",
            "5",
            "--contract-certificate",
            Path.Combine(_home, ClusterCertificates.CertificateName(HostedBank.GatewayName))
        );

        await UntilAsync(() => PayAsync(customers, "accounts", Account("1"), Account("2")));
        await UntilAsync(() => PayAsync(customers, "transfers", Transfer("10")));
        var parity = await HostProcess.RunAsync(
            "verify",
            "parity",
            "--cluster",
            ClusterFile,
            "--key",
            _key,
            "--json"
        );
        Assert.True(parity.Output.Count > 0, parity.Error);
        Assert.Equal(3, parity.Json().GetProperty("members").GetArrayLength());

        // The bank behind the contract was asked, and knows no such client: nobody else says that.
        await UntilAsync(async () => await AskTokenAsync(customers) == HttpStatusCode.Unauthorized);

        // The same addresses, another authority: nobody is trusted, and so nobody leads.
        var other = Path.Combine(_home, "other");
        ClusterCertificates.Create(other, Names, TimeProvider.System.GetUtcNow());
        var strange = await GatewayAsync(
            "strange",
            "--node-authority",
            Path.Combine(other, ClusterCertificates.AuthorityName),
            "--contract-certificate",
            Path.Combine(_home, ClusterCertificates.CertificateName(HostedBank.GatewayName)),
            "--hold-seconds",
            "1"
        );
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await AskTokenAsync(strange));
        Assert.False(await PayAsync(strange, "transfers", Transfer("11")));
        Assert.True(await PayAsync(customers, "transfers", Transfer("11")));
    }

    private HostProcess Start(params string[] arguments)
    {
        var process = HostProcess.Start(arguments);
        _started.Add(process);
        return process;
    }

    /// <returns>Where customers call it.</returns>
    private async Task<Uri> GatewayAsync(string name, params string[] more)
    {
        var gateway = Start([
            "gateway",
            "--cluster",
            ClusterFile,
            "--data",
            Path.Combine(_home, name),
            "--port",
            "0",
            .. more,
        ]);
        var line = await gateway.LineAsync(l => l.Contains("customers", StringComparison.Ordinal));
        return new Uri(line[line.IndexOf("http", StringComparison.Ordinal)..].Trim());
    }

    private async Task<HttpStatusCode> AskTokenAsync(Uri gateway)
    {
        using FormUrlEncodedContent form = new([
            new KeyValuePair<string, string>("grant_type", "client_credentials"),
            new KeyValuePair<string, string>("client_id", "nobody"),
            new KeyValuePair<string, string>("client_secret", "no secret of anybody"),
        ]);
        using var answer = await _http.PostAsync(
            new Uri(gateway, "/bank/v1/oauth/token"),
            form,
            Token
        );
        return answer.StatusCode;
    }

    private async Task<bool> PayAsync(Uri gateway, string what, params JsonNode[] events)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, new Uri(gateway, $"/v1/{what}"))
        {
            Content = JsonContent.Create(new JsonObject { [what] = new JsonArray(events) }),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _key);
        using var answer = await _http.SendAsync(request, Token);
        return answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.Created;
    }

    private static async Task UntilAsync(Func<Task<bool>> isDone)
    {
        using CancellationTokenSource patience = new(Patience);
        while (!await isDone())
        {
            await Task.Delay(100, patience.Token);
        }
    }

    private static JsonObject Account(string id) =>
        new()
        {
            ["id"] = id,
            ["ledger"] = 1,
            ["code"] = 1,
        };

    private static JsonObject Transfer(string id) =>
        new()
        {
            ["id"] = id,
            ["debit_account_id"] = "1",
            ["credit_account_id"] = "2",
            ["amount"] = "1",
            ["ledger"] = 1,
            ["code"] = 1,
        };
}
