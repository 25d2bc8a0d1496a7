namespace Evenkeel.Watch.Drills.TestBed;

/// <summary>The gateway of a test bed: what customers call.</summary>
public sealed class TestGateway
{
    private static readonly TimeSpan StopMax = TimeSpan.FromSeconds(40);

    private readonly TestCluster _cluster;
    private BedProcess? _process;

    internal TestGateway(TestCluster cluster)
    {
        _cluster = cluster;
        DataDirectory = Path.Combine(cluster.Directory, "gateway");
        LogFile = Path.Combine(cluster.Directory, "gateway.log");
        Rest = new Uri($"http://127.0.0.1:{FreePorts.Take()}");
    }

    public string DataDirectory { get; }

    public string LogFile { get; }

    public Uri Rest { get; }

    public BedProcess Process =>
        _process ?? throw new InvalidOperationException("The gateway has not been started.");

    /// <summary>Returns when it forwards to a leader.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _process?.Dispose();
        Directory.CreateDirectory(DataDirectory);
        _process = BedProcess.Start(
            "gateway",
            [
                _cluster.Options.Binary,
                "gateway",
                "--cluster",
                _cluster.ClusterFile,
                "--data",
                DataDirectory,
            ],
            LogFile
        );
        await Patience.UntilAsync(
            "the gateway forwards",
            _cluster.Options.StartMax,
            async () =>
                _process.HasExited
                    ? throw new InvalidOperationException(
                        $"The gateway ended: {await File.ReadAllTextAsync(LogFile, cancellationToken)}"
                    )
                    : (
                        await _cluster.Http.GetAsync(
                            new Uri(Rest, "/v1/accounts?limit=1"),
                            _cluster.Key,
                            cancellationToken
                        )
                    ).Status == System.Net.HttpStatusCode.OK,
            cancellationToken
        );
    }

    public Task KillAsync() => Process.KillAsync();

    public Task TerminateAsync() => Process.TerminateAsync(StopMax);

    internal void End() => _process?.Dispose();
}
