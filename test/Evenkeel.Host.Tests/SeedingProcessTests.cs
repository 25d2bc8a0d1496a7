using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Nodes;
using Evenkeel.Replication;
using Xunit;

namespace Evenkeel.Host.Tests;

/// <summary>A member that loses everything, in real processes.</summary>
public sealed class SeedingProcessTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly string[] Names = ["n1", "n2", "n3"];

    private readonly string _home = Directory.CreateTempSubdirectory("evenkeel-lost-").FullName;
    private readonly HttpClient _http;
    private readonly SocketsHttpHandler _handler = new();
    private int _sent;

    public SeedingProcessTests()
    {
        _handler.SslOptions.RemoteCertificateValidationCallback = (_, shown, _, _) =>
            shown?.Issuer.StartsWith("CN=Evenkeel cluster authority", StringComparison.Ordinal)
                is true;
        _http = new HttpClient(_handler) { Timeout = TimeSpan.FromSeconds(5) };
    }

    public void Dispose()
    {
        _http.Dispose();
        _handler.Dispose();
        Directory.Delete(_home, recursive: true);
    }

    [Fact]
    public async Task A_member_that_is_killed_and_wiped_comes_back_while_customers_go_on()
    {
        using var supervisor = HostProcess.Start(
            "run",
            "--ledger-only",
            "--nodes",
            "3",
            "--port",
            "0",
            "--rest-port",
            "0",
            "--data",
            _home
        );
        await supervisor.LineAsync(l => l.EndsWith(" leads.", StringComparison.Ordinal));
        await OpenAccountsAsync();
        using CancellationTokenSource stop = new();
        var customers = Task.Run(() => PayAsync(stop.Token));
        await WaitAsync(() => Task.FromResult(Volatile.Read(ref _sent) >= 20));

        var leader = await LeaderAsync();
        var lost = Names.First(n => !string.Equals(n, leader, StringComparison.Ordinal));
        var started = await supervisor.LineAsync(l =>
            l.StartsWith($"{lost} started, process ", StringComparison.Ordinal)
        );
        KillAndWipe(started, Path.Combine(_home, lost));
        var atLoss = Volatile.Read(ref _sent);
        await WaitAsync(() => Task.FromResult(Log(lost).Contains("Seeding done")));
        await WaitAsync(() => IsReadyAsync(lost));
        await WaitAsync(() => Task.FromResult(Volatile.Read(ref _sent) >= atLoss + 20));
        await stop.CancelAsync();
        var paid = await customers;

        // Everything acknowledged, before the loss and after it, is on the member that lost its files.
        foreach (var name in Names)
        {
            await WaitAsync(async () =>
                (await Task.WhenAll(paid.Select(id => HasTransferAsync(name, id)))).All(x => x)
            );
        }
        Assert.Equal(0, (await supervisor.TerminateAsync()).ExitCode);
        AssertSameArchives();
    }

    [Fact(Skip = "long", SkipUnless = nameof(HostProcess.IsLong), SkipType = typeof(HostProcess))]
    public async Task Members_with_certificates_refuse_strangers_and_make_each_other_whole()
    {
        var made = await HostProcess.RunAsync(
            "cluster",
            "certificates",
            "--out",
            _home,
            "--nodes",
            "n1,n2,n3"
        );
        Assert.Equal(0, made.ExitCode);
        CertifiedCluster.WriteFile(_home, Names);
        var nodes = Names.ToDictionary(n => n, n => StartMember(n, "--found"));
        try
        {
            var leader = await LeaderAsync();
            var lost = Names.First(n => !string.Equals(n, leader, StringComparison.Ordinal));
            await WaitAsync(() => IsReadyAsync(lost));
            await AssertAdmitsMembersOnlyAsync(leader);

            await nodes[lost].KillAsync();
            nodes[lost].Dispose();
            Directory.Delete(Path.Combine(_home, lost), recursive: true);
            nodes[lost] = StartMember(lost);
            await nodes[lost].LineAsync(l => l.Contains("Seeding done", StringComparison.Ordinal));
            await WaitAsync(() => IsReadyAsync(lost));
        }
        finally
        {
            foreach (var node in nodes.Values)
            {
                node.Dispose();
            }
        }
    }

    [Fact]
    public async Task A_member_without_files_waits_when_nobody_can_say_what_it_lost()
    {
        await HostProcess.RunAsync(
            "cluster",
            "certificates",
            "--out",
            _home,
            "--nodes",
            "n1,n2,n3"
        );
        CertifiedCluster.WriteFile(_home, Names);
        using var alone = StartMember("n1");

        var waits = await alone.LineAsync(l =>
            l.Contains("Seeding waits", StringComparison.Ordinal)
        );

        Assert.Contains("No member leads", waits, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_home, "n1", "raft")));
    }

    private HostProcess StartMember(string name, params string[] others) =>
        HostProcess.Start([
            "node",
            "--cluster",
            Path.Combine(_home, "cluster.json"),
            "--name",
            name,
            "--data",
            Path.Combine(_home, name),
            .. others,
        ]);

    private async Task AssertAdmitsMembersOnlyAsync(string leader)
    {
        Uri plan = new(Rest(leader), "/peer/v1/seed");
        using var without = await _http.GetAsync(plan);
        Assert.Equal(HttpStatusCode.Forbidden, without.StatusCode);
        using HttpRequestMessage secret = new(HttpMethod.Get, plan);
        secret.Headers.Add("Evenkeel-Peer", File.ReadAllText(Path.Combine(_home, "peer.secret")));
        using var bySecret = await _http.SendAsync(secret);
        Assert.Equal(HttpStatusCode.Forbidden, bySecret.StatusCode);

        var other = Path.Combine(_home, "other");
        ClusterCertificates.Create(other, Names, TimeProvider.System.GetUtcNow());
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(plan, Certificate(other, "n2")));
        ClusterCertificates.Create(_home, ["n9"], TimeProvider.System.GetUtcNow());
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(plan, Certificate(_home, "n9")));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(plan, Certificate(_home, "n2")));
    }

    private static X509Certificate2 Certificate(string directory, string name) =>
        X509Certificate2.CreateFromPemFile(
            Path.Combine(directory, ClusterCertificates.CertificateName(name)),
            Path.Combine(directory, ClusterCertificates.KeyName(name))
        );

    private async Task<HttpStatusCode> StatusAsync(Uri address, X509Certificate2 certificate)
    {
        using (certificate)
        {
            using SocketsHttpHandler handler = new();
            handler.SslOptions = new System.Net.Security.SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = _handler
                    .SslOptions
                    .RemoteCertificateValidationCallback,
                ClientCertificates = [certificate],
                LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate,
            };
            using HttpClient http = new(handler);
            using var answer = await http.GetAsync(address);
            return answer.StatusCode;
        }
    }

    private static void KillAndWipe(string started, string directory)
    {
        using var process = System.Diagnostics.Process.GetProcessById(
            int.Parse(started.AsSpan(started.LastIndexOf(' ') + 1), CultureInfo.InvariantCulture)
        );
        process.Kill();
        process.WaitForExit();
        Directory.Delete(directory, recursive: true);
    }

    private string Log(string name)
    {
        var path = Path.Combine(_home, "logs", $"{name}.log");
        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using StreamReader reader = new(stream);
        return reader.ReadToEnd();
    }

    private async Task OpenAccountsAsync()
    {
        string[] accounts = ["1", "2"];
        await WaitAsync(async () =>
            await PostAsync(
                "accounts",
                accounts.Select(id => new JsonObject
                {
                    ["id"] = id,
                    ["ledger"] = 1,
                    ["code"] = 1,
                })
            )
        );
    }

    /// <summary>One payment after the other, each repeated until it is answered.</summary>
    private async Task<List<string>> PayAsync(CancellationToken stop)
    {
        List<string> paid = [];
        for (var number = 1; !stop.IsCancellationRequested; number++)
        {
            var id = number.ToString(CultureInfo.InvariantCulture);
            JsonObject transfer = new()
            {
                ["id"] = id,
                ["debit_account_id"] = "1",
                ["credit_account_id"] = "2",
                ["amount"] = "1",
                ["ledger"] = 1,
                ["code"] = 1,
            };
            await WaitAsync(() => PostAsync("transfers", [transfer.DeepClone()]));
            paid.Add(id);
            Interlocked.Increment(ref _sent);
        }
        return paid;
    }

    private async Task<bool> PostAsync(string what, IEnumerable<JsonNode> events)
    {
        foreach (var name in Names)
        {
            using HttpRequestMessage request = new(
                HttpMethod.Post,
                new Uri(Rest(name), $"/v1/{what}")
            )
            {
                Content = JsonContent.Create(
                    new JsonObject
                    {
                        [what] = new JsonArray([.. events.Select(e => e.DeepClone())]),
                    }
                ),
            };
            Authorize(request);
            using var answer = await SendAsync(request);
            if (answer is { StatusCode: HttpStatusCode.OK or HttpStatusCode.Created })
            {
                return true;
            }
        }
        return false;
    }

    private async Task<bool> HasTransferAsync(string name, string id)
    {
        using HttpRequestMessage request = new(
            HttpMethod.Get,
            new Uri(Rest(name), $"/v1/transfers/{id}")
        );
        Authorize(request);
        using var answer = await SendAsync(request);
        return answer is { StatusCode: HttpStatusCode.OK };
    }

    private void Authorize(HttpRequestMessage request) =>
        request.Headers.Authorization = new(
            "Bearer",
            File.ReadAllText(Path.Combine(_home, "operator.key")).Trim()
        );

    private async Task<HttpResponseMessage?> SendAsync(HttpRequestMessage request)
    {
        try
        {
            return await _http.SendAsync(request);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            return null;
        }
    }

    private Uri Rest(string name)
    {
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(_home, "cluster.json")));
        return new Uri(
            json.RootElement.GetProperty("members")
                .EnumerateArray()
                .Single(m => m.GetProperty("name").ValueEquals(name))
                .GetProperty("rest")
                .GetString()!
        );
    }

    private async Task<string> LeaderAsync()
    {
        string? leader = null;
        await WaitAsync(async () =>
        {
            foreach (var name in Names)
            {
                using HttpRequestMessage request = new(
                    HttpMethod.Get,
                    new Uri(Rest(name), "/leaderz")
                );
                using var answer = await SendAsync(request);
                if (answer is { StatusCode: HttpStatusCode.OK })
                {
                    leader = name;
                }
            }
            return leader is not null;
        });
        return leader!;
    }

    private async Task<bool> IsReadyAsync(string name)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, new Uri(Rest(name), "/readyz"));
        using var answer = await SendAsync(request);
        return answer is { StatusCode: HttpStatusCode.OK };
    }

    private void AssertSameArchives()
    {
        var chains = Names
            .Select(name =>
            {
                Dictionary<ulong, string> chain = [];
                using ArchiveReader reader = new(Path.Combine(_home, name, "archive"), 1);
                while (reader.Read())
                {
                    chain[reader.Index] = reader.Chain.ToString();
                }
                return chain;
            })
            .ToList();
        var common = (ulong)chains.Min(c => c.Count);
        Assert.True(common > 20);
        // Each holds every entry from the first on, and the last common one proves all before it.
        Assert.Single(chains.Select(c => c[common]).Distinct());
    }

    private static async Task WaitAsync(Func<Task<bool>> condition)
    {
        using CancellationTokenSource patience = new(Patience);
        while (!await condition())
        {
            await Task.Delay(20, patience.Token);
        }
    }
}
