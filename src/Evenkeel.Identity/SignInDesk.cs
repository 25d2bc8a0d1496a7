using System.Security.Cryptography;
using Evenkeel.Journal;
using Evenkeel.Payments;
using Microsoft.AspNetCore.Identity;

namespace Evenkeel.Identity;

/// <summary>
/// Verifies who signs in. Wrong tries are counted for (login, device) or (login, network): strangers
/// can lock themselves out, never a device that the customer used before.
/// </summary>
public sealed class SignInDesk : ISignIn, IDisposable
{
    internal const string CodePurpose = "authenticator";

    /// <summary>Stands for all unknown devices together.</summary>
    private const string Strangers = "strangers";

    private readonly LoginStore _logins;
    private readonly ISecretVault _vault;
    private readonly TimeProvider _time;
    private readonly PasswordHasher<LoginDocument> _hasher = new();
    private readonly SemaphoreSlim _places = new(IdentityLimits.VerifiedAtOnceMax);
    private readonly string _nobodysHash;
    private int _waiting;

    public SignInDesk(IJournal journal, ISecretVault vault, TimeProvider time)
    {
        _logins = new LoginStore(journal);
        _vault = vault;
        _time = time;
        _nobodysHash = _hasher.HashPassword(Nobody, Guid.NewGuid().ToString());
    }

    private static LoginDocument Nobody => new(LoginKind.None, "", "", default);

    public async Task<SignInAnswer> SignInAsync(
        SignInRequest request,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(request);
        if (
            request.Login.Length is 0 or > IdentityLimits.LoginCharsMax
            || request.Secret.Length is 0 or > IdentityLimits.SecretCharsMax
            || request.Kind == LoginKind.None
        )
        {
            return new SignInAnswer.Refused();
        }
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
                return await VerifyAsync(request, cancellationToken);
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

    public void Dispose() => _places.Dispose();

    private async Task<SignInAnswer> VerifyAsync(
        SignInRequest request,
        CancellationToken cancellationToken
    )
    {
        var now = _time.GetUtcNow();
        var (login, version) = await _logins.FindAsync(
            request.Kind,
            request.Login,
            cancellationToken
        );
        var device = DeviceOf(login, request);
        var place = device is null ? $"net:{request.Network}" : $"dev:{device.Sha256}";
        var failures = await FailuresAsync(request, place, cancellationToken);
        if (failures.Document?.NotBefore is { } notBefore && notBefore > now)
        {
            return new SignInAnswer.NotBefore(notBefore);
        }
        if (
            device is null
            && request.Code is null
            && login?.SealedCodeKey is not null
            && await FailuresAsync(request, Strangers, cancellationToken)
                is { Document.Count: >= IdentityLimits.StrangersTriesMax }
        )
        {
            // Guessed at from many places: whether a password is right is no longer told by itself.
            return new SignInAnswer.CodeNeeded();
        }
        // As long for nobody as for somebody: time must not tell who is a customer.
        var isRight =
            _hasher.VerifyHashedPassword(
                login ?? Nobody,
                login?.SecretHash ?? _nobodysHash,
                request.Secret
            ) != PasswordVerificationResult.Failed;
        if (login is null || login.IsBlocked || !isRight)
        {
            return await WrongAsync(request, place, device is null, failures, cancellationToken);
        }
        if (login.SealedCodeKey is not { } codeKey)
        {
            return new SignInAnswer.SignedIn(ActorOf(request, login, Assurance.Single), null)
            {
                Scopes = ScopesOf(login),
            };
        }
        if (request.Code is not { } code)
        {
            // A known device is the second thing that somebody has; for more than looking a code is asked.
            return device is not null && request.Kind == LoginKind.Customer
                ? new SignInAnswer.SignedIn(ActorOf(request, login, Assurance.Single), null)
                : new SignInAnswer.CodeNeeded();
        }
        var key = _vault.Open(SubjectOf(request.Kind, login.Subject), CodePurpose, codeKey);
        var wasUsed =
            login.UsedCodeAt > now.AddMinutes(-IdentityLimits.CodeUsedMinutes)
            && string.Equals(login.UsedCode, LoginStore.Sha256(code), StringComparison.Ordinal);
        if (key is null || wasUsed || !Codes.IsRight(key, code, now))
        {
            return await WrongAsync(request, place, device is null, failures, cancellationToken);
        }
        var kept = device is null ? NewDevice() : null;
        var changed = login with
        {
            UsedCode = LoginStore.Sha256(code),
            UsedCodeAt = now,
            Devices = Remember(login.Devices, device, kept, now),
        };
        // Somebody else used the same code at the same moment: only one of them was the owner's.
        return await _logins.WriteAsync(
            LoginStore.KeyOf(request.Kind, request.Login),
            changed,
            version,
            IdentityJson.Default.LoginDocument,
            cancellationToken
        )
            ? new SignInAnswer.SignedIn(ActorOf(request, login, Assurance.Strong), kept)
            : new SignInAnswer.Refused();
    }

    /// <summary>Keys of staff and programs are apart from those of customers.</summary>
    internal static string SubjectOf(LoginKind kind, string subject) =>
        kind == LoginKind.Customer ? subject : $"login/{(int)kind}/{subject}";

    private static KnownDevice? DeviceOf(LoginDocument? login, SignInRequest request)
    {
        if (login is null || request.Device is not { } shown)
        {
            return null;
        }
        var hash = LoginStore.Sha256(shown);
        return login.Devices.FirstOrDefault(d =>
            string.Equals(d.Sha256, hash, StringComparison.Ordinal)
        );
    }

    private static string NewDevice() =>
        Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));

    private static List<KnownDevice> Remember(
        IReadOnlyList<KnownDevice> known,
        KnownDevice? used,
        string? made,
        DateTimeOffset now
    ) =>
        [
            new KnownDevice(made is null ? used!.Sha256 : LoginStore.Sha256(made), now),
            .. known
                .Where(d => d != used)
                .OrderByDescending(static d => d.LastUsed)
                .Take(IdentityLimits.DevicesMax - 1),
        ];

    private static Actor ActorOf(SignInRequest request, LoginDocument login, Assurance assurance) =>
        login.Kind switch
        {
            LoginKind.Customer => new Actor.Customer(new CustomerId(login.Subject), assurance),
            LoginKind.Program => new Actor.ApiClient(request.Login, new CustomerId(login.Subject)),
            LoginKind.Staff => new Actor.Staff(login.Subject, login.Branch ?? ""),
            _ => throw new InvalidOperationException("A login of no kind."),
        };

    private static IReadOnlyList<string> ScopesOf(LoginDocument login) =>
        login.Kind == LoginKind.Program ? login.Scopes ?? ProgramScopes.Unwritten : [];

    private async ValueTask<Versioned<FailureDocument>> FailuresAsync(
        SignInRequest request,
        string place,
        CancellationToken cancellationToken
    )
    {
        var found = await _logins.ReadAsync(
            LoginStore.FailuresOf(request.Kind, request.Login, place),
            IdentityJson.Default.FailureDocument,
            cancellationToken
        );
        return
            found.Document is { } document
            && document.Last < _time.GetUtcNow().AddHours(-IdentityLimits.ForgottenAfterHours)
            ? found with
            {
                Document = null,
            }
            : found;
    }

    private async Task<SignInAnswer> WrongAsync(
        SignInRequest request,
        string place,
        bool isStranger,
        Versioned<FailureDocument> failures,
        CancellationToken cancellationToken
    )
    {
        var now = _time.GetUtcNow();
        var answer = await CountAsync(
            LoginStore.FailuresOf(request.Kind, request.Login, place),
            failures,
            now,
            cancellationToken
        );
        if (!isStranger)
        {
            return answer;
        }
        var all = await FailuresAsync(request, Strangers, cancellationToken);
        if (all.Document is null or { Count: < IdentityLimits.StrangersTriesMax })
        {
            // Lost when two come at once: the count is a brake, not a ledger.
            _ = await _logins.WriteAsync(
                LoginStore.FailuresOf(request.Kind, request.Login, Strangers),
                new FailureDocument((all.Document?.Count ?? 0) + 1, now, null),
                all.Version,
                IdentityJson.Default.FailureDocument,
                cancellationToken
            );
        }
        return answer;
    }

    private async Task<SignInAnswer> CountAsync(
        RecordKey key,
        Versioned<FailureDocument> failures,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        var count = (failures.Document?.Count ?? 0) + 1;
        var beyond = count - IdentityLimits.TriesMax;
        DateTimeOffset? notBefore =
            beyond < 0
                ? null
                : now.AddMinutes(
                    Math.Min(
                        IdentityLimits.WaitMinutesFirst << Math.Min(beyond, 10),
                        IdentityLimits.WaitMinutesMax
                    )
                );
        _ = await _logins.WriteAsync(
            key,
            new FailureDocument(count, now, notBefore),
            failures.Version,
            IdentityJson.Default.FailureDocument,
            cancellationToken
        );
        return notBefore is { } at ? new SignInAnswer.NotBefore(at) : new SignInAnswer.Refused();
    }
}
