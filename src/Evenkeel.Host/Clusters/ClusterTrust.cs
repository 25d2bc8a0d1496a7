using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Evenkeel.Host.CommandLine;
using Evenkeel.Model.Clusters;

namespace Evenkeel.Host.Clusters;

/// <summary>
/// Whom a command trusts that talks to a cluster: members with a certificate of the cluster's own
/// authority. The machine's authorities don't count then.
/// </summary>
internal static class ClusterTrust
{
    /// <param name="path">Of the cluster file; paths in it are relative to it.</param>
    /// <returns>Null for a cluster without an authority, which is one on loopback.</returns>
    /// <exception cref="CommandFailedException">The authority's certificate can't be read.</exception>
    public static SslClientAuthenticationOptions? Of(ClusterFile file, string path)
    {
        if (file.Authority is not { } authority)
        {
            return null;
        }
        var whole = Path.GetFullPath(authority, Path.GetDirectoryName(Path.GetFullPath(path))!);
        var policy = Certificates.TrustOnly(whole);
        var members = file.Members.Select(static m => m.Name).ToHashSet(StringComparer.Ordinal);
        return new SslClientAuthenticationOptions
        {
            CertificateChainPolicy = policy,
            // Members are known by name, not by address.
            RemoteCertificateValidationCallback = (_, shown, _, errors) =>
                (errors & ~SslPolicyErrors.RemoteCertificateNameMismatch) == SslPolicyErrors.None
                && shown is X509Certificate2 certificate
                && members.Contains(
                    certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false)
                ),
        };
    }
}
