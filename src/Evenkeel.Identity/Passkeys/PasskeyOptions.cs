namespace Evenkeel.Identity.Passkeys;

/// <summary>Where passkeys of this bank are made and shown.</summary>
public sealed record PasskeyOptions
{
    private const string Localhost = "localhost";

    /// <summary>
    /// The relying party's id (WebAuthn level 3): the domain of the pages, or one above it. Passkeys are
    /// bound to it for good.
    /// </summary>
    public string Domain { get; init; } = Localhost;

    /// <summary>
    /// Origins of the pages, as browsers write them ("https://bank.example"). Empty = HTTPS at the
    /// domain itself; on localhost any port, with or without TLS.
    /// </summary>
    public IReadOnlyList<string> Origins { get; init; } = [];

    private bool IsLocal => string.Equals(Domain, Localhost, StringComparison.Ordinal);

    /// <param name="domain">Null or empty = localhost.</param>
    /// <param name="origins">Separated by commas; null or empty = as if there were none.</param>
    /// <returns>Null when no browser could ever use them: not an origin, not secure, not of the domain.</returns>
    public static PasskeyOptions? TryParse(string? domain, string? origins)
    {
        PasskeyOptions options = new()
        {
            Domain = string.IsNullOrWhiteSpace(domain) ? Localhost : domain.Trim(),
            Origins =
            [
                .. (origins ?? "").Split(
                    ',',
                    StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries
                ),
            ],
        };
        return
            Uri.CheckHostName(options.Domain) == UriHostNameType.Dns
            && options.Origins.All(options.IsUsable)
            ? options
            : null;
    }

    internal bool Admits(string origin)
    {
        if (!Uri.TryCreate(origin, UriKind.Absolute, out var shown))
        {
            return false;
        }
        if (Origins.Count > 0)
        {
            return Origins.Any(allowed =>
                Uri.TryCreate(allowed, UriKind.Absolute, out var known)
                && string.Equals(Of(known), Of(shown), StringComparison.Ordinal)
            );
        }
        return string.Equals(shown.Host, Domain, StringComparison.OrdinalIgnoreCase)
            && IsSecure(shown)
            && (IsLocal || shown.IsDefaultPort);
    }

    private bool IsUsable(string origin) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var uri)
        && uri is { AbsolutePath: "/", Query: "", Fragment: "", UserInfo: "" }
        && IsSecure(uri)
        && (
            string.Equals(uri.Host, Domain, StringComparison.OrdinalIgnoreCase)
            || uri.Host.EndsWith($".{Domain}", StringComparison.OrdinalIgnoreCase)
        );

    /// <summary>Browsers take this machine itself without TLS, and nothing else.</summary>
    private bool IsSecure(Uri origin) =>
        string.Equals(origin.Scheme, Uri.UriSchemeHttps, StringComparison.Ordinal)
        || (IsLocal && string.Equals(origin.Scheme, Uri.UriSchemeHttp, StringComparison.Ordinal));

    private static string Of(Uri origin) => origin.GetLeftPart(UriPartial.Authority);
}
