using Evenkeel.Payments;

namespace Evenkeel.Identity.Library;

/// <summary>A login as ASP.NET Core Identity handles it: the document, and what the next write changes.</summary>
internal sealed class LoginUser(LoginKind kind, string login, LoginDocument document, ulong version)
{
    public LoginKind Kind => kind;

    /// <summary>Lower case, as in its key.</summary>
    public string Login { get; } = login.ToLowerInvariant();

    /// <summary>Unique among all kinds of logins: the library's user name.</summary>
    public string Name => NameOf(kind, login);

    public LoginDocument Document { get; set; } = document;

    /// <summary>Version that the next write must meet; 0 = it is new.</summary>
    public ulong Version { get; set; } = version;

    /// <summary>The challenge that is being answered: a passkey that is added was made for it.</summary>
    public string? Answering { get; set; }

    /// <summary>Password and something else.</summary>
    public bool HasSecondFactor =>
        Document.SealedCodeKey is not null || Document.Passkeys.Count > 0;

    /// <summary>Of a program: what it may do.</summary>
    public IReadOnlyList<string> Scopes =>
        kind == LoginKind.Program ? Document.Scopes ?? ProgramScopes.Unwritten : [];

    public bool Is(LoginKind otherKind, string otherLogin) =>
        kind == otherKind
        && string.Equals(Login, otherLogin.ToLowerInvariant(), StringComparison.Ordinal);

    public static string NameOf(LoginKind kind, string login) =>
        $"{(int)kind}/{login.ToLowerInvariant()}";

    /// <summary>Stands in for a login that does not exist: verifying takes as long.</summary>
    public static LoginUser Nobody(string secretHash) =>
        new(LoginKind.None, "", new LoginDocument(LoginKind.None, "", secretHash, default), 0);

    public Actor ToActor(Assurance assurance) => ToActor(assurance, Login);

    /// <param name="shown">The login as its owner wrote it.</param>
    public Actor ToActor(Assurance assurance, string shown) =>
        kind switch
        {
            LoginKind.Customer => new Actor.Customer(new CustomerId(Document.Subject), assurance),
            LoginKind.Program => new Actor.ApiClient(shown, new CustomerId(Document.Subject)),
            LoginKind.Staff => new Actor.Staff(Document.Subject, Document.Branch ?? ""),
            _ => throw new InvalidOperationException("A login of no kind."),
        };

    /// <summary>Whose key seals the secrets: keys of staff and programs are apart from those of customers.</summary>
    public string SealingSubject =>
        kind == LoginKind.Customer ? Document.Subject : $"login/{(int)kind}/{Document.Subject}";
}
