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
}

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
internal sealed partial class IdentityJson : JsonSerializerContext;
