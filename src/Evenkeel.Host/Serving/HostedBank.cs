using System.Net;
using Evenkeel.Banking;
using Evenkeel.Banking.Auditing;
using Evenkeel.Banking.Branches;
using Evenkeel.Banking.Customers;
using Evenkeel.Banking.Work;
using Evenkeel.CardKeys;
using Evenkeel.Contract;
using Evenkeel.Contract.Serving;
using Evenkeel.Host.Clusters;
using Evenkeel.Host.CommandLine;
using Evenkeel.Host.Rails;
using Evenkeel.Identity;
using Evenkeel.Node;
using Evenkeel.Payments;
using Microsoft.Extensions.Logging;

namespace Evenkeel.Host.Serving;

/// <summary>
/// The primary bank on a node: it decides while the node leads, and answers the contract on a port of
/// its own.
/// </summary>
internal sealed class HostedBank : IAsyncDisposable
{
    /// <summary>Name in the certificate by which a gateway is admitted beyond loopback.</summary>
    public const string GatewayName = "gateway";

    /// <summary>Software keys of cards, of a demonstration only (docs/formats/card-keys.md).</summary>
    public const string CardKeysFile = "card-keys.demo";

    private const string PersonsFolder = "persons";

    private readonly ContractServer _contract;
    private readonly ContractTls? _tls;
    private readonly SignInDesk _signIn;
    private readonly SoftwareCardKeys? _cardKeys;
    private Resolver? _resolver;
    private SimulatorLines? _lines;

    private HostedBank(
        Bank bank,
        ContractServer contract,
        SignInDesk signIn,
        ContractTls? tls,
        SoftwareCardKeys? cardKeys
    )
    {
        _cardKeys = cardKeys;
        _signIn = signIn;
        Bank = bank;
        _contract = contract;
        _tls = tls;
    }

    public Bank Bank { get; }

    /// <summary>Of a demonstration; null otherwise.</summary>
    public SoftwareCardKeys? CardKeys => _cardKeys;

    public required LoginAdministration Logins { get; init; }

    /// <summary>Where the contract is answered.</summary>
    public Uri Contract => _contract.Address;

    /// <exception cref="CommandFailedException">The port is taken.</exception>
    public static async Task<HostedBank> StartAsync(
        ServeSettings settings,
        EvenkeelNode node,
        ILoggerFactory logging,
        CancellationToken cancellationToken
    )
    {
        // Members of one machine share the keys of persons: whoever leads next must read what is sealed.
        var shared = settings.Membership is { } membership
            ? Path.GetDirectoryName(membership.Path)!
            : settings.DataDirectory;
        FilePersonKeys persons = new(settings.Persons ?? Path.Combine(shared, PersonsFolder));
        var cardKeys = settings.IsDemo
            ? SoftwareCardKeys.Open(SoftwareCardKeys.Profile, Path.Combine(shared, CardKeysFile))
            : null;
        Bank bank = new(node.Journal, node.Decisions, persons, TimeProvider.System, cardKeys);
        PersonVaultSecrets secrets = new(new PersonVault(persons));
        SignInDesk signIn = new(
            node.Journal,
            secrets,
            TimeProvider.System,
            settings.Passkeys,
            new SignInAudit(bank.Audit)
        );
        LoginAdministration logins = new(node.Journal, secrets, TimeProvider.System);
        var tls = settings.Membership?.Tls is null ? null : LoadTls(settings.Membership);
        try
        {
            var contract = await ContractServer
                .StartAsync(
                    new ContractServerOptions
                    {
                        // Without certificates never beyond this machine.
                        Address =
                            tls is not null || IPAddress.IsLoopback(settings.Address)
                                ? settings.Address
                                : IPAddress.Loopback,
                        Port = settings.BankPort,
                        Secret = ContractSecret.ReadOrMake(
                            Path.Combine(shared, ContractSecret.FileName)
                        ),
                        Tls = tls,
                        Leads = () => node.IsLeading,
                    },
                    new BankServices(bank.Payments, bank.Queries, bank.Services, signIn)
                    {
                        Passkeys = signIn.Passkeys,
                        Bulk = bank.BulkFiles,
                        StandingOrders = bank.CustomerStandingOrders,
                        Credits = bank.Credits,
                        Branches = new BranchDesk(
                            bank,
                            (login, token) => BranchLogins.MakeAsync(logins, login, token)
                        ),
                    },
                    logging,
                    cancellationToken
                )
                .ConfigureAwait(false);
            var log = logging.CreateLogger<HostedBank>();
            var lines = settings.Clearing is { } address ? new SimulatorLines(address) : null;
            return new HostedBank(bank, contract, signIn, tls, cardKeys)
            {
                // What is being resolved or due goes on by itself, wherever the leader is.
                _resolver = Resolver.Start(
                    bank,
                    new ResolverOptions
                    {
                        IsLeading = () => node.IsLeading,
                        Clearing = lines,
                        Billers = lines,
                        OnFailed = (work, failure) =>
                            log.WorkFailed(work, $"{failure.GetType().Name}: {failure.Message}"),
                    }
                ),
                _lines = lines,
                Logins = logins,
            };
        }
        catch (IOException taken)
        {
            tls?.Dispose();
            signIn.Dispose();
            cardKeys?.Dispose();
            throw new CommandFailedException(
                ExitCode.NotDone,
                Text.PortInUse(new IPEndPoint(settings.Address, settings.BankPort)),
                taken.Message
            );
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _contract.DisposeAsync().ConfigureAwait(false);
        if (_resolver is not null)
        {
            await _resolver.DisposeAsync().ConfigureAwait(false);
        }
        _lines?.Dispose();
        _signIn.Dispose();
        _tls?.Dispose();
        _cardKeys?.Dispose();
    }

    /// <summary>Secrets of logins are sealed as persons are: to forget one forgets the other.</summary>
    private sealed class PersonVaultSecrets(PersonVault vault) : ISecretVault
    {
        public string Seal(string subject, string purpose, string plain) =>
            vault.Seal(new CustomerId(subject), purpose, plain);

        public string? Open(string subject, string purpose, string isSealed) =>
            vault.Open(new CustomerId(subject), purpose, isSealed);
    }

    private sealed class SignInAudit(AuditTrail trail) : ISignInAudit
    {
        public Task WriteAsync(Actor actor, string what, CancellationToken cancellationToken) =>
            trail.WriteAsync(actor, what, account: "", cancellationToken);
    }

    private static ContractTls LoadTls(Membership membership) =>
        ContractTls.Load(
            membership.Resolve(membership.Self.Certificate)!,
            membership.Resolve(membership.Self.CertificateKey)!,
            membership.Resolve(membership.File.Authority)!,
            name =>
                string.Equals(name, GatewayName, StringComparison.Ordinal)
                || membership.File.Members.Any(m =>
                    string.Equals(m.Name, name, StringComparison.Ordinal)
                )
        );
}
