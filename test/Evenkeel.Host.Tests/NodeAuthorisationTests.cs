using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Evenkeel.Host.Clusters;
using Evenkeel.Host.Serving;
using Evenkeel.Journal.Access;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Evenkeel.Host.Tests;

/// <summary>
/// Every route of a node (a member of a cluster, in the profile of demonstrations, so that all there is is
/// there) for nobody, for a key that is none, for a key of each scope alone, for a member, and for one
/// that says it is one. A route without a row fails, and so does a row without a route.
/// </summary>
public sealed class NodeAuthorisationTests
{
    /// <summary>Served to anybody: it says nothing of customers.</summary>
    private const string Open = "open";

    /// <summary>Members of the cluster alone, whatever key one has.</summary>
    private const string Member = "member";

    private const string Admin = "admin";
    private const string Read = "ledger:read";
    private const string Write = "ledger:write";

    private static readonly Dictionary<string, string> Rows = new(StringComparer.Ordinal)
    {
        ["POST /v1/accounts"] = Write,
        ["PUT /v1/accounts/{id}"] = Write,
        ["GET /v1/accounts/{id}"] = Read,
        ["GET /v1/accounts"] = Read,
        ["GET /v1/accounts/{id}/balances"] = Read,
        ["GET /v1/accounts/{id}/limits"] = Read,
        ["GET /v1/accounts/{id}/transfers"] = Read,
        ["POST /v1/accounts/updates"] = Write,
        ["POST /v1/transfers"] = Write,
        ["PUT /v1/transfers/{id}"] = Write,
        ["GET /v1/transfers/{id}"] = Read,
        ["GET /v1/transfers"] = Read,
        ["GET /v1/change-events"] = Read,
        ["POST /v1/operations"] = "records:write",
        ["GET /v1/records/{collection}/{key}"] = "records:read",
        ["GET /v1/records/{collection}"] = "records:read",
        ["POST /v1/keys"] = Admin,
        ["GET /v1/keys"] = Admin,
        ["GET /v1/keys/{number}"] = Admin,
        ["DELETE /v1/keys/{number}"] = Admin,
        ["GET /metrics"] = "metrics:read",
        ["GET /healthz"] = Open,
        ["GET /readyz"] = Open,
        ["GET /leaderz"] = Open,
        ["GET /problems/{reason}"] = Open,
        ["GET /openapi/{documentName}.json"] = Open,
        ["POST /v1/clock/confirm"] = Admin,
        ["POST /v1/bank/open"] = Admin,
        ["POST /v1/bank/logins"] = Admin,
        ["POST /v1/bank/logins/changes"] = Admin,
        ["GET /v1/bank/end-of-day"] = Admin,
        ["POST /v1/bank/schedule"] = Admin,
        ["POST /v1/bank/end-of-day/{date}"] = Admin,
        ["GET /v1/bank/trial-balance/{date}"] = Admin,
        ["POST /v1/bank/bulk"] = Admin,
        ["POST /v1/bank/bulk/{run}/release"] = Admin,
        ["GET /v1/bank/bulk/{run}"] = Admin,
        ["GET /v1/bank/audit"] = Admin,
        ["POST /v1/demo"] = Admin,
        ["GET /v1/demo"] = Admin,
        ["POST /v1/demo/payroll"] = Admin,
        ["POST /v1/demo/month"] = Admin,
        ["GET /v1/state-version"] = Admin,
        ["POST /v1/state-version"] = Admin,
        ["POST /v1/cluster/members"] = Admin,
        ["POST /v1/cluster/hand-over"] = Admin,
        ["GET /v1/parity"] = "metrics:read",
        ["GET /v1/checkpoints/latest"] = Read,
        ["GET /peer/v1/seed"] = Member,
        ["GET /peer/v1/files/{**name}"] = Member,
        ["GET /peer/v1/statement"] = Member,
        ["GET /peer/v1/configuration"] = Member,
        ["GET /peer/v1/applied"] = Member,
        ["POST /peer/v1/stand-back"] = Member,
        ["POST /peer/v1/read-index"] = Member,
        ["GET /peer/v1/state-version-max"] = Member,
    };

    [Fact]
    public async Task Every_route_of_a_node_serves_whom_its_row_says_and_nobody_else()
    {
        using TemporaryDirectory home = new();
        await using var bank = await StartAsync(home.Path);
        using HttpClient http = new() { BaseAddress = bank.Endpoints.Rest! };
        var admin = OperatorKey.Read(home.Path)!;
        await UntilAdmittedAsync(http, admin);
        var routes = RoutesOf(bank);
        // The reference page is the framework's own; it is open and holds no data.
        Assert.Empty(
            routes
                .Where(static route => !route.Contains(" /reference", StringComparison.Ordinal))
                .Except(Rows.Keys)
        );
        Assert.Empty(Rows.Keys.Except(routes));

        List<(string Name, string? Key, string? Peer, Func<string, int> Expected)> callers =
        [
            ("nobody", null, null, static row => Refusal(row, null)),
            (
                "a key that is none",
                ApiKeyToken.Create(number: 99).Reveal(),
                null,
                static row => Refusal(row, null)
            ),
            (
                "one that says it is a member",
                null,
                "not the secret",
                static row => Refusal(row, null)
            ),
            (
                "a member",
                null,
                await File.ReadAllTextAsync(Path.Combine(home.Path, PeerSecret.FileName), Token),
                static row => row == Member ? 0 : Refusal(row, null)
            ),
        ];
        foreach (var scope in ScopeNames.All)
        {
            var key = scope == Admin ? admin : await IssueAsync(http, admin, scope);
            callers.Add((scope, key, null, row => Refusal(row, scope)));
        }
        List<string> wrong = [];
        for (var i = 0; i < callers.Count; i++)
        {
            var (name, key, peer, expected) = callers[i];
            // Whoever fails too often from one address waits: each comes from an address of its own.
            using var own = FromAddress(http.BaseAddress!, $"127.0.0.{i + 2}");
            foreach (var (route, row) in Rows)
            {
                // The operator's first key has every scope, and calls only what needs its own.
                if (name == Admin && row is not (Admin or Open or Member))
                {
                    continue;
                }
                var status = await CallAsync(own, route, key, peer);
                var refused = status is 401 or 403 ? status : 0;
                if (refused != expected(row))
                {
                    wrong.Add($"{route} as {name}: {status}, not {expected(row)}");
                }
            }
        }
        Assert.Empty(wrong);
    }

    /// <returns>401, 403, or 0 for whatever the route itself says.</returns>
    private static int Refusal(string row, string? scope) =>
        row switch
        {
            Open => 0,
            Member => 403,
            _ when scope is null => 401,
            _ => scope == row ? 0 : 403,
        };

    private static async Task<int> CallAsync(
        HttpClient http,
        string route,
        string? key,
        string? peer
    )
    {
        var space = route.IndexOf(' ', StringComparison.Ordinal);
        var path = route[(space + 1)..]
            .Replace("{id}", "7", StringComparison.Ordinal)
            .Replace("{number}", "98", StringComparison.Ordinal)
            .Replace("{collection}", "nothing", StringComparison.Ordinal)
            .Replace("{key}", "nothing", StringComparison.Ordinal)
            .Replace("{reason}", "busy", StringComparison.Ordinal)
            .Replace("{documentName}", "v1", StringComparison.Ordinal)
            .Replace("{run}", "nothing", StringComparison.Ordinal)
            .Replace("{date}", "2026-11-23", StringComparison.Ordinal)
            .Replace("{**name}", "nothing", StringComparison.Ordinal);
        if (path.EndsWith("/stand-back", StringComparison.Ordinal))
        {
            path += "?ms=0";
        }
        using HttpRequestMessage request = new(new HttpMethod(route[..space]), path);
        if (route.StartsWith('P'))
        {
            // No message of anybody's: whoever is let in is told so, and nothing happens.
            request.Content = new StringContent("[]", Encoding.UTF8, "application/json");
        }
        if (key is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }
        if (peer is not null)
        {
            request.Headers.Add(PeerSecret.Header, peer.Trim());
        }
        using var answer = await http.SendAsync(
            request,
            HttpCompletionOption.ResponseHeadersRead,
            Token
        );
        return (int)answer.StatusCode;
    }

    private static HttpClient FromAddress(Uri node, string address) =>
        new(
            new SocketsHttpHandler
            {
                ConnectCallback = async (context, token) =>
                {
                    Socket socket = new(
                        AddressFamily.InterNetwork,
                        SocketType.Stream,
                        ProtocolType.Tcp
                    );
                    socket.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
                    await socket.ConnectAsync(IPAddress.Loopback, context.DnsEndPoint.Port, token);
                    return new NetworkStream(socket, ownsSocket: true);
                },
            }
        )
        {
            BaseAddress = node,
        };

    private static HashSet<string> RoutesOf(RunningBank bank) =>
        [
            .. bank
                .Routes.OfType<RouteEndpoint>()
                .SelectMany(static endpoint =>
                    (
                        endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"]
                    ).Select(method => $"{method} /{endpoint.RoutePattern.RawText!.TrimStart('/')}")
                ),
        ];

    private static async Task<RunningBank> StartAsync(string home)
    {
        var ports = FreePorts(3);
        JsonObject file = new()
        {
            ["formatVersion"] = 1,
            ["lineage"] = new string('7', 32),
            ["members"] = new JsonArray(
                new JsonObject
                {
                    ["name"] = "node-1",
                    ["raft"] = Host(ports[0]),
                    ["binary"] = Host(ports[1]),
                    ["rest"] = $"http://{Host(ports[2])}",
                }
            ),
        };
        var path = Path.Combine(home, "cluster.json");
        await File.WriteAllTextAsync(path, file.ToJsonString(), Token);
        OperatorKey.Write(home, ApiKeyToken.Create(number: 1).Reveal());
        var data = Path.Combine(home, "node-1");
        return await RunningBank.StartAsync(
            new ServeSettings
            {
                DataDirectory = data,
                Port = ports[1],
                RestPort = ports[2],
                IsDemo = true,
                Found = true,
                AccountsMax = 10_000,
                TransferIdsMax = 10_000,
                Membership = Membership.Open(path, "node-1", null, OperatorKey.PathIn(home)) with
                {
                    DataDirectory = data,
                },
            },
            NullLoggerFactory.Instance,
            Token
        );
    }

    private static async Task UntilAdmittedAsync(HttpClient http, string admin)
    {
        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(30));
        while (await CallAsync(http, "GET /v1/keys", admin, null) != 200)
        {
            await Task.Delay(50, patience.Token);
        }
    }

    private static async Task<string> IssueAsync(HttpClient http, string admin, string scope)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, "/v1/keys")
        {
            Content = JsonContent.Create(
                new JsonObject { ["name"] = scope, ["scopes"] = new JsonArray(scope) }
            ),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", admin);
        using var answer = await http.SendAsync(request, Token);
        var text = await answer.Content.ReadAsStringAsync(Token);
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!["token"]!.GetValue<string>();
    }

    private static string Host(int port) =>
        string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");

    private static int[] FreePorts(int count)
    {
        var listeners = Enumerable
            .Range(0, count)
            .Select(static _ => new TcpListener(IPAddress.Loopback, 0))
            .ToList();
        listeners.ForEach(static listener => listener.Start());
        var ports = listeners.ConvertAll(static listener =>
            ((IPEndPoint)listener.LocalEndpoint).Port
        );
        listeners.ForEach(static listener => listener.Stop());
        return [.. ports];
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private sealed class TemporaryDirectory : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("evenkeel-matrix-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
