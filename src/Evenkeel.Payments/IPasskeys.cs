namespace Evenkeel.Payments;

/// <summary>
/// The passkeys of a login: they come, are listed, and go. Coming and going needs a session with two
/// factors. Not offered while a Stand-in serves.
/// </summary>
public interface IPasskeys
{
    /// <summary>A challenge for a new passkey.</summary>
    Task<QueryAnswer<PasskeyChallenge>> BeginAsync(
        PasskeyOwner owner,
        CancellationToken cancellationToken
    );

    /// <summary>Takes the new passkey. The same again is answered with the same passkey.</summary>
    Task<QueryAnswer<PasskeyView>> AddAsync(
        PasskeyOwner owner,
        NewPasskey passkey,
        CancellationToken cancellationToken
    );

    Task<QueryAnswer<IReadOnlyList<PasskeyView>>> ListAsync(
        PasskeyOwner owner,
        CancellationToken cancellationToken
    );

    /// <summary>It opens nothing from now on. The last second factor of a login stays.</summary>
    Task<QueryAnswer<PasskeyView>> RemoveAsync(
        PasskeyOwner owner,
        string passkey,
        CancellationToken cancellationToken
    );
}

/// <summary>Somebody who signed in, with the login and the session by which they did.</summary>
/// <param name="Session">What is begun in one session is ended in the same.</param>
public sealed record PasskeyOwner(Actor Actor, string Login, string Session)
{
    public LoginKind Kind =>
        Actor switch
        {
            Actor.Customer => LoginKind.Customer,
            Actor.ApiClient => LoginKind.Program,
            Actor.Staff => LoginKind.Staff,
            _ => LoginKind.None,
        };
}

/// <summary>A passkey as a browser made it.</summary>
/// <param name="Name">For its owner to tell it from others.</param>
/// <param name="State">As it came with the challenge.</param>
/// <param name="Credential">JSON of PublicKeyCredential.</param>
public sealed record NewPasskey(string Name, string State, string Credential)
{
    /// <summary>Says nothing of the content.</summary>
    public override string ToString() => "NewPasskey { }";
}

/// <param name="Id">Names it; not the credential's own id.</param>
/// <param name="IsSynced">Kept by its maker on several devices.</param>
public sealed record PasskeyView(
    string Id,
    string Name,
    DateTimeOffset Since,
    DateTimeOffset? LastUsed,
    bool IsSynced
)
{
    /// <summary>Without its name, which is the owner's matter.</summary>
    public override string ToString() => $"PasskeyView {{ {Id} }}";
}
