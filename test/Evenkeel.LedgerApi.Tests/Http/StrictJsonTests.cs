using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Evenkeel.LedgerApi.OpenApi;
using Evenkeel.LedgerApi.Tests.Bank;
using Xunit;

namespace Evenkeel.LedgerApi.Tests.Http;

public sealed class StrictJsonTests
{
    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("""{"transfers":null}""")]
    [InlineData("""{"transfers":[null]}""")]
    [InlineData("""{"transfers":[{"amount":"1"}],"more":1}""")]
    [InlineData("""{"transfers":[{"id":"1","amount":"1","timeuot":5}]}""")]
    [InlineData("""{"transfers":[{"id":"1","amount":"1","amount":"2"}]}""")]
    [InlineData("""{"transfers":[{"id":"1"}]}""")]
    [InlineData("""{"transfers":[{"id":1,"amount":"1"}]}""")]
    [InlineData("""{"transfers":[{"id":"1","amount":1}]}""")]
    [InlineData("""{"transfers":[{"id":"1","amount":1.5}]}""")]
    [InlineData("""{"transfers":[{"id":"1","amount":"1.0"}]}""")]
    [InlineData("""{"transfers":[{"id":"1","amount":"-1"}]}""")]
    [InlineData("""{"transfers":[{"id":"1","amount":"+1"}]}""")]
    [InlineData("""{"transfers":[{"id":"1","amount":"01"}]}""")]
    [InlineData("""{"transfers":[{"id":"1","amount":" 1"}]}""")]
    [InlineData("""{"transfers":[{"id":"1","amount":""}]}""")]
    [InlineData("""{"transfers":[{"id":"1","amount":"1e3"}]}""")]
    [InlineData("""{"transfers":[{"id":"1","amount":"٣"}]}""")]
    [InlineData(
        """{"transfers":[{"id":"1","amount":"340282366920938463463374607431768211456"}]}"""
    )]
    [InlineData(
        """{"transfers":[{"id":"1","amount":"1","user_data_64":"18446744073709551616"}]}"""
    )]
    [InlineData("""{"transfers":[{"id":"1","amount":"1","timeout":4294967296}]}""")]
    [InlineData("""{"transfers":[{"id":"1","amount":"1","code":65536}]}""")]
    [InlineData("""{"transfers":[{"id":"1","amount":"1","code":"1"}]}""")]
    [InlineData("""{"transfers":[{"id":"1","amount":"1","flags":["no_such_flag"]}]}""")]
    [InlineData("""{"transfers":[{"id":"1","amount":"1","flags":["pending","pending"]}]}""")]
    [InlineData("""{"transfers":[{"id":"1","amount":"1","flags":"pending"}]}""")]
    [InlineData("""{"transfers":[{"id":"1","amount":"1","flags":[1]}]}""")]
    [InlineData("""{"transfers":[{"id":"1","amount":"\ud800"}]}""")]
    [InlineData("""{"transfers":[{"id":"1","amount":"1",}]}""")]
    [InlineData("""{"transfers":[{"id":"1","amount":"1"}]} x""")]
    [InlineData("""{"Transfers":[{"id":"1","amount":"1"}]}""")]
    public async Task Json_that_means_something_else_is_refused_and_located(string body)
    {
        await using var api = await ApiHost.StartAsync();
        var reply = await api.PostAsync("/v1/transfers", body);
        reply.IsProblem(HttpStatusCode.BadRequest, "invalid_json");
        Assert.False(string.IsNullOrEmpty(reply.String("detail")));
        Assert.DoesNotContain("Evenkeel", reply.Text, StringComparison.Ordinal);
        Assert.Empty(api.Journal.Proposed);
    }

    [Fact]
    public async Task The_place_of_a_mistake_is_named()
    {
        await using var api = await ApiHost.StartAsync();
        var reply = await api.PostAsync(
            "/v1/transfers",
            """{"transfers":[{"id":"1","amount":"1"},{"id":"2","amount":7}]}"""
        );
        Assert.Contains("$.transfers[1].amount", reply.String("detail")!, StringComparison.Ordinal);
        Assert.Contains("decimal string", reply.String("detail")!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(8_191)]
    public async Task A_batch_of_another_size_is_refused(int count)
    {
        await using var api = await ApiHost.StartAsync();
        var events = Enumerable.Range(1, count).Select(i => $$"""{"id":"{{i}}","amount":"1"}""");
        var body = $$"""{"transfers":[{{string.Join(',', events)}}]}""";
        (await api.PostAsync("/v1/transfers", body)).IsProblem(
            HttpStatusCode.BadRequest,
            "invalid_request"
        );
    }

    [Fact]
    public async Task The_largest_batch_fits_with_the_largest_events()
    {
        await using var api = await ApiHost.StartAsync();
        var max = UInt128.MaxValue.ToString(CultureInfo.InvariantCulture);
        var events = Enumerable
            .Range(1, 8_190)
            .Select(i =>
                $$"""{"id":"{{UInt128.MaxValue - (UInt128)i}}","debit_account_id":"{{max}}","credit_account_id":"{{max}}","amount":"{{max}}","pending_id":"{{max}}","user_data_128":"{{max}}","user_data_64":"{{ulong.MaxValue}}","user_data_32":{{uint.MaxValue}},"timeout":{{uint.MaxValue}},"ledger":{{uint.MaxValue}},"code":65535,"flags":["pending","linked"]}"""
            );
        var reply = await api.PostAsync(
            "/v1/transfers",
            $$"""{"transfers":[{{string.Join(',', events)}}]}""",
            idempotencyKey: "large"
        );
        Assert.Equal(HttpStatusCode.OK, reply.Status);
        Assert.Equal(8_190, reply.Int("refused"));
    }

    [Theory]
    [InlineData("""{"id":"1","writes":[{"collection":"c","key":"1"}]}""")]
    [InlineData("""{"id":"1","writes":[{"collection":"c","key":"1","value":null}]}""")]
    [InlineData("""{"id":"1","writes":[{"collection":"c","key":"1","value":1,"delete":true}]}""")]
    [InlineData("""{"id":"1","guards":[{}]}""")]
    [InlineData(
        """{"id":"1","guards":[{"absent":{"collection":"c","key":"1"},"business_date":"2026-01-01"}]}"""
    )]
    [InlineData("""{"id":"1","transfers":[{"amount":"1"}]}""")]
    public async Task An_operation_of_the_wrong_shape_is_refused(string body)
    {
        await using var api = await ApiHost.StartAsync();
        var reply = await api.PostAsync("/v1/operations", body);
        Assert.Equal(HttpStatusCode.BadRequest, reply.Status);
        Assert.Equal("not_done", reply.String("outcome"));
    }

    [Fact]
    public async Task A_body_nested_too_deep_is_refused()
    {
        await using var api = await ApiHost.StartAsync();
        var deep = new string('[', 5_000) + new string(']', 5_000);
        var reply = await api.PostAsync(
            "/v1/operations",
            $$"""{"id":"1","writes":[{"collection":"c","key":"1","value":{{deep}}}]}"""
        );
        reply.IsProblem(HttpStatusCode.BadRequest, "invalid_json");
    }

    [Fact]
    public async Task A_document_that_is_not_utf8_is_refused()
    {
        await using var api = await ApiHost.StartAsync();
        var body = Encoding.Latin1.GetBytes(
            """{"id":"1","writes":[{"collection":"c","key":"1","value":{"\u00fe":1}}]}""".Replace(
                "\\u00fe",
                "\u00fe",
                StringComparison.Ordinal
            )
        );
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/operations");
        request.Headers.Authorization = new("Bearer", api.FirstKey);
        request.Content = new ByteArrayContent(body);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var response = await api.Client.SendAsync(request);
        (await Reply.OfAsync(response)).IsProblem(HttpStatusCode.BadRequest, "invalid_request");
    }

    [Fact]
    public async Task Damaged_bodies_and_addresses_never_break_the_server()
    {
        await using var api = await ApiHost.StartAsync(
            new LedgerApiOptions { RequestsPerSecondMax = 1_000_000, RequestsBurstMax = 1_000_000 }
        );
        (HttpMethod Method, string Path, string Body)[] seeds =
        [
            (HttpMethod.Post, "/v1/accounts", Examples.Accounts),
            (HttpMethod.Put, "/v1/accounts/5", Examples.Account),
            (HttpMethod.Post, "/v1/accounts/updates", Examples.Updates),
            (HttpMethod.Post, "/v1/transfers", Examples.Transfers),
            (HttpMethod.Put, "/v1/transfers/5", Examples.Transfer),
            (HttpMethod.Post, "/v1/operations", Examples.Operation),
            (HttpMethod.Post, "/v1/keys", Examples.Key),
            (HttpMethod.Get, "/v1/transfers?limit=5&ledger=978&cursor=AQID", ""),
            (HttpMethod.Get, "/v1/records/customer/c-1?prefix=x", ""),
        ];
        const int Seed = 20261123;
        var random = new Random(Seed);
        for (var round = 0; round < Counts.Of(fast: 600, longRun: 50_000); round++)
        {
            var (method, path, body) = seeds[round % seeds.Length];
            var damaged = Damage(random, Encoding.UTF8.GetBytes(body));
            var address = random.Next(4) == 0 ? DamageText(random, path) : path;
            using var request = new HttpRequestMessage(method, new Uri(address, UriKind.Relative));
            request.Headers.Authorization = new("Bearer", api.FirstKey);
            if (method != HttpMethod.Get)
            {
                request.Content = new ByteArrayContent(damaged);
                request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            }
            using var response = await api.Client.SendAsync(request);
            Assert.True(
                (int)response.StatusCode < 500,
                $"seed {Seed}, round {round}: {response.StatusCode} for {address} {Convert.ToHexString(damaged)}"
            );
        }
        Assert.DoesNotContain(
            api.Logs.Lines,
            l =>
                l.StartsWith("Error", StringComparison.Ordinal)
                || l.StartsWith("Critical", StringComparison.Ordinal)
        );
    }

    private static byte[] Damage(Random random, byte[] bytes)
    {
        List<byte> damaged = [.. bytes];
        for (var i = random.Next(4); i >= 0 && damaged.Count > 0; i--)
        {
            var at = random.Next(damaged.Count);
            switch (random.Next(6))
            {
                case 0:
                    damaged[at] = (byte)random.Next(256);
                    break;
                case 1:
                    damaged.RemoveAt(at);
                    break;
                case 2:
                    damaged.Insert(at, (byte)"\"{}[]:,0-9e.\\u\0"[random.Next(14)]);
                    break;
                case 3:
                    damaged.RemoveRange(at, damaged.Count - at);
                    break;
                case 4:
                    damaged.InsertRange(at, damaged.GetRange(0, at));
                    break;
                default:
                    damaged.InsertRange(at, "\\ud800"u8);
                    break;
            }
        }
        return [.. damaged];
    }

    private static string DamageText(Random random, string text)
    {
        const string Odd = "%00%2F?&=#;'\"<>\\中%FF%ud800..//";
        var at = random.Next(4, text.Length);
        return text[..at] + Odd[random.Next(Odd.Length)..] + text[at..];
    }
}
