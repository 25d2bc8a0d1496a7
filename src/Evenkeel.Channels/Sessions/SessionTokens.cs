using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using Evenkeel.Payments;
using Microsoft.AspNetCore.DataProtection;

namespace Evenkeel.Channels.Sessions;

/// <summary>
/// Tokens of sessions: sealed and signed with keys that all gateways share, so that a session
/// survives the death of a node and the restart of a gateway. Nothing is stored for one until it ends.
/// </summary>
internal sealed class SessionTokens(
    IDataProtectionProvider keys,
    EndedSessions ended,
    TimeProvider time
)
{
    public const string Prefix = "es_";

    private readonly IDataProtector _protector = keys.CreateProtector("evenkeel.session.v1");

    public (string Token, Session Session) Issue(LoginKind kind, string login, Actor actor)
    {
        var session = Session.Of(kind, login, actor, time.GetUtcNow());
        return (Seal(session), session);
    }

    /// <summary>For as long again; null when the person must sign in anew.</summary>
    public (string Token, Session Session)? Renew(Session session)
    {
        var now = time.GetUtcNow();
        if (now >= session.Began + SessionLimits.Longest)
        {
            return null;
        }
        var expires = now + SessionLimits.Lifetime;
        var longest = session.Began + SessionLimits.Longest;
        var renewed = session with { Expires = expires < longest ? expires : longest };
        return (Seal(renewed), renewed);
    }

    /// <summary>The same session, after its person has shown a second factor.</summary>
    public (string Token, Session Session) Strengthen(Session session)
    {
        var stronger = session with { Assurance = Assurance.Strong };
        return (Seal(stronger), stronger);
    }

    /// <summary>Null when it is no token of ours, has run out, or was ended.</summary>
    public Session? Read(string token)
    {
        if (
            token.Length > SessionLimits.TokenCharsMax
            || !token.StartsWith(Prefix, StringComparison.Ordinal)
            || !Base64Url.IsValid(token.AsSpan(Prefix.Length))
        )
        {
            return null;
        }
        try
        {
            var session = JsonSerializer.Deserialize(
                _protector.Unprotect(Base64Url.DecodeFromChars(token.AsSpan(Prefix.Length))),
                SessionJson.Default.Session
            );
            return
                // Programs had sessions once; theirs are tokens of OAuth now.
                session is { Kind: LoginKind.Customer or LoginKind.Staff }
                && session.Expires > time.GetUtcNow()
                && !ended.Contains(session.Id)
                ? session
                : null;
        }
        catch (Exception e) when (e is CryptographicException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Its tokens are refused from now on.</summary>
    public void End(Session session) => ended.Add(session);

    private string Seal(Session session) =>
        Prefix
        + Base64Url.EncodeToString(
            _protector.Protect(
                JsonSerializer.SerializeToUtf8Bytes(session, SessionJson.Default.Session)
            )
        );
}
