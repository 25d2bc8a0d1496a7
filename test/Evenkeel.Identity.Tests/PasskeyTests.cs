using System.Text;
using System.Text.Json.Nodes;
using Evenkeel.Identity.Passkeys;
using Evenkeel.Journal;
using Evenkeel.Journal.Access;
using Evenkeel.Payments;
using Evenkeel.Payments.Compliance;
using Xunit;

namespace Evenkeel.Identity.Tests;

/// <summary>Passkeys come and go; what is noted of those that are copied.</summary>
public sealed class PasskeyTests(IdentityBed bed) : IClassFixture<IdentityBed>
{
    [Fact]
    public async Task Passkeys_come_and_go_with_two_factors_and_for_their_owner_only()
    {
        var login = await bed.MakeAsync();
        var other = await bed.MakeAsync();
        var weak = IdentityBed.OwnerOf(login, Assurance.Single);

        Refused(
            OutcomeReason.StrongAuthenticationRequired,
            await bed.Passkeys.BeginAsync(weak, Token)
        );
        Refused(
            OutcomeReason.StrongAuthenticationRequired,
            await bed.Passkeys.RemoveAsync(weak, "any", Token)
        );
        Assert.Empty(IdentityBed.Value(await bed.Passkeys.ListAsync(weak, Token)));
        // Signed in as oneself, asking for another's login.
        Refused(
            OutcomeReason.NotAuthorised,
            await bed.Passkeys.ListAsync(
                IdentityBed.OwnerOf(login) with
                {
                    Login = other.Login,
                },
                Token
            )
        );
        Refused(
            OutcomeReason.NotAuthorised,
            await bed.Passkeys.BeginAsync(
                new PasskeyOwner(
                    new Actor.ApiClient(login.Login, login.Customer),
                    login.Login,
                    IdentityBed.Session
                ),
                Token
            )
        );
    }

    [Fact]
    public async Task Staff_without_a_second_factor_add_none()
    {
        Assert.True(
            await bed.Logins.MakeAsync(
                new NewLogin(LoginKind.Staff, "teller", "teller", IdentityBed.Password)
                {
                    Branch = "B1",
                },
                Token
            )
        );
        PasskeyOwner teller = new(new Actor.Staff("teller", "B1"), "teller", IdentityBed.Session);
        Refused(
            OutcomeReason.StrongAuthenticationRequired,
            await bed.Passkeys.BeginAsync(teller, Token)
        );

        Assert.NotNull(await bed.Logins.AddAuthenticatorAsync(LoginKind.Staff, "teller", Token));

        Assert.NotEmpty(IdentityBed.Value(await bed.Passkeys.BeginAsync(teller, Token)).Options);
    }

    [Fact]
    public async Task A_registration_belongs_to_its_session_and_its_login()
    {
        var login = await bed.MakeAsync();
        var other = await bed.MakeAsync();
        using SoftwareAuthenticator authenticator = new();
        var owner = IdentityBed.OwnerOf(login);
        var challenge = IdentityBed.Value(await bed.Passkeys.BeginAsync(owner, Token));
        NewPasskey made = new("phone", challenge.State, authenticator.Create(challenge.Options));

        Refused(
            OutcomeReason.PasskeyNotAccepted,
            await bed.Passkeys.AddAsync(IdentityBed.OwnerOf(login, session: "another"), made, Token)
        );
        Refused(
            OutcomeReason.PasskeyNotAccepted,
            await bed.Passkeys.AddAsync(IdentityBed.OwnerOf(other), made, Token)
        );
        // A challenge to sign in is none to add a passkey with.
        var prompt = IdentityBed.Value(
            await bed.SignIn.ChallengeAsync(
                new PasskeyPrompt(LoginKind.Customer)
                {
                    Login = login.Login,
                    Session = IdentityBed.Session,
                },
                Token
            )
        );
        Refused(
            OutcomeReason.PasskeyNotAccepted,
            await bed.Passkeys.AddAsync(owner, made with { State = prompt.State }, Token)
        );

        var view = IdentityBed.Value(await bed.Passkeys.AddAsync(owner, made, Token));
        Assert.Equal("phone", view.Name);
        Assert.Equal(bed.Time.Now, view.Since);
        // The answer was lost on its way: the same again gets it. Another passkey does not.
        Assert.Equal(view, IdentityBed.Value(await bed.Passkeys.AddAsync(owner, made, Token)));
        Assert.Equal([view], IdentityBed.Value(await bed.Passkeys.ListAsync(owner, Token)));
        var removed = IdentityBed.Value(await RemoveAfterAnotherAsync(login, view.Id));
        Assert.Equal(view, removed);
        Refused(OutcomeReason.PasskeyNotAccepted, await bed.Passkeys.AddAsync(owner, made, Token));
    }

    [Theory]
    [MemberData(
        nameof(SignInCompliance.Bent),
        MemberType = typeof(SignInCompliance),
        DisableDiscoveryEnumeration = true
    )]
    public async Task A_passkey_that_is_not_as_asked_is_not_taken(
        string what,
        Action<SoftwareAuthenticator> bend
    )
    {
        var login = await bed.MakeAsync();
        using SoftwareAuthenticator authenticator = new();
        bend(authenticator);

        var answer = await bed.AddAsync(login, authenticator);

        Assert.True(
            answer is QueryAnswer<PasskeyView>.Refused { Reason: OutcomeReason.PasskeyNotAccepted },
            what
        );
    }

    [Fact]
    public async Task A_challenge_for_a_new_passkey_runs_out()
    {
        var login = await bed.MakeAsync();
        using SoftwareAuthenticator authenticator = new();
        var owner = IdentityBed.OwnerOf(login);
        var challenge = IdentityBed.Value(await bed.Passkeys.BeginAsync(owner, Token));
        bed.Pass(TimeSpan.FromMinutes(IdentityLimits.ChallengeMinutes));

        Refused(
            OutcomeReason.PasskeyNotAccepted,
            await bed.Passkeys.AddAsync(
                owner,
                new NewPasskey("late", challenge.State, authenticator.Create(challenge.Options)),
                Token
            )
        );
    }

    [Fact]
    public async Task A_login_has_so_many_passkeys_and_their_names_stand_in_no_record()
    {
        var login = await bed.MakeAsync();
        using SoftwareAuthenticator authenticator = new();
        for (var i = 0; i < IdentityLimits.PasskeysMax; i++)
        {
            IdentityBed.Value(await bed.AddAsync(login, authenticator, $"Meilin's phone {i}"));
        }

        Refused(
            OutcomeReason.PasskeyLimitReached,
            await bed.Passkeys.BeginAsync(IdentityBed.OwnerOf(login), Token)
        );
        var listed = IdentityBed.Value(
            await bed.Passkeys.ListAsync(IdentityBed.OwnerOf(login), Token)
        );
        Assert.Equal(
            Enumerable.Range(0, IdentityLimits.PasskeysMax).Select(i => $"Meilin's phone {i}"),
            listed.Select(static view => view.Name)
        );
        Assert.DoesNotContain("Meilin", await RecordAsync(login));
        Assert.True(AccessRules.IsHidden(AccessRules.LoginAliasCollection));
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("two\nlines")]
    [InlineData("a name that is longer than what is shown on a page")]
    public async Task A_passkey_has_a_name_that_can_be_shown(string name)
    {
        var login = await bed.MakeAsync();
        using SoftwareAuthenticator authenticator = new();

        Refused(OutcomeReason.Malformed, await bed.AddAsync(login, authenticator, name));
    }

    [Fact]
    public async Task The_last_second_factor_stays()
    {
        var login = await bed.MakeAsync();
        using SoftwareAuthenticator authenticator = new();
        await bed.AddCodesAsync(login);
        Assert.False(await RemoveCodesAsync(login));
        var passkey = await bed.AddPasskeyAsync(login, authenticator);
        Assert.True(await RemoveCodesAsync(login));

        Refused(
            OutcomeReason.LastSecondFactor,
            await bed.Passkeys.RemoveAsync(IdentityBed.OwnerOf(login), passkey, Token)
        );
        // And the password alone opens nothing from an unknown place.
        Assert.IsType<SignInAnswer.CodeNeeded>(
            await bed.SignIn.SignInAsync(
                new SignInRequest(LoginKind.Customer, login.Login, login.Secret, "192.0.2.0"),
                Token
            )
        );
        Assert.Equal(passkey, IdentityBed.Value(await RemoveAfterAnotherAsync(login, passkey)).Id);
        Refused(
            OutcomeReason.PasskeyUnknown,
            await bed.Passkeys.RemoveAsync(IdentityBed.OwnerOf(login), passkey, Token)
        );
    }

    [Fact]
    public async Task A_count_that_goes_back_is_noted_and_what_strangers_make_up_is_not()
    {
        var login = await bed.MakeAsync();
        using SoftwareAuthenticator authenticator = new() { Count = 40 };
        await bed.AddPasskeyAsync(login, authenticator);
        var challenge = await PromptAsync();
        var credential = authenticator.Get(challenge.Options);
        Assert.IsType<SignInAnswer.SignedIn>(await ShowAsync(challenge, credential));

        // The same answer again, and one with a wrong signature.
        Assert.IsType<SignInAnswer.Refused>(await ShowAsync(challenge, credential));
        authenticator.Count = 2;
        var asked = await PromptAsync();
        var forged = JsonNode.Parse(authenticator.Get(asked.Options))!;
        forged["response"]!["signature"] = JsonNode.Parse(credential)!["response"]![
            "signature"
        ]!.GetValue<string>();
        Assert.IsType<SignInAnswer.Refused>(await ShowAsync(asked, forged.ToJsonString()));
        Assert.DoesNotContain(bed.Audit.Lines, line => line.Actor.Name == login.Customer.Value);

        authenticator.Count = 3;
        var again = await PromptAsync();
        Assert.IsType<SignInAnswer.Refused>(
            await ShowAsync(again, authenticator.Get(again.Options))
        );
        Assert.Equal(
            (login.Actor(Assurance.Single), "passkey-count-back"),
            Assert.Single(bed.Audit.Lines, line => line.Actor.Name == login.Customer.Value)
        );
    }

    [Fact]
    public async Task More_answers_in_five_minutes_than_are_remembered_must_wait()
    {
        var login = await bed.MakeAsync();
        using SoftwareAuthenticator authenticator = new();
        await bed.AddPasskeyAsync(login, authenticator);
        SignInAnswer answer = new SignInAnswer.Refused();
        for (var i = 0; i < IdentityLimits.ChallengesUsedMax; i++)
        {
            var challenge = await PromptAsync();
            answer = await ShowAsync(challenge, authenticator.Get(challenge.Options));
        }
        // One of them was the registration's.
        var wait = Assert.IsType<SignInAnswer.NotBefore>(answer);

        bed.Pass(wait.At - bed.Time.Now);
        var later = await PromptAsync();

        Assert.IsType<SignInAnswer.SignedIn>(
            await ShowAsync(later, authenticator.Get(later.Options))
        );
    }

    [Theory]
    [InlineData(null, null, "http://localhost:4170", true)]
    [InlineData(null, null, "https://localhost", true)]
    [InlineData(null, null, "http://localhost.evil.test", false)]
    [InlineData("bank.example", null, "https://bank.example", true)]
    [InlineData("bank.example", null, "http://bank.example", false)]
    [InlineData("bank.example", null, "https://bank.example:8443", false)]
    [InlineData("bank.example", null, "https://www.bank.example", false)]
    [InlineData("bank.example", "https://www.bank.example", "https://www.bank.example", true)]
    [InlineData("bank.example", "https://www.bank.example", "https://bank.example", false)]
    [InlineData("bank.example", "https://www.bank.example", "null", false)]
    public void Origins_are_those_of_the_settings(
        string? domain,
        string? origins,
        string shown,
        bool isAdmitted
    ) => Assert.Equal(isAdmitted, PasskeyOptions.TryParse(domain, origins)!.Admits(shown));

    [Theory]
    [InlineData("bank.example", "http://bank.example")]
    [InlineData("bank.example", "https://notbank.example")]
    [InlineData("bank.example", "https://bank.example/path")]
    [InlineData("bank.example", "bank.example")]
    [InlineData("192.0.2.1", null)]
    public void Settings_that_no_browser_could_use_are_refused(string domain, string? origins) =>
        Assert.Null(PasskeyOptions.TryParse(domain, origins));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static void Refused<T>(OutcomeReason reason, QueryAnswer<T> answer) =>
        Assert.Equal(reason, Assert.IsType<QueryAnswer<T>.Refused>(answer).Reason);

    /// <summary>Another passkey takes its place first, so that it is not the last.</summary>
    private async Task<QueryAnswer<PasskeyView>> RemoveAfterAnotherAsync(
        TestLogin login,
        string passkey
    )
    {
        using SoftwareAuthenticator another = new();
        await bed.AddPasskeyAsync(login, another);
        return await bed.Passkeys.RemoveAsync(IdentityBed.OwnerOf(login), passkey, Token);
    }

    private Task<bool> RemoveCodesAsync(TestLogin login) =>
        bed.Logins.RemoveAuthenticatorAsync(LoginKind.Customer, login.Login, Token);

    private async Task<PasskeyChallenge> PromptAsync() =>
        IdentityBed.Value(
            await bed.SignIn.ChallengeAsync(new PasskeyPrompt(LoginKind.Customer), Token)
        );

    private Task<SignInAnswer> ShowAsync(PasskeyChallenge challenge, string credential) =>
        bed.SignIn.SignInWithPasskeyAsync(
            new PasskeySignIn(LoginKind.Customer, challenge.State, credential),
            Token
        );

    private async Task<string> RecordAsync(TestLogin login)
    {
        var page = await bed.Node.Journal.ReadRecordsAsync(
            new RecordQuery { Collection = AccessRules.LoginCollection, Key = $"1/{login.Login}" },
            Token
        );
        var record = Assert.Single(Assert.IsType<Answer<RecordPage>.Done>(page).Value.Records);
        return Encoding.UTF8.GetString(record.Json.Span);
    }
}
