using Evenkeel.Watch.Backups;
using Xunit;

namespace Evenkeel.Watch.Tests.Backups;

public sealed class BackupKeyTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("evenkeel-key-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_saved_key_is_read_back_as_the_same_key()
    {
        var path = Path.Combine(folder, "key");
        var key = BackupKey.Generate();
        key.Save(path);
        Assert.Equal(key.Id, BackupKey.Load(path).Id);
        Assert.NotEqual(key.Id, BackupKey.Generate().Id);
    }

    [Fact]
    public void A_key_file_that_others_can_read_is_refused()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "modes are of POSIX");
        var path = Path.Combine(folder, "key");
        BackupKey.Generate().Save(path);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        }
        var refused = Assert.Throws<BackupException>(() => BackupKey.Load(path));
        Assert.Equal(BackupProblem.KeyExposed, refused.Problem);
    }

    [Fact]
    public void A_key_is_never_written_over()
    {
        var path = Path.Combine(folder, "key");
        BackupKey.Generate().Save(path);
        Assert.Throws<IOException>(() => BackupKey.Generate().Save(path));
    }

    [Fact]
    public void A_missing_or_malformed_key_is_named()
    {
        var path = Path.Combine(folder, "key");
        var missing = Assert.Throws<BackupException>(() => BackupKey.Load(path));
        Assert.Equal(BackupProblem.KeyMissing, missing.Problem);
        PrivateFile.Create(path, "evenkeel-backup-key-1:zz\n"u8);
        var malformed = Assert.Throws<BackupException>(() => BackupKey.Load(path));
        Assert.Equal(BackupProblem.KeyMissing, malformed.Problem);
    }
}
