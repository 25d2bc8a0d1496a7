using System.Net;

namespace Evenkeel.Watch.Drills.TestBed;

/// <summary>One node of a test bed: a real process of the real binary, to be hurt.</summary>
public sealed class TestNode
{
    private static readonly TimeSpan StopMax = TimeSpan.FromSeconds(40);

    private readonly TestCluster _cluster;
    private BedProcess? _process;

    internal TestNode(TestCluster cluster, string name, int number)
    {
        _cluster = cluster;
        Name = name;
        Number = number;
        DataDirectory = Path.Combine(cluster.Directory, name);
        LogFile = Path.Combine(cluster.Directory, $"{name}.log");
        RaftListen = new IPEndPoint(IPAddress.Loopback, FreePorts.Take());
        Binary = new IPEndPoint(IPAddress.Loopback, FreePorts.Take());
        Rest = new Uri($"http://127.0.0.1:{FreePorts.Take()}");
    }

    public string Name { get; }

    /// <summary>From 0.</summary>
    public int Number { get; }

    public string DataDirectory { get; }

    /// <summary>What all its processes printed.</summary>
    public string LogFile { get; }

    /// <summary>Where it listens for its peers; they dial the proxy.</summary>
    public IPEndPoint RaftListen { get; }

    public IPEndPoint Binary { get; }

    public Uri Rest { get; }

    /// <summary>Started and not ended; it may hang.</summary>
    public bool IsRunning => _process is { HasExited: false };

    public bool IsPaused { get; private set; }

    /// <summary>Of the process that was started last.</summary>
    public BedProcess Process =>
        _process ?? throw new InvalidOperationException($"{Name} has not been started.");

    /// <summary>The binary that the next start runs; the bed's own unless set.</summary>
    public string? BinaryPath { get; set; }

    /// <summary>Given to the process at its next start, over the bed's own.</summary>
    public Dictionary<string, string> Environment { get; } = new(StringComparer.Ordinal);

    /// <summary>Arguments of the next start after those of the bed.</summary>
    public List<string> Arguments { get; } = [];

    /// <summary>Another cluster file at the next start: a drifted configuration, or one to join with.</summary>
    public string? ClusterFile { get; set; }

    /// <summary>
    /// From the next start on the data directory is a volume of this size in memory; MiB, 0 = none.
    /// </summary>
    public int VolumeMiB { get; set; }

    /// <summary>The volume; null while there is none.</summary>
    public Volume? Volume { get; private set; }

    /// <summary>The data directory as this process sees it, also when it is the node's own volume.</summary>
    public string VisibleDirectory => Volume?.VisibleDirectory ?? DataDirectory;

    /// <summary>Bytes of the files of its consensus log, by their lengths.</summary>
    public long LogBytes
    {
        get
        {
            DirectoryInfo data = new(Path.Combine(VisibleDirectory, "raft", "data"));
            try
            {
                return data.Exists ? data.EnumerateFiles().Sum(f => f.Length) : 0;
            }
            catch (FileNotFoundException)
            {
                // The log forgot a part between the list and the look: it will be asked again.
                return 0;
            }
        }
    }

    /// <summary>Starts it without waiting until it serves.</summary>
    public void Start() => Start(isFounding: false);

    /// <param name="isFounding">
    /// The cluster begins with this start: only then a node without files may take part at once.
    /// </param>
    internal void Start(bool isFounding)
    {
        if (IsRunning)
        {
            throw new InvalidOperationException($"{Name} runs already.");
        }
        IsPaused = false;
        Directory.CreateDirectory(DataDirectory);
        if (VolumeMiB > 0)
        {
            Volume ??= Volume.Mount(DataDirectory, VolumeMiB, LogFile);
        }
        string[] command =
        [
            BinaryPath ?? _cluster.Options.Binary,
            "node",
            "--cluster",
            ClusterFile ?? _cluster.ClusterFile,
            "--name",
            Name,
            "--data",
            DataDirectory,
            "--raft-listen",
            RaftListen.ToString(),
            "--operator-key",
            _cluster.KeyFile,
            .. isFounding ? (string[])["--found"] : [],
            .. Arguments,
        ];
        // In this order: who looks at the process meanwhile sees one that has ended, not none.
        BedProcess? before = _process;
        _process = BedProcess.Start(Name, Volume?.Wrap(command) ?? command, LogFile, Environment);
        before?.Dispose();
    }

    /// <summary>SIGKILL.</summary>
    public Task KillAsync() => Process.KillAsync();

    /// <summary>SIGSTOP.</summary>
    public void Pause()
    {
        IsPaused = true;
        Process.Pause();
    }

    /// <summary>SIGCONT.</summary>
    public void Continue()
    {
        Process.Continue();
        IsPaused = false;
    }

    /// <summary>SIGTERM: the planned way.</summary>
    public Task TerminateAsync() => Process.TerminateAsync(StopMax);

    /// <summary>Everything it kept is gone, as after the loss of its disk.</summary>
    public void Wipe()
    {
        if (IsRunning)
        {
            throw new InvalidOperationException($"{Name} runs.");
        }
        Directory.Delete(DataDirectory, recursive: true);
    }

    /// <summary>Answers 200 at an open path (<c>/leaderz</c>, <c>/readyz</c>, <c>/healthz</c>).</summary>
    public Task<bool> AnswersAsync(string path, CancellationToken cancellationToken) =>
        _cluster.Http.IsOkAsync(new Uri(Rest, path), cancellationToken);

    internal void End()
    {
        _process?.Dispose();
        _process = null;
        Volume?.Dispose();
    }
}
