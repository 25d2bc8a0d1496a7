using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Evenkeel.Gateway.Attempts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Evenkeel.Gateway.Tests;

/// <summary>Stand-in nodes, a real gateway before them, and a customer.</summary>
internal sealed class TestHouse : IAsyncDisposable
{
    public const string Secret = "VerySecretPartOfTheKeyThatNobodyMayWriteDown";
    public const string Token = "ek_7_" + Secret;

    private readonly WebApplication _gateway;
    private readonly bool _ownsDirectory;

    private TestHouse(
        WebApplication gateway,
        StandInNode[] nodes,
        SharedBooks books,
        string directory,
        bool ownsDirectory
    )
    {
        _gateway = gateway;
        _ownsDirectory = ownsDirectory;
        Nodes = nodes;
        Books = books;
        Directory = directory;
        string[] addresses =
        [
            .. gateway
                .Services.GetRequiredService<IServer>()
                .Features.Get<IServerAddressesFeature>()!
                .Addresses,
        ];
        Address = new Uri(addresses[0]);
        Operations = new Uri(addresses[^1]);
        Http = new HttpClient(new SocketsHttpHandler { UseProxy = false })
        {
            BaseAddress = Address,
            Timeout = TimeSpan.FromSeconds(30),
        };
        Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
    }

    public StandInNode[] Nodes { get; }

    public SharedBooks Books { get; }

    public string Directory { get; }

    public Uri Address { get; }

    public Uri Operations { get; }

    public HttpClient Http { get; }

    public IReadOnlyList<Endpoint> Routes =>
        _gateway.Services.GetRequiredService<EndpointDataSource>().Endpoints;

    public AttemptRecorder Recorder => _gateway.Services.GetRequiredService<AttemptRecorder>();

    public static async Task<TestHouse> StartAsync(
        int nodes = 1,
        Func<GatewayOptions, GatewayOptions>? configure = null,
        IAttemptFiles? files = null,
        string? directory = null,
        bool hasLeader = true
    )
    {
        SharedBooks books = new();
        var standIns = new StandInNode[nodes];
        for (int i = 0; i < nodes; i++)
        {
            standIns[i] = await StandInNode.StartAsync($"n{i + 1}", books);
        }
        standIns[0].Leads = hasLeader;
        bool owns = directory is null;
        directory ??= System.IO.Directory.CreateTempSubdirectory("evenkeel-gateway-").FullName;
        GatewayOptions options = new()
        {
            Nodes = [.. standIns.Select(n => new NodeAddress(n.Name, n.Address))],
            Attempts = new AttemptOptions { Directory = directory },
            Port = 0,
            OperationsPort = 0,
            ProbeWhileUnknownEvery = TimeSpan.FromMilliseconds(10),
            ProbeWhileKnownEvery = TimeSpan.FromMilliseconds(20),
            HoldMax = TimeSpan.FromSeconds(10),
        };
        options = configure?.Invoke(options) ?? options;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrel();
        builder.Services.AddRouting();
        builder.Services.AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance);
        builder.Services.AddSingleton(typeof(ILogger<>), typeof(Logger<>));
        if (files is not null)
        {
            builder.Services.AddSingleton(files);
        }
        builder.AddGateway(options);
        var gateway = builder.Build();
        gateway.MapGateway();
        await gateway.StartAsync();
        var house = new TestHouse(gateway, standIns, books, directory, owns);
        if (hasLeader)
        {
            await house.UntilReadyAsync();
        }
        return house;
    }

    public Task UntilReadyAsync() =>
        Eventually.TrueAsync(
            "the gateway is ready",
            async () =>
                (await Http.GetAsync(new Uri("/readyz", UriKind.Relative))).IsSuccessStatusCode
        );

    public Task<HttpResponseMessage> PutTransferAsync(ulong id) =>
        SendAsync(
            HttpMethod.Put,
            $"/v1/transfers/{id}",
            """{"debit_account_id":"4000001","credit_account_id":"4000002","amount":"5","ledger":1,"code":1}"""
        );

    public Task<HttpResponseMessage> PostTransfersAsync(
        string body,
        string? idempotencyKey = null
    ) => SendAsync(HttpMethod.Post, "/v1/transfers", body, idempotencyKey);

    public Task<HttpResponseMessage> SendAsync(
        HttpMethod method,
        string path,
        string? body = null,
        string? idempotencyKey = null,
        params (string Name, string Value)[] headers
    )
    {
        var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        }
        if (idempotencyKey is not null)
        {
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        }
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }
        return Http.SendAsync(request);
    }

    /// <summary>Reason and outcome of problem details.</summary>
    public static async Task<(string Reason, string Outcome, string Retry)> ProblemOf(
        HttpResponseMessage response
    )
    {
        using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        JsonElement root = json.RootElement;
        return (
            root.GetProperty("reason").GetString()!,
            root.GetProperty("outcome").GetString()!,
            root.GetProperty("retry").GetString()!
        );
    }

    /// <summary>Ends the gateway, so that everything it recorded is on disk.</summary>
    public async Task CloseGatewayAsync()
    {
        await _gateway.StopAsync();
        await _gateway.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await _gateway.StopAsync(now.Token);
        await _gateway.DisposeAsync();
        foreach (StandInNode node in Nodes)
        {
            await node.DisposeAsync();
        }
        if (_ownsDirectory)
        {
            System.IO.Directory.Delete(Directory, recursive: true);
        }
    }
}
