using System.Text.Json;

namespace Evenkeel.Channels.Rest;

internal sealed record PasskeyPromptBody
{
    /// <inheritdoc cref="SignInBody.Kind"/>
    public string? Kind { get; init; }

    /// <summary>Only a passkey of this login will do; missing = whichever the person chooses.</summary>
    public string? Login { get; init; }
}

/// <param name="Options">For <c>navigator.credentials</c>: WebAuthn's own JSON.</param>
/// <param name="State">To send back with the credential; good for five minutes and once.</param>
internal sealed record PasskeyChallengeBody(JsonElement Options, string State);

/// <param name="Credential">What <c>toJSON()</c> of the credential gave.</param>
internal sealed record PasskeySignInBody(string State, JsonElement Credential)
{
    /// <inheritdoc cref="SignInBody.Kind"/>
    public string? Kind { get; init; }

    /// <inheritdoc cref="SignInBody.Device"/>
    public string? Device { get; init; }
}

/// <inheritdoc cref="PasskeySignInBody"/>
internal sealed record PasskeyStepUpBody(string State, JsonElement Credential)
{
    /// <inheritdoc cref="SignInBody.Device"/>
    public string? Device { get; init; }
}

/// <param name="Name">For its owner to tell it from others.</param>
/// <param name="Credential">What <c>toJSON()</c> of the credential gave.</param>
internal sealed record NewPasskeyBody(string Name, string State, JsonElement Credential);

internal sealed record PasskeysBody(IReadOnlyList<PasskeyBody> Passkeys);

/// <param name="Synced">Its maker keeps it on several devices.</param>
internal sealed record PasskeyBody(
    string Id,
    string Name,
    DateTimeOffset Since,
    DateTimeOffset? LastUsed,
    bool Synced
);
