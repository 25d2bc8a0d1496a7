using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Evenkeel.Contract;

/// <summary>
/// Mutual TLS of the contract: both ends show a certificate of the bank's own authority, and the name
/// in it must be one that is admitted. Nobody else's authority counts, the machine's included.
/// </summary>
public sealed class ContractTls : IDisposable
{
    private readonly X509Certificate2 _own;
    private readonly X509Certificate2 _authority;
    private readonly Func<string, bool> _isAdmitted;

    /// <param name="own">This end's certificate, with its private key.</param>
    /// <param name="isAdmitted">
    /// Says of a common name whether the other end may have it. Asked at each handshake, since members
    /// come and go.
    /// </param>
    public ContractTls(
        X509Certificate2 own,
        X509Certificate2 authority,
        Func<string, bool> isAdmitted
    )
    {
        _own = own;
        _authority = authority;
        _isAdmitted = isAdmitted;
    }

    /// <summary>Reads PEM files.</summary>
    /// <exception cref="System.Security.Cryptography.CryptographicException">
    /// A file is missing or not what it should be.
    /// </exception>
    public static ContractTls Load(
        string certificatePath,
        string keyPath,
        string authorityPath,
        Func<string, bool> isAdmitted
    )
    {
        var own = X509Certificate2.CreateFromPemFile(certificatePath, keyPath);
        try
        {
            var authority = X509CertificateLoader.LoadCertificateFromFile(authorityPath);
            return new ContractTls(own, authority, isAdmitted);
        }
        catch
        {
            own.Dispose();
            throw;
        }
    }

    internal X509Certificate2 Own => _own;

    internal const SslProtocols Protocols = SslProtocols.Tls12 | SslProtocols.Tls13;

    /// <summary>True for a certificate of our authority with an admitted name.</summary>
    internal bool Admits(X509Certificate? presented)
    {
        if (presented is null)
        {
            return false;
        }
        using var shown = X509CertificateLoader.LoadCertificate(presented.GetRawCertData());
        using X509Chain chain = new();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(_authority);
        // There is no list of revoked ones: who leaves is taken off the list of names.
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        var isOurs = chain.Build(shown);
        foreach (var element in chain.ChainElements)
        {
            element.Certificate.Dispose();
        }
        return isOurs && _isAdmitted(shown.GetNameInfo(X509NameType.SimpleName, forIssuer: false));
    }

    internal SslClientAuthenticationOptions ForClient() =>
        new()
        {
            // Ends are known by name, not by address: the callback decides.
            TargetHost = "evenkeel-bank",
            ClientCertificates = [_own],
            EnabledSslProtocols = Protocols,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            RemoteCertificateValidationCallback = (_, shown, _, _) => Admits(shown),
        };

    public void Dispose()
    {
        _own.Dispose();
        _authority.Dispose();
    }
}
