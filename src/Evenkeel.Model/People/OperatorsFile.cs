using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Evenkeel.Model.People;

/// <summary>
/// <c>operators.json</c>: the people whose signatures count for what two people must agree on while
/// no bank is running to ask (docs/formats/quarantine.md). The same file on every node.
/// </summary>
public sealed record OperatorsFile
{
    public const string FileName = "operators.json";
    public const int FormatVersionNow = 1;

    /// <summary>People in the file.</summary>
    public const int OperatorsMax = 100;

    public required int FormatVersion { get; init; }

    public required IReadOnlyList<Operator> Operators { get; init; }

    /// <summary>A file without anybody.</summary>
    public static OperatorsFile Empty { get; } =
        new() { FormatVersion = FormatVersionNow, Operators = [] };

    /// <summary>
    /// Where the file of a data directory is: in it, or, for a node of a cluster on one machine,
    /// beside <c>cluster.json</c> above it.
    /// </summary>
    public static string PathFor(string dataDirectory)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(dataDirectory));
        string own = Path.Combine(full, FileName);
        return
            !File.Exists(own)
            && Path.GetDirectoryName(full) is { } above
            && File.Exists(Path.Combine(above, "cluster.json"))
            ? Path.Combine(above, FileName)
            : own;
    }

    /// <summary>The file, or an empty one when it is not there.</summary>
    /// <exception cref="InvalidDataException">It can't be understood.</exception>
    public static OperatorsFile ReadOrEmpty(string path)
    {
        if (!File.Exists(path))
        {
            return Empty;
        }
        OperatorsFile? file;
        try
        {
            file = JsonSerializer.Deserialize(
                File.ReadAllBytes(path),
                PeopleJson.Default.OperatorsFile
            );
        }
        catch (JsonException malformed)
        {
            throw new InvalidDataException($"{path}: {malformed.Message}", malformed);
        }
        return file is { FormatVersion: FormatVersionNow, Operators.Count: <= OperatorsMax }
            ? file
            : throw new InvalidDataException($"{path}: not an operators file of version 1");
    }

    /// <summary>Writes the file whole or not at all.</summary>
    public void Write(string path)
    {
        string aside = path + ".tmp";
        using (var stream = new FileStream(aside, FileMode.Create, FileAccess.Write))
        {
            JsonSerializer.Serialize(stream, this, PeopleJson.Default.OperatorsFile);
            stream.Flush(flushToDisk: true);
        }
        File.Move(aside, path, overwrite: true);
    }

    /// <summary>
    /// Null when at least two different people, with different keys, signed the message; else what
    /// is missing or wrong. One signature that doesn't hold spoils all.
    /// </summary>
    public string? WhyNotByTwo(
        ReadOnlySpan<byte> message,
        IReadOnlyList<OperatorSignature> signatures
    )
    {
        ArgumentNullException.ThrowIfNull(signatures);
        var names = new HashSet<string>(StringComparer.Ordinal);
        var keys = new HashSet<string>(StringComparer.Ordinal);
        foreach (OperatorSignature signature in signatures)
        {
            Operator? signer = Operators.FirstOrDefault(o =>
                string.Equals(o.Name, signature.Name, StringComparison.Ordinal)
            );
            if (signer is null)
            {
                return $"{signature.Name} is not in {FileName}";
            }
            if (!signer.Verifies(message, signature))
            {
                return $"the signature of {signature.Name} does not hold";
            }
            names.Add(signer.Name);
            keys.Add(signer.PublicKey);
        }
        return Math.Min(names.Count, keys.Count) >= 2
            ? null
            : $"{Math.Min(names.Count, keys.Count)} of two people signed it";
    }
}

/// <param name="Name">Unique in the file.</param>
/// <param name="PublicKey">ECDSA P-256, SubjectPublicKeyInfo, base64.</param>
public sealed record Operator(string Name, string PublicKey)
{
    /// <summary>The entry of a person, from their key.</summary>
    public static Operator From(string name, ECDsa key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return new Operator(name, Convert.ToBase64String(key.ExportSubjectPublicKeyInfo()));
    }

    /// <summary>False also for keys and signatures that can't be read.</summary>
    public bool Verifies(ReadOnlySpan<byte> message, OperatorSignature signature)
    {
        ArgumentNullException.ThrowIfNull(signature);
        try
        {
            using var key = ECDsa.Create();
            key.ImportSubjectPublicKeyInfo(Convert.FromBase64String(PublicKey), out _);
            return key.VerifyData(
                message,
                Convert.FromBase64String(signature.Signature),
                HashAlgorithmName.SHA256
            );
        }
        catch (Exception unreadable) when (unreadable is FormatException or CryptographicException)
        {
            return false;
        }
    }
}

/// <param name="Name">Who signed.</param>
/// <param name="Signature">ECDSA with SHA-256 over the message, r and s of 32 bytes each, base64.</param>
public sealed record OperatorSignature(string Name, string Signature)
{
    public static OperatorSignature Make(string name, ECDsa key, ReadOnlySpan<byte> message)
    {
        ArgumentNullException.ThrowIfNull(key);
        return new OperatorSignature(
            name,
            Convert.ToBase64String(key.SignData(message, HashAlgorithmName.SHA256))
        );
    }
}

[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase
)]
[JsonSerializable(typeof(OperatorsFile))]
internal sealed partial class PeopleJson : JsonSerializerContext;
