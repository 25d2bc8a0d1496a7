using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Evenkeel.Gateway.Tests;

/// <summary>What the nodes of a test agree on: which requests were done, each id once.</summary>
internal sealed class SharedBooks
{
    public const string Lineage = "0123456789abcdef0123456789abcdef";

    private int _index;

    /// <summary>Id or key of a request, and the position that it got first.</summary>
    public ConcurrentDictionary<string, int> Done { get; } = new(StringComparer.Ordinal);

    /// <summary>Times that a node was asked to do each request.</summary>
    public ConcurrentDictionary<string, int> Asked { get; } = new(StringComparer.Ordinal);

    public (int Index, bool IsNew) Do(string id)
    {
        bool isNew = false;
        int index = Done.GetOrAdd(
            id,
            _ =>
            {
                isNew = true;
                return Interlocked.Increment(ref _index);
            }
        );
        return (index, isNew);
    }
}

/// <summary>What a stand-in does with a write.</summary>
internal enum Behaviour
{
    /// <summary>Does it and answers.</summary>
    Serve,

    /// <summary>Says that another node leads.</summary>
    NotLeader,

    /// <summary>Breaks the line before it did anything.</summary>
    BreakBefore,

    /// <summary>Does it, sends half of the answer, and breaks the line.</summary>
    BreakMidAnswer,

    /// <summary>Does it and never answers.</summary>
    HangAfter,

    /// <summary>Does it and says that it does not know.</summary>
    SayUnknown,

    /// <summary>Refuses before it looked at the ids.</summary>
    Busy,

    /// <summary>Fails.</summary>
    InternalError,

    /// <summary>Answers more than anybody wants to hold.</summary>
    Enormous,
}

/// <summary>A real web server that behaves like a node, or badly.</summary>
internal sealed class StandInNode : IAsyncDisposable
{
    private readonly WebApplication _web;
    private readonly SharedBooks _books;
    private readonly TaskCompletionSource _closed = new();

    private StandInNode(WebApplication web, string name, SharedBooks books)
    {
        _web = web;
        _books = books;
        Name = name;
    }

    public string Name { get; }

    public Uri Address { get; private set; } = new("http://127.0.0.1");

    public bool Leads { get; set; }

    public ulong Term { get; set; } = 1;

    /// <summary>Says nothing at all, as a stopped process does.</summary>
    public bool IsPaused { get; set; }

    public Behaviour Behaviour { get; set; }

    /// <summary>Behaviours for the next writes, one each; then <see cref="Behaviour"/>.</summary>
    public ConcurrentQueue<Behaviour> Next { get; } = new();

    public ConcurrentQueue<(string Method, string Path, HeaderDictionary Headers)> Seen { get; } =
        new();

    /// <summary>Called with the id of each write before anything else.</summary>
    public Action<string> OnWrite { get; set; } = static _ => { };

    public static async Task<StandInNode> StartAsync(string name, SharedBooks books)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrel(k => k.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRouting();
        var web = builder.Build();
        var node = new StandInNode(web, name, books);
        web.MapGet("/leaderz", node.LeaderzAsync);
        web.MapFallback("{**path}", node.ServeAsync);
        await web.StartAsync();
        node.Address = new Uri(
            web.Services.GetRequiredService<IServer>()
                .Features.Get<IServerAddressesFeature>()!
                .Addresses.Single()
        );
        return node;
    }

    public async ValueTask DisposeAsync()
    {
        _closed.TrySetResult();
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await _web.StopAsync(now.Token);
        await _web.DisposeAsync();
    }

    private async Task LeaderzAsync(HttpContext http)
    {
        if (IsPaused)
        {
            await HangAsync(http);
            return;
        }
        http.Response.StatusCode = Leads ? 200 : 503;
        await http.Response.WriteAsync($$"""{"status":"x","term":{{Term}}}""");
    }

    private async Task ServeAsync(HttpContext http)
    {
        HttpRequest request = http.Request;
        string path = request.Path.Value!;
        HeaderDictionary headers = new();
        foreach (var (name, value) in request.Headers)
        {
            headers[name] = value;
        }
        Seen.Enqueue((request.Method, path, headers));
        using var reader = new StreamReader(request.Body);
        string body = await reader.ReadToEndAsync();
        if (IsPaused)
        {
            await HangAsync(http);
            return;
        }
        if (request.Method is "GET" or "HEAD" && Next.IsEmpty)
        {
            await AnswerAsync(http, 200, $$"""{"path":"{{path}}","node":"{{Name}}"}""");
            return;
        }
        await WriteAsync(http, IdOf(request, body));
    }

    private async Task WriteAsync(HttpContext http, string id)
    {
        OnWrite(id);
        _books.Asked.AddOrUpdate(id, 1, (_, n) => n + 1);
        Behaviour behaviour = Next.TryDequeue(out Behaviour next) ? next : Behaviour;
        switch (behaviour)
        {
            case Behaviour.NotLeader:
                await ProblemAsync(http, 503, "not_leader", "not_done");
                return;
            case Behaviour.BreakBefore:
                http.Abort();
                return;
            case Behaviour.Busy:
                await ProblemAsync(http, 503, "busy", "not_done");
                return;
            case Behaviour.InternalError:
                await ProblemAsync(http, 500, "internal_error", "unknown");
                return;
            case Behaviour.Enormous:
                await AnswerAsync(http, 200, new string('x', 100_000));
                return;
            default:
                break;
        }
        (int index, bool isNew) = _books.Do(id);
        switch (behaviour)
        {
            case Behaviour.BreakMidAnswer:
                http.Response.StatusCode = 201;
                http.Response.ContentLength = 1_000;
                await http.Response.WriteAsync("{\"half\":");
                await http.Response.Body.FlushAsync();
                http.Abort();
                return;
            case Behaviour.HangAfter:
                await HangAsync(http);
                return;
            case Behaviour.SayUnknown:
                await ProblemAsync(http, 504, "unknown_outcome", "unknown");
                return;
            default:
                http.Response.Headers["Evenkeel-Position"] = $"{SharedBooks.Lineage}/{index}";
                await AnswerAsync(
                    http,
                    isNew ? 201 : 200,
                    $$"""{"id":"{{id}}","node":"{{Name}}"}"""
                );
                return;
        }
    }

    private async Task HangAsync(HttpContext http)
    {
        try
        {
            await _closed.Task.WaitAsync(http.RequestAborted);
        }
        catch (OperationCanceledException)
        {
            // The gateway gave it up.
        }
        http.Abort();
    }

    private static string IdOf(HttpRequest request, string body)
    {
        if (request.Headers["Idempotency-Key"] is { Count: > 0 } key)
        {
            return key.ToString();
        }
        if (request.Method is "PUT" or "GET")
        {
            return request.Path.Value!.Split('/')[^1];
        }
        using var json = JsonDocument.Parse(body);
        JsonElement root = json.RootElement;
        return root.TryGetProperty("id", out JsonElement id) ? id.GetString()!
            : root.TryGetProperty("transfers", out JsonElement all)
            && all[0].TryGetProperty("id", out JsonElement first)
                ? first.GetString()!
            : body;
    }

    private static Task AnswerAsync(HttpContext http, int status, string json)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        byte[] bytes = Encoding.UTF8.GetBytes(json);
        http.Response.ContentLength = bytes.Length;
        return HttpMethods.IsHead(http.Request.Method)
            ? Task.CompletedTask
            : http.Response.Body.WriteAsync(bytes).AsTask();
    }

    private static Task ProblemAsync(HttpContext http, int status, string reason, string outcome)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/problem+json";
        return http.Response.WriteAsync(
            $$"""{"type":"/problems/{{reason}}","title":"t","status":{{status}},"reason":"{{reason}}","outcome":"{{outcome}}","retry":"later"}"""
        );
    }
}
