using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Evenkeel.Client;
using Evenkeel.Watch.Drills.TestBed;

namespace Evenkeel.Watch.Backups;

/// <summary>The real program in processes of its own, on free ports of the loopback address.</summary>
/// <param name="program">The executable <c>evenkeel</c>.</param>
/// <param name="scratch">For logs and replays; made and removed by the caller.</param>
public sealed class ProcessBank(string program, string scratch) : IScratchBank
{
    private const int LogCharsMax = 2_000;
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan StopMax = TimeSpan.FromSeconds(60);

    public string Program { get; } = HashOf(program);

    public async Task<IReadOnlyDictionary<ulong, ReplayedState>> ReplayAsync(
        string dataDirectory,
        ulong digestAt,
        ulong last,
        CancellationToken cancellationToken
    )
    {
        var output = Path.Combine(scratch, "replay.lines");
        var work = Path.Combine(scratch, "replay");
        string[] command =
        [
            program,
            "shadow",
            "replay",
            "--archive",
            Path.Combine(dataDirectory, "archive"),
            "--scratch",
            work,
            "--out",
            output,
            "--from",
            last.ToString(CultureInfo.InvariantCulture),
            "--to",
            last.ToString(CultureInfo.InvariantCulture),
            "--digest-every",
            "0",
            "--digest-at",
            digestAt.ToString(CultureInfo.InvariantCulture),
        ];
        var overrides = Path.Combine(dataDirectory, "overrides");
        if (Directory.Exists(overrides))
        {
            command = [.. command, "--overrides", overrides];
        }
        var (status, log) = await RunAsync("replay", command, cancellationToken);
        if (status != 0)
        {
            throw new BackupException(BackupProblem.StateDiffers, $"the replay failed: {log}");
        }
        var states = new Dictionary<ulong, ReplayedState>();
        await foreach (var line in File.ReadLinesAsync(output, cancellationToken))
        {
            if (ShadowState.TryRead(line) is { } state)
            {
                states[state.Index] = state.State;
            }
        }
        File.Delete(output);
        return states;
    }

    public async Task<IServingBank> StartAsync(
        string dataDirectory,
        CancellationToken cancellationToken
    )
    {
        var log = Path.Combine(scratch, "node.log");
        var process = BedProcess.Start(
            "scratch node",
            [
                program,
                "node",
                "--data",
                dataDirectory,
                "--port",
                "0",
                "--rest-port",
                "0",
                "--rescue-key",
            ],
            log
        );
        try
        {
            var clock = Stopwatch.StartNew();
            while (clock.Elapsed < BackupLimits.ScratchStartMax)
            {
                if (process.HasExited)
                {
                    break;
                }
                if (await ConnectAsync(dataDirectory, cancellationToken) is { } client)
                {
                    return new Serving(process, client);
                }
                await Task.Delay(Poll, cancellationToken);
            }
            throw new BackupException(
                BackupProblem.StateDiffers,
                $"no node starts on it: {Tail(log)}"
            );
        }
        catch
        {
            process.Dispose();
            throw;
        }
    }

    public async Task<string?> JudgeAsync(string dataDirectory, CancellationToken cancellationToken)
    {
        var (status, log) = await RunAsync(
            "verify",
            [program, "verify", "log", dataDirectory],
            cancellationToken
        );
        return status == 0 ? null : log;
    }

    private async Task<(int Status, string Log)> RunAsync(
        string name,
        IReadOnlyList<string> command,
        CancellationToken cancellationToken
    )
    {
        var log = Path.Combine(scratch, name + ".log");
        using var process = BedProcess.Start(name, command, log);
        var status = await process.WaitAsync(cancellationToken);
        return (status, Tail(log));
    }

    private static async Task<EvenkeelClient?> ConnectAsync(
        string dataDirectory,
        CancellationToken cancellationToken
    )
    {
        var endpoint = Path.Combine(dataDirectory, "endpoint.json");
        var key = Path.Combine(dataDirectory, "operator.key");
        if (!File.Exists(endpoint) || !File.Exists(key))
        {
            return null;
        }
        try
        {
            using var json = JsonDocument.Parse(
                await File.ReadAllBytesAsync(endpoint, cancellationToken)
            );
            return await EvenkeelClient.ConnectAsync(
                new ClientOptions
                {
                    Endpoints =
                    [
                        IPEndPoint.Parse(json.RootElement.GetProperty("binary").GetString()!),
                    ],
                    ApiKey = (await File.ReadAllTextAsync(key, cancellationToken)).Trim(),
                },
                cancellationToken
            );
        }
        catch (Exception early) when (early is EvenkeelException or JsonException)
        {
            return null;
        }
    }

    private static string Tail(string log)
    {
        var text = File.Exists(log) ? File.ReadAllText(log).Trim() : "";
        return text.Length <= LogCharsMax ? text : text[^LogCharsMax..];
    }

    private static string HashOf(string path)
    {
        // The executable is a small starter; what it runs lies beside it.
        var library = Path.ChangeExtension(path, ".dll");
        using var file = File.OpenRead(File.Exists(library) ? library : path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    private sealed class Serving(BedProcess process, EvenkeelClient client) : IServingBank
    {
        public EvenkeelClient Client => client;

        public async ValueTask DisposeAsync()
        {
            await client.DisposeAsync();
            try
            {
                await process.TerminateAsync(StopMax);
            }
            catch (TimeoutException)
            {
                // Killed then: it is a scratch node.
            }
            process.Dispose();
        }
    }
}
