using System.Net;
using System.Net.Sockets;
using System.Text;
using Xunit;

namespace Evenkeel.Gateway.Tests;

/// <summary>What the gateway lets in, and what it says and adds itself.</summary>
public sealed class FrontDoorTests
{
    [Theory]
    [InlineData("GET", "/peer/v1/statement")]
    [InlineData("GET", "/leaderz")]
    [InlineData("GET", "/metrics")]
    [InlineData("GET", "/")]
    [InlineData("GET", "/v2/accounts")]
    [InlineData("POST", "/openapi/v1.json")]
    public async Task What_is_not_in_the_table_of_routes_is_not_found(string method, string path)
    {
        await using var house = await TestHouse.StartAsync();
        var answer = await house.SendAsync(
            new HttpMethod(method),
            path,
            method == "POST" ? "{}" : null
        );
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal("not_found", (await TestHouse.ProblemOf(answer)).Reason);
        Assert.Empty(house.Nodes[0].Seen);
    }

    [Fact]
    public async Task Metrics_are_served_at_the_operators_port_only()
    {
        await using var house = await TestHouse.StartAsync();
        await house.PutTransferAsync(1);
        using var http = new HttpClient { BaseAddress = house.Operations };
        string metrics = await http.GetStringAsync(new Uri("/metrics", UriKind.Relative));
        Assert.Contains("evenkeel_gateway_requests", metrics, StringComparison.Ordinal);
        Assert.Contains("evenkeel_gateway_leader_known", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain("4000001", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_is_the_gateways_own()
    {
        await using var house = await TestHouse.StartAsync(hasLeader: false);
        var live = await house.SendAsync(HttpMethod.Get, "/healthz");
        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
        var ready = await house.SendAsync(HttpMethod.Get, "/readyz");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        house.Nodes[0].Leads = true;
        await house.UntilReadyAsync();
        ready = await house.SendAsync(HttpMethod.Get, "/readyz");
        Assert.Equal(
            """{"status":"ready","leader":"n1","recorder":"working"}""",
            await ready.Content.ReadAsStringAsync()
        );
    }

    [Fact]
    public async Task Where_a_request_comes_from_is_what_the_line_says()
    {
        await using var house = await TestHouse.StartAsync();
        await house.SendAsync(
            HttpMethod.Get,
            "/v1/accounts/1",
            headers:
            [
                ("X-Forwarded-For", "10.9.8.7"),
                ("X-Forwarded-Host", "bank.example"),
                ("Forwarded", "for=10.9.8.7"),
                ("Evenkeel-Position", "1/2"),
                ("X-Api-Key", "kept"),
            ]
        );
        var (_, _, headers) = Assert.Single(house.Nodes[0].Seen);
        Assert.Equal("127.0.0.1", headers["X-Forwarded-For"].Single());
        Assert.Equal("http", headers["X-Forwarded-Proto"].Single());
        Assert.False(headers.ContainsKey("X-Forwarded-Host"));
        Assert.False(headers.ContainsKey("Forwarded"));
        Assert.False(headers.ContainsKey("Evenkeel-Position"));
        Assert.Equal("kept", headers["X-Api-Key"].Single());
        Assert.Equal($"Bearer {TestHouse.Token}", headers["Authorization"].Single());
        Assert.Equal(house.Nodes[0].Address.Authority, headers["Host"].Single());
    }

    [Fact]
    public async Task A_body_beyond_the_limit_is_refused_before_a_node_sees_it()
    {
        await using var house = await TestHouse.StartAsync(configure: o =>
            o with
            {
                BodyBytesMax = 1_000,
            }
        );
        var answer = await house.PostTransfersAsync(new string(' ', 1_001));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        using var chunked = new HttpRequestMessage(HttpMethod.Post, "/v1/transfers")
        {
            Content = new StreamContent(new MemoryStream(new byte[5_000])),
        };
        chunked.Headers.TransferEncodingChunked = true;
        answer = await house.Http.SendAsync(chunked);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        Assert.Empty(house.Nodes[0].Seen);
    }

    [Fact]
    public async Task A_body_that_fits_exactly_arrives_whole_however_it_was_sent()
    {
        await using var house = await TestHouse.StartAsync(configure: o =>
            o with
            {
                BodyBytesMax = 100_000,
            }
        );
        string body = $$"""{"id":"5","padding":"{{new string('x', 90_000)}}"}""";
        using var chunked = new HttpRequestMessage(HttpMethod.Post, "/v1/operations")
        {
            Content = new StreamContent(new MemoryStream(Encoding.UTF8.GetBytes(body))),
        };
        chunked.Headers.TransferEncodingChunked = true;
        var answer = await house.Http.SendAsync(chunked);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        Assert.True(house.Books.Done.ContainsKey("5"));
        var (_, _, headers) = Assert.Single(house.Nodes[0].Seen);
        Assert.Equal(body.Length, int.Parse(headers["Content-Length"].Single()!));
    }

    [Fact]
    public async Task Bodies_together_stay_within_their_budget()
    {
        await using var house = await TestHouse.StartAsync(configure: o =>
            o with
            {
                BufferedBytesMax = 10_000,
            }
        );
        var answer = await house.PostTransfersAsync(new string(' ', 50_000));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal(("busy", "not_done", "later"), await TestHouse.ProblemOf(answer));
        Assert.Equal(HttpStatusCode.Created, (await house.PutTransferAsync(1)).StatusCode);
    }

    [Fact]
    public async Task An_answer_beyond_the_limit_is_not_held()
    {
        await using var house = await TestHouse.StartAsync(configure: o =>
            o with
            {
                AnswerBytesMax = 10_000,
            }
        );
        house.Nodes[0].Next.Enqueue(Behaviour.Enormous);
        var answer = await house.SendAsync(HttpMethod.Get, "/v1/accounts");
        Assert.Equal(HttpStatusCode.BadGateway, answer.StatusCode);
        Assert.Equal("too_large", (await TestHouse.ProblemOf(answer)).Reason);
    }

    [Fact]
    public async Task More_requests_than_the_house_holds_are_told_to_come_back()
    {
        await using var house = await TestHouse.StartAsync(
            configure: o => o with { RequestsMax = 4 },
            hasLeader: false
        );
        var held = Enumerable.Range(1, 4).Select(i => house.PutTransferAsync((ulong)i)).ToArray();
        await Eventually.TrueAsync("four are inside", () => house.Recorder.Written >= 4);
        var answer = await house.PutTransferAsync(5);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal(("busy", "not_done", "later"), await TestHouse.ProblemOf(answer));
        Assert.Equal(TimeSpan.FromSeconds(1), answer.Headers.RetryAfter!.Delta);
        house.Nodes[0].Leads = true;
        Assert.All(
            await Task.WhenAll(held),
            a => Assert.Equal(HttpStatusCode.Created, a.StatusCode)
        );
    }

    [Fact]
    public async Task No_more_requests_than_allowed_are_at_the_leader_at_once()
    {
        await using var house = await TestHouse.StartAsync(configure: o =>
            o with
            {
                RequestsAtLeaderMax = 2,
                HoldMax = TimeSpan.FromMilliseconds(300),
            }
        );
        house.Nodes[0].Next.Enqueue(Behaviour.HangAfter);
        house.Nodes[0].Next.Enqueue(Behaviour.HangAfter);
        _ = house.PutTransferAsync(1);
        _ = house.PutTransferAsync(2);
        await Eventually.TrueAsync("two hang", () => house.Books.Done.Count == 2);
        var answer = await house.PutTransferAsync(3);
        Assert.Equal(("unavailable", "not_done", "later"), await TestHouse.ProblemOf(answer));
        Assert.False(house.Books.Asked.ContainsKey("3"));
    }

    [Fact]
    public async Task A_request_that_wants_to_speak_something_else_is_refused()
    {
        await using var house = await TestHouse.StartAsync();
        var answer = await house.SendAsync(
            HttpMethod.Get,
            "/v1/accounts",
            headers: [("Connection", "Upgrade"), ("Upgrade", "websocket")]
        );
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Empty(house.Nodes[0].Seen);
    }

    [Theory]
    [InlineData("TRACE")]
    [InlineData("OPTIONS")]
    [InlineData("PATCH")]
    public async Task Methods_that_the_bank_does_not_know_are_refused(string method)
    {
        await using var house = await TestHouse.StartAsync();
        var answer = await house.SendAsync(new HttpMethod(method), "/v1/accounts");
        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
        Assert.Empty(house.Nodes[0].Seen);
    }

    [Fact]
    public async Task Head_is_answered_without_a_body_and_query_strings_arrive()
    {
        await using var house = await TestHouse.StartAsync();
        var head = await house.SendAsync(HttpMethod.Head, "/v1/accounts/1");
        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync());
        var get = await house.SendAsync(HttpMethod.Get, "/v1/records/a%2Fb/c%20d?prefix=%C3%BC");
        Assert.Contains(
            "a%2Fb/c d",
            await get.Content.ReadAsStringAsync(),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Bytes_that_are_no_request_hurt_nobody_else()
    {
        await using var house = await TestHouse.StartAsync();
        string[] garbage =
        [
            "\0\0\0\0\r\n\r\n",
            "GET /v1/accounts HTTP/1.1\r\n\r\n",
            "POST /v1/transfers HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n",
            "POST /v1/transfers HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            "POST /v1/transfers HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        ];
        foreach (string bytes in garbage)
        {
            using var socket = new TcpClient();
            await socket.ConnectAsync(house.Address.Host, house.Address.Port);
            NetworkStream line = socket.GetStream();
            await line.WriteAsync(Encoding.ASCII.GetBytes(bytes));
            using var reader = new StreamReader(line);
            string answer;
            try
            {
                answer = await reader.ReadToEndAsync();
            }
            catch (IOException)
            {
                // A reset is as good a refusal as any.
                answer = "";
            }
            Assert.DoesNotContain(" 200 ", answer, StringComparison.Ordinal);
        }
        Assert.Empty(house.Books.Done);
        Assert.Equal(HttpStatusCode.Created, (await house.PutTransferAsync(1)).StatusCode);
    }
}
