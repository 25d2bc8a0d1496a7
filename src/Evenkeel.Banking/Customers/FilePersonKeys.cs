using System.Collections.Concurrent;
using System.Security.Cryptography;
using Evenkeel.Payments;

namespace Evenkeel.Banking.Customers;

/// <summary>
/// Keys of persons in a directory of their own, a file for each customer, readable by the owner only:
/// to forget a person is to delete a file. Backed up apart from the ledger, on purpose.
/// </summary>
public sealed class FilePersonKeys : IPersonKeys
{
    private const int KeyBytes = 32;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string _directory;
    private readonly ConcurrentDictionary<string, byte[]> _known = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();

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
        lock (_lock)
        {
            var path = PathOf(customer);
            if (File.Exists(path))
            {
                var read = File.ReadAllBytes(path);
                if (read.Length == 0)
                {
                    return null;
                }
                Model.Check.That(read.Length == KeyBytes);
                return _known.GetOrAdd(customer.Value, read);
            }
            if (!create)
            {
                return null;
            }
            var made = RandomNumberGenerator.GetBytes(KeyBytes);
            Replace(path, made);
            return _known.GetOrAdd(customer.Value, made);
        }
    }

    public void Forget(CustomerId customer)
    {
        lock (_lock)
        {
            _known.TryRemove(customer.Value, out _);
            // An empty file says "forgotten", so that no new key takes the old one's place.
            Replace(PathOf(customer), []);
        }
    }

    /// <summary>Whole or not at all, on the disk before anything is sealed with it.</summary>
    private static void Replace(string path, byte[] content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var aside = path + ".tmp";
        FileStreamOptions options = new() { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }
        using (FileStream stream = new(aside, options))
        {
            stream.Write(content);
            stream.Flush(flushToDisk: true);
        }
        File.Move(aside, path, overwrite: true);
    }

    // The name is a hash: a listing of the directory is no list of customers.
    private string PathOf(CustomerId customer)
    {
        var name = Convert.ToHexStringLower(
            SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(customer.Value))
        );
        return Path.Combine(_directory, name[..2], name);
    }
}
