using Evenkeel.Replication;
using Evenkeel.Watch.Backups;

namespace Evenkeel.Watch.Tests.Backups;

/// <summary>Directories and a key for one test, removed afterwards.</summary>
internal sealed class BackupPlace : IAsyncDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("evenkeel-backups-").FullName;

    public BackupPlace()
    {
        First = new DirectoryTarget(Path.Combine(root, "first"));
        Second = new DirectoryTarget(Path.Combine(root, "second"));
        Signer = CertificateSigner.OpenOrCreate(Path.Combine(root, "signing.pem"));
    }

    public string Data => Path.Combine(root, "data");

    public BackupKey Key { get; } = BackupKey.Generate();

    public IBackupTarget First { get; }

    public IBackupTarget Second { get; }

    public CertificateSigner Signer { get; }

    public string this[string name] => Path.Combine(root, name);

    public Task<BackupOutcome> BackUpAsync(
        bool full = false,
        TimeSpan immutable = default,
        string? data = null,
        TimeProvider? time = null
    ) =>
        new BackupRunner(
            new BackupOptions
            {
                DataDirectory = data ?? Data,
                Key = Key,
                Full = full,
                Immutable = immutable,
                BytesPerSecondMax = 0,
                ScratchDirectory = Path.Combine(root, "scratch"),
                Time = time ?? TimeProvider.System,
            }
        ).RunAsync([First, Second], SmallBank.Patience);

    public Task<Restored> RestoreAsync(string name, ulong? at = null, ulong? atTime = null) =>
        new Restorer(
            First,
            new RestoreOptions
            {
                Key = Key,
                Directory = this[name],
                At = at,
                AtTime = atTime,
            }
        ).RunAsync(SmallBank.Patience);

    public Task<RestoreCertificate> VerifyAsync(
        BackupKey? key = null,
        TimeSpan? ageMax = null,
        string? source = null
    ) =>
        new BackupVerifier(
            new VerifyOptions
            {
                Key = key ?? Key,
                Signer = Signer,
                Bank = new InProcessBank(this["verify"]),
                ScratchDirectory = this["verify"],
                AgeMax = ageMax ?? TimeSpan.FromHours(1),
                Source = source,
            }
        ).RunAsync(First, SmallBank.Patience);

    /// <summary>The newest manifest of the first target.</summary>
    public async Task<SetManifest> NewestAsync() =>
        (await BackupCatalog.ListAsync(First, Key, SmallBank.Patience))[0].Manifest!;

    /// <summary>Chain hash after an entry of a data directory.</summary>
    public static ChainHash ChainAt(string data, ulong index)
    {
        using var reader = new ArchiveReader(Path.Combine(data, "archive"), index, index);
        return reader.Read() ? reader.Chain : default;
    }

    /// <summary>Changes one byte of a read-only object, as a bad disk or an intruder would.</summary>
    public void FlipByte(SetObject victim, long offset)
    {
        var path = Path.Combine(First.Name, victim.Path);
        File.SetAttributes(path, FileAttributes.Normal);
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
        file.Position = offset;
        var value = file.ReadByte();
        file.Position = offset;
        file.WriteByte((byte)(value ^ 1));
    }

    public void Remove(SetObject victim)
    {
        var path = Path.Combine(First.Name, victim.Path);
        File.SetAttributes(path, FileAttributes.Normal);
        File.Delete(path);
    }

    public async ValueTask DisposeAsync()
    {
        Signer.Dispose();
        await First.DisposeAsync();
        await Second.DisposeAsync();
        foreach (var file in Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories))
        {
            File.SetAttributes(file, FileAttributes.Normal);
        }
        Directory.Delete(root, recursive: true);
    }
}
