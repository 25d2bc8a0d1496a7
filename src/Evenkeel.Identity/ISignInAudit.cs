using Evenkeel.Payments;

namespace Evenkeel.Identity;

/// <summary>Where what looks like an attack on a login is noted, for staff to read.</summary>
public interface ISignInAudit
{
    /// <param name="what">A code, such as "passkey-count-back".</param>
    Task WriteAsync(Actor actor, string what, CancellationToken cancellationToken);
}
