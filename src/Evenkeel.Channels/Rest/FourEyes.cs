using Evenkeel.Channels.Sessions;
using Evenkeel.Payments;
using Microsoft.AspNetCore.Http;

namespace Evenkeel.Channels.Rest;

/// <summary>
/// A second member of staff who is there signs with a session of their own, in the header
/// <c>Evenkeel-Checker</c>: four eyes, two sign-ins.
/// </summary>
internal static class FourEyes
{
    public const string Header = "Evenkeel-Checker";

    /// <summary>Who signed in, with the second one when there is one; null when the second one is nobody.</summary>
    public static Actor.Staff? MakerOf(HttpContext http, SessionTokens tokens)
    {
        var maker = (Actor.Staff)AccountEndpoints.ActorOf(http);
        if (http.Request.Headers[Header] is not { Count: > 0 } checker)
        {
            return maker;
        }
        return
            checker.Count == 1
            && tokens.Read(checker[0] ?? "") is { Kind: LoginKind.Staff } second
            && !string.Equals(second.Subject, maker.User, StringComparison.Ordinal)
            ? maker with
            {
                CheckedBy = second.Subject,
            }
            : null;
    }
}
