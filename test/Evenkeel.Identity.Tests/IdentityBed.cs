using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using Evenkeel.Identity.Library;
using Evenkeel.Identity.Passkeys;
using Evenkeel.Node;
using Evenkeel.Payments;
using Evenkeel.Payments.Compliance;
using Xunit;

namespace Evenkeel.Identity.Tests;

/// <summary>The desk on a real node in memory, with a clock of the test.</summary>
public class IdentityBed : ISignInUnderTest, IAsyncLifetime
{
    public const string Password = "correct horse battery";
    public const string Session = "of the test";

    private readonly PlainVault _vault = new();
    private EvenkeelNode? _node;
    private SignInDesk? _desk;
    private int _made;

    internal SettableTime Time { get; } = new();

    internal NotedAudit Audit { get; } = new();

    internal EvenkeelNode Node => _node!;

    internal SignInDesk Own => _desk!;

    internal LoginAdministration Logins { get; private set; } = null!;

    public virtual ISignIn SignIn => Own;

    public virtual IPasskeys Passkeys => Own.Passkeys;

    public virtual async ValueTask InitializeAsync()
    {
        _node = await EvenkeelNode.StartAsync(
            new NodeOptions
            {
                DataDirectory = null,
                Protocol = null,
                OnFatal = static reason => Assert.Fail($"The node stopped: {reason}"),
            },
            CancellationToken.None
        );
        _desk = new SignInDesk(_node.Journal, _vault, Time, new PasskeyOptions(), Audit);
        Logins = new LoginAdministration(_node.Journal, _vault, Time);
    }

    public virtual async ValueTask DisposeAsync()
    {
        _desk!.Dispose();
        await _node!.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    public async Task<TestLogin> MakeAsync()
    {
        var number = Interlocked.Increment(ref _made);
        TestLogin login = new(
            string.Create(CultureInfo.InvariantCulture, $"login-{number}"),
            new CustomerId(string.Create(CultureInfo.InvariantCulture, $"C{number:D12}")),
            Password
        );
        Assert.True(
            await Logins.MakeAsync(
                new NewLogin(LoginKind.Customer, login.Login, login.Customer.Value, login.Secret),
                CancellationToken.None
            )
        );
        return login;
    }

    public async Task<Func<string>> AddCodesAsync(TestLogin login)
    {
        var key = await Logins.AddAuthenticatorAsync(
            LoginKind.Customer,
            login.Login,
            CancellationToken.None
        );
        Assert.NotNull(key);
        return () => AuthenticatorCodes.At(key, Time.Now);
    }

    public async Task<string> AddPasskeyAsync(
        TestLogin login,
        SoftwareAuthenticator authenticator
    ) => Value(await AddAsync(login, authenticator)).Id;

    public async Task RemovePasskeyAsync(TestLogin login, string passkey) =>
        Value(await Passkeys.RemoveAsync(OwnerOf(login), passkey, CancellationToken.None));

    public async Task BlockAsync(TestLogin login) =>
        Assert.True(
            await Logins.BlockAsync(
                LoginKind.Customer,
                login.Login,
                isBlocked: true,
                CancellationToken.None
            )
        );

    public void Pass(TimeSpan time) => Time.Now += time;

    /// <summary>Begins, lets the authenticator make a passkey, and brings it.</summary>
    public async Task<QueryAnswer<PasskeyView>> AddAsync(
        TestLogin login,
        SoftwareAuthenticator authenticator,
        string name = "phone"
    )
    {
        var challenge = Value(await Passkeys.BeginAsync(OwnerOf(login), CancellationToken.None));
        return await Passkeys.AddAsync(
            OwnerOf(login),
            new NewPasskey(name, challenge.State, authenticator.Create(challenge.Options)),
            CancellationToken.None
        );
    }

    public static PasskeyOwner OwnerOf(
        TestLogin login,
        Assurance assurance = Assurance.Strong,
        string session = Session
    ) => new(login.Actor(assurance), login.Login, session);

    public static T Value<T>(QueryAnswer<T> answer) =>
        Assert.IsType<QueryAnswer<T>.Found>(answer).Value;

    internal sealed class SettableTime : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 11, 23, 9, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }

    internal sealed class NotedAudit : ISignInAudit
    {
        public ConcurrentQueue<(Actor Actor, string What)> Lines { get; } = new();

        public Task WriteAsync(Actor actor, string what, CancellationToken cancellationToken)
        {
            Lines.Enqueue((actor, what));
            return Task.CompletedTask;
        }
    }

    /// <summary>Keeps what is sealed to itself and gives out a ticket for it.</summary>
    private sealed class PlainVault : ISecretVault
    {
        private readonly ConcurrentDictionary<string, (string, string, string)> _sealed = new();

        public string Seal(string subject, string purpose, string plain)
        {
            var ticket = Convert.ToBase64String(RandomNumberGenerator.GetBytes(30));
            _sealed[ticket] = (subject, purpose, plain);
            return ticket;
        }

        public string? Open(string subject, string purpose, string isSealed) =>
            _sealed.TryGetValue(isSealed, out var found)
            && found is var (s, p, plain)
            && s == subject
            && p == purpose
                ? plain
                : throw new CryptographicException("Not sealed here.");
    }
}
