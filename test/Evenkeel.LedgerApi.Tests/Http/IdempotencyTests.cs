using System.Net;
using Evenkeel.Journal;
using Evenkeel.Journal.Access;
using Evenkeel.LedgerApi.Idempotency;
using Evenkeel.LedgerApi.Tests.Bank;
using Evenkeel.Model;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Evenkeel.LedgerApi.Tests.Http;

public sealed class IdempotencyTests
{
    [Fact]
    public async Task Events_without_an_id_need_a_key_or_an_id()
    {
        await using var api = await ApiHost.StartAsync();
        await api.OpenAccountsAsync(2);
        var reply = await api.PostAsync(
            "/v1/transfers",
            ApiHost.Transfers(ApiHost.Transfer(1, 2, 5))
        );
        reply.IsProblem(HttpStatusCode.BadRequest, "id_required");
    }

    [Fact]
    public async Task The_same_request_gets_the_same_answer_and_moves_money_once()
    {
        await using var api = await ApiHost.StartAsync();
        await api.OpenAccountsAsync(2);
        var body = ApiHost.Transfers(ApiHost.Transfer(1, 2, 5), ApiHost.Transfer(1, 2, 6));
        var first = await api.PostAsync("/v1/transfers", body, idempotencyKey: "k-1");
        var second = await api.PostAsync("/v1/transfers", body, idempotencyKey: "k-1");
        var quoted = await api.PostAsync("/v1/transfers", body, idempotencyKey: "\"k-1\"");
        Assert.Equal("created", first.Json["results"]![1]!["status"]!.GetValue<string>());
        Assert.Equal(first.Text, second.Text);
        Assert.Equal(first.Text, quoted.Text);
        Assert.Equal("11", (await api.GetAsync("/v1/accounts/1")).String("debits_posted"));
    }

    [Fact]
    public async Task A_refusal_is_answered_again_as_it_was_also_when_money_came_meanwhile()
    {
        await using var api = await ApiHost.StartAsync();
        await api.OpenAccountsAsync(1, "\"debits_must_not_exceed_credits\"");
        await api.PutAsync("/v1/accounts/2", """{"ledger":978,"code":1}""");
        var body = ApiHost.Transfers(ApiHost.Transfer(1, 2, 5));
        var first = await api.PostAsync("/v1/transfers", body, idempotencyKey: "k-1");
        Assert.Equal("exceeds_credits", first.Json["results"]![0]!["status"]!.GetValue<string>());
        await api.PutAsync("/v1/transfers/1", ApiHost.Transfer(2, 1, 100));
        var second = await api.PostAsync("/v1/transfers", body, idempotencyKey: "k-1");
        Assert.Equal(first.Text, second.Text);
    }

    [Fact]
    public async Task The_same_key_with_other_content_is_refused_and_does_nothing()
    {
        await using var api = await ApiHost.StartAsync();
        await api.OpenAccountsAsync(2);
        var one = ApiHost.Transfer(1, 2, 5);
        await api.PostAsync("/v1/transfers", ApiHost.Transfers(one), idempotencyKey: "k-1");
        string[] others =
        [
            ApiHost.Transfers(ApiHost.Transfer(1, 2, 6)),
            ApiHost.Transfers(one, one),
        ];
        foreach (var other in others)
        {
            var reply = await api.PostAsync("/v1/transfers", other, idempotencyKey: "k-1");
            reply.IsProblem(HttpStatusCode.UnprocessableEntity, "idempotency_key_reused");
        }
        var elsewhere = await api.PostAsync(
            "/v1/accounts",
            """{"accounts":[{"ledger":978,"code":1}]}""",
            idempotencyKey: "k-1"
        );
        elsewhere.IsProblem(HttpStatusCode.UnprocessableEntity, "idempotency_key_reused");
        Assert.Equal("5", (await api.GetAsync("/v1/accounts/1")).String("debits_posted"));
    }

    [Fact]
    public async Task The_same_text_from_another_caller_is_another_key()
    {
        await using var api = await ApiHost.StartAsync();
        await api.OpenAccountsAsync(2);
        var body = ApiHost.Transfers(ApiHost.Transfer(1, 2, 5));
        var other = await api.IssueAsync(KeyScopes.LedgerWrite);
        var mine = await api.PostAsync("/v1/transfers", body, idempotencyKey: "k-1");
        var theirs = await api.PostAsync("/v1/transfers", body, other, idempotencyKey: "k-1");
        Assert.Equal(0, theirs.Int("refused"));
        Assert.NotEqual(mine.Text, theirs.Text);
        Assert.Equal("10", (await api.GetAsync("/v1/accounts/1")).String("debits_posted"));
    }

    [Fact]
    public async Task A_lost_answer_is_found_by_asking_again()
    {
        await using var api = await ApiHost.StartAsync();
        await api.OpenAccountsAsync(2);
        var body = ApiHost.Transfers(ApiHost.Transfer(1, 2, 5));
        api.Journal.AnswersLost = true;
        await LoseAsync("the claim");
        api.Journal.AnswersLost = false;
        api.Journal.TransferAnswersLost = true;
        await LoseAsync("the transfers");
        api.Journal.TransferAnswersLost = false;
        var found = await api.PostAsync("/v1/transfers", body, idempotencyKey: "k-1");
        Assert.Equal("created", found.Json["results"]![0]!["status"]!.GetValue<string>());
        Assert.Equal("5", (await api.GetAsync("/v1/accounts/1")).String("debits_posted"));

        async Task LoseAsync(string what)
        {
            var lost = await api.PostAsync("/v1/transfers", body, idempotencyKey: "k-1");
            lost.IsProblem(HttpStatusCode.GatewayTimeout, "unknown_outcome", outcome: "unknown");
            Assert.True(lost.String("retry") is "same_request", what);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_chain_whose_answer_was_lost_is_answered_as_created(bool withIds)
    {
        await using var api = await ApiHost.StartAsync();
        await api.OpenAccountsAsync(2);
        var body = ApiHost.Transfers(
            ApiHost.Transfer(1, 2, 5, withIds ? "71" : null, "\"linked\""),
            ApiHost.Transfer(1, 2, 6, withIds ? "72" : null, "\"linked\""),
            ApiHost.Transfer(2, 1, 7, withIds ? "73" : null)
        );
        api.Journal.TransferAnswersLost = true;
        var lost = await api.PostAsync("/v1/transfers", body, idempotencyKey: "chain");
        lost.IsProblem(HttpStatusCode.GatewayTimeout, "unknown_outcome", outcome: "unknown");
        api.Journal.TransferAnswersLost = false;
        var found = await api.PostAsync("/v1/transfers", body, idempotencyKey: "chain");
        Assert.Equal(
            ["created", "created", "created"],
            found.Json["results"]!.AsArray().Select(r => r!["status"]!.GetValue<string>())
        );
        Assert.Equal(0, found.Int("refused"));
        var again = await api.PostAsync("/v1/transfers", body, idempotencyKey: "chain");
        Assert.Equal(found.Text, again.Text);
        Assert.Equal("11", (await api.GetAsync("/v1/accounts/1")).String("debits_posted"));
    }

    [Fact]
    public async Task Decided_but_not_kept_is_unknown_and_never_called_not_done()
    {
        await using var api = await ApiHost.StartAsync();
        await api.OpenAccountsAsync(2);
        var body = ApiHost.Transfers(ApiHost.Transfer(1, 2, 5), ApiHost.Transfer(1, 9, 5));
        api.Journal.RefusedAfterTransfers = FrameStatus.DiskFull;
        var unknown = await api.PostAsync("/v1/transfers", body, idempotencyKey: "k-1");
        unknown.IsProblem(HttpStatusCode.GatewayTimeout, "unknown_outcome", outcome: "unknown");
        (api.Journal.RefusedAfterTransfers, api.Journal.WritesRefused) = (null, null);
        var found = await api.PostAsync("/v1/transfers", body, idempotencyKey: "k-1");
        Assert.Equal(
            ["created", "id_already_failed"],
            found.Json["results"]!.AsArray().Select(r => r!["status"]!.GetValue<string>())
        );
        Assert.Equal("5", (await api.GetAsync("/v1/accounts/1")).String("debits_posted"));
    }

    [Fact]
    public async Task Many_at_once_with_one_key_are_one()
    {
        await using var api = await ApiHost.StartAsync();
        await api.OpenAccountsAsync(2);
        var body = ApiHost.Transfers(ApiHost.Transfer(1, 2, 5), ApiHost.Transfer(1, 9, 5));
        var replies = await Task.WhenAll(
            Enumerable
                .Range(0, 16)
                .Select(_ => api.PostAsync("/v1/transfers", body, idempotencyKey: "k-1"))
        );
        Assert.All(replies, r => Assert.Equal(HttpStatusCode.OK, r.Status));
        Assert.Single(replies.Select(r => r.Text).Distinct(StringComparer.Ordinal));
        Assert.Equal("5", (await api.GetAsync("/v1/accounts/1")).String("debits_posted"));
    }

    [Fact]
    public async Task Accounts_are_created_once()
    {
        await using var api = await ApiHost.StartAsync();
        const string body = """{"accounts":[{"ledger":978,"code":1},{"ledger":978,"code":2}]}""";
        var first = await api.PostAsync("/v1/accounts", body, idempotencyKey: "open");
        var second = await api.PostAsync("/v1/accounts", body, idempotencyKey: "open");
        Assert.Equal(0, first.Int("refused"));
        Assert.Equal(first.Text, second.Text);
        Assert.Equal(2, (await api.GetAsync("/v1/accounts")).Json["accounts"]!.AsArray().Count);
    }

    [Fact]
    public async Task Changes_of_limits_with_a_key_are_one_unit_and_repeat_their_answer()
    {
        await using var api = await ApiHost.StartAsync();
        await api.OpenAccountsAsync(2, "\"debits_must_not_exceed_credits\"");
        const string both =
            """{"updates":[{"id":"1","expected_version":0,"allowance":"5"},{"id":"2","expected_version":0,"allowance":"5"}]}""";
        var first = await api.PostAsync("/v1/accounts/updates", both, idempotencyKey: "u");
        var second = await api.PostAsync("/v1/accounts/updates", both, idempotencyKey: "u");
        Assert.Equal("updated", first.Json["results"]![1]!["status"]!.GetValue<string>());
        Assert.Equal(1, first.Json["results"]![1]!["version"]!.GetValue<int>());
        Assert.Equal(first.Text, second.Text);
        const string half =
            """{"updates":[{"id":"1","expected_version":1,"allowance":"6"},{"id":"2","expected_version":7,"allowance":"6"}]}""";
        var refused = await api.PostAsync("/v1/accounts/updates", half, idempotencyKey: "v");
        Assert.Equal(
            ["linked_event_failed", "version_mismatch"],
            refused.Json["results"]!.AsArray().Select(r => r!["status"]!.GetValue<string>())
        );
        Assert.Equal("5", (await api.GetAsync("/v1/accounts/1/limits")).String("allowance"));
        var other = await api.PostAsync("/v1/accounts/updates", half, idempotencyKey: "u");
        other.IsProblem(HttpStatusCode.UnprocessableEntity, "idempotency_key_reused");
    }

    [Fact]
    public async Task An_operation_repeats_its_answer_and_says_so()
    {
        await using var api = await ApiHost.StartAsync();
        const string body = """{"writes":[{"collection":"c","key":"1","value":{"a":1}}]}""";
        var first = await api.PostAsync("/v1/operations", body, idempotencyKey: "o");
        var second = await api.PostAsync("/v1/operations", body, idempotencyKey: "o");
        Assert.False(first.Json["replayed"]!.GetValue<bool>());
        Assert.True(second.Json["replayed"]!.GetValue<bool>());
        Assert.Equal(first.String("timestamp"), second.String("timestamp"));
        const string other = """{"writes":[{"collection":"c","key":"1","value":{"a":2}}]}""";
        (await api.PostAsync("/v1/operations", other, idempotencyKey: "o")).IsProblem(
            HttpStatusCode.UnprocessableEntity,
            "idempotency_key_reused"
        );
    }

    [Theory]
    [InlineData("with space")]
    [InlineData("\"quo\"te\"")]
    [InlineData("\"\"")]
    public async Task A_malformed_key_is_refused(string key)
    {
        await using var api = await ApiHost.StartAsync();
        var body = ApiHost.Transfers(ApiHost.Transfer(1, 2, 5));
        (await api.PostAsync("/v1/transfers", body, idempotencyKey: key)).IsProblem(
            HttpStatusCode.BadRequest,
            "idempotency_key_invalid"
        );
    }

    [Fact]
    public async Task Issuing_a_key_can_not_be_repeated_and_says_why()
    {
        await using var api = await ApiHost.StartAsync();
        var reply = await api.PostAsync(
            "/v1/keys",
            """{"name":"n","scopes":["admin"]}""",
            idempotencyKey: "k"
        );
        reply.IsProblem(HttpStatusCode.BadRequest, "idempotency_key_invalid");
    }

    [Fact]
    public async Task After_the_retention_the_ids_still_protect()
    {
        var time = new ManualTime();
        await using var api = await ApiHost.StartAsync(time: time);
        await api.OpenAccountsAsync(2);
        var body = ApiHost.Transfers(ApiHost.Transfer(1, 2, 5));
        var first = await api.PostAsync("/v1/transfers", body, idempotencyKey: "k-1");
        var store = api.Services.GetRequiredService<IdempotencyStore>();
        var retention = TimeSpan.FromHours(24);
        Assert.Equal(0, await store.SweepAsync(retention, default));
        time.Advance(retention);
        Assert.Equal(1, await store.SweepAsync(retention, default));
        var query = new RecordQuery { Collection = AccessRules.IdempotencyCollection };
        var left = await api.Journal.ReadRecordsAsync(query, default);
        Assert.Empty(Assert.IsType<Answer<RecordPage>.Done>(left).Value.Records);
        var second = await api.PostAsync("/v1/transfers", body, idempotencyKey: "k-1");
        Assert.Equal(first.Text, second.Text);
        Assert.Equal("5", (await api.GetAsync("/v1/accounts/1")).String("debits_posted"));
    }

    [Fact]
    public async Task A_refusal_is_kept_again_after_its_retention()
    {
        var time = new ManualTime();
        await using var api = await ApiHost.StartAsync(time: time);
        await api.OpenAccountsAsync(2, "\"debits_must_not_exceed_credits\"");
        var body = ApiHost.Transfers(ApiHost.Transfer(1, 2, 5));
        await api.PostAsync("/v1/transfers", body, idempotencyKey: "k-1");
        time.Advance(TimeSpan.FromHours(24));
        var store = api.Services.GetRequiredService<IdempotencyStore>();
        Assert.Equal(1, await store.SweepAsync(TimeSpan.FromHours(24), default));
        var late = await api.PostAsync("/v1/transfers", body, idempotencyKey: "k-1");
        Assert.Equal("id_already_failed", late.Json["results"]![0]!["status"]!.GetValue<string>());
        var query = new RecordQuery { Collection = AccessRules.IdempotencyCollection };
        var kept = await api.Journal.ReadRecordsAsync(query, default);
        var record = Assert.Single(Assert.IsType<Answer<RecordPage>.Done>(kept).Value.Records);
        Assert.Contains(
            "\"results\"",
            System.Text.Encoding.UTF8.GetString(record.Json.Span),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Derived_ids_never_change_from_version_to_version()
    {
        var key = IdempotencyKey.Parse(7, "payroll-2026-11");
        UInt128[] ids =
        [
            key.DeriveId(DerivedKind.Transfer, 0),
            key.DeriveId(DerivedKind.Transfer, 1),
            key.DeriveId(DerivedKind.Account, 0),
        ];
        Assert.Equal(GoldenIds, ids.Select(i => i.ToString(null, null)));
        Assert.NotEqual(
            ids[0],
            IdempotencyKey.Parse(8, "payroll-2026-11").DeriveId(DerivedKind.Transfer, 0)
        );
    }

    /// <summary>Computed by another program from the bytes in docs/api.md.</summary>
    private static readonly string[] GoldenIds =
    [
        "252466843083647475601736319517178230302",
        "281122507266195419087227285347542367005",
        "23175974398842496534625971298521685064",
    ];
}
