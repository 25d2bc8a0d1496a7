namespace Evenkeel.Journal.Access;

/// <summary>An authenticated key: who asks and what it may do.</summary>
public sealed record KeyIdentity(ulong Number, string Name, KeyScopes Scopes)
{
    /// <summary>How this key appears among the principals of an operation.</summary>
    public Principal Principal => AccessRules.PrincipalOf(Number);

    public bool Has(KeyScopes needed) => (Scopes & needed) == needed;
}

/// <summary>
/// Tells who presents a key. Both interfaces of the node ask it; both answers are cheap, so a long
/// connection asks <see cref="FindAsync"/> again for every request and a revoked key stops working.
/// </summary>
public interface IKeyring
{
    /// <summary>Null when the text is no key, the secret is wrong, or the key is revoked.</summary>
    ValueTask<Answer<KeyIdentity?>> AuthenticateAsync(
        string? token,
        CancellationToken cancellationToken
    );

    /// <summary>Null when there is no such key or it is revoked.</summary>
    ValueTask<Answer<KeyIdentity?>> FindAsync(ulong number, CancellationToken cancellationToken);
}
