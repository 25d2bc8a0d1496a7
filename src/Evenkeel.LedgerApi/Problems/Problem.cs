using System.ComponentModel;

namespace Evenkeel.LedgerApi.Problems;

/// <summary>Problem details (RFC 9457) with what a bank's client must know besides.</summary>
internal sealed record Problem
{
    [Description("Stable and relative to this server: it answers with the meaning.")]
    public required string Type { get; init; }
    public required string Title { get; init; }
    public required int Status { get; init; }
    public string? Detail { get; init; }

    [Description("Stable code, snake_case; for refusals of the ledger its published status.")]
    public required string Reason { get; init; }

    [Description("not_done: certainly nothing happened. unknown: ask again with the same ids.")]
    public required string Outcome { get; init; }

    [Description("never, same_request, later, elsewhere, new_id or decide_again (docs/api.md).")]
    public required string Retry { get; init; }
    public string? TraceId { get; init; }

    [Description("Scopes that the key lacks.")]
    public string[]? MissingScopes { get; init; }

    [Description("Of an operation: the guard or event that refused.")]
    public int? FailedIndex { get; init; }

    [Description("Of an operation: the ledger's status behind the refusal.")]
    public string? FailedStatus { get; init; }

    [Description(
        "Of a position in the feed: log time of the last change that is still part of it."
    )]
    public ulong? ForkTimestamp { get; init; }

    [Description("Of a position in the feed: the log entry of that change.")]
    public ulong? ForkIndex { get; init; }
}

/// <summary>What a client may do about a problem.</summary>
internal static class Retry
{
    /// <summary>The same request will be refused again.</summary>
    public const string Never = "never";

    /// <summary>At once, unchanged, with the same ids: it is how to learn the outcome.</summary>
    public const string SameRequest = "same_request";

    /// <summary>Unchanged, after the time in Retry-After.</summary>
    public const string Later = "later";

    /// <summary>Unchanged, at the node that leads.</summary>
    public const string Elsewhere = "elsewhere";

    /// <summary>Another moment may allow it, but this id is remembered as refused.</summary>
    public const string NewId = "new_id";

    /// <summary>Read again, decide again.</summary>
    public const string DecideAgain = "decide_again";
}

/// <summary>One reason: its HTTP status, its title, and what to do about it.</summary>
internal sealed record Reason(string Code, int Status, string Retry, string Title)
{
    public string Type => $"/problems/{Code}";
}
