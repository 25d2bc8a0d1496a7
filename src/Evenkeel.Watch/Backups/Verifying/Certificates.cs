using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Evenkeel.Watch.Backups;

/// <summary>One check of a verification.</summary>
public sealed record CertificateCheck(string Name, bool Ok, string Detail);

/// <summary>What a restore of a set into a scratch bank showed.</summary>
public sealed record RestoreCertificate
{
    public const string FormatName = "evenkeel-restore-certificate";

    public required string Format { get; init; }
    public required int FormatVersion { get; init; }
    public required DateTimeOffset MadeAt { get; init; }
    public required string Target { get; init; }

    /// <summary>The set that was restored; null when none could be.</summary>
    public string? Set { get; init; }

    /// <summary>True when the first choice was good and within policy.</summary>
    public required bool Passed { get; init; }

    /// <summary>Sets that were tried before and failed, each with its problem.</summary>
    public required IReadOnlyList<RejectedSet> Rejected { get; init; }
    public required IReadOnlyList<CertificateCheck> Checks { get; init; }
    public string? Lineage { get; init; }
    public ulong Index { get; init; }
    public string? Chain { get; init; }

    /// <summary>Digest of the ledger at <see cref="Index"/>.</summary>
    public string? StateDigest { get; init; }
    public long Accounts { get; init; }

    /// <summary>Rows of history: transfers, remembered failed ids and expiries.</summary>
    public ulong Transfers { get; init; }
    public string? Sentinel { get; init; }

    /// <summary>From the first byte fetched to the first answer of the scratch bank.</summary>
    public long RtoMs { get; init; }
    public long RestoreMs { get; init; }
    public long StartMs { get; init; }

    /// <summary>Entries of the source that the set does not have; null when no source was given.</summary>
    public ulong? RpoEntries { get; init; }

    /// <summary>Log time from the set's newest entry to the source's; null when no source was given.</summary>
    public long? RpoMs { get; init; }

    /// <summary>How old the set was.</summary>
    public long AgeMs { get; init; }
    public long AgeMsMax { get; init; }
    public string? Program { get; init; }
}

/// <param name="Problem">A stable name of <see cref="BackupProblem"/>.</param>
public sealed record RejectedSet(string Set, string Problem, string Detail);

/// <summary>A certificate as stored: the exact text that was signed, and the signature.</summary>
/// <param name="Certificate">JSON of a <see cref="RestoreCertificate"/>.</param>
/// <param name="KeyId">First 16 hexadecimal digits of the SHA-256 of the public key.</param>
/// <param name="Signature">ECDSA P-256 with SHA-256 over the text's UTF-8 bytes, r and s, base64.</param>
public sealed record SignedCertificate(string Certificate, string KeyId, string Signature);

/// <summary>Signs certificates, and tells whether one is genuine.</summary>
public sealed class CertificateSigner : IDisposable
{
    private readonly ECDsa own;

    private CertificateSigner(ECDsa ecdsa)
    {
        own = ecdsa;
        KeyId = IdOf(ecdsa);
    }

    public string KeyId { get; }

    public string PublicKeyPem => own.ExportSubjectPublicKeyInfoPem();

    /// <summary>Reads the signing key, or makes it at the first use (mode 0600).</summary>
    public static CertificateSigner OpenOrCreate(string path)
    {
        if (!File.Exists(path))
        {
            using var made = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            PrivateFile.Create(
                path,
                Encoding.ASCII.GetBytes(made.ExportPkcs8PrivateKeyPem() + "\n")
            );
        }
        var ecdsa = ECDsa.Create();
        try
        {
            ecdsa.ImportFromPem(File.ReadAllText(path));
            return new(ecdsa);
        }
        catch (Exception malformed) when (malformed is ArgumentException or CryptographicException)
        {
            ecdsa.Dispose();
            throw new BackupException(
                BackupProblem.KeyMissing,
                $"{path} holds no signing key",
                malformed
            );
        }
    }

    public byte[] Sign(RestoreCertificate certificate)
    {
        var text = JsonSerializer.Serialize(certificate, BackupJson.Default.RestoreCertificate);
        var signature = own.SignData(Encoding.UTF8.GetBytes(text), HashAlgorithmName.SHA256);
        return JsonSerializer.SerializeToUtf8Bytes(
            new SignedCertificate(text, KeyId, Convert.ToBase64String(signature)),
            BackupJson.Default.SignedCertificate
        );
    }

    /// <summary>The certificate when the signature is of this public key; else null.</summary>
    public static RestoreCertificate? Check(byte[] stored, string publicKeyPem)
    {
        var signed = JsonSerializer.Deserialize(stored, BackupJson.Default.SignedCertificate);
        using var ecdsa = ECDsa.Create();
        ecdsa.ImportFromPem(publicKeyPem);
        return
            signed is not null
            && string.Equals(signed.KeyId, IdOf(ecdsa), StringComparison.Ordinal)
            && ecdsa.VerifyData(
                Encoding.UTF8.GetBytes(signed.Certificate),
                Convert.FromBase64String(signed.Signature),
                HashAlgorithmName.SHA256
            )
            ? JsonSerializer.Deserialize(signed.Certificate, BackupJson.Default.RestoreCertificate)
            : null;
    }

    public void Dispose() => own.Dispose();

    private static string IdOf(ECDsa ecdsa) =>
        Convert.ToHexStringLower(SHA256.HashData(ecdsa.ExportSubjectPublicKeyInfo()))[..16];
}
