using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Evenkeel.Watch.Drills.TestBed;
using Xunit;

namespace Evenkeel.Cluster.Tests;

/// <summary>A bank and a clearing, each a process of its own, and each killed in the middle.</summary>
[Collection(ClusterTrial.Collection)]
public sealed class ClearingKillTests
{
    private const int Credits = 40;
    private static readonly TimeSpan PatienceMax = TimeSpan.FromSeconds(120);
    private static readonly string[] Currencies = ["CNY"];
    private static readonly string[] Scopes = ["admin"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Credits_reach_the_clearing_once_when_bank_and_clearing_are_killed_on_the_way()
    {
        var directory = Directory.CreateTempSubdirectory("evenkeel-clearing-").FullName;
        var line = $"127.0.0.1:{FreePort()}";
        using HttpClient http = new() { Timeout = PatienceMax };
        var clearing = StartClearing(directory, line);
        var bank = await StartBankAsync(directory, line);
        try
        {
            await Patience.UntilAsync(
                "the clearing answers",
                PatienceMax,
                async () => await StateAsync(http, line) is not null,
                Token
            );
            var date = DateTime.Today.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
            await PostAsync(http, bank, "/v1/bank/open", new { date, currencies = Currencies });
            var built = await PostAsync(
                http,
                bank,
                "/v1/demo/payroll",
                new
                {
                    seed = ClusterTrial.Seed,
                    lines = Credits,
                    date,
                }
            );
            var checker = await PostAsync(
                http,
                bank,
                "/v1/keys",
                new { name = "second person", scopes = Scopes }
            );
            var file = Elsewhere(built.GetProperty("payer").GetString()!, date);
            var taken = await SendAsync(
                http,
                bank,
                "/v1/bank/bulk",
                bank.Key,
                new ByteArrayContent(Encoding.UTF8.GetBytes(file))
            );
            var run = taken.GetProperty("run").GetString()!;
            await SendAsync(
                http,
                bank,
                $"/v1/bank/bulk/{run}/release",
                checker.GetProperty("token").GetString()!,
                content: null
            );

            await Patience.UntilAsync(
                "some credits have arrived",
                PatienceMax,
                async () => await StateAsync(http, line) is { Taken: > 0 },
                Token
            );
            await clearing.KillAsync();
            await bank.Process.KillAsync();
            clearing.Dispose();
            bank.Process.Dispose();
            clearing = StartClearing(directory, line);
            bank = await StartBankAsync(directory, line);
            await Patience.UntilAsync(
                "every credit has arrived",
                PatienceMax,
                async () => await StateAsync(http, line) is { Taken: >= Credits, Pending: 0 },
                Token
            );

            var state = await StateAsync(http, line);
            Assert.Equal(Credits, state!.Value.Taken);
        }
        finally
        {
            clearing.Dispose();
            bank.Process.Dispose();
            Directory.Delete(directory, recursive: true);
        }
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string Elsewhere(string payer, string date)
    {
        StringBuilder text = new();
        text.Append(
            CultureInfo.InvariantCulture,
            $"H,1,suppliers,{payer},{date},CNY,{Credits},{Credits}.00,SUPP\n"
        );
        for (var i = 0; i < Credits; i++)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"P,SUP-{i},HARBCNSHXXX,62170000{i:D4},Supplier,1.00,\n"
            );
        }
        return text.ToString();
    }

    private static BedProcess StartClearing(string directory, string line) =>
        BedProcess.Start(
            "clearing",
            [
                ClusterTrial.Binary,
                "clearing",
                "run",
                "--data",
                Path.Combine(directory, "clearing"),
                "--listen",
                line,
                "--silent",
                "30",
                // What is lost and then met with silence takes a minute to be known.
                "--lost",
                ClusterTrial.IsLong ? "30" : "0",
                "--slow",
                "20",
            ],
            Path.Combine(directory, "clearing.log")
        );

    private static async Task<RunningNode> StartBankAsync(string directory, string line)
    {
        var data = Path.Combine(directory, "bank");
        Directory.CreateDirectory(data);
        var endpoint = Path.Combine(data, "endpoint.json");
        var key = Path.Combine(data, "operator.key");
        File.Delete(endpoint);
        var process = BedProcess.Start(
            "bank",
            [
                ClusterTrial.Binary,
                "node",
                "--data",
                data,
                "--port",
                "0",
                "--rest-port",
                "0",
                "--profile",
                "demo",
                "--clearing",
                $"http://{line}",
            ],
            Path.Combine(directory, "bank.log")
        );
        await Patience.UntilAsync(
            "the bank serves",
            PatienceMax,
            () => File.Exists(endpoint) && File.Exists(key),
            Token
        );
        var rest = JsonElement
            .Parse(await File.ReadAllBytesAsync(endpoint, Token))
            .GetProperty("rest")
            .GetString()!;
        return new RunningNode(
            process,
            new Uri(rest),
            (await File.ReadAllTextAsync(key, Token)).Trim()
        );
    }

    private static async Task<(int Taken, int Pending)?> StateAsync(HttpClient http, string line)
    {
        try
        {
            var state = JsonElement.Parse(
                await http.GetByteArrayAsync(new Uri($"http://{line}/simulator/state"), Token)
            );
            return (state.GetProperty("taken").GetInt32(), state.GetProperty("pending").GetInt32());
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private static Task<JsonElement> PostAsync(
        HttpClient http,
        RunningNode bank,
        string path,
        object body
    ) => SendAsync(http, bank, path, bank.Key, JsonContent.Create(body));

    private static async Task<JsonElement> SendAsync(
        HttpClient http,
        RunningNode bank,
        string path,
        string key,
        HttpContent? content
    )
    {
        using HttpRequestMessage request = new(HttpMethod.Post, new Uri(bank.Rest, path))
        {
            Content = content,
            Headers = { Authorization = new AuthenticationHeaderValue("Bearer", key) },
        };
        using var answer = await http.SendAsync(request, Token);
        var text = await answer.Content.ReadAsStringAsync(Token);
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {(int)answer.StatusCode} {text}");
        return JsonElement.Parse(text);
    }

    private sealed record RunningNode(BedProcess Process, Uri Rest, string Key);
}
