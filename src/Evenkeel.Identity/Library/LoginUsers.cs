using Evenkeel.Identity.Passkeys;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Evenkeel.Identity.Library;

/// <summary>Users of ASP.NET Core Identity and their passkeys, for one request.</summary>
internal sealed class LoginUsers : UserManager<LoginUser>
{
    private static readonly LowerCase Normalizer = new();

    private readonly LoginUserStore _store;
    private readonly PasskeyHandler<LoginUser> _passkeys;

    public LoginUsers(LoginUserStore store, LibraryOptions options, AuthenticatorCodes codes)
        : base(
            store,
            options.Identity,
            options.Hasher,
            // Names are the bank's own, and the journal's guard keeps them apart.
            userValidators: [],
            [new PasswordValidator<LoginUser>()],
            Normalizer,
            new IdentityErrorDescriber(),
            services: null!,
            NullLogger<UserManager<LoginUser>>.Instance
        )
    {
        _store = store;
        _passkeys = new PasskeyHandler<LoginUser>(this, options.Passkeys);
        RegisterTokenProvider(TokenOptions.DefaultAuthenticatorProvider, codes);
    }

    /// <summary>Writes what was changed in the user's document.</summary>
    public Task<IdentityResult> WriteAsync(LoginUser user) => UpdateUserAsync(user);

    public Task<bool> IsCodeRightAsync(LoginUser user, string code) =>
        VerifyTwoFactorTokenAsync(user, TokenOptions.DefaultAuthenticatorProvider, code);

    /// <summary>Written with the next write.</summary>
    public void SetAuthenticatorKey(LoginUser user, string key) =>
        _store.SetAuthenticatorKey(user, key);

    public void SetHandle(LoginUser user, string handle) => _store.SetHandle(user, handle);

    public async Task<(string Options, string State)> MakeCreationAsync(LoginUser user)
    {
        var made = await _passkeys.MakeCreationOptionsAsync(
            new PasskeyUserEntity
            {
                Id = user.Document.Handle!,
                Name = user.Login,
                DisplayName = user.Login,
            },
            NoWeb
        );
        return (made.CreationOptionsJson, made.AttestationState!);
    }

    public async Task<(string Options, string State)> MakeRequestAsync(LoginUser? user)
    {
        var made = await _passkeys.MakeRequestOptionsAsync(user, NoWeb);
        return (made.RequestOptionsJson, made.AssertionState!);
    }

    /// <exception cref="IdentityUnavailableException">The journal could not answer.</exception>
    public async Task<PasskeyAttestationResult> AttestAsync(string credential, string state)
    {
        var result = await _passkeys.PerformAttestationAsync(
            new PasskeyAttestationContext
            {
                HttpContext = NoWeb,
                CredentialJson = credential,
                AttestationState = state,
            }
        );
        ThrowIfUnavailable(result.Failure);
        return result;
    }

    /// <exception cref="IdentityUnavailableException">The journal could not answer.</exception>
    public async Task<PasskeyAssertionResult<LoginUser>> AssertAsync(
        string credential,
        string state
    )
    {
        var result = await _passkeys.PerformAssertionAsync(
            new PasskeyAssertionContext
            {
                HttpContext = NoWeb,
                CredentialJson = credential,
                AssertionState = state,
            }
        );
        ThrowIfUnavailable(result.Failure);
        return result;
    }

    /// <summary>The bank stands behind a contract: domain and origins are its settings, no request says them.</summary>
    private static DefaultHttpContext NoWeb => new();

    /// <summary>The library makes every failure one of the passkey; ours of the journal is not the person's.</summary>
    private static void ThrowIfUnavailable(PasskeyException? failure)
    {
        if (failure?.InnerException is IdentityUnavailableException unavailable)
        {
            throw new IdentityUnavailableException(unavailable.Message);
        }
    }

    private sealed class LowerCase : ILookupNormalizer
    {
        public string? NormalizeName(string? name) => name?.ToLowerInvariant();

        public string? NormalizeEmail(string? email) => email?.ToLowerInvariant();
    }
}

/// <summary>How the library is set, the same for every request.</summary>
internal sealed class LibraryOptions(PasskeyOptions passkeys)
{
    public IOptions<IdentityOptions> Identity { get; } =
        Options.Create(
            new IdentityOptions
            {
                // Length and nothing else (NIST SP 800-63B): rules of letters make worse passwords.
                Password = new PasswordOptions
                {
                    RequiredLength = IdentityLimits.PasswordCharsMin,
                    RequireDigit = false,
                    RequireLowercase = false,
                    RequireUppercase = false,
                    RequireNonAlphanumeric = false,
                    RequiredUniqueChars = 1,
                },
            }
        );

    public IPasswordHasher<LoginUser> Hasher { get; } = new PasswordHasher<LoginUser>();

    public IOptions<IdentityPasskeyOptions> Passkeys { get; } =
        Options.Create(
            new IdentityPasskeyOptions
            {
                ServerDomain = passkeys.Domain,
                AuthenticatorTimeout = TimeSpan.FromMinutes(IdentityLimits.ChallengeMinutes),
                // So that a passkey is two factors: what somebody has, and what opens it.
                UserVerificationRequirement = "required",
                // Found without a login, so that nobody is told which passkeys a login has.
                ResidentKeyRequirement = "required",
                AttestationConveyancePreference = "none",
                ValidateOrigin = context =>
                    ValueTask.FromResult(!context.CrossOrigin && passkeys.Admits(context.Origin)),
            }
        );
}
