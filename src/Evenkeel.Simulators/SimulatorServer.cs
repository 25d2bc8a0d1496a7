using System.Net;
using System.Text.Json.Serialization.Metadata;
using Evenkeel.Simulators.Billers;
using Evenkeel.Simulators.Clearing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Evenkeel.Simulators;

/// <summary>How the simulators' process runs.</summary>
public sealed record SimulatorServerOptions
{
    /// <summary>Where its files are; made when absent.</summary>
    public required string Directory { get; init; }

    /// <summary>
    /// On loopback alone: whoever reaches it plays other banks and billers, and there is nobody to ask for
    /// a name.
    /// </summary>
    public required IPEndPoint Listen { get; init; }

    public required DateOnly FirstDate { get; init; }

    /// <summary>Banks that read their inboxes here.</summary>
    public required IReadOnlyList<string> Members { get; init; }

    public Faults ClearingFaults { get; init; } = new();

    public Faults BillerFaults { get; init; } = new();
}

/// <summary>The clearing and the billers over HTTP (docs/formats/clearing-simulator.md).</summary>
public sealed class SimulatorServer : IAsyncDisposable
{
    private const int BodyBytesMax = 64 << 10;
    private const int InboxMax = 1_000;
    private static readonly TimeSpan TickEvery = TimeSpan.FromMilliseconds(200);

    private readonly WebApplication _web;
    private readonly ClearingHouse _clearing;
    private readonly BillerHouse _billers;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _ticking;

    private SimulatorServer(WebApplication web, ClearingHouse clearing, BillerHouse billers)
    {
        _web = web;
        _clearing = clearing;
        _billers = billers;
        _ticking = TickAsync();
        Address = new Uri(
            web.Services.GetRequiredService<IServer>()
                .Features.Get<IServerAddressesFeature>()!
                .Addresses.Single()
        );
    }

    /// <summary>Where it answers.</summary>
    public Uri Address { get; }

    /// <summary>Every route.</summary>
    internal IReadOnlyList<Endpoint> Routes =>
        _web.Services.GetRequiredService<EndpointDataSource>().Endpoints;

    /// <exception cref="ArgumentException">The address is not loopback.</exception>
    /// <exception cref="IOException">The address can't be listened on, or another holds the files.</exception>
    public static async Task<SimulatorServer> StartAsync(
        SimulatorServerOptions options,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(options);
        if (!IPAddress.IsLoopback(options.Listen.Address))
        {
            throw new ArgumentException("Simulators serve this machine alone.", nameof(options));
        }
        Directory.CreateDirectory(options.Directory);
        ClearingHouse clearing = new(
            new ClearingHouseOptions
            {
                Path = Path.Combine(options.Directory, "clearing.jsonl"),
                FirstDate = options.FirstDate,
                Members = options.Members,
                Faults = options.ClearingFaults,
            }
        );
        BillerHouse billers = new(
            new BillerHouseOptions
            {
                Path = Path.Combine(options.Directory, "billers.jsonl"),
                Faults = options.BillerFaults,
            }
        );
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = BodyBytesMax;
            kestrel.Listen(options.Listen);
        });
        builder.Services.AddRouting();
        builder.Services.ConfigureHttpJsonOptions(json =>
            json.SerializerOptions.TypeInfoResolver = WireJson.Default
        );
        var web = builder.Build();
        MapClearing(web, clearing);
        MapBillers(web, billers);
        MapOperator(web, clearing, billers);
        await web.StartAsync(cancellationToken);
        return new SimulatorServer(web, clearing, billers);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _ticking;
        await _web.StopAsync(CancellationToken.None);
        await _web.DisposeAsync();
        _clearing.Dispose();
        _billers.Dispose();
        _stopping.Dispose();
    }

    private static void MapClearing(WebApplication web, ClearingHouse clearing)
    {
        web.MapGet("/clearing/participants", () => Json(clearing.Participants));
        web.MapPost(
            "/clearing/pacs.008",
            (HttpContext context, WireCredit credit) => AnswerAsync(context, clearing.Send(credit))
        );
        web.MapPost(
            "/clearing/pacs.004",
            (HttpContext context, WireReturn sentBack) =>
                AnswerAsync(context, clearing.Send(sentBack))
        );
        web.MapPost("/clearing/pacs.028", (WireQuestion question) => clearing.Ask(question.Uetr));
        web.MapGet(
            "/clearing/inbox/{bank}",
            (string bank, long after, int limit) =>
                Json(clearing.Receive(bank, after, Math.Clamp(limit, 1, InboxMax)))
        );
        web.MapGet("/clearing/positions/{date}", (DateOnly date) => Json(clearing.Positions(date)));
    }

    private static void MapBillers(WebApplication web, BillerHouse billers)
    {
        web.MapPost(
            "/billers/{biller}/payments",
            (HttpContext context, string biller, WireBill bill) =>
                AnswerAsync(context, billers.Pay(biller, bill))
        );
        web.MapGet(
            "/billers/{biller}/payments/{reference}",
            (string biller, string reference) => billers.Ask(biller, reference)
        );
        web.MapPost(
            "/billers/{biller}/payments/{reference}/reversal",
            (string biller, string reference) => billers.Reverse(biller, reference)
        );
    }

    /// <summary>What only happens in a simulation: another bank's customer pays, the date ends.</summary>
    private static void MapOperator(WebApplication web, ClearingHouse clearing, BillerHouse billers)
    {
        web.MapPost("/simulator/close", () => Json(clearing.Close()));
        web.MapGet(
            "/simulator/state",
            () =>
                new SimulatorState(
                    clearing.Date,
                    clearing.TakenCount,
                    clearing.PendingCount,
                    billers.PaidCount
                )
        );
    }

    private static IResult Json(IReadOnlyList<WireMessage> value) =>
        Results.Json(value, WireJson.Default.IReadOnlyListWireMessage);

    private static IResult Json(IReadOnlyList<WirePosition> value) =>
        Results.Json(value, WireJson.Default.IReadOnlyListWirePosition);

    private static IResult Json(IReadOnlyList<string> value) =>
        Results.Json(value, WireJson.Default.IReadOnlyListString);

    /// <summary>Silence on a line is a line that breaks.</summary>
    private static async Task AnswerAsync<T>(HttpContext context, T? answer)
        where T : class
    {
        if (answer is null)
        {
            context.Abort();
            return;
        }
        await context.Response.WriteAsJsonAsync(
            answer,
            (JsonTypeInfo<T>)WireJson.Default.GetTypeInfo(typeof(T))!
        );
    }

    private async Task TickAsync()
    {
        using PeriodicTimer timer = new(TickEvery);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token))
            {
                _clearing.Tick();
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }
}
