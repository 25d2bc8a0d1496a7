using System.ComponentModel;
using System.Globalization;
using Evenkeel.Journal.Access;

namespace Evenkeel.LedgerApi.Keys;

internal sealed record IssueKeyRequest
{
    [Description("What it is for, at most 64 characters.")]
    public required string Name { get; init; }

    [Description("At least one.")]
    public required string[] Scopes { get; init; }
}

internal record KeyResponse
{
    public required ulong Number { get; init; }
    public required string Name { get; init; }
    public required string[] Scopes { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }

    [Description("The number of the key that issued it; 0 = the node itself.")]
    public required ulong CreatedBy { get; init; }

    [Description("Absent while the key works.")]
    public DateTimeOffset? RevokedAt { get; init; }
    public ulong? RevokedBy { get; init; }

    public static KeyResponse From(KeyRecord key) =>
        new()
        {
            Number = key.Number,
            Name = key.Name,
            Scopes = key.Scopes,
            CreatedAt = key.CreatedAt,
            CreatedBy = key.CreatedBy,
            RevokedAt = key.RevokedAt,
            RevokedBy = key.RevokedBy,
        };
}

/// <summary>The only answer that ever holds a token.</summary>
internal sealed record IssuedKeyResponse
{
    [Description("Shown this once; only its hash is kept.")]
    public required string Token { get; init; }
    public required KeyResponse Key { get; init; }

    public static string LocationOf(ulong number) =>
        $"/v1/keys/{number.ToString(CultureInfo.InvariantCulture)}";
}

internal sealed record KeyPageResponse
{
    public required KeyResponse[] Keys { get; init; }

    [Description("Send it as cursor for the next page; absent at the end.")]
    public string? NextCursor { get; init; }
}
