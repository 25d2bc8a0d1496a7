using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Evenkeel.Replication;

/// <summary>
/// Makes a cluster's own certificate authority and a certificate for each member, ECDSA on P-256.
/// Existing files are never written over: an authority that is replaced cuts the members off.
/// </summary>
public static class ClusterCertificates
{
    /// <summary>The authority is valid for so long, days: about ten years.</summary>
    public const int AuthorityDays = 3_653;

    /// <summary>A member's certificate is valid for so long, days: about two years.</summary>
    public const int MemberDays = 731;

    /// <summary>How far back certificates begin, hours: the members' clocks may differ.</summary>
    public const int BackdatedHours = 24;

    public const string AuthorityName = "cluster-ca.pem";
    public const string AuthorityKeyName = "cluster-ca.key";

    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public static string CertificateName(string member) => member + ".pem";

    public static string KeyName(string member) => member + ".key";

    /// <summary>
    /// Writes what is missing: the authority when there is none, then each member's certificate and
    /// key signed by it. Keys are readable by their owner alone.
    /// </summary>
    /// <returns>The paths written.</returns>
    /// <exception cref="ArgumentException">A name is not one of up to 48 letters, digits and dashes.</exception>
    public static IReadOnlyList<string> Create(
        string directory,
        IReadOnlyList<string> members,
        DateTimeOffset now
    )
    {
        ArgumentNullException.ThrowIfNull(members);
        foreach (var member in members)
        {
            if (!IsMemberName(member))
            {
                throw new ArgumentException(
                    $"'{member}' is not a member's name: letters, digits and '-', at most 48.",
                    nameof(members)
                );
            }
        }
        Directory.CreateDirectory(directory);
        var written = new List<string>();
        var authorityPath = Path.Combine(directory, AuthorityName);
        var authorityKeyPath = Path.Combine(directory, AuthorityKeyName);
        if (!File.Exists(authorityPath))
        {
            WriteAuthority(authorityPath, authorityKeyPath, now);
            written.AddRange([authorityPath, authorityKeyPath]);
        }
        using var authority = X509Certificate2.CreateFromPemFile(authorityPath, authorityKeyPath);
        foreach (var member in members)
        {
            var path = Path.Combine(directory, CertificateName(member));
            if (File.Exists(path))
            {
                continue;
            }
            var keyPath = Path.Combine(directory, KeyName(member));
            WriteMember(authority, member, path, keyPath, now);
            written.AddRange([path, keyPath]);
        }
        return written;
    }

    /// <summary>What a member may be called in a certificate.</summary>
    public static bool IsMemberName(string name) =>
        name.Length is > 0 and <= 48
        && name.All(static c => char.IsAsciiLetterOrDigit(c) || c == '-')
        && name[0] != '-';

    private static void WriteAuthority(string path, string keyPath, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(
            $"CN=Evenkeel cluster authority {Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}",
            key,
            HashAlgorithmName.SHA256
        );
        request.CertificateExtensions.Add(
            X509BasicConstraintsExtension.CreateForCertificateAuthority(pathLengthConstraint: 0)
        );
        request.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, critical: true)
        );
        request.CertificateExtensions.Add(
            new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false)
        );
        using var certificate = request.CreateSelfSigned(
            now.AddHours(-BackdatedHours),
            now.AddDays(AuthorityDays)
        );
        WriteNew(keyPath, key.ExportPkcs8PrivateKeyPem() + "\n", isSecret: true);
        WriteNew(path, certificate.ExportCertificatePem() + "\n", isSecret: false);
    }

    private static void WriteMember(
        X509Certificate2 authority,
        string member,
        string path,
        string keyPath,
        DateTimeOffset now
    )
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={member}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(
            X509BasicConstraintsExtension.CreateForEndEntity(critical: true)
        );
        request.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true)
        );
        request.CertificateExtensions.Add(
            new X509EnhancedKeyUsageExtension(
                [new Oid(ServerAuthentication), new Oid(ClientAuthentication)],
                critical: false
            )
        );
        request.CertificateExtensions.Add(
            X509AuthorityKeyIdentifierExtension.CreateFromCertificate(
                authority,
                includeKeyIdentifier: true,
                includeIssuerAndSerial: false
            )
        );
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(member);
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var end = now.AddDays(MemberDays);
        DateTimeOffset authorityEnd = new(authority.NotAfter.ToUniversalTime());
        using var certificate = request.Create(
            authority,
            now.AddHours(-BackdatedHours),
            end < authorityEnd ? end : authorityEnd,
            RandomNumberGenerator.GetBytes(16)
        );
        WriteNew(keyPath, key.ExportPkcs8PrivateKeyPem() + "\n", isSecret: true);
        WriteNew(path, certificate.ExportCertificatePem() + "\n", isSecret: false);
    }

    private static void WriteNew(string path, string text, bool isSecret)
    {
        var options = new FileStreamOptions
        {
            // A key without its certificate is left over from a crash and worth nothing.
            Mode = isSecret ? FileMode.Create : FileMode.CreateNew,
            Access = FileAccess.Write,
        };
        if (isSecret && !OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }
        using var file = new FileStream(path, options);
        file.Write(System.Text.Encoding.ASCII.GetBytes(text));
        file.Flush(flushToDisk: true);
    }
}
