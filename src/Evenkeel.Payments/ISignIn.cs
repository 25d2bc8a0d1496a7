namespace Evenkeel.Payments;

/// <summary>
/// Says who somebody is. The bank verifies; the gateway signs the session. What was wrong is never
/// told: only that it was.
/// </summary>
public interface ISignIn
{
    Task<SignInAnswer> SignInAsync(SignInRequest request, CancellationToken cancellationToken);
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
