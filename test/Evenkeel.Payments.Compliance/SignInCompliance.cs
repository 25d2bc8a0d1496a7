using Xunit;

namespace Evenkeel.Payments.Compliance;

/// <summary>
/// Who is let in and who is not, by whatever bank: it needs verifiers, sealed codes and public keys, and
/// no secret of a passkey.
/// </summary>
public abstract class SignInCompliance
{
    private const string Network = "192.0.2.0";

    protected abstract ISignInUnderTest Desk { get; }

    [Fact]
    public async Task A_password_is_one_factor_and_with_a_code_two()
    {
        var login = await Desk.MakeAsync();
        Assert.Equal<Actor>(login.Actor(Assurance.Single), ActorOf(await TryAsync(login)));

        var code = await Desk.AddCodesAsync(login);

        Assert.IsType<SignInAnswer.CodeNeeded>(await TryAsync(login));
        var now = code();
        Assert.Equal<Actor>(
            login.Actor(Assurance.Strong),
            ActorOf(await TryAsync(login, code: now))
        );
        Assert.IsType<SignInAnswer.Refused>(await TryAsync(login, code: now));
    }

    [Fact]
    public async Task A_session_of_one_factor_is_made_strong_by_a_code_once()
    {
        var login = await Desk.MakeAsync();
        var code = await Desk.AddCodesAsync(login);
        CodeConfirmation shown = new(LoginKind.Customer, login.Login, code(), Network);

        Assert.Equal<Actor>(
            login.Actor(Assurance.Strong),
            ActorOf(await Desk.SignIn.ConfirmAsync(shown, Token))
        );
        Assert.IsType<SignInAnswer.Refused>(await Desk.SignIn.ConfirmAsync(shown, Token));
        Assert.IsType<SignInAnswer.Refused>(
            await Desk.SignIn.ConfirmAsync(shown with { Code = "" }, Token)
        );
    }

    [Fact]
    public async Task Codes_that_are_guessed_must_wait_as_passwords_must()
    {
        var login = await Desk.MakeAsync();
        await Desk.AddCodesAsync(login);
        SignInAnswer answer = new SignInAnswer.Refused();
        for (var i = 0; i < 50 && answer is SignInAnswer.Refused; i++)
        {
            answer = await Desk.SignIn.ConfirmAsync(
                new CodeConfirmation(LoginKind.Customer, login.Login, $"x{i}", Network),
                Token
            );
        }

        Assert.IsType<SignInAnswer.NotBefore>(answer);
        Assert.IsType<SignInAnswer.NotBefore>(await TryAsync(login));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_passkey_is_two_factors_with_or_without_the_login(bool isNamed)
    {
        var login = await Desk.MakeAsync();
        using SoftwareAuthenticator authenticator = new();
        await Desk.AddPasskeyAsync(login, authenticator);

        var challenge = await ChallengeAsync(isNamed ? login.Login.ToUpperInvariant() : null);
        var answer = Assert.IsType<SignInAnswer.SignedIn>(
            await ShowAsync(challenge, authenticator)
        );

        Assert.Equal<Actor>(login.Actor(Assurance.Strong), answer.Actor);
        Assert.Equal(login.Login, answer.Login);
        // Known from now on: it needs no code to look.
        Assert.Equal<Actor>(
            login.Actor(Assurance.Single),
            ActorOf(await TryAsync(login, device: answer.Device))
        );
    }

    [Fact]
    public async Task An_answer_is_taken_once()
    {
        var login = await Desk.MakeAsync();
        using SoftwareAuthenticator authenticator = new();
        await Desk.AddPasskeyAsync(login, authenticator);
        var challenge = await ChallengeAsync();
        var credential = authenticator.Get(challenge.Options);

        Assert.IsType<SignInAnswer.SignedIn>(await ShowAsync(challenge, credential));
        Assert.IsType<SignInAnswer.Refused>(await ShowAsync(challenge, credential));
        // Nor another answer to the same challenge.
        Assert.IsType<SignInAnswer.Refused>(await ShowAsync(challenge, authenticator));
        Assert.IsType<SignInAnswer.SignedIn>(
            await ShowAsync(await ChallengeAsync(), authenticator)
        );
    }

    [Fact]
    public async Task Of_the_same_answer_many_times_at_once_one_is_taken()
    {
        var login = await Desk.MakeAsync();
        using SoftwareAuthenticator authenticator = new();
        await Desk.AddPasskeyAsync(login, authenticator);
        var challenge = await ChallengeAsync();
        var credential = authenticator.Get(challenge.Options);

        var answers = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(_ => ShowAsync(challenge, credential))
        );

        Assert.Single(answers, static answer => answer is SignInAnswer.SignedIn);
    }

    public static TheoryData<string, Action<SoftwareAuthenticator>> Bent =>
        new()
        {
            { "another origin", static a => a.Origin = "https://localhost.example" },
            { "an origin that begins alike", static a => a.Origin = "http://localhost@evil.test" },
            { "no origin", static a => a.Origin = "" },
            { "a frame in another's page", static a => a.IsFramed = true },
            { "another domain", static a => a.Domain = "evil.test" },
            { "no check of the person", static a => a.VerifiesUser = false },
            { "another challenge", static a => a.Challenge = "AAAAAAAAAAAAAAAAAAAAAA" },
        };

    [Theory]
    [MemberData(nameof(Bent), DisableDiscoveryEnumeration = true)]
    public async Task What_is_not_as_asked_opens_nothing(
        string what,
        Action<SoftwareAuthenticator> bend
    )
    {
        var login = await Desk.MakeAsync();
        using SoftwareAuthenticator authenticator = new();
        await Desk.AddPasskeyAsync(login, authenticator);
        bend(authenticator);

        var answer = await ShowAsync(await ChallengeAsync(), authenticator);

        Assert.True(answer is SignInAnswer.Refused, what);
    }

    [Fact]
    public async Task A_count_of_signatures_that_goes_back_opens_nothing()
    {
        var login = await Desk.MakeAsync();
        using SoftwareAuthenticator authenticator = new() { Count = 40 };
        await Desk.AddPasskeyAsync(login, authenticator);
        Assert.IsType<SignInAnswer.SignedIn>(
            await ShowAsync(await ChallengeAsync(), authenticator)
        );

        authenticator.Count = 7;

        Assert.IsType<SignInAnswer.Refused>(await ShowAsync(await ChallengeAsync(), authenticator));
    }

    [Fact]
    public async Task A_passkey_of_nobody_or_of_another_login_opens_nothing()
    {
        var login = await Desk.MakeAsync();
        var other = await Desk.MakeAsync();
        using SoftwareAuthenticator authenticator = new();
        using SoftwareAuthenticator others = new();
        using SoftwareAuthenticator foreign = new();
        await Desk.AddPasskeyAsync(login, authenticator);
        await Desk.AddPasskeyAsync(other, others);
        foreign.Create("""{"challenge":"AA","rp":{"id":"localhost"},"user":{"id":"bm9ib2R5"}}""");

        var named = await ChallengeAsync(login.Login);
        Assert.IsType<SignInAnswer.Refused>(await ShowAsync(named, others));
        Assert.IsType<SignInAnswer.Refused>(await ShowAsync(named, foreign));
        Assert.IsType<SignInAnswer.Refused>(await ShowAsync(await ChallengeAsync(), foreign));
        Assert.IsType<SignInAnswer.SignedIn>(await ShowAsync(named, authenticator));
    }

    [Fact]
    public async Task A_challenge_runs_out_and_can_not_be_altered()
    {
        var login = await Desk.MakeAsync();
        using SoftwareAuthenticator authenticator = new();
        await Desk.AddPasskeyAsync(login, authenticator);
        var late = await ChallengeAsync();
        Desk.Pass(TimeSpan.FromMinutes(5));
        var fresh = await ChallengeAsync();
        var altered = fresh with
        {
            State = fresh.State[..20] + (fresh.State[20] == 'A' ? 'B' : 'A') + fresh.State[21..],
        };

        Assert.IsType<SignInAnswer.Refused>(await ShowAsync(late, authenticator));
        Assert.IsType<SignInAnswer.Refused>(await ShowAsync(altered, authenticator));
        Assert.IsType<SignInAnswer.Refused>(
            await ShowAsync(fresh with { State = "not sealed" }, authenticator)
        );
        Assert.IsType<SignInAnswer.SignedIn>(await ShowAsync(fresh, authenticator));
    }

    [Fact]
    public async Task A_sessions_challenge_is_answered_in_that_session_only()
    {
        var login = await Desk.MakeAsync();
        using SoftwareAuthenticator authenticator = new();
        await Desk.AddPasskeyAsync(login, authenticator);
        var challenge = await ChallengeAsync(login.Login, "one");

        Assert.IsType<SignInAnswer.Refused>(await ShowAsync(challenge, authenticator));
        Assert.IsType<SignInAnswer.Refused>(await ShowAsync(challenge, authenticator, "two"));
        Assert.Equal<Actor>(
            login.Actor(Assurance.Strong),
            ActorOf(await ShowAsync(challenge, authenticator, "one"))
        );
    }

    [Fact]
    public async Task A_challenge_tells_no_stranger_whether_there_is_such_a_login()
    {
        var login = await Desk.MakeAsync();
        using SoftwareAuthenticator authenticator = new();
        await Desk.AddPasskeyAsync(login, authenticator);

        Assert.Equal(
            Shape(await ChallengeAsync("nobody-at-all")),
            Shape(await ChallengeAsync(login.Login))
        );

        static string Shape(PasskeyChallenge challenge)
        {
            var options = System.Text.Json.Nodes.JsonNode.Parse(challenge.Options)!.AsObject();
            options.Remove("challenge");
            return options.ToJsonString();
        }
    }

    [Fact]
    public async Task A_passkey_that_was_removed_and_a_login_that_is_blocked_open_nothing()
    {
        var login = await Desk.MakeAsync();
        using SoftwareAuthenticator first = new();
        using SoftwareAuthenticator second = new();
        var removed = await Desk.AddPasskeyAsync(login, first);
        await Desk.AddPasskeyAsync(login, second);
        var before = await ChallengeAsync();

        await Desk.RemovePasskeyAsync(login, removed);
        Assert.IsType<SignInAnswer.Refused>(await ShowAsync(before, first));
        Assert.IsType<SignInAnswer.SignedIn>(await ShowAsync(before, second));

        await Desk.BlockAsync(login);
        Assert.IsType<SignInAnswer.Refused>(await ShowAsync(await ChallengeAsync(), second));
    }

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    private static Actor ActorOf(SignInAnswer answer) =>
        Assert.IsType<SignInAnswer.SignedIn>(answer).Actor;

    private Task<SignInAnswer> TryAsync(
        TestLogin login,
        string? code = null,
        string? device = null
    ) =>
        Desk.SignIn.SignInAsync(
            new SignInRequest(LoginKind.Customer, login.Login, login.Secret, Network)
            {
                Code = code,
                Device = device,
            },
            Token
        );

    private async Task<PasskeyChallenge> ChallengeAsync(
        string? login = null,
        string? session = null
    ) =>
        Assert
            .IsType<QueryAnswer<PasskeyChallenge>.Found>(
                await Desk.SignIn.ChallengeAsync(
                    new PasskeyPrompt(LoginKind.Customer) { Login = login, Session = session },
                    Token
                )
            )
            .Value;

    private Task<SignInAnswer> ShowAsync(
        PasskeyChallenge challenge,
        SoftwareAuthenticator authenticator,
        string? session = null
    ) => ShowAsync(challenge, authenticator.Get(challenge.Options), session);

    private Task<SignInAnswer> ShowAsync(
        PasskeyChallenge challenge,
        string credential,
        string? session = null
    ) =>
        Desk.SignIn.SignInWithPasskeyAsync(
            new PasskeySignIn(LoginKind.Customer, challenge.State, credential)
            {
                Session = session,
            },
            Token
        );
}
