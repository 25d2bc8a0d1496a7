using System.Text.Json.Nodes;
using Evenkeel.Channels.Texts;
using Evenkeel.Payments;
using Evenkeel.Payments.Compliance;
using Xunit;

namespace Evenkeel.Channels.Tests.Rest;

public sealed class RestChannelTests
{
    [Fact]
    public void Every_reason_has_its_text_in_every_language()
    {
        foreach (var row in ReasonTable.All)
        {
            var english = ReasonText.Of(row.Slug, Languages.English);
            var simplified = ReasonText.Of(row.Slug, Languages.Simplified);
            var traditional = ReasonText.Of(row.Slug, Languages.Traditional);
            Assert.NotEqual(row.Slug, english);
            Assert.NotEqual(english, simplified);
            Assert.NotEqual(english, traditional);
        }
    }

    [Theory]
    [InlineData("zh-HK, en;q=0.5", "付款帳戶與收款帳戶相同。")]
    [InlineData("zh-CN", "付款账户与收款账户相同。")]
    [InlineData("en;q=0.2, zh-Hant;q=0.9", "付款帳戶與收款帳戶相同。")]
    [InlineData("fr", "Payer and payee are the same account.")]
    [InlineData(null, "Payer and payee are the same account.")]
    public async Task A_refusal_speaks_the_language_of_who_asks(string? language, string title)
    {
        await using var bed = await RestBed.StartAsync(new ScriptedBank());
        var session = await bed.SignInAsync("customer", RestBed.CustomerLogin);

        var (status, body, _) = await bed.SendAsync(
            HttpMethod.Post,
            "/bank/v1/payments",
            session,
            Payment("1.00", PlayedBank.Own),
            key: "r1",
            language
        );

        Assert.Equal(422, status);
        Assert.Equal(title, body!["title"]!.GetValue<string>());
        Assert.Equal("not_done", body["state"]!.GetValue<string>());
        Assert.Equal("correct_and_send_new", body["retry"]!.GetValue<string>());
        Assert.Equal("/bank/problems/same-account", body["type"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_payment_without_a_reference_of_its_own_does_not_reach_the_bank()
    {
        ScriptedBank bank = new();
        await using var bed = await RestBed.StartAsync(bank);
        var session = await bed.SignInAsync("customer", RestBed.CustomerLogin);

        var (status, body, _) = await bed.SendAsync(
            HttpMethod.Post,
            "/bank/v1/payments",
            session,
            Payment("1.00", PlayedBank.Other)
        );

        Assert.Equal(400, status);
        Assert.Equal("idempotency-key-missing", body!["reason"]!.GetValue<string>());
        Assert.Empty(bank.Asked);
    }

    [Fact]
    public async Task A_body_of_another_type_is_told_so()
    {
        await using var bed = await RestBed.StartAsync(new ScriptedBank());
        var session = await bed.SignInAsync("customer", RestBed.CustomerLogin);
        using HttpRequestMessage request = new(HttpMethod.Post, "/bank/v1/payments")
        {
            Content = new StringContent("amount=1.00"),
        };
        request.Headers.Authorization = new("Bearer", session);

        using var answer = await bed.Http.SendAsync(request);

        Assert.Equal(415, (int)answer.StatusCode);
        Assert.Contains(
            "content-type-not-taken",
            await answer.Content.ReadAsStringAsync(),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("1.005")]
    [InlineData("-1.00")]
    [InlineData("1e3")]
    [InlineData("1,000.00")]
    [InlineData("")]
    [InlineData("999999999999999999999999999999999999")]
    public async Task What_is_no_amount_of_the_currency_does_not_reach_the_bank(string amount)
    {
        ScriptedBank bank = new();
        await using var bed = await RestBed.StartAsync(bank);
        var session = await bed.SignInAsync("customer", RestBed.CustomerLogin);

        var (status, body, _) = await bed.SendAsync(
            HttpMethod.Post,
            "/bank/v1/payments",
            session,
            Payment(amount, PlayedBank.Other),
            key: "r1"
        );

        Assert.Equal(422, status);
        Assert.Equal("amount-invalid", body!["reason"]!.GetValue<string>());
        Assert.Empty(bank.Asked);
    }

    [Fact]
    public async Task Two_programs_of_a_company_number_together()
    {
        ScriptedBank bank = new();
        await using var bed = await RestBed.StartAsync(bank);
        var program = await bed.TokenAsync(RestBed.ProgramLogin);
        var person = await bed.SignInAsync("customer", RestBed.CustomerLogin);
        foreach (var session in new[] { program, program, person })
        {
            await bed.SendAsync(
                HttpMethod.Post,
                "/bank/v1/payments",
                session,
                Payment("1.00", PlayedBank.Other),
                key: "invoice-1"
            );
        }

        Assert.Equal(
            [Channel.Api, Channel.Api, Channel.Online],
            bank.Asked.Select(static asked => asked.Origin.Channel)
        );
        Assert.Equal(2, bank.Asked.Select(static asked => asked.Id).Distinct().Count());
        Assert.Equal(
            InstructionId.From(Channel.Api, PlayedBank.Owner.Value, "invoice-1"),
            bank.Asked[0].Id
        );
    }

    [Fact]
    public async Task A_second_factor_makes_the_same_session_strong()
    {
        await using var bed = await RestBed.StartAsync(new ScriptedBank());
        var session = await bed.SignInAsync("customer", RestBed.CustomerLogin);
        var path = "/bank/v1/cards/0123456789abcdef0123456789abcdef/unfreeze";
        var (weak, problem, _) = await bed.SendAsync(HttpMethod.Post, path, session, key: "u1");
        Assert.Equal(403, weak);
        Assert.Equal("strong-authentication-required", problem!["reason"]!.GetValue<string>());

        var (stepped, stronger, _) = await bed.SendAsync(
            HttpMethod.Post,
            "/bank/v1/sessions/step-up",
            session,
            new JsonObject { ["secret"] = RestBed.Secret, ["code"] = "123456" }
        );
        Assert.Equal(200, stepped);
        Assert.Equal("strong", stronger!["assurance"]!.GetValue<string>());
        var token = stronger["token"]!.GetValue<string>();
        var (strong, _, _) = await bed.SendAsync(HttpMethod.Post, path, token, key: "u2");
        Assert.Equal(200, strong);
    }

    [Fact]
    public async Task A_session_that_was_ended_or_altered_opens_nothing()
    {
        await using var bed = await RestBed.StartAsync(new ScriptedBank());
        var session = await bed.SignInAsync("customer", RestBed.CustomerLogin);
        // One character of the middle, which no padding can hide.
        var altered = session[..40] + (session[40] == 'A' ? 'B' : 'A') + session[41..];
        Assert.Equal(401, (await ListAsync(altered)).Status);
        Assert.Equal(200, (await ListAsync(session)).Status);

        await bed.SendAsync(HttpMethod.Delete, "/bank/v1/sessions/current", session);

        Assert.Equal(401, (await ListAsync(session)).Status);

        Task<(int Status, JsonNode? Body, string Raw)> ListAsync(string token) =>
            bed.SendAsync(HttpMethod.Get, "/bank/v1/accounts", token);
    }

    [Theory]
    [InlineData("c1", "wrong", 401, "unauthenticated")]
    [InlineData("nobody", "a long secret", 401, "unauthenticated")]
    [InlineData("code", "x", 401, "code-needed")]
    [InlineData("wait", "x", 429, "too-many-requests")]
    [InlineData("away", "x", 503, "service-unavailable")]
    public async Task A_sign_in_that_fails_says_no_more_than_it_may(
        string login,
        string secret,
        int status,
        string reason
    )
    {
        await using var bed = await RestBed.StartAsync(new ScriptedBank());

        var answer = await bed.SendAsync(
            HttpMethod.Post,
            "/bank/v1/sessions",
            body: new JsonObject { ["login"] = login, ["secret"] = secret }
        );

        Assert.Equal(status, answer.Status);
        Assert.Equal(reason, answer.Body!["reason"]!.GetValue<string>());
    }

    [Fact]
    public async Task Four_eyes_at_the_counter_are_two_sign_ins()
    {
        ScriptedBank bank = new();
        await using var bed = await RestBed.StartAsync(bank);
        var maker = await bed.SignInAsync("staff", RestBed.StaffLogin);
        var checker = await bed.SignInAsync("staff", RestBed.CheckerLogin);
        JsonObject Cash() =>
            new()
            {
                ["account"] = PlayedBank.Own.ToString(),
                ["till"] = "TILL0001",
                ["amount"] = "500.00",
                ["currency"] = "CNY",
            };

        var (self, problem, _) = await bed.SendAsync(
            HttpMethod.Post,
            "/bank/v1/counter/withdrawals",
            maker,
            Cash(),
            key: "w1",
            checker: maker
        );
        Assert.Equal(403, self);
        Assert.Equal("approval-required", problem!["reason"]!.GetValue<string>());
        Assert.Empty(bank.Asked);
        var (done, _, _) = await bed.SendAsync(
            HttpMethod.Post,
            "/bank/v1/counter/withdrawals",
            maker,
            Cash(),
            key: "w1",
            checker: checker
        );

        Assert.Equal(200, done);
        Assert.Equal(
            new Actor.Staff(RestBed.StaffLogin, "B1", RestBed.CheckerLogin),
            Assert.Single(bank.Asked).Actor
        );
    }

    [Fact]
    public async Task Where_my_money_is_says_state_reason_and_timeline()
    {
        await using var bed = await RestBed.StartAsync(new ScriptedBank());
        var session = await bed.SignInAsync("customer", RestBed.CustomerLogin);

        var (found, body, _) = await bed.SendAsync(
            HttpMethod.Get,
            "/bank/v1/traces?reference=known",
            session
        );
        var (unknown, _, _) = await bed.SendAsync(
            HttpMethod.Get,
            "/bank/v1/traces?reference=other",
            session
        );

        Assert.Equal(200, found);
        var trace = body!["traces"]![0]!;
        Assert.Equal("being_resolved", trace["state"]!.GetValue<string>());
        Assert.Equal("biller-silent", trace["reason"]!.GetValue<string>());
        Assert.Single(trace["timeline"]!.AsArray());
        Assert.Equal(404, unknown);
    }

    [Fact]
    public async Task The_description_names_every_route_that_is_served()
    {
        await using var bed = await RestBed.StartAsync(new ScriptedBank());

        var (status, body, _) = await bed.SendAsync(HttpMethod.Get, "/bank/openapi.json");

        Assert.Equal(200, status);
        var paths = body!["paths"]!.AsObject().Select(static p => p.Key).ToArray();
        Assert.Contains("/bank/v1/payments", paths);
        Assert.Contains("/bank/v1/accounts/{number}/statement", paths);
        Assert.All(paths, static path => Assert.StartsWith("/bank/v1/", path));
    }

    private static JsonObject Payment(string amount, AccountNumber to) =>
        new()
        {
            ["from"] = PlayedBank.Own.ToString(),
            ["to"] = new JsonObject { ["account"] = to.ToString() },
            ["amount"] = amount,
            ["currency"] = "CNY",
        };
}
