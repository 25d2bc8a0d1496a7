using Evenkeel.Contract;
using Evenkeel.Contract.Calling;
using Evenkeel.Contract.Serving;
using Evenkeel.Payments;
using Evenkeel.Payments.Compliance;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Evenkeel.Banking.Tests;

/// <summary>The same suite through the contract: what is said on the wire is what the bank said.</summary>
public sealed class ContractCompliance(BankBehindContract bank)
    : PaymentProcessorCompliance,
        IClassFixture<BankBehindContract>
{
    protected override IBankUnderTest Bank => bank;
}

/// <summary>The real bank, called from afar.</summary>
public sealed class BankBehindContract : IBankUnderTest, IAsyncLifetime
{
    private const string Secret = "of this test";

    private TestBank? _bank;
    private ContractServer? _server;
    private RemoteBank? _remote;

    public IPaymentProcessor Payments => _remote!;

    public IAccountQueries Queries => _remote!;

    public ICustomerServices Services => _remote!;

    public async ValueTask InitializeAsync()
    {
        _bank = await TestBank.StartAsync();
        _server = await ContractServer.StartAsync(
            new ContractServerOptions { Secret = Secret, Leads = static () => true },
            new BankServices(
                _bank.Payments,
                _bank.Queries,
                _bank.Bank.Services,
                // Nobody signs in here.
                SignIn: null!
            ),
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

    public Task<(CustomerId Customer, AccountNumber Account)> OpenAsync(
        long balanceMinor,
        uint currency = IBankUnderTest.Cny
    ) => _bank!.OpenAsync(balanceMinor, currency);

    public Task<TestCard> IssueCardAsync(AccountNumber account) => _bank!.IssueCardAsync(account);

    public Task<TerminalId> OpenMachineAsync(long cashMinor) => _bank!.OpenMachineAsync(cashMinor);

    public SealedPin SealPin(TestCard card, string pin, InstructionId context) =>
        _bank!.SealPin(card, pin, context);

    public Task FreezeAsync(CustomerId customer) => _bank!.FreezeAsync(customer);

    public async ValueTask DisposeAsync()
    {
        _remote!.Dispose();
        await _server!.DisposeAsync();
        await _bank!.DisposeAsync();
    }
}
