using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Evenkeel.Channels.Rest;
using Evenkeel.Payments;
using Evenkeel.Payments.Compliance;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Evenkeel.Identity.Tests;

/// <summary>The whole way: REST, sessions, contract, desk, records.</summary>
public sealed class PasskeysOverRestTests : IAsyncLifetime
{
    private readonly IdentityBehindContract _bed = new();
    private WebApplication? _web;
    private HttpClient? _http;

    public async ValueTask InitializeAsync()
    {
        await _bed.InitializeAsync();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrel().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRouting();
        builder.Services.AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance);
        builder.Services.AddSingleton(typeof(ILogger<>), typeof(Logger<>));
        builder.Services.AddSingleton<IPaymentProcessor>(_bed.Remote);
        builder.Services.AddSingleton<IAccountQueries>(_bed.Remote);
        builder.Services.AddSingleton<ICustomerServices>(_bed.Remote);
        builder.Services.AddSingleton<ISignIn>(_bed.Remote);
        builder.Services.AddSingleton<IPasskeys>(_bed.Remote);
        builder.Services.AddRestChannel(new RestChannelOptions());
        _web = builder.Build();
        _web.MapRestChannel();
        await _web.StartAsync(Token);
        _http = new HttpClient
        {
            BaseAddress = new Uri(
                _web.Services.GetRequiredService<IServer>()
                    .Features.Get<IServerAddressesFeature>()!
                    .Addresses.Single()
            ),
        };
    }

    public async ValueTask DisposeAsync()
    {
        _http!.Dispose();
        await _web!.DisposeAsync();
        await _bed.DisposeAsync();
    }

    [Fact]
    public async Task A_passkey_is_added_signs_in_makes_a_session_strong_and_is_removed()
    {
        var login = await _bed.MakeAsync();
        var code = await _bed.AddCodesAsync(login);
        using SoftwareAuthenticator authenticator = new();
        var (_, strong) = await SendAsync(
            "sessions",
            new JsonObject
            {
                ["login"] = login.Login,
                ["secret"] = login.Secret,
                ["code"] = code(),
            }
        );
        var first = TokenOf(strong, "strong");
        var device = strong!["device"]!.GetValue<string>();

        var (_, begun) = await SendAsync("me/passkeys/options", null, first);
        var (added, passkey) = await SendAsync(
            "me/passkeys",
            With(begun!, authenticator.Create(Options(begun!)), "name", "laptop"),
            first
        );
        Assert.Equal(200, added);
        Assert.Equal("laptop", passkey!["name"]!.GetValue<string>());

        // Without a login; the same again is refused, and so is another page.
        var (_, prompt) = await SendAsync("sessions/passkey/options", new JsonObject());
        var shown = With(prompt!, authenticator.Get(Options(prompt!)));
        var (_, session) = await SendAsync("sessions/passkey", shown);
        var second = TokenOf(session, "strong");
        Assert.Equal(401, (await SendAsync("sessions/passkey", shown)).Status);
        authenticator.Origin = "https://bank.evil.test";
        var (_, fresh) = await SendAsync("sessions/passkey/options", new JsonObject());
        Assert.Equal(
            401,
            (
                await SendAsync(
                    "sessions/passkey",
                    With(fresh!, authenticator.Get(Options(fresh!)))
                )
            ).Status
        );
        authenticator.Origin = "http://localhost:4170";

        // A session of one factor, on the known device, made strong.
        var (_, known) = await SendAsync(
            "sessions",
            new JsonObject
            {
                ["login"] = login.Login,
                ["secret"] = login.Secret,
                ["device"] = device,
            }
        );
        var weak = TokenOf(known, "single");
        Assert.Equal(403, (await SendAsync("me/passkeys/options", null, weak)).Status);
        var (_, asked) = await SendAsync("sessions/step-up/passkey/options", null, weak);
        var answer = With(asked!, authenticator.Get(Options(asked!)));
        Assert.Equal(401, (await SendAsync("sessions/step-up/passkey", answer, second)).Status);
        var (_, stepped) = await SendAsync("sessions/step-up/passkey", answer, weak);
        var third = TokenOf(stepped, "strong");

        var removed = await SendAsync(
            $"me/passkeys/{passkey["id"]!.GetValue<string>()}",
            null,
            third,
            HttpMethod.Delete
        );
        Assert.Equal(204, removed.Status);
        var (_, last) = await SendAsync("sessions/passkey/options", new JsonObject());
        Assert.Equal(
            401,
            (
                await SendAsync("sessions/passkey", With(last!, authenticator.Get(Options(last!))))
            ).Status
        );
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static string Options(JsonNode challenge) => challenge["options"]!.ToJsonString();

    private static string TokenOf(JsonNode? session, string assurance)
    {
        Assert.Equal(assurance, session?["assurance"]?.GetValue<string>());
        return session!["token"]!.GetValue<string>();
    }

    private static JsonObject With(
        JsonNode challenge,
        string credential,
        string? name = null,
        string? value = null
    )
    {
        JsonObject body = new()
        {
            ["state"] = challenge["state"]!.GetValue<string>(),
            ["credential"] = JsonNode.Parse(credential),
        };
        if (name is not null)
        {
            body[name] = value;
        }
        return body;
    }

    private async Task<(int Status, JsonNode? Body)> SendAsync(
        string path,
        JsonNode? body,
        string? session = null,
        HttpMethod? method = null
    )
    {
        using HttpRequestMessage request = new(method ?? HttpMethod.Post, $"/bank/v1/{path}");
        if (session is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", session);
        }
        if (body is not null)
        {
            request.Content = JsonContent.Create(body);
        }
        using var answer = await _http!.SendAsync(request, Token);
        var text = await answer.Content.ReadAsStringAsync(Token);
        return ((int)answer.StatusCode, text.Length == 0 ? null : JsonNode.Parse(text));
    }
}
