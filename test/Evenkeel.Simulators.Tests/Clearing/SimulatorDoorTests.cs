using System.Net;
using Microsoft.AspNetCore.Routing;
using Xunit;

namespace Evenkeel.Simulators.Tests.Clearing;

/// <summary>
/// The simulators stand for others than the bank and ask nobody who they are: so they serve this machine
/// alone, and a route that comes must be looked at here.
/// </summary>
public sealed class SimulatorDoorTests
{
    private static readonly string[] Rows =
    [
        "/billers/{biller}/payments",
        "/billers/{biller}/payments/{reference}",
        "/billers/{biller}/payments/{reference}/reversal",
        "/clearing/inbox/{bank}",
        "/clearing/pacs.004",
        "/clearing/pacs.008",
        "/clearing/pacs.028",
        "/clearing/participants",
        "/clearing/positions/{date}",
        "/simulator/close",
        "/simulator/state",
    ];

    [Fact]
    public async Task Simulators_serve_this_machine_alone()
    {
        var directory = Directory.CreateTempSubdirectory("evenkeel-simulators-").FullName;
        try
        {
            SimulatorServerOptions options = new()
            {
                Directory = directory,
                Listen = new IPEndPoint(IPAddress.Loopback, 0),
                FirstDate = new DateOnly(2026, 11, 23),
                Members = ["EVKLCNSHXXX"],
            };
            await Assert.ThrowsAsync<ArgumentException>(() =>
                SimulatorServer.StartAsync(
                    options with
                    {
                        Listen = new IPEndPoint(IPAddress.Any, 0),
                    },
                    TestContext.Current.CancellationToken
                )
            );
            await using var server = await SimulatorServer.StartAsync(
                options,
                TestContext.Current.CancellationToken
            );

            Assert.True(IPAddress.IsLoopback(IPAddress.Parse(server.Address.Host)));
            Assert.Equal(
                Rows,
                server
                    .Routes.OfType<RouteEndpoint>()
                    .Select(static route => route.RoutePattern.RawText!)
                    .Order(StringComparer.Ordinal)
            );
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }
}
