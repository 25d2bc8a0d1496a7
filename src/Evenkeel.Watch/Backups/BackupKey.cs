using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;

namespace Evenkeel.Watch.Backups;

/// <summary>
/// The secret of a bank's backups: 256 bits from which the keys of objects and of set manifests are
/// derived. Who loses it has no backups, so a set says which key it needs.
/// </summary>
public sealed class BackupKey
{
    /// <summary>Names a shell command that prints the key: for keys in a vault.</summary>
    public const string CommandVariable = "EVENKEEL_BACKUP_KEY_COMMAND";

    private const string Prefix = "evenkeel-backup-key-1:";
    private const int SecretBytes = 32;

    /// <summary>How long the command may take.</summary>
    private static readonly TimeSpan CommandTimeMax = TimeSpan.FromSeconds(30);

    private readonly byte[] secret;

    private BackupKey(byte[] secret)
    {
        this.secret = secret;
        Id = Convert.ToHexStringLower(Derive("id")[..8]);
    }

    /// <summary>16 hexadecimal digits that tell keys apart and say nothing about them.</summary>
    public string Id { get; }

    public static BackupKey Generate() => new(RandomNumberGenerator.GetBytes(SecretBytes));

    /// <summary>Reads the key from a file of mode 0600, or from the command of the environment.</summary>
    /// <param name="path">The file; null asks the command.</param>
    /// <exception cref="BackupException">There is none, it is malformed, or others can read it.</exception>
    public static BackupKey Load(string? path)
    {
        if (path is null)
        {
            return Environment.GetEnvironmentVariable(CommandVariable) is { Length: > 0 } command
                ? Parse(RunCommand(command), CommandVariable)
                : throw new BackupException(
                    BackupProblem.KeyMissing,
                    $"name a key file, or a command that prints the key in {CommandVariable}"
                );
        }
        if (!File.Exists(path))
        {
            throw new BackupException(BackupProblem.KeyMissing, $"there is no key file {path}");
        }
        if (
            !OperatingSystem.IsWindows()
            && (File.GetUnixFileMode(path) & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite)) != 0
        )
        {
            throw new BackupException(
                BackupProblem.KeyExposed,
                $"{path} can be read by others; its mode must be 0600"
            );
        }
        return Parse(File.ReadAllText(path), path);
    }

    /// <summary>Writes the key to a new file that its owner alone can read.</summary>
    /// <exception cref="IOException">The file exists: a key is never written over.</exception>
    public void Save(string path)
    {
        var text = Prefix + Convert.ToHexStringLower(secret) + "\n";
        PrivateFile.Create(path, Encoding.ASCII.GetBytes(text));
    }

    /// <summary>A 256-bit key for one purpose (HKDF-SHA256).</summary>
    internal byte[] Derive(string purpose) =>
        HKDF.DeriveKey(
            HashAlgorithmName.SHA256,
            secret,
            SecretBytes,
            info: Encoding.UTF8.GetBytes("evenkeel backup " + purpose)
        );

    private static BackupKey Parse(string text, string source)
    {
        var line = text.Trim();
        if (
            line.Length != Prefix.Length + (2 * SecretBytes)
            || !line.StartsWith(Prefix, StringComparison.Ordinal)
            || !line.AsSpan(Prefix.Length).ToString().All(char.IsAsciiHexDigit)
        )
        {
            throw new BackupException(BackupProblem.KeyMissing, $"{source} holds no backup key");
        }
        return new(Convert.FromHexString(line.AsSpan(Prefix.Length)));
    }

    private static string RunCommand(string command)
    {
        using var process = Process.Start(
            new ProcessStartInfo("/bin/sh", ["-c", command])
            {
                RedirectStandardOutput = true,
                UseShellExecute = false,
            }
        )!;
        // A command that hangs (a vault that doesn't answer) is ended, which ends the read below.
        using var timer = new Timer(
            static started => ((Process)started!).Kill(entireProcessTree: true),
            process,
            CommandTimeMax,
            Timeout.InfiniteTimeSpan
        );
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? output
            : throw new BackupException(
                BackupProblem.KeyMissing,
                $"the command of {CommandVariable} failed with {process.ExitCode}"
            );
    }
}
