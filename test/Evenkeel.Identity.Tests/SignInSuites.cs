using Evenkeel.Contract;
using Evenkeel.Contract.Calling;
using Evenkeel.Contract.Serving;
using Evenkeel.Payments;
using Evenkeel.Payments.Compliance;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Evenkeel.Identity.Tests;

/// <summary>The suite at the desk itself.</summary>
public sealed class DeskCompliance(IdentityBed bed) : SignInCompliance, IClassFixture<IdentityBed>
{
    protected override ISignInUnderTest Desk => bed;
}

/// <summary>The same through the contract: passkeys too are made and shown over the wire.</summary>
public sealed class DeskBehindContractCompliance(IdentityBehindContract bed)
    : SignInCompliance,
        IClassFixture<IdentityBehindContract>
{
    protected override ISignInUnderTest Desk => bed;
}

/// <summary>The desk, called from afar.</summary>
public sealed class IdentityBehindContract : IdentityBed
{
    private const string Secret = "of this test";

    private ContractServer? _server;
    private RemoteBank? _remote;

    public RemoteBank Remote => _remote!;

    public override ISignIn SignIn => _remote!;

    public override IPasskeys Passkeys => _remote!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _server = await ContractServer.StartAsync(
            new ContractServerOptions { Secret = Secret, Leads = static () => true },
            // Nobody is paid here.
            new BankServices(Payments: null!, Queries: null!, Services: null!, Own)
            {
                Passkeys = Own.Passkeys,
            },
            NullLoggerFactory.Instance,
            CancellationToken.None
        );
        _remote = new RemoteBank(
            new RemoteBankOptions { Secret = Secret, AnswerMax = TimeSpan.FromSeconds(30) },
            new AddressList([_server.Address]),
            TimeProvider.System,
            NullLogger<RemoteBank>.Instance
        );
    }

    public override async ValueTask DisposeAsync()
    {
        _remote!.Dispose();
        await _server!.DisposeAsync();
        await base.DisposeAsync();
    }
}
