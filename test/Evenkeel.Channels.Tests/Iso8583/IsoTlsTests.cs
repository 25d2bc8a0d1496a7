using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Evenkeel.CardKeys;
using Evenkeel.Channels.Iso8583;
using Evenkeel.Channels.Iso8583.Codec;
using Xunit;

namespace Evenkeel.Channels.Tests.Iso8583;

/// <summary>A line with a certificate speaks TLS and nothing else, and only to who knows it.</summary>
public sealed class IsoTlsTests : IDisposable
{
    private readonly SoftwareCardKeys _keys = IsoBed.NewKeys();
    private readonly CardBank _bank;
    private readonly X509Certificate2 _own = NewCertificate();

    public IsoTlsTests()
    {
        _bank = new CardBank(_keys);
        _bank.Issue(Terminal.Pan, Terminal.Pin, 100_000);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _keys.Dispose();
        _own.Dispose();
    }

    [Fact]
    public async Task A_machine_that_knows_the_certificate_draws_cash()
    {
        await using var bed = Open();
        await using var line = await bed.SignOnAsync(o => o with { Tls = Trusting(_own) }, Token);
        using var asked = bed.Terminal.Withdrawal(1, 100);
        using var answer = await line.AskAsync(asked, IsoBed.Patience, Token);
        Assert.Equal("00", answer?.Text(IsoField.ResponseCode));
        Assert.Equal(99_900, _bank.BalanceOf(Terminal.Pan));
    }

    [Fact]
    public async Task A_machine_that_does_not_know_the_certificate_sends_nothing()
    {
        await using var bed = Open();
        using var another = NewCertificate();
        await Assert.ThrowsAsync<IOException>(() =>
            bed.ConnectAsync(o => o with { Tls = Trusting(another) }, Token)
        );
        Assert.DoesNotContain(bed.Log, l => l.Contains("0800", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Plain_text_is_not_answered()
    {
        await using var bed = Open();
        await using var line = await bed.ConnectAsync(cancellationToken: Token);
        using var signOn = bed.Terminal.Network("001");
        await Assert.ThrowsAsync<IOException>(() => line.AskAsync(signOn, IsoBed.Patience, Token));
    }

    private IsoBed Open() =>
        new(
            _keys,
            _bank,
            _bank,
            new Iso8583Options { AnswerMax = TimeSpan.FromSeconds(5), Certificate = _own }
        );

    private static SslClientAuthenticationOptions Trusting(X509Certificate2 authority) =>
        new()
        {
            TargetHost = "127.0.0.1",
            CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
                CustomTrustStore = { authority },
            },
        };

    private static X509Certificate2 NewCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=gateway", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var now = DateTimeOffset.UtcNow;
        return request.CreateSelfSigned(now.AddHours(-1), now.AddHours(1));
    }
}
