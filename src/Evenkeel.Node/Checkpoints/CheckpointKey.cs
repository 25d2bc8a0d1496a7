using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;

namespace Evenkeel.Node.Checkpoints;

/// <summary>
/// The key that a node signs its checkpoints with: made at the first start, readable by its owner
/// alone. The public half lies beside the checkpoints, named by its id, and stays there when the key
/// is replaced.
/// </summary>
internal sealed class CheckpointKey : IDisposable
{
    public const string PrivateFile = "checkpoint.key";

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private CheckpointKey(ECDsa key)
    {
        Key = key;
        byte[] publicKey = key.ExportSubjectPublicKeyInfo();
        Id = BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(publicKey));
        PublicPem = key.ExportSubjectPublicKeyInfoPem() + "\n";
    }

    public ECDsa Key { get; }

    public ulong Id { get; }

    public string PublicPem { get; }

    public string PublicFile => $"{Id.ToString("x16", CultureInfo.InvariantCulture)}.pem";

    /// <exception cref="CryptographicException">The file holds no ECDSA key.</exception>
    public static CheckpointKey OpenOrCreate(string dataDirectory, string checkpointDirectory)
    {
        string path = Path.Combine(dataDirectory, PrivateFile);
        var ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        try
        {
            if (File.Exists(path))
            {
                ecdsa.ImportFromPem(File.ReadAllText(path));
            }
            else
            {
                WriteOnce(path, ecdsa.ExportPkcs8PrivateKeyPem() + "\n", OwnerOnly);
            }
            var key = new CheckpointKey(ecdsa);
            string published = Path.Combine(checkpointDirectory, key.PublicFile);
            if (!File.Exists(published))
            {
                WriteOnce(
                    published,
                    key.PublicPem,
                    OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.OtherRead
                );
            }
            return key;
        }
        catch
        {
            ecdsa.Dispose();
            throw;
        }
    }

    public void Dispose() => Key.Dispose();

    // A whole file or none: a key that is half there would stop every later start.
    private static void WriteOnce(string path, string text, UnixFileMode mode)
    {
        string aside = path + ".tmp";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = mode;
        }
        using (var stream = new FileStream(aside, options))
        {
            stream.Write(System.Text.Encoding.ASCII.GetBytes(text));
            stream.Flush(flushToDisk: true);
        }
        File.Move(aside, path, overwrite: true);
    }
}
