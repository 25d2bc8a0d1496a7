using System.Net;
using System.Net.Sockets;
using System.Text;
using Evenkeel.Journal.Access;
using Xunit;

namespace Evenkeel.LedgerApi.Tests.Http;

public sealed class FloodTests
{
    [Fact]
    public async Task A_body_above_the_limit_is_refused_with_and_without_a_length()
    {
        await using var api = await ApiHost.StartAsync(
            new LedgerApiOptions { BodyBytesMax = 10_000 }
        );
        var large = new byte[10_001];
        Array.Fill(large, (byte)' ');
        foreach (var chunked in new[] { false, true })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/transfers");
            request.Headers.Authorization = new("Bearer", api.FirstKey);
            request.Headers.TransferEncodingChunked = chunked;
            request.Content = new ByteArrayContent(large);
            request.Content.Headers.ContentType = new("application/json");
            using var response = await api.Client.SendAsync(request);
            (await Reply.OfAsync(response)).IsProblem(
                HttpStatusCode.RequestEntityTooLarge,
                "too_large"
            );
        }
    }

    [Fact]
    public async Task A_body_that_trickles_is_dropped_and_hurts_nobody()
    {
        await using var api = await ApiHost.StartAsync(
            new LedgerApiOptions { BodyGrace = TimeSpan.FromMilliseconds(1_100) }
        );
        var slow = ExchangeAsync(
            api,
            $"POST /v1/transfers HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {api.FirstKey}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{{"
        );
        Assert.Equal(HttpStatusCode.OK, (await api.GetAsync("/v1/accounts")).Status);
        var answer = await slow;
        Assert.Contains(" 408 ", answer, StringComparison.Ordinal);
        Assert.Contains("not_done", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Headers_that_never_end_are_dropped()
    {
        await using var api = await ApiHost.StartAsync(
            new LedgerApiOptions { HeadersTimeout = TimeSpan.FromMilliseconds(500) }
        );
        var answer = await ExchangeAsync(api, "GET /v1/accounts HTTP/1.1\r\nHost: x\r\nX-A: ");
        Assert.Contains(" 408 ", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bytes_that_are_not_http_are_answered_or_dropped()
    {
        await using var api = await ApiHost.StartAsync();
        var answer = await ExchangeAsync(api, "\0\u0001\u0002EKP1 not http at all\r\n\r\n");
        Assert.Contains(" 400 ", answer, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await api.GetAsync("/v1/accounts")).Status);
    }

    [Fact]
    public async Task One_key_that_floods_is_slowed_and_another_is_not()
    {
        await using var api = await ApiHost.StartAsync(
            new LedgerApiOptions { RequestsPerSecondMax = 10, RequestsBurstMax = 20 }
        );
        var quiet = await api.IssueAsync(KeyScopes.LedgerRead);
        List<Reply> replies = [];
        for (var i = 0; i < 60; i++)
        {
            replies.Add(await api.GetAsync("/v1/accounts"));
        }
        var refused = replies.Where(r => r.Status == HttpStatusCode.TooManyRequests).ToArray();
        Assert.NotEmpty(refused);
        refused[0].IsProblem(HttpStatusCode.TooManyRequests, "rate_limited");
        Assert.NotNull(refused[0].Headers.RetryAfter);
        Assert.Equal(HttpStatusCode.OK, (await api.GetAsync("/v1/accounts", quiet)).Status);
    }

    [Fact]
    public async Task A_flood_without_a_key_is_slowed_and_keys_go_on()
    {
        await using var api = await ApiHost.StartAsync(
            new LedgerApiOptions { AnonymousRequestsPerSecondMax = 10 }
        );
        List<HttpStatusCode> statuses = [];
        for (var i = 0; i < 60; i++)
        {
            using var response = await api.Client.GetAsync("/v1/accounts");
            statuses.Add(response.StatusCode);
        }
        Assert.Equal(
            [HttpStatusCode.Unauthorized, HttpStatusCode.TooManyRequests],
            statuses.Distinct()
        );
        Assert.Equal(HttpStatusCode.OK, (await api.GetAsync("/v1/accounts")).Status);
    }

    [Fact]
    public async Task A_full_house_refuses_at_once_and_probes_get_through()
    {
        await using var api = await ApiHost.StartAsync(
            new LedgerApiOptions { ConcurrentRequestsMax = 2 }
        );
        await api.OpenAccountsAsync(2);
        api.Journal.Hangs = true;
        using var leaving = new CancellationTokenSource();
        Task[] inside = [HangAsync(api, "1", leaving.Token), HangAsync(api, "2", leaving.Token)];
        while (api.Journal.Proposed.Count < 2)
        {
            await Task.Yield();
        }
        (await api.GetAsync("/v1/accounts")).IsProblem(
            HttpStatusCode.TooManyRequests,
            "rate_limited"
        );
        using var probe = await api.Client.GetAsync("/readyz");
        Assert.Equal(HttpStatusCode.OK, probe.StatusCode);
        await leaving.CancelAsync();
        await Task.WhenAll(inside);
    }

    private static async Task HangAsync(ApiHost api, string id, CancellationToken leaving)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, $"/v1/transfers/{id}");
        request.Headers.Authorization = new("Bearer", api.FirstKey);
        request.Content = new StringContent(
            ApiHost.Transfer(1, 2, 3),
            Encoding.UTF8,
            "application/json"
        );
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            api.Client.SendAsync(request, leaving)
        );
    }

    /// <summary>Sends the text, and reads until the server closes.</summary>
    private static async Task<string> ExchangeAsync(ApiHost api, string text)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, api.Client.BaseAddress!.Port, limit.Token);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(text), limit.Token);
        var answer = new StringBuilder();
        var buffer = new byte[4_096];
        int read;
        while ((read = await stream.ReadAsync(buffer, limit.Token)) > 0)
        {
            answer.Append(Encoding.Latin1.GetString(buffer, 0, read));
        }
        return answer.ToString();
    }
}
