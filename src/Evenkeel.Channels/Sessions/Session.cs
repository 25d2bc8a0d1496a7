using System.Text.Json.Serialization;
using Evenkeel.Payments;

namespace Evenkeel.Channels.Sessions;

/// <summary>Who signed in, how, and until when: all that a token says. No name of a person.</summary>
/// <param name="Login">As signed in with; for a step-up of the same.</param>
/// <param name="Subject">Customer's number, or the member of staff.</param>
/// <param name="Began">When the person signed in; renewing does not move it.</param>
internal sealed record Session(
    LoginKind Kind,
    string Login,
    string Subject,
    string? Branch,
    Assurance Assurance,
    DateTimeOffset Began,
    DateTimeOffset Expires,
    Guid Id
)
{
    /// <summary>What the token of a program allows; people are asked for more than a token.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> Scopes { get; init; } = [];

    public static Session Of(LoginKind kind, string login, Actor actor, DateTimeOffset now) =>
        new(
            kind,
            login,
            actor switch
            {
                Actor.Customer customer => customer.Id.Value,
                Actor.Staff staff => staff.User,
                _ => throw new InvalidOperationException("Nobody who signs in."),
            },
            (actor as Actor.Staff)?.Branch,
            (actor as Actor.Customer)?.Assurance ?? Assurance.Strong,
            now,
            now + SessionLimits.Lifetime,
            Guid.NewGuid()
        );

    /// <summary>What a challenge that it asked for is bound to.</summary>
    [JsonIgnore]
    public string Name => Id.ToString("N");

    public Actor ToActor() =>
        Kind switch
        {
            LoginKind.Customer => new Actor.Customer(new CustomerId(Subject), Assurance)
            {
                Login = Login,
            },
            LoginKind.Program => new Actor.ApiClient(Login, new CustomerId(Subject)),
            LoginKind.Staff => new Actor.Staff(Subject, Branch ?? ""),
            _ => throw new InvalidOperationException("A session of no kind."),
        };
}

/// <summary>Limits of sessions, each with its unit.</summary>
internal static class SessionLimits
{
    /// <summary>Of one token; a client renews it while its person is there.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(15);

    /// <summary>From the sign-in until one must sign in again, however often it was renewed.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromHours(12);

    /// <summary>Characters of a token.</summary>
    public const int TokenCharsMax = 1_024;

    /// <summary>Sessions that were ended and could still be renewed; of more the first to run out go.</summary>
    public const int EndedMax = 100_000;
}

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Session))]
internal sealed partial class SessionJson : JsonSerializerContext;
