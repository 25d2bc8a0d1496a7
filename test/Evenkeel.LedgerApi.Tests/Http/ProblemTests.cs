using System.Net;
using System.Text;
using Evenkeel.Journal;
using Evenkeel.LedgerApi.Json;
using Evenkeel.LedgerApi.Problems;
using Evenkeel.Model;
using Xunit;

namespace Evenkeel.LedgerApi.Tests.Http;

public sealed class ProblemTests
{
    [Theory]
    [InlineData(FrameStatus.Malformed, HttpStatusCode.BadRequest, "invalid_request")]
    [InlineData(FrameStatus.UnsupportedVersion, HttpStatusCode.BadRequest, "invalid_request")]
    [InlineData(FrameStatus.InvalidRequest, HttpStatusCode.BadRequest, "invalid_request")]
    [InlineData(FrameStatus.Unauthenticated, HttpStatusCode.Unauthorized, "unauthenticated")]
    [InlineData(FrameStatus.Forbidden, HttpStatusCode.Forbidden, "missing_scope")]
    [InlineData(FrameStatus.TooLarge, HttpStatusCode.RequestEntityTooLarge, "too_large")]
    [InlineData(FrameStatus.Busy, HttpStatusCode.ServiceUnavailable, "busy")]
    [InlineData(FrameStatus.NotLeader, HttpStatusCode.ServiceUnavailable, "not_leader")]
    [InlineData(FrameStatus.DiskFull, HttpStatusCode.InsufficientStorage, "disk_full")]
    [InlineData(
        FrameStatus.BudgetExhausted,
        HttpStatusCode.InsufficientStorage,
        "budget_exhausted"
    )]
    [InlineData(FrameStatus.Unavailable, HttpStatusCode.ServiceUnavailable, "unavailable")]
    public async Task What_the_node_did_not_do_has_its_reason(
        FrameStatus status,
        HttpStatusCode http,
        string reason
    )
    {
        await using var api = await ApiHost.StartAsync();
        api.Journal.WritesRefused = status;
        var reply = await api.PutAsync("/v1/transfers/1", ApiHost.Transfer(1, 2, 3));
        reply.IsProblem(http, reason);
        Assert.Equal(
            reply.String("retry") is "later" or "elsewhere",
            reply.Headers.RetryAfter is not null
        );
    }

    [Fact]
    public void Every_status_of_every_kind_has_a_place_in_the_table()
    {
        foreach (var status in Enum.GetValues<FrameStatus>().Where(s => s != FrameStatus.Ok))
        {
            Assert.NotEqual(Reasons.InternalError, Reasons.Of(status));
        }
        foreach (var status in Enum.GetValues<OperationStatus>())
        {
            Assert.Equal(status == OperationStatus.Done, Reasons.Of(status) is null);
        }
        foreach (var status in Enum.GetValues<CreateTransferStatus>())
        {
            var fine = status is CreateTransferStatus.Created or CreateTransferStatus.Exists;
            Assert.Equal(fine, Reasons.Of(status) is null);
            Assert.True(fine || Reasons.Of(status)!.Status is 409 or 422);
        }
        foreach (var status in Enum.GetValues<CreateAccountStatus>())
        {
            var fine = status is CreateAccountStatus.Created or CreateAccountStatus.Exists;
            Assert.Equal(fine, Reasons.Of(status) is null);
        }
    }

    [Theory]
    [InlineData(CreateTransferStatus.ExistsWithDifferentAmount, 409, "never")]
    [InlineData(CreateTransferStatus.IdAlreadyFailed, 409, "new_id")]
    [InlineData(CreateTransferStatus.PendingTransferAlreadyPosted, 409, "never")]
    [InlineData(CreateTransferStatus.PendingTransferExpired, 409, "never")]
    [InlineData(CreateTransferStatus.DebitAccountAlreadyClosed, 409, "new_id")]
    [InlineData(CreateTransferStatus.ExceedsCredits, 422, "new_id")]
    [InlineData(CreateTransferStatus.DebitAccountNotFound, 422, "new_id")]
    [InlineData(CreateTransferStatus.OverflowsDebits, 422, "never")]
    [InlineData(CreateTransferStatus.IdMustNotBeZero, 422, "never")]
    public void A_status_of_the_ledger_maps_as_documented(
        CreateTransferStatus status,
        int http,
        string retry
    )
    {
        var reason = Reasons.Of(status)!;
        Assert.Equal((http, retry), (reason.Status, reason.Retry));
    }

    [Theory]
    [InlineData(
        CreateTransferStatus.ExistsWithDifferentUserData128,
        "exists_with_different_user_data_128"
    )]
    [InlineData(CreateTransferStatus.IdMustNotBeIntMax, "id_must_not_be_int_max")]
    [InlineData(CreateTransferStatus.Created, "created")]
    public void Statuses_are_spelt_as_published(CreateTransferStatus status, string name)
    {
        Assert.Equal(name, WireName.Of(status));
    }

    [Fact]
    public async Task The_type_of_every_problem_leads_to_its_meaning()
    {
        await using var api = await ApiHost.StartAsync();
        foreach (var reason in Reasons.All)
        {
            using var response = await api.Client.GetAsync(reason.Type);
            var reply = await Reply.OfAsync(response);
            Assert.Equal(HttpStatusCode.OK, reply.Status);
            Assert.Equal(reason.Code, reply.String("reason"));
            Assert.Equal(reason.Status, reply.Int("status"));
        }
    }

    [Fact]
    public async Task A_lost_answer_says_to_ask_again_with_the_same_ids()
    {
        await using var api = await ApiHost.StartAsync();
        await api.OpenAccountsAsync(2);
        api.Journal.AnswersLost = true;
        var lost = await api.PutAsync("/v1/transfers/1", ApiHost.Transfer(1, 2, 3));
        lost.IsProblem(HttpStatusCode.GatewayTimeout, "unknown_outcome", outcome: "unknown");
        api.Journal.AnswersLost = false;
        var again = await api.PutAsync("/v1/transfers/1", ApiHost.Transfer(1, 2, 3));
        Assert.Equal((HttpStatusCode.OK, "exists"), (again.Status, again.String("status")));
    }

    [Fact]
    public async Task An_answer_that_does_not_come_in_time_is_of_unknown_outcome()
    {
        await using var api = await ApiHost.StartAsync(
            new LedgerApiOptions { RequestTimeout = TimeSpan.FromMilliseconds(200) }
        );
        await api.OpenAccountsAsync(2);
        api.Journal.Hangs = true;
        var reply = await api.PutAsync("/v1/transfers/1", ApiHost.Transfer(1, 2, 3));
        reply.IsProblem(HttpStatusCode.GatewayTimeout, "unknown_outcome", outcome: "unknown");
    }

    [Theory]
    [InlineData("GET", "/v1/accounts?acount=1", "invalid_parameter")]
    [InlineData("GET", "/v1/accounts?limit=0", "invalid_parameter")]
    [InlineData("GET", "/v1/accounts?limit=1001", "invalid_parameter")]
    [InlineData("GET", "/v1/accounts?limit=5&limit=6", "invalid_parameter")]
    [InlineData("GET", "/v1/accounts?limit=", "invalid_parameter")]
    [InlineData("GET", "/v1/accounts?code=65536", "invalid_parameter")]
    [InlineData("GET", "/v1/accounts?ledger=-1", "invalid_parameter")]
    [InlineData("GET", "/v1/accounts?ledger=007", "invalid_parameter")]
    [InlineData("GET", "/v1/accounts?direction=up", "invalid_parameter")]
    [InlineData("GET", "/v1/accounts?cursor=AAAA", "invalid_parameter")]
    [InlineData("GET", "/v1/accounts?cursor=***", "invalid_parameter")]
    [InlineData("GET", "/v1/accounts?timestamp_min=2&timestamp_max=1", "invalid_parameter")]
    [InlineData("GET", "/v1/accounts?timestamp_min=9223372036854775808", "invalid_parameter")]
    [InlineData("GET", "/v1/accounts/1/transfers?side=left", "invalid_parameter")]
    [InlineData("GET", "/v1/accounts/abc", "invalid_parameter")]
    [InlineData("GET", "/v1/accounts/340282366920938463463374607431768211456", "invalid_parameter")]
    [InlineData("GET", "/v1/keys/abc", "invalid_parameter")]
    public async Task A_wrong_address_is_named(string method, string path, string reason)
    {
        await using var api = await ApiHost.StartAsync();
        var reply = await api.SendAsync(new HttpMethod(method), path, body: null);
        reply.IsProblem(HttpStatusCode.BadRequest, reason);
        Assert.False(string.IsNullOrEmpty(reply.String("detail")));
    }

    [Fact]
    public async Task A_cursor_of_another_question_is_refused()
    {
        await using var api = await ApiHost.StartAsync();
        await api.OpenAccountsAsync(3);
        var page = await api.GetAsync("/v1/accounts?limit=1&ledger=978");
        var cursor = page.String("next_cursor");
        Assert.NotNull(cursor);
        string[] others =
        [
            $"/v1/accounts?limit=1&cursor={cursor}",
            $"/v1/accounts?limit=1&ledger=978&direction=newest_first&cursor={cursor}",
            $"/v1/transfers?limit=1&ledger=978&cursor={cursor}",
        ];
        foreach (var other in others)
        {
            (await api.GetAsync(other)).IsProblem(HttpStatusCode.BadRequest, "invalid_parameter");
        }
    }

    [Fact]
    public async Task Another_method_is_refused_and_the_right_ones_are_named()
    {
        await using var api = await ApiHost.StartAsync();
        var reply = await api.SendAsync(HttpMethod.Delete, "/v1/accounts", body: null);
        reply.IsProblem(HttpStatusCode.MethodNotAllowed, "method_not_allowed");
    }

    [Fact]
    public async Task Another_media_type_is_refused()
    {
        await using var api = await ApiHost.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/transfers");
        request.Headers.Authorization = new("Bearer", api.FirstKey);
        request.Content = new StringContent("{}", Encoding.UTF8, "text/plain");
        using var response = await api.Client.SendAsync(request);
        (await Reply.OfAsync(response)).IsProblem(
            HttpStatusCode.UnsupportedMediaType,
            "unsupported_media_type"
        );
    }

    [Fact]
    public async Task A_stale_guard_says_to_decide_again()
    {
        await using var api = await ApiHost.StartAsync();
        const string body =
            """{"id":"ID","guards":[{"absent":{"collection":"c","key":"1"}}],"writes":[{"collection":"c","key":"1","value":1}]}""";
        await api.PostAsync("/v1/operations", body.Replace("ID", "1", StringComparison.Ordinal));
        var stale = await api.PostAsync(
            "/v1/operations",
            body.Replace("ID", "2", StringComparison.Ordinal)
        );
        stale.IsProblem(HttpStatusCode.Conflict, "stale_guard");
        Assert.Equal("decide_again", stale.String("retry"));
        Assert.Equal(0, stale.Int("failed_index"));
    }

    [Fact]
    public async Task A_refused_transfer_of_an_operation_is_named()
    {
        await using var api = await ApiHost.StartAsync();
        await api.OpenAccountsAsync(2);
        var body =
            $$"""{"id":"1","transfers":[{{ApiHost.Transfer(1, 2, 1, id: "5")}},{{ApiHost.Transfer(1, 9, 1, id: "6")}}]}""";
        var reply = await api.PostAsync("/v1/operations", body);
        reply.IsProblem(HttpStatusCode.UnprocessableEntity, "transfer_refused");
        Assert.Equal(1, reply.Int("failed_index"));
        Assert.Equal("credit_account_not_found", reply.String("failed_status"));
        Assert.Equal("0", (await api.GetAsync("/v1/accounts/1")).String("debits_posted"));
    }

    [Fact]
    public async Task The_last_admin_key_stays()
    {
        await using var api = await ApiHost.StartAsync();
        var reply = await api.SendAsync(HttpMethod.Delete, "/v1/keys/1", body: null);
        reply.IsProblem(HttpStatusCode.Conflict, "last_admin_key");
        Assert.Equal(HttpStatusCode.OK, (await api.GetAsync("/v1/accounts")).Status);
    }
}
