using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Evenkeel.Host.CommandLine;

/// <summary>Certificates that commands are given, in PEM files.</summary>
internal static class Certificates
{
    /// <param name="key">Null: the key is in the same file.</param>
    /// <exception cref="CommandFailedException">It can't be used.</exception>
    public static X509Certificate2 Read(string path, string? key) =>
        Usable(path, () => X509Certificate2.CreateFromPemFile(path, key));

    /// <summary>Trusts one authority and none of the machine's.</summary>
    /// <exception cref="CommandFailedException">The authority's certificate can't be read.</exception>
    public static X509ChainPolicy TrustOnly(string authority)
    {
        X509ChainPolicy policy = new()
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            // There is no list of revoked ones: a member that leaves is taken off the cluster file.
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.Add(
            Usable(authority, () => X509CertificateLoader.LoadCertificateFromFile(authority))
        );
        return policy;
    }

    /// <summary>How to know a server by its name and one authority.</summary>
    /// <exception cref="CommandFailedException">The authority's certificate can't be read.</exception>
    public static SslClientAuthenticationOptions Believe(string authority, string name) =>
        new() { TargetHost = name, CertificateChainPolicy = TrustOnly(authority) };

    private static X509Certificate2 Usable(string path, Func<X509Certificate2> read)
    {
        try
        {
            return read();
        }
        catch (Exception e)
            when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException(
                ExitCode.Usage,
                Text.ClusterCertificateBad(path, e.Message)
            );
        }
    }
}
