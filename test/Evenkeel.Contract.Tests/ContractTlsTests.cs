using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Evenkeel.Contract.Calling;
using Evenkeel.Contract.Serving;
using Evenkeel.Payments;
using Evenkeel.Replication;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Evenkeel.Contract.Tests;

/// <summary>
/// Mutual TLS of the contract over real sockets, with the files that <c>evenkeel cluster certificates</c>
/// writes. The bank's node is n1; who is admitted there is named "gateway".
/// </summary>
public sealed class ContractTlsTests : IDisposable
{
    private const string Gateway = "gateway";
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(700);

    private readonly string _ours = Directory.CreateTempSubdirectory("evenkeel-tls-").FullName;
    private readonly string _theirs = Directory.CreateTempSubdirectory("evenkeel-tls-").FullName;
    private readonly ScriptedBank _bank = new();

    public ContractTlsTests()
    {
        foreach (var directory in new[] { _ours, _theirs })
        {
            ClusterCertificates.Create(
                directory,
                ["n1", "n2", Gateway],
                TimeProvider.System.GetUtcNow()
            );
        }
    }

    public void Dispose()
    {
        Directory.Delete(_ours, recursive: true);
        Directory.Delete(_theirs, recursive: true);
    }

    [Fact]
    public async Task The_gateways_certificate_is_admitted_and_knows_the_node()
    {
        await using var bank = await ServeAsync();
        Assert.Equal("https", bank.Server.Address.Scheme);

        Assert.Equal(ScriptedBank.Done(Payment), await AskAsync(bank, _ours, Gateway));
        Assert.Single(_bank.Asked);
    }

    [Fact]
    public async Task Another_name_of_the_same_authority_is_refused()
    {
        await using var bank = await ServeAsync();

        Assert.IsNotType<PaymentOutcome.Done>(await AskAsync(bank, _ours, "n2"));
        Assert.Empty(_bank.Asked);
    }

    [Fact]
    public async Task The_same_name_of_another_authority_is_refused()
    {
        await using var bank = await ServeAsync();

        Assert.IsNotType<PaymentOutcome.Done>(
            await AskAsync(bank, _theirs, Gateway, trusted: _ours)
        );
        Assert.Empty(_bank.Asked);
    }

    [Fact]
    public async Task A_node_that_the_gateway_does_not_know_is_told_nothing()
    {
        await using var bank = await ServeAsync();

        // By its name, and by its authority: the call never leaves, and that is certain.
        Assert.IsType<PaymentOutcome.NotDone>(await AskAsync(bank, _ours, Gateway, node: "n2"));
        Assert.IsType<PaymentOutcome.NotDone>(
            await AskAsync(bank, _ours, Gateway, trusted: _theirs)
        );
        Assert.Empty(_bank.Asked);
    }

    [Fact]
    public async Task A_line_without_a_certificate_gets_no_answer()
    {
        await using var bank = await ServeAsync();
        using TcpClient line = new();
        await line.ConnectAsync(IPAddress.Loopback, bank.Server.Address.Port, Token);
        await using SslStream tls = new(line.GetStream());

        // Depending on the version of TLS the handshake fails, or the line is closed right after it.
        var said = 0;
        try
        {
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = "evenkeel-bank",
                    ApplicationProtocols = [SslApplicationProtocol.Http2],
                    // Whom it speaks to is not the question here.
                    RemoteCertificateValidationCallback = static (_, shown, _, _) =>
                        shown is not null,
                },
                Token
            );
            said = await tls.ReadAsync(new byte[64], Token);
        }
        catch (Exception e) when (e is IOException or AuthenticationException)
        {
            // As it should be.
        }
        Assert.Equal(0, said);
        Assert.Empty(_bank.Asked);
    }

    [Fact]
    public async Task Plain_text_gets_no_answer_even_with_the_secret_of_the_machine()
    {
        await using var bank = await ServeAsync();
        using TcpClient line = new();
        await line.ConnectAsync(IPAddress.Loopback, bank.Server.Address.Port, Token);
        await line.GetStream()
            .WriteAsync(Encoding.ASCII.GetBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), Token);
        var answer = new byte[256];
        var said = 0;
        try
        {
            said = await line.GetStream().ReadAsync(answer, Token);
        }
        catch (IOException)
        {
            // Cut without a word.
        }
        // At most an alert of TLS (21): no frame of HTTP/2, which would begin with its settings.
        Assert.True(said == 0 || answer[0] == 21);

        using RemoteBank remote = new(
            new RemoteBankOptions { Secret = Bed.Secret, AnswerMax = Patience },
            new AddressList([new UriBuilder(bank.Server.Address) { Scheme = "http" }.Uri]),
            TimeProvider.System,
            NullLogger<RemoteBank>.Instance
        );
        Assert.IsNotType<PaymentOutcome.Done>(await remote.SubmitAsync(Payment, Token));
        Assert.Empty(_bank.Asked);
    }

    [Fact]
    public async Task A_member_that_came_later_is_known_without_a_restart()
    {
        List<string> members = ["n2"];
        await using var bank = await ServeAsync();
        using var tls = Load(_ours, Gateway, _ours, members.Contains);
        Assert.IsType<PaymentOutcome.NotDone>(await AskAsync(bank, tls));

        members.Add("n1");

        Assert.IsType<PaymentOutcome.Done>(await AskAsync(bank, tls));
    }

    private static readonly PaymentInstruction Payment = new()
    {
        Id = InstructionId.From(Channel.Online, "C1", "r1"),
        Actor = new Actor.Customer(new CustomerId("C1"), Assurance.Strong),
        Origin = new Origin(Channel.Online),
        Movement = new Movement.CreditTransfer(
            AccountNumber.FromSerial(1),
            new Creditor.Here(AccountNumber.FromSerial(2))
        ),
        Amount = new Money(100, 156),
        AskedAt = DateTimeOffset.UnixEpoch,
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private async Task<Bed> ServeAsync()
    {
        var tls = Load(_ours, "n1", _ours, static name => name == Gateway);
        return new Bed(
            await ContractServer.StartAsync(
                new ContractServerOptions
                {
                    Secret = Bed.Secret,
                    Tls = tls,
                    Leads = static () => true,
                },
                new BankServices(_bank, _bank, _bank, _bank),
                NullLoggerFactory.Instance,
                Token
            ),
            tls
        );
    }

    /// <param name="trusted">Whose authority the caller trusts; its own unless said otherwise.</param>
    /// <param name="node">Whom the caller takes for a bank.</param>
    private static async Task<PaymentOutcome> AskAsync(
        Bed bank,
        string directory,
        string name,
        string? trusted = null,
        string node = "n1"
    )
    {
        using var tls = Load(directory, name, trusted ?? directory, n => n == node);
        return await AskAsync(bank, tls);
    }

    private static async Task<PaymentOutcome> AskAsync(Bed bank, ContractTls tls)
    {
        using RemoteBank remote = new(
            new RemoteBankOptions { Tls = tls, AnswerMax = Patience },
            new AddressList([bank.Server.Address]),
            TimeProvider.System,
            NullLogger<RemoteBank>.Instance
        );
        return await remote.SubmitAsync(Payment, Token);
    }

    private static ContractTls Load(
        string directory,
        string name,
        string authority,
        Func<string, bool> isAdmitted
    ) =>
        ContractTls.Load(
            Path.Combine(directory, ClusterCertificates.CertificateName(name)),
            Path.Combine(directory, ClusterCertificates.KeyName(name)),
            Path.Combine(authority, ClusterCertificates.AuthorityName),
            isAdmitted
        );

    private sealed class Bed(ContractServer server, ContractTls tls) : IAsyncDisposable
    {
        public const string Secret = "the secret of this machine";

        public ContractServer Server => server;

        public async ValueTask DisposeAsync()
        {
            await server.DisposeAsync();
            tls.Dispose();
        }
    }
}
