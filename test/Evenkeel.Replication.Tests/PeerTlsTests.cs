using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Xunit;
using static Evenkeel.Replication.Tests.Testing;

namespace Evenkeel.Replication.Tests;

/// <summary>Members speak with members only.</summary>
public sealed class PeerTlsTests
{
    private static readonly string[] Names = ["n1", "n2", "n3"];

    [Fact]
    public async Task Members_agree_over_mutual_tls_and_strangers_are_refused()
    {
        using var directory = new TestDirectory();
        var certificates = directory["certificates"];
        ClusterCertificates.Create(certificates, Names, DateTimeOffset.UtcNow);
        await using var members = new Members(directory, 3)
        {
            Configure = (member, o) => o with { Tls = Load(certificates, Names[member]) },
        };
        var leader = await members.StartAllAsync();
        await ProposeAsync(leader, from: 0, count: 50);
        await Members.WaitForAsync(() => members.Machines.All(m => m.Applied.Count == 50));

        var address = members.Endpoints[0];
        var other = directory["other"];
        ClusterCertificates.Create(other, Names, DateTimeOffset.UtcNow);
        ClusterCertificates.Create(certificates, ["n9"], DateTimeOffset.UtcNow);
        using var stranger = Certificate(other, "n1");
        using var notListed = Certificate(certificates, "n9");
        using var member = Certificate(certificates, "n2");
        Assert.True(await IsAdmittedAsync(address, member));
        Assert.False(await IsAdmittedAsync(address, certificate: null));
        Assert.False(await IsAdmittedAsync(address, stranger));
        Assert.False(await IsAdmittedAsync(address, notListed));
    }

    [Fact]
    public void A_member_off_loopback_without_certificates_is_refused()
    {
        using var directory = new TestDirectory();
        var endpoint = System.Net.IPEndPoint.Parse("192.0.2.1:4200");
        var options = Testing.Options(directory) with
        {
            Lineage = Members.Lineage,
            Endpoint = endpoint,
            Members = [endpoint, System.Net.IPEndPoint.Parse("192.0.2.2:4200")],
        };

        var refused = Assert.Throws<InvalidOperationException>(options.Validate);

        Assert.Contains("Tls", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Keys_are_the_owners_alone_and_nothing_is_written_over()
    {
        using var directory = new TestDirectory();
        var written = ClusterCertificates.Create(directory.Path, Names, DateTimeOffset.UtcNow);

        Assert.Equal(8, written.Count);
        foreach (
            var key in written.Where(static path => path.EndsWith(".key", StringComparison.Ordinal))
        )
        {
            if (!OperatingSystem.IsWindows())
            {
                Assert.Equal(
                    UnixFileMode.UserRead | UnixFileMode.UserWrite,
                    File.GetUnixFileMode(key)
                );
            }
        }
        Assert.Empty(ClusterCertificates.Create(directory.Path, Names, DateTimeOffset.UtcNow));
        Assert.Throws<ArgumentException>(() =>
            ClusterCertificates.Create(directory.Path, ["../n1"], DateTimeOffset.UtcNow)
        );
    }

    private static PeerTls Load(string directory, string name) =>
        PeerTls.Load(
            Path.Combine(directory, ClusterCertificates.CertificateName(name)),
            Path.Combine(directory, ClusterCertificates.KeyName(name)),
            Path.Combine(directory, ClusterCertificates.AuthorityName),
            Names
        );

    private static X509Certificate2 Certificate(string directory, string name) =>
        X509Certificate2.CreateFromPemFile(
            Path.Combine(directory, ClusterCertificates.CertificateName(name)),
            Path.Combine(directory, ClusterCertificates.KeyName(name))
        );

    /// <summary>A refusal shows when the first byte is waited for: TLS 1.3 lets a client finish first.</summary>
    private static async Task<bool> IsAdmittedAsync(
        System.Net.IPEndPoint address,
        X509Certificate2? certificate
    )
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(address, Patience);
        await using var line = new SslStream(socket.GetStream());
        try
        {
            await line.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = "evenkeel-member",
                    ClientCertificates = certificate is null ? [] : [certificate],
                    RemoteCertificateValidationCallback = static (_, shown, _, _) =>
                        string.Equals(shown?.Subject, "CN=n1", StringComparison.Ordinal),
                },
                Patience
            );
            using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
            return await line.ReadAsync(new byte[1], patience.Token) > 0;
        }
        catch (Exception refused) when (refused is IOException or AuthenticationException)
        {
            return false;
        }
        catch (OperationCanceledException)
        {
            // Still there, waiting for a request.
            return true;
        }
    }
}
