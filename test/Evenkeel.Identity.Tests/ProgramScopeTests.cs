using Evenkeel.Identity.Library;
using Evenkeel.Payments;
using Xunit;

namespace Evenkeel.Identity.Tests;

/// <summary>What a program may do is said by its login.</summary>
public sealed class ProgramScopeTests : IAsyncLifetime
{
    private const string Secret = "a long secret of a program";

    private readonly IdentityBed _bed = new();

    public ValueTask InitializeAsync() => _bed.InitializeAsync();

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task A_program_has_the_scopes_of_its_login_and_all_of_today_unless_said_otherwise()
    {
        Assert.True(await MakeAsync("reader", [ProgramScopes.ReadAccounts]));
        Assert.True(await MakeAsync("all", null));

        Assert.Equal([ProgramScopes.ReadAccounts], await ScopesAsync("reader"));
        Assert.Equal(ProgramScopes.All, await ScopesAsync("all"));
    }

    [Fact]
    public async Task A_login_from_before_scopes_has_those_that_there_were_then()
    {
        Assert.True(await MakeAsync("old", null));
        LoginStore store = new(_bed.Node.Journal);
        var key = LoginStore.KeyOf(LoginUser.NameOf(LoginKind.Program, "old"));
        var (document, version) = await store.ReadAsync(
            key,
            IdentityJson.Default.LoginDocument,
            Token
        );
        Assert.True(
            await store.WriteAsync(
                key,
                document! with
                {
                    Scopes = null,
                },
                version,
                IdentityJson.Default.LoginDocument,
                Token
            )
        );

        Assert.Equal(ProgramScopes.Unwritten, await ScopesAsync("old"));
        // A scope that comes later must not be added here: nobody gave it to these logins.
        Assert.Equal(["accounts.read", "payments.write", "bulk.write"], ProgramScopes.Unwritten);
    }

    [Fact]
    public async Task Scopes_that_there_are_not_and_scopes_of_people_are_refused()
    {
        Assert.False(await MakeAsync("p1", []));
        Assert.False(await MakeAsync("p2", ["everything"]));
        Assert.False(
            await _bed.Logins.MakeAsync(
                new NewLogin(LoginKind.Customer, "c1", "C1", Secret)
                {
                    Scopes = [ProgramScopes.ReadAccounts],
                },
                Token
            )
        );
    }

    [Fact]
    public async Task A_blocked_program_gets_in_nowhere()
    {
        Assert.True(await MakeAsync("p1", null));
        Assert.True(await _bed.Logins.BlockAsync(LoginKind.Program, "p1", isBlocked: true, Token));

        Assert.IsType<SignInAnswer.Refused>(await TryAsync("p1"));
    }

    private Task<bool> MakeAsync(string login, IReadOnlyList<string>? scopes) =>
        _bed.Logins.MakeAsync(
            new NewLogin(LoginKind.Program, login, "C000000000001", Secret) { Scopes = scopes },
            Token
        );

    private async Task<IReadOnlyList<string>> ScopesAsync(string login) =>
        Assert.IsType<SignInAnswer.SignedIn>(await TryAsync(login)).Scopes;

    private Task<SignInAnswer> TryAsync(string login) =>
        _bed.Own.SignInAsync(
            new SignInRequest(LoginKind.Program, login, Secret, "192.0.2.0"),
            Token
        );

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
