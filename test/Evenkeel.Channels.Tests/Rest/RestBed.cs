using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Evenkeel.Channels.Rest;
using Evenkeel.Payments;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Evenkeel.Channels.Tests.Rest;

/// <summary>The REST channel on a real web server, before a bank that the test plays.</summary>
internal sealed class RestBed : IAsyncDisposable
{
    public const string CustomerLogin = "c1";
    public const string ProgramLogin = "p1";

    /// <summary>A program that may only look.</summary>
    public const string ReaderLogin = "p2";
    public const string StaffLogin = "s1";
    public const string CheckerLogin = "s2";
    public const string Secret = "a long secret";

    private readonly IPaymentProcessor _payments;
    private readonly bool _ownsKeys;
    private WebApplication? _web;

    private RestBed(IPaymentProcessor payments, string? keys)
    {
        _payments = payments;
        _ownsKeys = keys is null;
        Keys = keys ?? Directory.CreateTempSubdirectory("evenkeel-rest-").FullName;
    }

    /// <summary>The directory of keys that gateways share.</summary>
    public string Keys { get; }

    public PlayedBank Bank { get; } = new();

    public HttpClient Http { get; private set; } = new();

    public WebApplication Web => _web!;

    /// <param name="keys">Another bed's; null = own ones.</param>
    public static async Task<RestBed> StartAsync(IPaymentProcessor payments, string? keys = null)
    {
        RestBed bed = new(payments, keys);
        await bed.OpenAsync();
        return bed;
    }

    public async Task RestartAsync()
    {
        await CloseAsync();
        await OpenAsync();
    }

    /// <summary>The token of a session.</summary>
    public async Task<string> SignInAsync(string kind, string login, string? code = null)
    {
        JsonObject body = new()
        {
            ["kind"] = kind,
            ["login"] = login,
            ["secret"] = Secret,
        };
        if (code is not null)
        {
            body["code"] = code;
        }
        using var answer = await Http.PostAsJsonAsync("/bank/v1/sessions", body, Token);
        var text = await answer.Content.ReadAsStringAsync(Token);
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!["token"]!.GetValue<string>();
    }

    /// <summary>The token of a program.</summary>
    public async Task<string> TokenAsync(string client, string? scope = null)
    {
        var (status, body, _) = await AskTokenAsync(client, Secret, scope);
        Assert.True(status == 200, body?.ToJsonString());
        return body!["access_token"]!.GetValue<string>();
    }

    public async Task<(int Status, JsonNode? Body, HttpResponseHeaders Headers)> AskTokenAsync(
        string? client,
        string? secret,
        string? scope = null,
        string grant = "client_credentials",
        bool isBasic = false
    )
    {
        Dictionary<string, string> form = new(StringComparer.Ordinal) { ["grant_type"] = grant };
        if (scope is not null)
        {
            form["scope"] = scope;
        }
        using HttpRequestMessage request = new(HttpMethod.Post, "/bank/v1/oauth/token");
        if (isBasic)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue(
                "Basic",
                Convert.ToBase64String(Encoding.UTF8.GetBytes($"{client}:{secret}"))
            );
        }
        else
        {
            if (client is not null)
            {
                form["client_id"] = client;
            }
            if (secret is not null)
            {
                form["client_secret"] = secret;
            }
        }
        request.Content = new FormUrlEncodedContent(form);
        using var answer = await Http.SendAsync(request, Token);
        var text = await answer.Content.ReadAsStringAsync(Token);
        return ((int)answer.StatusCode, JsonNode.Parse(text), answer.Headers);
    }

    public async Task<(int Status, JsonNode? Body, string Raw)> SendAsync(
        HttpMethod method,
        string path,
        string? session = null,
        JsonNode? body = null,
        string? key = null,
        string? language = null,
        string? checker = null,
        string? csv = null
    )
    {
        using HttpRequestMessage request = new(method, path);
        if (session is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", session);
        }
        if (body is not null)
        {
            request.Content = JsonContent.Create(body);
        }
        if (csv is not null)
        {
            request.Content = new StringContent(csv, Encoding.UTF8, "text/csv");
        }
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }
        if (language is not null)
        {
            request.Headers.AcceptLanguage.ParseAdd(language);
        }
        if (checker is not null)
        {
            request.Headers.Add("Evenkeel-Checker", checker);
        }
        using var answer = await Http.SendAsync(request, Token);
        var raw = await answer.Content.ReadAsStringAsync(Token);
        JsonNode? parsed = null;
        if (
            answer.Content.Headers.ContentType?.MediaType is { } type
            && type.EndsWith("json", StringComparison.Ordinal)
        )
        {
            parsed = JsonNode.Parse(raw);
        }
        return ((int)answer.StatusCode, parsed, raw);
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        if (_ownsKeys)
        {
            Directory.Delete(Keys, recursive: true);
        }
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private async Task OpenAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrel().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRouting();
        builder.Services.AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance);
        builder.Services.AddSingleton(typeof(ILogger<>), typeof(Logger<>));
        builder.Services.AddSingleton(_payments);
        builder.Services.AddSingleton<IAccountQueries>(Bank);
        builder.Services.AddSingleton<ICustomerServices>(Bank);
        builder.Services.AddSingleton<ISignIn>(Bank);
        builder.Services.AddSingleton<IPasskeys>(Bank);
        builder.Services.AddRestChannel(
            new RestChannelOptions
            {
                SessionKeys = Keys,
                AnswerMax = TimeSpan.FromSeconds(1),
                SignInsPerMinuteMax = 1_000,
            }
        );
        _web = builder.Build();
        _web.MapRestChannel();
        await _web.StartAsync(Token);
        var address = _web
            .Services.GetRequiredService<IServer>()
            .Features.Get<IServerAddressesFeature>()!
            .Addresses.Single();
        Http = new HttpClient { BaseAddress = new Uri(address) };
    }

    private async Task CloseAsync()
    {
        Http.Dispose();
        await _web!.StopAsync(CancellationToken.None);
        await _web.DisposeAsync();
    }
}
