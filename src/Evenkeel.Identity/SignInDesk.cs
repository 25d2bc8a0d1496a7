using Evenkeel.Identity.Library;
using Evenkeel.Identity.Passkeys;
using Evenkeel.Journal;
using Evenkeel.Payments;

namespace Evenkeel.Identity;

/// <summary>
/// Verifies who signs in, by ASP.NET Core Identity over our records. Brakes and known devices are ours
/// (<see cref="Brake"/>).
/// </summary>
public sealed class SignInDesk : ISignIn, IDisposable
{
    private readonly LoginLibrary _library;
    private readonly Brake _brake;
    private readonly PasskeySignIns _passkeySignIns;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _places = new(IdentityLimits.VerifiedAtOnceMax);
    private readonly LoginUser _nobody;
    private int _waiting;

    public SignInDesk(
        IJournal journal,
        ISecretVault vault,
        TimeProvider time,
        PasskeyOptions passkeys,
        ISignInAudit audit
    )
    {
        LoginStore logins = new(journal);
        Challenges challenges = new(vault, time);
        _time = time;
        _library = new LoginLibrary(logins, vault, time, passkeys);
        _brake = new Brake(logins, time);
        _nobody = LoginUser.Nobody(_library.HashOf(Guid.NewGuid().ToString()));
        _passkeySignIns = new PasskeySignIns(_library, challenges, audit, time);
        Passkeys = new PasskeyDesk(_library, challenges, vault, time);
    }

    /// <summary>Where passkeys come and go.</summary>
    public IPasskeys Passkeys { get; }

    public Task<SignInAnswer> SignInAsync(
        SignInRequest request,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(request);
        return
            IsLogin(request.Kind, request.Login)
            && request.Secret.Length is > 0 and <= IdentityLimits.SecretCharsMax
            ? InPlaceAsync(() => VerifyAsync(request, cancellationToken), cancellationToken)
            : Task.FromResult<SignInAnswer>(new SignInAnswer.Refused());
    }

    public Task<SignInAnswer> ConfirmAsync(
        CodeConfirmation request,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(request);
        return IsLogin(request.Kind, request.Login)
            ? InPlaceAsync(() => VerifyAsync(request, cancellationToken), cancellationToken)
            : Task.FromResult<SignInAnswer>(new SignInAnswer.Refused());
    }

    public Task<QueryAnswer<PasskeyChallenge>> ChallengeAsync(
        PasskeyPrompt prompt,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(prompt);
        return _passkeySignIns.ChallengeAsync(prompt, cancellationToken);
    }

    public Task<SignInAnswer> SignInWithPasskeyAsync(
        PasskeySignIn request,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(request);
        return _passkeySignIns.SignInAsync(request, cancellationToken);
    }

    public void Dispose() => _places.Dispose();

    private static bool IsLogin(LoginKind kind, string login) =>
        kind != LoginKind.None && login.Length is > 0 and <= IdentityLimits.LoginCharsMax;

    /// <summary>Verifying a password costs a processor: a few at once, a bounded number waiting.</summary>
    private async Task<SignInAnswer> InPlaceAsync(
        Func<Task<SignInAnswer>> verify,
        CancellationToken cancellationToken
    )
    {
        if (Interlocked.Increment(ref _waiting) > IdentityLimits.WaitingMax)
        {
            Interlocked.Decrement(ref _waiting);
            return new SignInAnswer.Unavailable();
        }
        try
        {
            await _places.WaitAsync(cancellationToken);
            try
            {
                return await verify();
            }
            finally
            {
                _places.Release();
            }
        }
        catch (IdentityUnavailableException)
        {
            return new SignInAnswer.Unavailable();
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    private async Task<SignInAnswer> VerifyAsync(
        SignInRequest request,
        CancellationToken cancellationToken
    )
    {
        using var users = _library.Open(cancellationToken);
        var login = await users.FindByNameAsync(LoginUser.NameOf(request.Kind, request.Login));
        var device = Devices.Find(login?.Document, request.Device);
        var attempt = await _brake.BeginAsync(
            request.Kind,
            request.Login,
            device,
            request.Network,
            cancellationToken
        );
        if (_brake.Halt(attempt) is { } halt)
        {
            return halt;
        }
        if (
            device is null
            && request.Code is null
            && login is { HasSecondFactor: true }
            && await _brake.IsBesiegedAsync(attempt, cancellationToken)
        )
        {
            // Guessed at from many places: whether a password is right is no longer told by itself.
            return new SignInAnswer.CodeNeeded();
        }
        // As long for nobody as for somebody: time must not tell who is a customer.
        var isRight = await users.CheckPasswordAsync(login ?? _nobody, request.Secret);
        if (login is null || login.Document.IsBlocked || !isRight)
        {
            return await WrongAsync();
        }
        if (!login.HasSecondFactor)
        {
            return new SignInAnswer.SignedIn(login.ToActor(Assurance.Single, request.Login), null)
            {
                Scopes = login.Scopes,
            };
        }
        if (request.Code is not { } code)
        {
            // A known device is the second thing that somebody has; for more than looking a code is asked.
            return device is not null && request.Kind == LoginKind.Customer
                ? new SignInAnswer.SignedIn(login.ToActor(Assurance.Single, request.Login), null)
                : new SignInAnswer.CodeNeeded();
        }
        return await IsCodeGoodAsync(users, login, code)
            ? await TakeCodeAsync(users, login, code, device, request.Login)
            : await WrongAsync();

        Task<SignInAnswer> WrongAsync() => _brake.WrongAsync(attempt, cancellationToken);
    }

    /// <summary>The session has shown the first factor: the code alone, with the same brake.</summary>
    private async Task<SignInAnswer> VerifyAsync(
        CodeConfirmation request,
        CancellationToken cancellationToken
    )
    {
        using var users = _library.Open(cancellationToken);
        var login = await users.FindByNameAsync(LoginUser.NameOf(request.Kind, request.Login));
        var device = Devices.Find(login?.Document, request.Device);
        var attempt = await _brake.BeginAsync(
            request.Kind,
            request.Login,
            device,
            request.Network,
            cancellationToken
        );
        if (_brake.Halt(attempt) is { } halt)
        {
            return halt;
        }
        return
            login is { Document.IsBlocked: false }
            && await IsCodeGoodAsync(users, login, request.Code)
            ? await TakeCodeAsync(users, login, request.Code, device, request.Login)
            : await _brake.WrongAsync(attempt, cancellationToken);
    }

    /// <summary>Right, and not one that was taken before.</summary>
    private async Task<bool> IsCodeGoodAsync(LoginUsers users, LoginUser login, string code) =>
        !(
            login.Document.UsedCodeAt
                > _time.GetUtcNow().AddMinutes(-IdentityLimits.CodeUsedMinutes)
            && string.Equals(
                login.Document.UsedCode,
                LoginStore.Sha256(code),
                StringComparison.Ordinal
            )
        ) && await users.IsCodeRightAsync(login, code);

    private async Task<SignInAnswer> TakeCodeAsync(
        LoginUsers users,
        LoginUser login,
        string code,
        KnownDevice? device,
        string shown
    )
    {
        var now = _time.GetUtcNow();
        var (document, kept) = Devices.Use(login.Document, device, now);
        login.Document = document with { UsedCode = LoginStore.Sha256(code), UsedCodeAt = now };
        // Somebody else used the same code at the same moment: only one of them was the owner's.
        return (await users.WriteAsync(login)).Succeeded
            ? new SignInAnswer.SignedIn(login.ToActor(Assurance.Strong, shown), kept)
            {
                Scopes = login.Scopes,
            }
            : new SignInAnswer.Refused();
    }
}
