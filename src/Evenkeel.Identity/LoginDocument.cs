using System.Text.Json.Serialization;
using Evenkeel.Payments;

namespace Evenkeel.Identity;

/// <summary>How somebody signs in. Persisted: members are only added. Holds no name of a person.</summary>
/// <param name="Subject">Customer's number, or the member of staff.</param>
/// <param name="SecretHash">By ASP.NET Core Identity (PBKDF2 with HMAC-SHA512), with its parameters.</param>
internal sealed record LoginDocument(
    LoginKind Kind,
    string Subject,
    string SecretHash,
    DateTimeOffset Since
)
{
    /// <summary>Of staff.</summary>
    public string? Branch { get; init; }

    /// <summary>Of a program: what it may do; null in documents from before scopes were written down.</summary>
    public IReadOnlyList<string>? Scopes { get; init; }

    public bool IsBlocked { get; init; }

    /// <summary>Secret of the authenticator, sealed outside the records; null = none.</summary>
    public string? SealedCodeKey { get; init; }

    /// <summary>SHA-256 of the last code that was taken: none is taken twice.</summary>
    public string? UsedCode { get; init; }

    public DateTimeOffset? UsedCodeAt { get; init; }

    public IReadOnlyList<KnownDevice> Devices { get; init; } = [];

    /// <summary>What passkeys say of their owner: random, so that it tells nothing else. Null = never had one.</summary>
    public string? Handle { get; init; }

    public IReadOnlyList<PasskeyDocument> Passkeys { get; init; } = [];

    /// <summary>Challenges that were answered and have not run out.</summary>
    public IReadOnlyList<UsedChallenge> UsedChallenges { get; init; } = [];
}

/// <summary>A public key that opens a login. Persisted: members are only added.</summary>
/// <param name="PublicKey">COSE_Key of RFC 9052.</param>
internal sealed record PasskeyDocument(byte[] CredentialId, byte[] PublicKey, DateTimeOffset Since)
{
    /// <summary>Its owner's words, sealed outside the records.</summary>
    public string? SealedName { get; init; }

    /// <summary>The authenticator's own count of signatures; 0 = it keeps none.</summary>
    public uint SignCount { get; init; }

    public IReadOnlyList<string> Transports { get; init; } = [];

    public bool IsBackupEligible { get; init; }

    public bool IsBackedUp { get; init; }

    public DateTimeOffset? LastUsed { get; init; }

    /// <summary>The challenge that it was made for: the same registration again finds it.</summary>
    public string? MadeFor { get; init; }
}

internal sealed record UsedChallenge(string Id, DateTimeOffset Until);

/// <summary>Another name of a login. Persisted: members are only added.</summary>
/// <param name="Login">As in its key: lower case.</param>
internal sealed record AliasDocument(LoginKind Kind, string Login);

/// <param name="Sha256">Of what the device keeps.</param>
internal sealed record KnownDevice(string Sha256, DateTimeOffset LastUsed);

/// <summary>Wrong tries of a login from one place.</summary>
internal sealed record FailureDocument(int Count, DateTimeOffset Last, DateTimeOffset? NotBefore);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true
)]
[JsonSerializable(typeof(LoginDocument))]
[JsonSerializable(typeof(FailureDocument))]
[JsonSerializable(typeof(AliasDocument))]
[JsonSerializable(typeof(Passkeys.Challenge))]
internal sealed partial class IdentityJson : JsonSerializerContext;
