namespace Evenkeel.Payments;

/// <summary>
/// Says who somebody is. The bank verifies; the gateway signs the session. What was wrong is never
/// told: only that it was.
/// </summary>
/// <remarks>
/// Everything here can be answered by whoever knows verifiers, sealed codes and public keys, so by a
/// Stand-in too. Changing the ways to sign in is <see cref="IPasskeys"/>, and the primary's alone.
/// </remarks>
public interface ISignIn
{
    Task<SignInAnswer> SignInAsync(SignInRequest request, CancellationToken cancellationToken);

    /// <summary>Of a session that showed one factor: the code of the authenticator makes it two.</summary>
    Task<SignInAnswer> ConfirmAsync(CodeConfirmation request, CancellationToken cancellationToken);

    /// <summary>
    /// A challenge for a passkey. Says nothing of whether there is such a login: it asks for whatever
    /// passkey the person has, unless a session of the login asks.
    /// </summary>
    Task<QueryAnswer<PasskeyChallenge>> ChallengeAsync(
        PasskeyPrompt prompt,
        CancellationToken cancellationToken
    );

    /// <summary>With a passkey that verified its person: two factors at once.</summary>
    Task<SignInAnswer> SignInWithPasskeyAsync(
        PasskeySignIn request,
        CancellationToken cancellationToken
    );
}

/// <summary>A second factor for a session.</summary>
/// <param name="Login">Of the session.</param>
public sealed record CodeConfirmation(LoginKind Kind, string Login, string Code, string Network)
{
    /// <inheritdoc cref="SignInRequest.Device"/>
    public string? Device { get; init; }

    /// <summary>Says nothing of the secrets.</summary>
    public override string ToString() => $"CodeConfirmation {{ {Kind} }}";
}

/// <summary>Somebody wants to show a passkey.</summary>
public sealed record PasskeyPrompt(LoginKind Kind)
{
    /// <summary>Only a passkey of this login will do; null = whose it is, the passkey says.</summary>
    public string? Login { get; init; }

    /// <summary>Of <see cref="Login"/>, to be made strong: the answer is taken from this session only.</summary>
    public string? Session { get; init; }
}

/// <summary>What a browser is handed, and what it must bring back with the answer.</summary>
/// <param name="Options">
/// JSON of PublicKeyCredentialCreationOptions or PublicKeyCredentialRequestOptions (WebAuthn level 3).
/// </param>
/// <param name="State">Sealed by the bank, which keeps nothing; good for five minutes and once.</param>
public sealed record PasskeyChallenge(string Options, string State);

/// <summary>A passkey is shown.</summary>
/// <param name="State">As it came with the challenge.</param>
/// <param name="Credential">JSON of PublicKeyCredential as the browser made it.</param>
public sealed record PasskeySignIn(LoginKind Kind, string State, string Credential)
{
    /// <summary>The session that asked for the challenge; null = none did.</summary>
    public string? Session { get; init; }

    /// <inheritdoc cref="SignInRequest.Device"/>
    public string? Device { get; init; }

    /// <summary>Says nothing of the credential.</summary>
    public override string ToString() => $"PasskeySignIn {{ {Kind} }}";
}

/// <summary>What somebody shows of themselves.</summary>
/// <param name="Login">As the bank assigned it: a customer's number, a member of staff, a program.</param>
/// <param name="Secret">Password, or the secret of a program.</param>
/// <param name="Network">Where the request came from, coarse: an address without its last part.</param>
public sealed record SignInRequest(LoginKind Kind, string Login, string Secret, string Network)
{
    /// <summary>Of an authenticator (TOTP, RFC 6238); null when it was not given.</summary>
    public string? Code { get; init; }

    /// <summary>What the bank gave this device when it was last used with a code; null = unknown device.</summary>
    public string? Device { get; init; }

    /// <summary>Says nothing of the secrets.</summary>
    public override string ToString() => $"SignInRequest {{ {Kind} }}";
}

/// <summary>Persisted: numbers only grow.</summary>
public enum LoginKind : byte
{
    None = 0,
    Customer = 1,

    /// <summary>A company's program.</summary>
    Program = 2,
    Staff = 3,
}

/// <summary>What became of a sign-in.</summary>
public abstract record SignInAnswer
{
    private SignInAnswer() { }

    /// <param name="Device">For the device to keep: known from now on; null when nothing is new.</param>
    public sealed record SignedIn(Actor Actor, string? Device) : SignInAnswer
    {
        /// <summary>Of a program: what it may do (<see cref="ProgramScopes"/>).</summary>
        public IReadOnlyList<string> Scopes { get; init; } = [];

        /// <summary>The login, where the request did not name it: the passkey did.</summary>
        public string? Login { get; init; }

        /// <summary>Says nothing of the device's secret.</summary>
        public override string ToString() => $"SignedIn {{ {Actor.GetType().Name} }}";
    }

    /// <summary>The first factor was right; a code is needed as well.</summary>
    public sealed record CodeNeeded : SignInAnswer;

    /// <summary>Something was wrong; what, is not said.</summary>
    public sealed record Refused : SignInAnswer;

    /// <summary>Too many were wrong from there; nothing is tried before then.</summary>
    public sealed record NotBefore(DateTimeOffset At) : SignInAnswer;

    /// <summary>Nobody can say now.</summary>
    public sealed record Unavailable : SignInAnswer;
}
