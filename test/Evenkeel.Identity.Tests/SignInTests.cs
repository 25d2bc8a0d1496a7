using Evenkeel.Identity.Library;
using Evenkeel.Journal;
using Evenkeel.Journal.Access;
using Evenkeel.Payments;
using Xunit;

namespace Evenkeel.Identity.Tests;

/// <summary>On a real node in memory, with a clock of the test.</summary>
public sealed class SignInTests : IAsyncLifetime
{
    private const string Password = IdentityBed.Password;
    private const string Home = "192.0.2.0";
    private const string Elsewhere = "198.51.100.0";

    private readonly IdentityBed _bed = new();
    private IdentityBed.SettableTime _time = null!;
    private SignInDesk? _desk;
    private LoginAdministration? _logins;

    public async ValueTask InitializeAsync()
    {
        await _bed.InitializeAsync();
        (_time, _desk, _logins) = (_bed.Time, _bed.Own, _bed.Logins);
    }

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task A_password_alone_is_one_factor_and_with_a_code_two()
    {
        Assert.True(await MakeAsync("c1"));
        Assert.Equal<Actor>(Customer(Assurance.Single), ActorOf(await TryAsync()));

        var key = await _logins!.AddAuthenticatorAsync(LoginKind.Customer, "c1", Token);

        Assert.IsType<SignInAnswer.CodeNeeded>(await TryAsync());
        var strong = await TryAsync(code: AuthenticatorCodes.At(key!, _time.Now));
        Assert.Equal<Actor>(Customer(Assurance.Strong), ActorOf(strong));
        Assert.NotNull(((SignInAnswer.SignedIn)strong).Device);
    }

    [Fact]
    public async Task A_code_is_taken_once()
    {
        var key = await WithAuthenticatorAsync();
        var code = AuthenticatorCodes.At(key, _time.Now);

        Assert.IsType<SignInAnswer.SignedIn>(await TryAsync(code: code));
        Assert.IsType<SignInAnswer.Refused>(await TryAsync(code: code));
    }

    [Fact]
    public async Task A_device_that_was_used_with_a_code_needs_none_to_look()
    {
        var device = await KnownDeviceAsync();

        Assert.Equal<Actor>(Customer(Assurance.Single), ActorOf(await TryAsync(device: device)));
        Assert.IsType<SignInAnswer.CodeNeeded>(await TryAsync(device: device + "0"));
    }

    [Fact]
    public async Task Wrong_tries_from_a_place_must_wait_longer_each_time()
    {
        Assert.True(await MakeAsync("c1"));
        for (var i = 1; i < IdentityLimits.TriesMax; i++)
        {
            Assert.IsType<SignInAnswer.Refused>(await TryAsync(secret: "wrong"));
        }

        var first = Assert.IsType<SignInAnswer.NotBefore>(await TryAsync(secret: "wrong"));
        Assert.Equal(_time.Now.AddMinutes(IdentityLimits.WaitMinutesFirst), first.At);
        // Even the right one is not tried before then.
        Assert.Equal(first, await TryAsync());

        _time.Now = first.At;
        var second = Assert.IsType<SignInAnswer.NotBefore>(await TryAsync(secret: "wrong"));
        Assert.Equal(_time.Now.AddMinutes(2 * IdentityLimits.WaitMinutesFirst), second.At);
        _time.Now = second.At;
        Assert.IsType<SignInAnswer.SignedIn>(await TryAsync());
    }

    [Fact]
    public async Task Strangers_lock_out_themselves_and_never_a_known_device()
    {
        var device = await KnownDeviceAsync();
        for (var i = 0; i < IdentityLimits.TriesMax; i++)
        {
            await TryAsync(secret: "wrong", network: Elsewhere);
        }

        Assert.IsType<SignInAnswer.NotBefore>(await TryAsync(network: Elsewhere));
        // Neither the device, wherever it is, nor another network hears of it.
        Assert.IsType<SignInAnswer.SignedIn>(await TryAsync(device: device, network: Elsewhere));
        Assert.IsType<SignInAnswer.CodeNeeded>(await TryAsync(network: Home));
    }

    [Fact]
    public async Task Guessed_at_from_many_places_a_password_alone_is_no_longer_told_right_from_wrong()
    {
        var device = await KnownDeviceAsync();
        await _bed.Node.Journal.ProposeAsync(
            new Operation
            {
                Id = new OperationId(77),
                Principals = [new Principal(PrincipalKinds.Node, "test")],
                Writes =
                [
                    new RecordWrite(
                        LoginStore.FailuresOf(LoginKind.Customer, "c1", "strangers"),
                        System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(
                            new FailureDocument(IdentityLimits.StrangersTriesMax, _time.Now, null),
                            IdentityJson.Default.FailureDocument
                        )
                    ),
                ],
            },
            Token
        );

        Assert.IsType<SignInAnswer.CodeNeeded>(await TryAsync());
        Assert.IsType<SignInAnswer.CodeNeeded>(await TryAsync(secret: "wrong"));
        Assert.IsType<SignInAnswer.SignedIn>(await TryAsync(device: device));
    }

    [Fact]
    public async Task Who_does_not_exist_and_who_is_blocked_are_refused_alike()
    {
        Assert.True(await MakeAsync("c1"));
        Assert.True(await _logins!.BlockAsync(LoginKind.Customer, "c1", true, Token));

        Assert.IsType<SignInAnswer.Refused>(await TryAsync());
        Assert.IsType<SignInAnswer.Refused>(
            await _desk!.SignInAsync(
                new SignInRequest(LoginKind.Customer, "nobody", Password, Home),
                Token
            )
        );
        // A customer's login is none of staff.
        Assert.IsType<SignInAnswer.Refused>(
            await _desk!.SignInAsync(
                new SignInRequest(LoginKind.Staff, "c1", Password, Home),
                Token
            )
        );
    }

    [Fact]
    public async Task A_login_is_made_once_and_not_with_a_short_password()
    {
        Assert.True(await MakeAsync("c1"));
        Assert.False(await MakeAsync("C1"));
        Assert.False(
            await _logins!.MakeAsync(
                new NewLogin(LoginKind.Customer, "c2", "C2", "too short"),
                Token
            )
        );
    }

    [Fact]
    public async Task No_secret_stands_in_the_records()
    {
        var key = await WithAuthenticatorAsync();
        var page = await _bed.Node.Journal.ReadRecordsAsync(
            new RecordQuery { Collection = AccessRules.LoginCollection },
            Token
        );

        var record = Assert.Single(Assert.IsType<Answer<RecordPage>.Done>(page).Value.Records);
        var json = System.Text.Encoding.UTF8.GetString(record.Json.Span);
        Assert.DoesNotContain(Password, json);
        Assert.DoesNotContain(key, json);
        Assert.True(AccessRules.IsHidden(AccessRules.LoginCollection));
        Assert.True(AccessRules.IsHidden(AccessRules.LoginFailureCollection));
    }

    /// <summary>Appendix B of RFC 6238: the key is the ASCII digits 1234567890 twice; the last six digits.</summary>
    [Theory]
    [InlineData(59, "287082")]
    [InlineData(1_111_111_109, "081804")]
    [InlineData(1_234_567_890, "005924")]
    [InlineData(20_000_000_000, "353130")]
    public void Codes_are_those_of_the_standard(long seconds, string code) =>
        Assert.Equal(
            code,
            AuthenticatorCodes.At(
                "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
                DateTimeOffset.FromUnixTimeSeconds(seconds)
            )
        );

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static Actor.Customer Customer(Assurance assurance) =>
        new Actor.Customer(new CustomerId("C000000000001"), assurance);

    private static Actor ActorOf(SignInAnswer answer) =>
        Assert.IsType<SignInAnswer.SignedIn>(answer).Actor;

    private Task<bool> MakeAsync(string login) =>
        _logins!.MakeAsync(
            new NewLogin(LoginKind.Customer, login, "C000000000001", Password),
            Token
        );

    private async Task<string> WithAuthenticatorAsync()
    {
        Assert.True(await MakeAsync("c1"));
        var key = await _logins!.AddAuthenticatorAsync(LoginKind.Customer, "c1", Token);
        Assert.NotNull(key);
        return key;
    }

    private async Task<string> KnownDeviceAsync()
    {
        var key = await WithAuthenticatorAsync();
        var answer = await TryAsync(code: AuthenticatorCodes.At(key, _time.Now));
        return Assert.IsType<SignInAnswer.SignedIn>(answer).Device!;
    }

    private Task<SignInAnswer> TryAsync(
        string secret = Password,
        string? code = null,
        string? device = null,
        string network = Home
    ) =>
        _desk!.SignInAsync(
            new SignInRequest(LoginKind.Customer, "c1", secret, network)
            {
                Code = code,
                Device = device,
            },
            Token
        );
}
