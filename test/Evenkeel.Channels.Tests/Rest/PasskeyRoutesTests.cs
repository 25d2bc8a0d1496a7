using System.Text.Json.Nodes;
using Evenkeel.Payments.Compliance;
using Xunit;

namespace Evenkeel.Channels.Tests.Rest;

/// <summary>What the channel hands to the bank and makes of its answers; passkeys themselves are the bank's.</summary>
public sealed class PasskeyRoutesTests : IAsyncLifetime
{
    private RestBed? _bed;

    public async ValueTask InitializeAsync() => _bed = await RestBed.StartAsync(new ScriptedBank());

    public async ValueTask DisposeAsync() => await _bed!.DisposeAsync();

    [Fact]
    public async Task A_passkey_opens_a_strong_session_of_the_login_that_it_names()
    {
        var (asked, challenge, _) = await PostAsync("sessions/passkey/options", new JsonObject());
        Assert.Equal(200, asked);
        Assert.Equal("AA", challenge!["options"]!["challenge"]!.GetValue<string>());

        var (status, session, _) = await PostAsync("sessions/passkey", Answer(challenge));

        Assert.Equal(200, status);
        Assert.Equal("strong", session!["assurance"]!.GetValue<string>());
        Assert.Equal("device", session["device"]!.GetValue<string>());
        var token = session["token"]!.GetValue<string>();
        Assert.Equal(200, (await ListAsync(token)).Status);
    }

    [Fact]
    public async Task A_passkey_that_is_refused_says_no_more_than_a_wrong_password()
    {
        var (status, problem, _) = await PostAsync(
            "sessions/passkey",
            new JsonObject { ["state"] = "/", ["credential"] = new JsonObject() }
        );

        Assert.Equal(401, status);
        Assert.Equal("unauthenticated", problem!["reason"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_challenge_for_a_step_up_is_bound_to_its_session()
    {
        var first = await _bed!.SignInAsync("customer", RestBed.CustomerLogin);
        var second = await _bed!.SignInAsync("customer", RestBed.CustomerLogin);
        var (_, challenge, _) = await PostAsync("sessions/step-up/passkey/options", null, first);

        var (elsewhere, _, _) = await PostAsync(
            "sessions/step-up/passkey",
            Answer(challenge!),
            second
        );
        Assert.Equal(401, elsewhere);
        var (status, stronger, _) = await PostAsync(
            "sessions/step-up/passkey",
            Answer(challenge!),
            first
        );

        Assert.Equal(200, status);
        Assert.Equal("strong", stronger!["assurance"]!.GetValue<string>());
    }

    [Fact]
    public async Task Anothers_passkey_does_not_make_a_session_strong()
    {
        var session = await _bed!.SignInAsync("customer", RestBed.CustomerLogin);

        var (status, problem, _) = await PostAsync(
            "sessions/step-up/passkey",
            Answer(new JsonObject { ["state"] = "another" }),
            session
        );

        Assert.Equal(403, status);
        Assert.Equal("strong-authentication-required", problem!["reason"]!.GetValue<string>());
    }

    [Fact]
    public async Task The_code_alone_makes_a_session_strong()
    {
        var session = await _bed!.SignInAsync("customer", RestBed.CustomerLogin);

        var (wrong, _, _) = await PostAsync(
            "sessions/step-up",
            new JsonObject { ["code"] = "654321" },
            session
        );
        var (right, stronger, _) = await PostAsync(
            "sessions/step-up",
            new JsonObject { ["code"] = "123456" },
            session
        );

        Assert.Equal(401, wrong);
        Assert.Equal(200, right);
        Assert.Equal("strong", stronger!["assurance"]!.GetValue<string>());
    }

    [Fact]
    public async Task Passkeys_come_and_go_with_two_factors_only()
    {
        var weak = await _bed!.SignInAsync("customer", RestBed.CustomerLogin);
        var (refused, problem, _) = await PostAsync("me/passkeys/options", null, weak);
        Assert.Equal(403, refused);
        Assert.Equal("strong-authentication-required", problem!["reason"]!.GetValue<string>());

        var strong = await _bed.SignInAsync("customer", RestBed.CustomerLogin, "123456");
        var (_, challenge, _) = await PostAsync("me/passkeys/options", null, strong);
        var (added, passkey, _) = await PostAsync(
            "me/passkeys",
            new JsonObject
            {
                ["name"] = "laptop",
                ["state"] = challenge!["state"]!.GetValue<string>(),
                ["credential"] = JsonNode.Parse(PlayedBank.Credential),
            },
            strong
        );
        Assert.Equal(200, added);
        Assert.Equal("laptop", passkey!["name"]!.GetValue<string>());
        var listed = await ListAsync(strong);
        Assert.Equal("k1", listed.Body!["passkeys"]![0]!["id"]!.GetValue<string>());
        Assert.Equal(204, (await RemoveAsync("k1")).Status);
        var (unknown, gone, _) = await RemoveAsync("k2");
        Assert.Equal(404, unknown);
        Assert.Equal("passkey-unknown", gone!["reason"]!.GetValue<string>());

        Task<(int Status, JsonNode? Body, string Raw)> RemoveAsync(string id) =>
            _bed.SendAsync(HttpMethod.Delete, $"/bank/v1/me/passkeys/{id}", strong);
    }

    private static JsonObject Answer(JsonNode challenge) =>
        new()
        {
            ["state"] = challenge["state"]!.GetValue<string>(),
            ["credential"] = JsonNode.Parse(PlayedBank.Credential),
        };

    private Task<(int Status, JsonNode? Body, string Raw)> ListAsync(string session) =>
        _bed!.SendAsync(HttpMethod.Get, "/bank/v1/me/passkeys", session);

    private Task<(int Status, JsonNode? Body, string Raw)> PostAsync(
        string path,
        JsonNode? body,
        string? session = null
    ) => _bed!.SendAsync(HttpMethod.Post, $"/bank/v1/{path}", session, body);
}
