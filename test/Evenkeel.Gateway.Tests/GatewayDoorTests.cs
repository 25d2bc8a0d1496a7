using System.Net;
using Microsoft.AspNetCore.Routing;
using Xunit;

namespace Evenkeel.Gateway.Tests;

/// <summary>
/// What the gateway serves itself, at its public port and at the operators' one. What customers are served
/// is the matrix of the REST channel; what is forwarded is judged by the node.
/// </summary>
public sealed class GatewayDoorTests
{
    private static readonly Dictionary<
        string,
        (HttpStatusCode AtPublic, HttpStatusCode AtOperations)
    > Rows = new(StringComparer.Ordinal)
    {
        ["/healthz"] = (HttpStatusCode.OK, HttpStatusCode.OK),
        ["/readyz"] = (HttpStatusCode.OK, HttpStatusCode.OK),
        ["/metrics"] = (HttpStatusCode.NotFound, HttpStatusCode.OK),
        // Only the ledger's own interface goes on to a node, which asks for a key.
        ["{**path}"] = (HttpStatusCode.NotFound, HttpStatusCode.NotFound),
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_route_of_the_gateway_itself_is_served_where_its_row_says()
    {
        await using var house = await TestHouse.StartAsync();
        Assert.Equal(
            Rows.Keys.Order(StringComparer.Ordinal),
            house
                .Routes.OfType<RouteEndpoint>()
                .Select(static route => route.RoutePattern.RawText!)
                .Order(StringComparer.Ordinal)
        );
        Assert.True(IPAddress.IsLoopback(IPAddress.Parse(house.Operations.Host)));
        using HttpClient nobody = new();

        foreach (var (route, (atPublic, atOperations)) in Rows)
        {
            var path = route == "{**path}" ? "/no/such/path" : route;
            Assert.Equal(atPublic, await GetAsync(nobody, house.Address, path));
            Assert.Equal(atOperations, await GetAsync(nobody, house.Operations, path));
        }
    }

    [Theory]
    [InlineData("/peer/v1/statement")]
    [InlineData("/peer/v1/files/manifest")]
    [InlineData("/metrics")]
    [InlineData("/v1/../peer/v1/statement")]
    [InlineData("/v1/transfers/../../peer/v1/statement")]
    public async Task What_members_ask_of_each_other_does_not_go_through(string path)
    {
        await using var house = await TestHouse.StartAsync();
        using HttpClient nobody = new();

        using var answer = await nobody.GetAsync(new Uri(house.Address, path), Token);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Contains(
            "not_found",
            (await answer.Content.ReadAsStringAsync(Token)).Replace('-', '_'),
            StringComparison.Ordinal
        );
    }

    private static async Task<HttpStatusCode> GetAsync(HttpClient http, Uri at, string path)
    {
        using var answer = await http.GetAsync(new Uri(at, path), Token);
        return answer.StatusCode;
    }
}
