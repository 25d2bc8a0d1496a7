using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace Evenkeel.Gateway;

/// <summary>How the gateway connects to nodes.</summary>
internal static class NodeConnections
{
    /// <summary>Milliseconds without an acknowledgement after which the kernel gives a line up.</summary>
    private const int UserTimeoutMs = 2_000;

    private const int SolTcp = 6;
    private const int TcpUserTimeout = 18;

    public static SocketsHttpHandler Handler(GatewayOptions options)
    {
        var handler = new SocketsHttpHandler
        {
            // What the client sent is what the node gets: nothing followed, kept, unpacked or added.
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = null,
            ConnectTimeout = options.ConnectMax,
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
            ConnectCallback = ConnectAsync,
        };
        if (options.NodeAuthorityPath is { } path)
        {
            handler.SslOptions = Trusting(path, options.Nodes);
        }
        return handler;
    }

    private static async ValueTask<Stream> ConnectAsync(
        SocketsHttpConnectionContext context,
        CancellationToken cancellationToken
    )
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            if (OperatingSystem.IsLinux())
            {
                Span<byte> value = stackalloc byte[4];
                BitConverter.TryWriteBytes(value, UserTimeoutMs);
                socket.SetRawSocketOption(SolTcp, TcpUserTimeout, value);
            }
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>The authority that is given signs members of the cluster and nobody else.</summary>
    private static SslClientAuthenticationOptions Trusting(
        string path,
        IReadOnlyList<NodeAddress> nodes
    )
    {
        var authority = new X509Certificate2Collection();
        authority.ImportFromPemFile(path);
        var chain = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        chain.CustomTrustStore.AddRange(authority);
        var names = nodes.Select(static n => n.Name).ToHashSet(StringComparer.Ordinal);
        return new SslClientAuthenticationOptions
        {
            CertificateChainPolicy = chain,
            // A certificate for the address will do, and so will one by the name of a node: a node
            // moves to another address with its certificate.
            RemoteCertificateValidationCallback = (_, shown, _, errors) =>
                errors == SslPolicyErrors.None
                || (
                    errors == SslPolicyErrors.RemoteCertificateNameMismatch
                    && shown is X509Certificate2 certificate
                    && names.Contains(
                        certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false)
                    )
                ),
        };
    }
}
