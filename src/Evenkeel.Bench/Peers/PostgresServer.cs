using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Evenkeel.Bench.Peers;

/// <summary>A PostgreSQL server of its own in a temporary folder, durable settings, gone at the end.</summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private readonly string _folder;
    private readonly string _bin;
    private readonly bool _asRoot;

    private PostgresServer(string folder, string bin, int port, bool asRoot)
    {
        _folder = folder;
        _bin = bin;
        _asRoot = asRoot;
        ConnectionString =
            $"Host=127.0.0.1;Port={port};Username=bench;Database=postgres;Maximum Pool Size=300;"
            + "Timeout=60;Command Timeout=120;Max Auto Prepare=20;No Reset On Close=true";
    }

    public string ConnectionString { get; }

    /// <summary>The installation's folder, or null when there is no server on this machine.</summary>
    public static string? FindBinaries() =>
        Directory.Exists("/usr/lib/postgresql")
            ? Directory
                .EnumerateDirectories("/usr/lib/postgresql")
                .Select(d => Path.Combine(d, "bin"))
                .Where(b => File.Exists(Path.Combine(b, "initdb")))
                .OrderDescending(StringComparer.Ordinal)
                .FirstOrDefault()
            : null;

    public static async Task<PostgresServer> StartAsync(
        string parentFolder,
        CancellationToken cancellationToken
    )
    {
        var bin =
            FindBinaries()
            ?? throw new InvalidOperationException(
                "PostgreSQL is not installed. On Debian: apt-get install postgresql-15"
            );
        var folder = Path.Combine(parentFolder, $"postgres-{Environment.ProcessId}");
        Directory.CreateDirectory(folder);
        var asRoot = string.Equals(Environment.UserName, "root", StringComparison.Ordinal);
        if (asRoot)
        {
            // PostgreSQL refuses to run as root; its package brings a user for it.
            await RunAsync("chown", ["postgres", folder], cancellationToken);
        }
        var port = FreePort();
        var server = new PostgresServer(folder, bin, port, asRoot);
        var data = Path.Combine(folder, "data");
        await server.AsServerAsync(
            "initdb",
            ["-D", data, "-U", "bench", "-A", "trust", "-E", "UTF8", "--no-sync"],
            cancellationToken
        );
        // Durable: fsync, full_page_writes and synchronous_commit stay on, as shipped.
        var options = string.Join(
            ' ',
            $"-p {port}",
            "-c listen_addresses=127.0.0.1",
            $"-c unix_socket_directories={folder}",
            "-c max_connections=320",
            "-c shared_buffers=2GB",
            "-c max_wal_size=8GB",
            "-c wal_buffers=64MB",
            "-c checkpoint_timeout=30min",
            "-c autovacuum=on"
        );
        await server.AsServerAsync(
            "pg_ctl",
            ["-D", data, "-w", "-l", Path.Combine(folder, "log"), "-o", options, "start"],
            cancellationToken
        );
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        Npgsql.NpgsqlConnection.ClearAllPools();
        await AsServerAsync(
            "pg_ctl",
            ["-D", Path.Combine(_folder, "data"), "-m", "immediate", "stop"],
            CancellationToken.None
        );
        Directory.Delete(_folder, recursive: true);
    }

    private Task AsServerAsync(
        string tool,
        string[] arguments,
        CancellationToken cancellationToken
    ) =>
        _asRoot
            ? RunAsync(
                "runuser",
                ["-u", "postgres", "--", Path.Combine(_bin, tool), .. arguments],
                cancellationToken
            )
            : RunAsync(Path.Combine(_bin, tool), arguments, cancellationToken);

    private static async Task RunAsync(
        string file,
        string[] arguments,
        CancellationToken cancellationToken
    )
    {
        // Output goes nowhere: a server that inherits a pipe would keep it open for ever.
        var quoted = string.Join(' ', arguments.Select(a => $"'{a}'"));
        var info = new ProcessStartInfo("/bin/sh", ["-c", $"{file} {quoted} >/dev/null 2>&1"])
        {
            WorkingDirectory = "/",
        };
        using var process = Process.Start(info)!;
        await process.WaitForExitAsync(cancellationToken);
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{file} failed with {process.ExitCode}.");
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
