using Evenkeel.Journal;
using Evenkeel.Payments;

namespace Evenkeel.Identity;

/// <summary>Somebody who tries: a known device, or a stranger from a network.</summary>
/// <param name="Name">Of the place that wrong tries are counted for.</param>
internal readonly record struct Place(string Name, bool IsStranger);

/// <summary>A try to sign in, and what went wrong before at the same place.</summary>
internal readonly record struct Attempt(
    LoginKind Kind,
    string Login,
    Place Place,
    Versioned<FailureDocument> Failures
);

/// <summary>
/// Counts wrong tries for (login, device) or (login, network), each with a doubling wait: strangers lock
/// out themselves, never a device that the customer used before. The library's own lockout counts by
/// account, so that whoever knows a login could lock its owner out.
/// </summary>
internal sealed class Brake(LoginStore logins, TimeProvider time)
{
    /// <summary>Stands for all unknown devices together.</summary>
    private const string Strangers = "strangers";

    /// <param name="device">Known from before; null for strangers.</param>
    public async ValueTask<Attempt> BeginAsync(
        LoginKind kind,
        string login,
        KnownDevice? device,
        string network,
        CancellationToken cancellationToken
    )
    {
        Place place = device is null
            ? new($"net:{network}", true)
            : new($"dev:{device.Sha256}", false);
        return new Attempt(
            kind,
            login,
            place,
            await ReadAsync(LoginStore.FailuresOf(kind, login, place.Name), cancellationToken)
        );
    }

    /// <summary>That nothing is tried before a time; null when it may be tried now.</summary>
    public SignInAnswer? Halt(Attempt attempt) =>
        attempt.Failures.Document?.NotBefore is { } notBefore && notBefore > time.GetUtcNow()
            ? new SignInAnswer.NotBefore(notBefore)
            : null;

    /// <summary>So many wrong tries from unknown places that a right password is no longer told by itself.</summary>
    public async ValueTask<bool> IsBesiegedAsync(
        Attempt attempt,
        CancellationToken cancellationToken
    ) =>
        await ReadAsync(
            LoginStore.FailuresOf(attempt.Kind, attempt.Login, Strangers),
            cancellationToken
        )
            is { Document.Count: >= IdentityLimits.StrangersTriesMax };

    /// <summary>One more wrong try.</summary>
    public async Task<SignInAnswer> WrongAsync(Attempt attempt, CancellationToken cancellationToken)
    {
        var (kind, login, place, failures) = attempt;
        var now = time.GetUtcNow();
        var answer = await CountAsync(
            LoginStore.FailuresOf(kind, login, place.Name),
            failures,
            now,
            cancellationToken
        );
        if (!place.IsStranger)
        {
            return answer;
        }
        var key = LoginStore.FailuresOf(kind, login, Strangers);
        var all = await ReadAsync(key, cancellationToken);
        if (all.Document is null or { Count: < IdentityLimits.StrangersTriesMax })
        {
            // Lost when two come at once: the count is a brake, not a ledger.
            _ = await logins.WriteAsync(
                key,
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
        _ = await logins.WriteAsync(
            key,
            new FailureDocument(count, now, notBefore),
            failures.Version,
            IdentityJson.Default.FailureDocument,
            cancellationToken
        );
        return notBefore is { } at ? new SignInAnswer.NotBefore(at) : new SignInAnswer.Refused();
    }

    private async ValueTask<Versioned<FailureDocument>> ReadAsync(
        RecordKey key,
        CancellationToken cancellationToken
    )
    {
        var found = await logins.ReadAsync(
            key,
            IdentityJson.Default.FailureDocument,
            cancellationToken
        );
        return
            found.Document is { } document
            && document.Last < time.GetUtcNow().AddHours(-IdentityLimits.ForgottenAfterHours)
            ? found with
            {
                Document = null,
            }
            : found;
    }
}
