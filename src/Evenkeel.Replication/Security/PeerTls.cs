using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DotNext.Net.Security;

namespace Evenkeel.Replication;

/// <summary>
/// How members know each other: each shows a certificate of the cluster's own authority, and the
/// name in it must be a member's. Nobody else's authority counts, the machine's included.
/// </summary>
public sealed class PeerTls : IDisposable
{
    private const SslProtocols Protocols = SslProtocols.Tls12 | SslProtocols.Tls13;

    private readonly X509Certificate2 certificate;
    private readonly X509Certificate2 authority;
    private volatile HashSet<string> members;
    private readonly SslStreamCertificateContext context;

    /// <param name="certificate">This member's, with its private key.</param>
    /// <param name="authority">The cluster's authority.</param>
    /// <param name="members">Names that are admitted: the common names of the members' certificates.</param>
    public PeerTls(
        X509Certificate2 certificate,
        X509Certificate2 authority,
        IEnumerable<string> members
    )
    {
        ArgumentNullException.ThrowIfNull(certificate);
        this.certificate = certificate;
        this.authority = authority;
        this.members = members.ToHashSet(StringComparer.Ordinal);
        context = SslStreamCertificateContext.Create(
            certificate,
            additionalCertificates: null,
            offline: true
        );
    }

    /// <summary>Reads PEM files.</summary>
    /// <exception cref="CryptographicException">A file is missing or not what it should be.</exception>
    public static PeerTls Load(
        string certificatePath,
        string keyPath,
        string authorityPath,
        IEnumerable<string> members
    )
    {
        var own = X509Certificate2.CreateFromPemFile(certificatePath, keyPath);
        try
        {
            return new PeerTls(
                own,
                X509CertificateLoader.LoadCertificateFromFile(authorityPath),
                members
            );
        }
        catch
        {
            own.Dispose();
            throw;
        }
    }

    /// <summary>From now on only these names are admitted.</summary>
    public void Admit(IEnumerable<string> names) =>
        members = names.ToHashSet(StringComparer.Ordinal);

    /// <summary>This member's certificate, for its own servers.</summary>
    public X509Certificate2 Certificate => certificate;

    /// <summary>The member that a certificate names; null when it is nobody's of this cluster.</summary>
    public string? MemberOf(X509Certificate? presented)
    {
        if (presented is null)
        {
            return null;
        }
        using var owned =
            presented is X509Certificate2
                ? null
                : X509CertificateLoader.LoadCertificate(presented.GetRawCertData());
        var shown = owned ?? (X509Certificate2)presented;
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        // There is no list of revoked ones: a member that leaves is taken off the list of names.
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        var isOurs = chain.Build(shown);
        foreach (var element in chain.ChainElements)
        {
            element.Certificate.Dispose();
        }
        var name = shown.GetNameInfo(X509NameType.SimpleName, forIssuer: false);
        return isOurs && members.Contains(name) ? name : null;
    }

    /// <summary>What an HTTP client of this member uses towards the others.</summary>
    public SocketsHttpHandler CreateHandler() =>
        new() { SslOptions = ForClient(), UseProxy = false };

    /// <summary>Both sides of the consensus engine's connections.</summary>
    internal SslOptions ForEngine() =>
        new()
        {
            ServerOptions = new SslServerAuthenticationOptions
            {
                ServerCertificateContext = context,
                ClientCertificateRequired = true,
                EnabledSslProtocols = Protocols,
                CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
                RemoteCertificateValidationCallback = (_, shown, _, _) =>
                    MemberOf(shown) is not null,
            },
            ClientOptions = ForClient(),
        };

    public void Dispose()
    {
        certificate.Dispose();
        authority.Dispose();
    }

    private SslClientAuthenticationOptions ForClient() =>
        new()
        {
            // Members are known by name, not by address: the callback decides.
            TargetHost = "evenkeel-member",
            ClientCertificateContext = context,
            EnabledSslProtocols = Protocols,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            RemoteCertificateValidationCallback = (_, shown, _, _) => MemberOf(shown) is not null,
        };
}
