using System.Text;
using Evenkeel.Host.CommandLine;
using Evenkeel.Import.Tests;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Evenkeel.Host.Tests;

/// <summary>Traces sent to a collector that somebody configured.</summary>
public sealed class TracesProcessTests
{
    private const string ExportPath = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";

    [Fact]
    public async Task A_configured_collector_gets_the_traces_of_requests_and_no_key()
    {
        using TemporaryFolder data = new();
        TaskCompletionSource<string> traced = new(
            TaskCreationOptions.RunContinuationsAsynchronously
        );
        StringBuilder all = new();
        await using var collector = Collector(text =>
        {
            lock (all)
            {
                all.Append(text);
                if (all.ToString().Contains("/v1/keys", StringComparison.Ordinal))
                {
                    traced.TrySetResult(all.ToString());
                }
            }
        });
        await collector.StartAsync(TestContext.Current.CancellationToken);
        using var bank = HostProcess.Start(
            "run",
            "--ledger-only",
            "--data",
            data.Path,
            "--port",
            "0",
            "--rest-port",
            "0",
            "--otlp",
            collector.Urls.Single()
        );
        await bank.LineAsync(l => l.StartsWith("Ctrl-C", StringComparison.Ordinal));

        var keys = await HostProcess.RunAsync("keys", "list", "--data", data.Path);
        var text = await traced.Task.WaitAsync(
            TimeSpan.FromSeconds(60),
            TestContext.Current.CancellationToken
        );

        Assert.Equal(ExitCode.Ok, keys.ExitCode);
        Assert.Contains("evenkeel", text, StringComparison.Ordinal);
        var secret = await File.ReadAllTextAsync(
            Path.Combine(data.Path, "operator.key"),
            TestContext.Current.CancellationToken
        );
        Assert.DoesNotContain(secret.Trim(), text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_collector_that_is_not_there_hurts_nobody()
    {
        using TemporaryFolder data = new();
        using var bank = HostProcess.Start([
            .. "run --port 0 --rest-port 0 --otlp http://127.0.0.1:1 --data".Split(' '),
            data.Path,
        ]);
        await bank.LineAsync(l => l.StartsWith("Ctrl-C", StringComparison.Ordinal));

        var keys = await HostProcess.RunAsync("keys", "list", "--data", data.Path);

        Assert.Equal(ExitCode.Ok, keys.ExitCode);
    }

    private static WebApplication Collector(Action<string> received)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.ConfigureEndpointDefaults(listen => listen.Protocols = HttpProtocols.Http2)
        );
        var app = builder.Build();
        app.MapPost(
            ExportPath,
            async (HttpContext http) =>
            {
                using MemoryStream body = new();
                await http.Request.Body.CopyToAsync(body, http.RequestAborted);
                received(Encoding.Latin1.GetString(body.ToArray()));
                // An empty message: five bytes of gRPC's frame, and the status behind it.
                http.Response.ContentType = "application/grpc";
                await http.Response.Body.WriteAsync(new byte[5], http.RequestAborted);
                http.Response.AppendTrailer("grpc-status", "0");
            }
        );
        return app;
    }
}
