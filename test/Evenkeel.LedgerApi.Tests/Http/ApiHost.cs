using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Evenkeel.Journal;
using Evenkeel.Journal.Access;
using Evenkeel.LedgerApi.Health;
using Evenkeel.LedgerApi.Tests.Bank;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Evenkeel.LedgerApi.Tests.Http;

/// <summary>The interface on a real web server and a free port, over a bank in memory.</summary>
internal sealed class ApiHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ApiHost(WebApplication app, TestBank journal, string firstKey)
    {
        _app = app;
        Journal = journal;
        FirstKey = firstKey;
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
    }

    public TestBank Journal { get; }

    /// <summary>A token with every scope.</summary>
    public string FirstKey { get; }

    /// <summary>Sends no key of its own.</summary>
    public HttpClient Client { get; }

    public IServiceProvider Services => _app.Services;

    public SwitchedReadiness Readiness => _app.Services.GetRequiredService<SwitchedReadiness>();

    public RecordingLoggers Logs => _app.Services.GetRequiredService<RecordingLoggers>();

    public static async Task<ApiHost> StartAsync(
        LedgerApiOptions? options = null,
        TimeProvider? time = null
    )
    {
        var builder = WebApplication.CreateSlimBuilder();
        var logs = new RecordingLoggers();
        builder.Logging.ClearProviders().AddProvider(logs).SetMinimumLevel(LogLevel.Debug);
        var journal = await TestBank.OpenAsync();
        builder.Services.AddSingleton(logs);
        builder.Services.AddSingleton<IJournal>(journal);
        builder.Services.AddSingleton<SwitchedReadiness>();
        builder.Services.AddSingleton<IReadiness>(s => s.GetRequiredService<SwitchedReadiness>());
        if (time is not null)
        {
            builder.Services.AddSingleton(time);
        }
        builder.AddLedgerApi(
            (options ?? new LedgerApiOptions { AnonymousRequestsPerSecondMax = 100_000 }) with
            {
                Port = 0,
            }
        );
        var app = builder.Build();
        app.MapLedgerApi();
        await app.StartAsync();
        var keys = app.Services.GetRequiredService<KeyAdministration>();
        var first = await KeyBootstrap.EnsureFirstKeyAsync(keys, default);
        var issued = Assert.IsType<Answer<IssuedKey?>.Done>(first).Value!;
        return new ApiHost(app, journal, issued.Token.Reveal());
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
        await Journal.DisposeAsync();
    }

    public async Task<string> IssueAsync(KeyScopes scopes)
    {
        var keys = _app.Services.GetRequiredService<KeyAdministration>();
        var answer = await keys.IssueAsync("test", scopes, 0, firstOnly: false, default);
        return Assert.IsType<Answer<IssueOutcome>.Done>(answer).Value.Issued!.Token.Reveal();
    }

    public Task<Reply> GetAsync(string path, string? key = null) =>
        SendAsync(HttpMethod.Get, path, body: null, key);

    public Task<Reply> PostAsync(
        string path,
        string body,
        string? key = null,
        string? idempotencyKey = null
    ) => SendAsync(HttpMethod.Post, path, body, key, idempotencyKey);

    public Task<Reply> PutAsync(string path, string body, string? key = null) =>
        SendAsync(HttpMethod.Put, path, body, key);

    public async Task<Reply> SendAsync(
        HttpMethod method,
        string path,
        string? body,
        string? key = null,
        string? idempotencyKey = null
    )
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key ?? FirstKey);
        if (idempotencyKey is not null)
        {
            request.Headers.TryAddWithoutValidation("Idempotency-Key", idempotencyKey);
        }
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        }
        using var response = await Client.SendAsync(request);
        return await Reply.OfAsync(response);
    }

    /// <summary>Creates accounts 1 to <paramref name="count"/> in ledger 978.</summary>
    public async Task OpenAccountsAsync(int count, string flags = "")
    {
        var accounts = Enumerable
            .Range(1, count)
            .Select(i => $$"""{"id":"{{i}}","ledger":978,"code":1,"flags":[{{flags}}]}""");
        var reply = await PostAsync(
            "/v1/accounts",
            $$"""{"accounts":[{{string.Join(',', accounts)}}]}"""
        );
        Assert.Equal(0, reply.Int("refused"));
    }

    public static string Transfer(
        int debit,
        int credit,
        int amount,
        string? id = null,
        string flags = ""
    ) =>
        $$"""
            {{{(
                id is null ? "" : $"\"id\":\"{id}\","
            )}}"debit_account_id":"{{debit}}","credit_account_id":"{{credit}}",
            "amount":"{{amount.ToString(
                CultureInfo.InvariantCulture
            )}}","ledger":978,"code":1,"flags":[{{flags}}]}
            """;

    public static string Transfers(params string[] transfers) =>
        $$"""{"transfers":[{{string.Join(',', transfers)}}]}""";
}

/// <summary>A status, headers and JSON.</summary>
internal sealed record Reply(
    HttpStatusCode Status,
    HttpResponseHeaders Headers,
    string? Media,
    string Text
)
{
    public JsonNode Json => JsonNode.Parse(Text)!;

    public int Int(string member) => Json[member]!.GetValue<int>();

    public string? String(string member) => Json[member]?.GetValue<string>();

    public static async Task<Reply> OfAsync(HttpResponseMessage response) =>
        new(
            response.StatusCode,
            response.Headers,
            response.Content.Headers.ContentType?.MediaType,
            await response.Content.ReadAsStringAsync()
        );

    /// <summary>Is problem details with this reason, complete in all that clients rely on.</summary>
    public void IsProblem(HttpStatusCode status, string reason, string outcome = "not_done")
    {
        Assert.Equal((status, reason), (Status, String("reason")));
        Assert.Equal("application/problem+json", Media);
        Assert.Equal((int)status, Int("status"));
        Assert.Equal($"/problems/{reason}", String("type"));
        Assert.Equal(outcome, String("outcome"));
        Assert.False(string.IsNullOrEmpty(String("title")));
        Assert.False(string.IsNullOrEmpty(String("retry")));
    }
}

/// <summary>Ready until told otherwise.</summary>
internal sealed class SwitchedReadiness : IReadiness
{
    public Readiness Answer { get; set; } = new(Live: true, Ready: true, []);

    public Readiness Now() => Answer;
}

/// <summary>Keeps every log line.</summary>
internal sealed class RecordingLoggers : ILoggerProvider
{
    private readonly System.Collections.Concurrent.ConcurrentQueue<string> _lines = new();

    public IReadOnlyCollection<string> Lines => _lines;

    public ILogger CreateLogger(string categoryName) => new Recorder(_lines, categoryName);

    public void Dispose() { }

    private sealed class Recorder(
        System.Collections.Concurrent.ConcurrentQueue<string> lines,
        string category
    ) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        ) => lines.Enqueue($"{logLevel} {category} {formatter(state, exception)} {exception}");
    }
}
