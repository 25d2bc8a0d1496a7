using System.Net;
using Evenkeel.Demo.Plan;
using Evenkeel.Host.CommandLine;
using Evenkeel.Host.Demos;
using Evenkeel.Host.Houses;
using Evenkeel.Host.Serving;
using Evenkeel.Watch.Drills.TestBed;

namespace Evenkeel.Host.Benches;

/// <summary>
/// <c>evenkeel run</c> in a folder of its own: node, gateway, clearing and cash machine, each a process,
/// with a demonstration bank. Gone at the end.
/// </summary>
internal sealed class ScratchHouse : IAsyncDisposable
{
    private static readonly TimeSpan StartMax = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan StopMax = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    private readonly BedProcess _process;

    private ScratchHouse(string directory, DemoOptions options)
    {
        DataDirectory = directory;
        Options = options;
        // Beside the folder, which must hold nothing but the bank.
        _process = BedProcess.Start(
            "house",
            [
                Environment.ProcessPath!,
                "run",
                "--data",
                directory,
                "--port",
                "0",
                "--rest-port",
                "0",
                "--lang",
                "en",
            ],
            directory + ".log"
        );
    }

    public string DataDirectory { get; }

    public DemoOptions Options { get; }

    public EndPoint Binary => IPEndPoint.Parse(EndpointFile.Read(DataDirectory)!.Binary);

    public Uri Rest => EndpointFile.Read(DataDirectory)!.Rest!;

    public string OperatorToken => OperatorKey.Read(DataDirectory)!;

    /// <summary>Where its doors are.</summary>
    public HouseFile Addresses => HouseFile.Of(DataDirectory);

    public static async Task<ScratchHouse> StartAsync(
        string folder,
        DemoOptions options,
        CancellationToken cancellationToken
    )
    {
        var directory = Path.Combine(folder, $"evenkeel-bench-house-{Environment.ProcessId}");
        Directory.CreateDirectory(directory);
        DemoFile.New(options.Seed, options.Language, options.Persons, days: 0).Write(directory);
        ScratchHouse house = new(directory, options);
        try
        {
            await house.UntilFurnishedAsync(cancellationToken).ConfigureAwait(false);
            return house;
        }
        catch
        {
            await house.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        // Asked, so that it takes the other processes with it.
        await _process.TerminateAsync(StopMax).ConfigureAwait(false);
        _process.Dispose();
        Directory.Delete(DataDirectory, recursive: true);
        File.Delete(_process.LogFile);
    }

    private async Task UntilFurnishedAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenSource patience = new(StartMax);
        while (!Said().Contains("demo check", StringComparison.Ordinal))
        {
            if (_process.HasExited || patience.IsCancellationRequested)
            {
                throw new CommandFailedException(ExitCode.NotDone, Text.BenchNodeEnded(Said()));
            }
            await Task.Delay(Poll, cancellationToken).ConfigureAwait(false);
        }
    }

    private string Said()
    {
        if (!File.Exists(_process.LogFile))
        {
            return "";
        }
        using StreamReader reader = new(
            new FileStream(
                _process.LogFile,
                FileMode.Open,
                FileAccess.Read,
                FileShare.ReadWrite | FileShare.Delete
            )
        );
        return reader.ReadToEnd();
    }
}
