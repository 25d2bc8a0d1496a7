using System.Net;
using System.Text.Json.Nodes;
using Evenkeel.LedgerApi.OpenApi;
using Xunit;

namespace Evenkeel.LedgerApi.Tests.Http;

public sealed class LedgerTests
{
    [Fact]
    public async Task An_account_reads_back_as_it_was_created()
    {
        await using var api = await ApiHost.StartAsync();
        var created = await api.PutAsync(
            "/v1/accounts/340282366920938463463374607431768211454",
            """{"ledger":978,"code":7,"flags":["history","debits_must_not_exceed_credits"],"user_data_128":"99999999999999999999","user_data_64":"18446744073709551615","user_data_32":4294967295}"""
        );
        Assert.Equal(HttpStatusCode.Created, created.Status);
        Assert.Equal("created", created.String("status"));
        var read = await api.GetAsync("/v1/accounts/340282366920938463463374607431768211454");
        Assert.Equal(HttpStatusCode.OK, read.Status);
        Assert.Equal("340282366920938463463374607431768211454", read.String("id"));
        Assert.Equal("99999999999999999999", read.String("user_data_128"));
        Assert.Equal("18446744073709551615", read.String("user_data_64"));
        Assert.Equal(4294967295, read.Json["user_data_32"]!.GetValue<uint>());
        Assert.Equal("0", read.String("debits_posted"));
        Assert.Equal(created.String("timestamp"), read.String("timestamp"));
        Assert.Equal(
            ["debits_must_not_exceed_credits", "history"],
            read.Json["flags"]!.AsArray().Select(f => f!.GetValue<string>())
        );
    }

    [Fact]
    public async Task A_batch_answers_each_event_in_its_order()
    {
        await using var api = await ApiHost.StartAsync();
        await api.OpenAccountsAsync(2);
        var reply = await api.PostAsync(
            "/v1/transfers",
            ApiHost.Transfers(
                ApiHost.Transfer(1, 2, 5, id: "10"),
                ApiHost.Transfer(1, 9, 5, id: "11"),
                ApiHost.Transfer(1, 2, 7, id: "12")
            )
        );
        Assert.Equal(HttpStatusCode.OK, reply.Status);
        Assert.Equal(1, reply.Int("refused"));
        var results = reply.Json["results"]!.AsArray();
        Assert.Equal(
            [("10", "created"), ("11", "credit_account_not_found"), ("12", "created")],
            results.Select(r => (Text(r, "id"), Text(r, "status")))
        );
        Assert.Equal("12", (await api.GetAsync("/v1/accounts/2")).String("credits_posted"));
    }

    [Fact]
    public async Task Putting_a_transfer_twice_creates_it_once()
    {
        await using var api = await ApiHost.StartAsync();
        await api.OpenAccountsAsync(2);
        var first = await api.PutAsync("/v1/transfers/5", ApiHost.Transfer(1, 2, 30));
        var second = await api.PutAsync("/v1/transfers/5", ApiHost.Transfer(1, 2, 30, id: "5"));
        Assert.Equal(HttpStatusCode.Created, first.Status);
        Assert.Equal("/v1/transfers/5", first.Headers.Location!.ToString());
        Assert.Equal((HttpStatusCode.OK, "exists"), (second.Status, second.String("status")));
        Assert.Equal(first.String("timestamp"), second.String("timestamp"));
        Assert.Equal("30", (await api.GetAsync("/v1/accounts/1")).String("debits_posted"));
    }

    [Fact]
    public async Task Putting_another_transfer_under_a_used_id_is_a_conflict()
    {
        await using var api = await ApiHost.StartAsync();
        await api.OpenAccountsAsync(2);
        await api.PutAsync("/v1/transfers/5", ApiHost.Transfer(1, 2, 30));
        var other = await api.PutAsync("/v1/transfers/5", ApiHost.Transfer(1, 2, 31));
        other.IsProblem(HttpStatusCode.Conflict, "exists_with_different_amount");
        Assert.Equal("never", other.String("retry"));
    }

    [Fact]
    public async Task A_refused_transfer_says_that_its_id_is_spent()
    {
        await using var api = await ApiHost.StartAsync();
        await api.OpenAccountsAsync(2, "\"debits_must_not_exceed_credits\"");
        var refused = await api.PutAsync("/v1/transfers/5", ApiHost.Transfer(1, 2, 30));
        refused.IsProblem(HttpStatusCode.UnprocessableEntity, "exceeds_credits");
        Assert.Equal("new_id", refused.String("retry"));
        var again = await api.PutAsync("/v1/transfers/5", ApiHost.Transfer(1, 2, 30));
        again.IsProblem(HttpStatusCode.Conflict, "id_already_failed");
    }

    [Fact]
    public async Task The_principal_in_the_log_is_the_key()
    {
        await using var api = await ApiHost.StartAsync();
        await api.OpenAccountsAsync(2);
        var second = await api.IssueAsync(Journal.Access.KeyScopes.LedgerWrite);
        await api.PutAsync("/v1/transfers/5", ApiHost.Transfer(1, 2, 30), second);
        Assert.Equal(2ul, api.Journal.Proposed.Single().Principal);
    }

    [Theory]
    [InlineData("/v1/accounts/77")]
    [InlineData("/v1/accounts/77/limits")]
    [InlineData("/v1/accounts/77/transfers")]
    [InlineData("/v1/accounts/77/balances")]
    [InlineData("/v1/transfers/77")]
    [InlineData("/v1/records/customer/77")]
    [InlineData("/v1/keys/77")]
    [InlineData("/v1/nothing")]
    [InlineData("/problems/nothing")]
    public async Task What_is_not_there_is_not_found(string path)
    {
        await using var api = await ApiHost.StartAsync();
        (await api.GetAsync(path)).IsProblem(HttpStatusCode.NotFound, "not_found");
    }

    [Fact]
    public async Task Limits_change_by_version()
    {
        await using var api = await ApiHost.StartAsync();
        await api.OpenAccountsAsync(1, "\"debits_must_not_exceed_credits\"");
        const string update = """{"updates":[{"id":"1","expected_version":0,"allowance":"500"}]}""";
        var first = await api.PostAsync("/v1/accounts/updates", update);
        var second = await api.PostAsync("/v1/accounts/updates", update);
        Assert.Equal("updated", Text(first.Json["results"]![0], "status"));
        Assert.Equal("version_mismatch", Text(second.Json["results"]![0], "status"));
        var limits = await api.GetAsync("/v1/accounts/1/limits");
        Assert.Equal("500", limits.String("allowance"));
        Assert.Equal(1, limits.Int("version"));
    }

    [Fact]
    public async Task Change_events_follow_each_other_and_the_cursor_outlives_the_end()
    {
        await using var api = await ApiHost.StartAsync();
        await api.OpenAccountsAsync(2);
        var empty = await api.GetAsync("/v1/change-events");
        Assert.Empty(empty.Json["change_events"]!.AsArray());
        Assert.Null(empty.Json["next_cursor"]);
        await api.PutAsync("/v1/transfers/5", ApiHost.Transfer(1, 2, 30));
        await api.PutAsync("/v1/transfers/6", ApiHost.Transfer(2, 1, 10));
        var first = await api.GetAsync("/v1/change-events?limit=1");
        Assert.True(first.Json["has_more"]!.GetValue<bool>());
        var change = first.Json["change_events"]![0]!;
        Assert.Equal("single_phase", Text(change, "type"));
        Assert.Equal("5", Text(change["transfer"], "id"));
        Assert.Equal("30", Text(change["debit_account"], "debits_posted"));
        var second = await api.GetAsync(
            $"/v1/change-events?limit=1&cursor={first.String("next_cursor")}"
        );
        Assert.Equal("6", Text(second.Json["change_events"]![0]!["transfer"], "id"));
        Assert.False(second.Json["has_more"]!.GetValue<bool>());
        var end = await api.GetAsync($"/v1/change-events?cursor={second.String("next_cursor")}");
        Assert.Empty(end.Json["change_events"]!.AsArray());
        Assert.Equal(second.String("next_cursor"), end.String("next_cursor"));
        await api.PutAsync("/v1/transfers/7", ApiHost.Transfer(2, 1, 10));
        var later = await api.GetAsync($"/v1/change-events?cursor={end.String("next_cursor")}");
        Assert.Equal("7", Text(later.Json["change_events"]![0]!["transfer"], "id"));
    }

    [Fact]
    public async Task Every_example_of_the_description_works()
    {
        await using var api = await ApiHost.StartAsync();
        Assert.Equal(0, (await api.PostAsync("/v1/accounts", Examples.Accounts)).Int("refused"));
        Assert.Equal(
            HttpStatusCode.Created,
            (await api.PutAsync("/v1/accounts/1009", Examples.Account)).Status
        );
        Assert.Equal(
            0,
            (await api.PostAsync("/v1/accounts/updates", Examples.Updates)).Int("refused")
        );
        Assert.Equal(0, (await api.PostAsync("/v1/transfers", Examples.Transfers)).Int("refused"));
        Assert.Equal(
            HttpStatusCode.Created,
            (await api.PutAsync("/v1/transfers/2009", Examples.Transfer)).Status
        );
        Assert.Equal(
            HttpStatusCode.OK,
            (await api.PostAsync("/v1/operations", Examples.Operation)).Status
        );
        Assert.Equal(
            HttpStatusCode.Created,
            (await api.PostAsync("/v1/keys", Examples.Key)).Status
        );
    }

    private static string Text(JsonNode? node, string member) => node![member]!.GetValue<string>();
}
