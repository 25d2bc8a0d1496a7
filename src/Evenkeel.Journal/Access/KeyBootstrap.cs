namespace Evenkeel.Journal.Access;

/// <summary>How the first key comes into a new bank, and how a locked-out owner gets in again.</summary>
public static class KeyBootstrap
{
    /// <summary>
    /// Issues the first key, with every scope, when there is none yet. Print its token once and keep
    /// it nowhere; <see langword="null"/> in <see cref="Answer{T}.Done"/> means there are keys already.
    /// </summary>
    public static async ValueTask<Answer<IssuedKey?>> EnsureFirstKeyAsync(
        KeyAdministration keys,
        CancellationToken cancellationToken
    ) =>
        Issued(
            await keys.IssueAsync(
                    "first key",
                    KeyScopes.All,
                    issuedBy: 0,
                    firstOnly: true,
                    cancellationToken
                )
                .ConfigureAwait(false)
        );

    /// <summary>
    /// The same with a token that was made and kept before: whichever member of a cluster comes to
    /// it first, and however often it dies on the way, the kept token is the first key.
    /// </summary>
    /// <param name="token">Of number 1.</param>
    public static async ValueTask<Answer<IssuedKey?>> EnsureFirstKeyAsync(
        KeyAdministration keys,
        ApiKeyToken token,
        CancellationToken cancellationToken
    ) =>
        Issued(
            await keys.IssueAsync(
                    "first key",
                    KeyScopes.All,
                    issuedBy: 0,
                    firstOnly: true,
                    token,
                    cancellationToken
                )
                .ConfigureAwait(false)
        );

    /// <summary>
    /// Issues one more key with every scope, for whoever owns the data directory and has lost the
    /// others (a crash between making and printing the first key, too). Never offer it on a socket.
    /// </summary>
    public static async ValueTask<Answer<IssuedKey?>> IssueRescueKeyAsync(
        KeyAdministration keys,
        CancellationToken cancellationToken
    ) =>
        Issued(
            await keys.IssueAsync(
                    "rescue key",
                    KeyScopes.All,
                    issuedBy: 0,
                    firstOnly: false,
                    cancellationToken
                )
                .ConfigureAwait(false)
        );

    private static Answer<IssuedKey?> Issued(Answer<IssueOutcome> answer) =>
        answer switch
        {
            Answer<IssueOutcome>.Done(var outcome) => new Answer<IssuedKey?>.Done(outcome.Issued),
            Answer<IssueOutcome>.NotDone(var reason, var detail) => new Answer<IssuedKey?>.NotDone(
                reason,
                detail
            ),
            Answer<IssueOutcome>.Unknown(var detail) => new Answer<IssuedKey?>.Unknown(detail),
            _ => throw new InvalidOperationException(answer.ToString()),
        };
}
