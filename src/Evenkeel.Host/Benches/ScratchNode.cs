using System.Diagnostics;
using System.Net;
using Evenkeel.Bench;
using Evenkeel.Client;
using Evenkeel.Host.Clusters;
using Evenkeel.Host.CommandLine;
using Evenkeel.Host.Serving;

namespace Evenkeel.Host.Benches;

/// <summary>
/// A node of this very program in a process and a folder of its own, gone at the end; or a cluster
/// of them under its supervisor.
/// </summary>
internal sealed class ScratchNode : INodeUnderTest
{
    /// <summary>How long a node may take until it answers; a large restart is measured, not cut off.</summary>
    private static readonly TimeSpan StartMax = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    private static readonly TimeSpan StopMax = TimeSpan.FromSeconds(20);

    private readonly string _log;
    private readonly int _nodes;
    private Process? _process;

    private ScratchNode(string directory, int nodes)
    {
        DataDirectory = directory;
        _log = directory + ".log";
        _nodes = nodes;
    }

    public string DataDirectory { get; }

    public IReadOnlyList<EndPoint> Endpoints { get; private set; } = [];

    public string ApiKey { get; private set; } = "";

    /// <summary>Of a cluster: the process that the supervisor started last for a member.</summary>
    public int ProcessOf(string member)
    {
        var prefix = $"{member} started, process ";
        return int.Parse(
            File.ReadLines(_log)
                .Last(line => line.StartsWith(prefix, StringComparison.Ordinal))
                .AsSpan(prefix.Length),
            System.Globalization.CultureInfo.InvariantCulture
        );
    }

    public long ResidentBytes
    {
        get
        {
            _process!.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>Starts banks below a folder, each in a new directory.</summary>
    /// <param name="nodes">Nodes of each bank.</param>
    public static StartNode Starter(string folder, int nodes = 1)
    {
        var started = 0;
        return async token =>
        {
            var directory = Path.Combine(
                folder,
                $"evenkeel-bench-{Environment.ProcessId}-{Interlocked.Increment(ref started)}"
            );
            Directory.CreateDirectory(directory);
            var node = new ScratchNode(directory, nodes);
            try
            {
                await node.StartAsync(token).ConfigureAwait(false);
                return node;
            }
            catch
            {
                await node.DisposeAsync().ConfigureAwait(false);
                throw;
            }
        };
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        EndpointFile.Delete(DataDirectory);
        var command =
            $"exec '{Environment.ProcessPath}' {(_nodes == 1 ? "node" : $"run --nodes {_nodes}")}"
            + $" --data '{DataDirectory}' --port 0 --rest-port 0"
            + $" >>'{_log}' 2>&1";
        _process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", command]))!;
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < StartMax)
        {
            if (_process.HasExited)
            {
                throw new CommandFailedException(
                    ExitCode.NotDone,
                    Text.BenchNodeEnded(
                        await File.ReadAllTextAsync(_log, cancellationToken).ConfigureAwait(false)
                    )
                );
            }
            if (await AnswersAsync(cancellationToken).ConfigureAwait(false))
            {
                return;
            }
            await Task.Delay(Poll, cancellationToken).ConfigureAwait(false);
        }
        throw new CommandFailedException(
            ExitCode.NotDone,
            Text.BenchNodeSilent(StartMax.TotalSeconds)
        );
    }

    public async Task KillAsync(CancellationToken cancellationToken)
    {
        if (_process is { HasExited: false } process)
        {
            process.Kill();
            await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        _process?.Dispose();
        Directory.Delete(DataDirectory, recursive: true);
        File.Delete(_log);
    }

    /// <summary>A cluster is asked to end: its supervisor takes the nodes with it.</summary>
    public async Task StopAsync()
    {
        if (_nodes > 1 && _process is { HasExited: false } supervisor)
        {
            Signals.AskToEnd(supervisor.Id);
            await supervisor
                .WaitForExitAsync(CancellationToken.None)
                .WaitAsync(StopMax)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        await KillAsync(CancellationToken.None).ConfigureAwait(false);
    }

    private async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        if (
            EndpointFile.Read(DataDirectory) is not { } endpoints
            || OperatorKey.Read(DataDirectory) is not { Length: > 0 } key
        )
        {
            return false;
        }
        Endpoints = endpoints.Members is { } members
            ? [.. members.Select(static m => IPEndPoint.Parse(m.Binary))]
            : [IPEndPoint.Parse(endpoints.Binary)];
        ApiKey = key;
        try
        {
            var options = new ClientOptions { Endpoints = Endpoints, ApiKey = key };
            var client = await EvenkeelClient
                .ConnectAsync(options, cancellationToken)
                .ConfigureAwait(false);
            await client.DisposeAsync().ConfigureAwait(false);
            return true;
        }
        catch (EvenkeelException)
        {
            return false;
        }
    }
}
