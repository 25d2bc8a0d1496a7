using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Evenkeel.Model;
using Evenkeel.Payments;
using Evenkeel.Records;

namespace Evenkeel.Banking.Customers;

/// <summary>
/// Keys of persons in a directory of their own, a file for each customer, readable by the owner only:
/// to forget a person is to empty a file. Backed up apart from the ledger, on purpose.
/// </summary>
/// <remarks>
/// All nodes of a cluster must see one and the same directory (or a key service behind
/// <see cref="IPersonKeys"/>): what one seals, the next leader must open. Two that make a key for the
/// same customer at once end with one key, since a name is taken only once.
/// </remarks>
public sealed class FilePersonKeys : IPersonKeys
{
    private const int KeyBytes = 32;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string _directory;
    private readonly ConcurrentDictionary<string, byte[]> _known = new(StringComparer.Ordinal);

    public FilePersonKeys(string directory)
    {
        _directory = directory;
        Directory.CreateDirectory(directory);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(directory, OwnerOnly | UnixFileMode.UserExecute);
        }
    }

    public byte[]? Find(CustomerId customer, bool create)
    {
        if (_known.TryGetValue(customer.Value, out var known))
        {
            return known;
        }
        var path = PathOf(customer);
        if (Read(path) is not { } key)
        {
            if (!create)
            {
                return null;
            }
            Make(path);
            key = Read(path)!;
        }
        // An empty file says "forgotten", so that no new key takes the old one's place.
        return key.Length == 0 ? null : _known.GetOrAdd(customer.Value, key);
    }

    public void Forget(CustomerId customer)
    {
        _known.TryRemove(customer.Value, out _);
        var path = PathOf(customer);
        File.Move(Aside(path, []), path, overwrite: true);
        DirectorySync.Flush(Path.GetDirectoryName(path)!);
    }

    private static byte[]? Read(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }
        var read = File.ReadAllBytes(path);
        Check.That(read.Length is 0 or KeyBytes);
        return read;
    }

    /// <summary>A new key, on the disk under its name before anything is sealed with it; or another's.</summary>
    private static void Make(string path)
    {
        _ = NewFile.TryName(Aside(path, RandomNumberGenerator.GetBytes(KeyBytes)), path);
        DirectorySync.Flush(Path.GetDirectoryName(path)!);
    }

    private static string Aside(string path, byte[] content)
    {
        var directory = Path.GetDirectoryName(path)!;
        Directory.CreateDirectory(directory);
        var aside = $"{path}.{Guid.NewGuid():N}.tmp";
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }
        using FileStream stream = new(aside, options);
        stream.Write(content);
        stream.Flush(flushToDisk: true);
        return aside;
    }

    // The name is a hash: a listing of the directory is no list of customers.
    private string PathOf(CustomerId customer)
    {
        var name = Convert.ToHexStringLower(
            SHA256.HashData(Encoding.UTF8.GetBytes(customer.Value))
        );
        return Path.Combine(_directory, name[..2], name);
    }
}
