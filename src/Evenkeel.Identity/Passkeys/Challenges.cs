using System.Security.Cryptography;
using System.Text.Json;
using Evenkeel.Payments;

namespace Evenkeel.Identity.Passkeys;

/// <summary>What a challenge is for. Sealed into it: numbers only grow.</summary>
internal enum ChallengeUse : byte
{
    None = 0,
    Add = 1,
    SignIn = 2,
}

/// <summary>A challenge that was given out. The bank keeps nothing of it but, once answered, its id.</summary>
/// <param name="Login">Only a passkey of this login answers it; null = of any.</param>
/// <param name="Session">Only this session brings the answer; null = whoever asked had none.</param>
/// <param name="State">Of the library: the challenge itself, and whose.</param>
internal sealed record Challenge(
    string Id,
    ChallengeUse Use,
    LoginKind Kind,
    string? Login,
    string? Session,
    DateTimeOffset Until,
    string State
);

/// <summary>
/// Seals challenges with a key beside those of persons, which all members share: whoever leads when the
/// answer comes can open what another gave out.
/// </summary>
internal sealed class Challenges(ISecretVault vault, TimeProvider time)
{
    private const string Subject = "login/challenges";
    private const string Purpose = "passkey-challenge";
    private const int IdBytes = 16;

    public string Seal(
        ChallengeUse use,
        LoginKind kind,
        string? login,
        string? session,
        string state
    ) =>
        vault.Seal(
            Subject,
            Purpose,
            JsonSerializer.Serialize(
                new Challenge(
                    Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdBytes)),
                    use,
                    kind,
                    login,
                    session,
                    time.GetUtcNow().AddMinutes(IdentityLimits.ChallengeMinutes),
                    state
                ),
                IdentityJson.Default.Challenge
            )
        );

    /// <summary>Null when it is none of ours, is for something else or somebody else, or has run out.</summary>
    public Challenge? Open(string isSealed, ChallengeUse use, LoginKind kind, string? session)
    {
        if (isSealed.Length is 0 or > IdentityLimits.PasskeyCharsMax)
        {
            return null;
        }
        try
        {
            return
                vault.Open(Subject, Purpose, isSealed) is { } json
                && JsonSerializer.Deserialize(json, IdentityJson.Default.Challenge) is { } challenge
                && challenge.Use == use
                && challenge.Kind == kind
                && string.Equals(challenge.Session, session, StringComparison.Ordinal)
                && challenge.Until > time.GetUtcNow()
                ? challenge
                : null;
        }
        catch (Exception e) when (e is CryptographicException or JsonException or FormatException)
        {
            return null;
        }
    }

    /// <summary>
    /// The login's document with the challenge among those answered; null when it was answered before.
    /// </summary>
    public LoginDocument? Answered(LoginDocument document, Challenge challenge) =>
        document.UsedChallenges.Any(used =>
            string.Equals(used.Id, challenge.Id, StringComparison.Ordinal)
        )
            ? null
            : document with
            {
                UsedChallenges =
                [
                    .. Remembered(document),
                    new UsedChallenge(challenge.Id, challenge.Until),
                ],
            };

    /// <summary>When the login may answer another one; null = now.</summary>
    public DateTimeOffset? FullUntil(LoginDocument document)
    {
        UsedChallenge[] remembered = [.. Remembered(document)];
        return remembered.Length < IdentityLimits.ChallengesUsedMax
            ? null
            : remembered.Min(static used => used.Until);
    }

    private IEnumerable<UsedChallenge> Remembered(LoginDocument document) =>
        document.UsedChallenges.Where(used => used.Until > time.GetUtcNow());
}
