using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Evenkeel.Host.CommandLine;
using Evenkeel.Import.Tests;
using Xunit;

namespace Evenkeel.Host.Tests;

/// <summary>TLS as a user configures it, with a certificate that no machine trusts.</summary>
public sealed class TlsProcessTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task With_a_certificate_both_interfaces_speak_TLS_and_nothing_else()
    {
        using TemporaryFolder folder = new();
        using var certificate = WriteCertificate(folder.Path);
        var data = Path.Combine(folder.Path, "data");
        using var bank = HostProcess.Start(
            "run",
            "--ledger-only",
            "--data",
            data,
            "--port",
            "0",
            "--rest-port",
            "0",
            "--certificate",
            Path.Combine(folder.Path, "certificate.pem"),
            "--certificate-key",
            Path.Combine(folder.Path, "key.pem")
        );
        await bank.LineAsync(l => l.StartsWith("Ctrl-C", StringComparison.Ordinal));
        var endpoints = Endpoints(data);

        var local = await HostProcess.RunAsync("keys", "list", "--json", "--data", data);
        var balance = await HostProcess.RunAsync("trial-balance", "--data", data);
        var untrusted = await HostProcess.RunAsync([
            .. $"trial-balance --server {endpoints.Binary} --tls --key k".Split(' '),
        ]);
        var plain = await HostProcess.RunAsync([
            .. $"trial-balance --server {endpoints.Binary} --key k".Split(' '),
        ]);

        Assert.Equal(ExitCode.Ok, local.ExitCode);
        Assert.Equal(ExitCode.Ok, balance.ExitCode);
        Assert.Equal(ExitCode.NotDone, untrusted.ExitCode);
        Assert.Equal(ExitCode.NotDone, plain.ExitCode);
        Assert.Equal(Uri.UriSchemeHttps, endpoints.RestAddress.Scheme);
        Assert.Equal(certificate.GetCertHashString(), await PresentedAsync(endpoints.RestAddress));
        Assert.Equal(
            certificate.GetCertHashString(),
            await PresentedAsync(new($"tls://{endpoints.Binary}"))
        );
        using HttpClient http = new();
        await Assert.ThrowsAsync<HttpRequestException>(() =>
            http.GetAsync(
                new UriBuilder(endpoints.RestAddress) { Scheme = "http", Path = "/readyz" }.Uri,
                Token
            )
        );
    }

    [Fact]
    public async Task A_certificate_that_can_not_be_read_is_said_and_nothing_is_served()
    {
        using TemporaryFolder folder = new();
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "no.pem"), "no certificate", Token);

        var finished = await HostProcess.RunAsync(
            "run",
            "--ledger-only",
            "--data",
            Path.Combine(folder.Path, "data"),
            "--certificate",
            Path.Combine(folder.Path, "no.pem")
        );

        Assert.Equal(ExitCode.NotDone, finished.ExitCode);
        Assert.DoesNotContain("   at ", finished.Error, StringComparison.Ordinal);
    }

    /// <summary>The hash of the certificate that a server shows.</summary>
    private static async Task<string> PresentedAsync(Uri server)
    {
        using TcpClient socket = new();
        await socket.ConnectAsync(server.Host, server.Port, Token);
        string? shown = null;
        await using SslStream tls = new(
            socket.GetStream(),
            leaveInnerStreamOpen: false,
            (_, presented, _, _) =>
            {
                shown = presented?.GetCertHashString();
                return shown is not null;
            }
        );
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions { TargetHost = "localhost" },
            Token
        );
        return shown ?? "";
    }

    private static (string Binary, Uri RestAddress) Endpoints(string data)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(data, "endpoint.json")));
        return (
            json.RootElement.GetProperty("binary").GetString()!,
            new Uri(json.RootElement.GetProperty("rest").GetString()!)
        );
    }

    private static X509Certificate2 WriteCertificate(string folder)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=localhost", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        var now = DateTimeOffset.UtcNow;
        var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        File.WriteAllText(
            Path.Combine(folder, "certificate.pem"),
            certificate.ExportCertificatePem()
        );
        File.WriteAllText(Path.Combine(folder, "key.pem"), key.ExportPkcs8PrivateKeyPem());
        return certificate;
    }
}
