using System.Diagnostics.CodeAnalysis;

namespace Evenkeel.Journal.Access;

/// <summary>What an API key may do. No scope contains another one.</summary>
/// <remarks>The numbers never travel or persist; the names below do (docs/api.md).</remarks>
[Flags]
public enum KeyScopes : uint
{
    None = 0,

    /// <summary>Read accounts, transfers, balances and change events.</summary>
    LedgerRead = 1 << 0,

    /// <summary>Create accounts and transfers, change limits.</summary>
    LedgerWrite = 1 << 1,

    /// <summary>Besides <see cref="LedgerWrite"/>: transfers that skip balance limits.</summary>
    LedgerForced = 1 << 2,

    /// <summary>Besides <see cref="LedgerWrite"/>: events that carry their own past timestamp.</summary>
    LedgerImported = 1 << 3,

    RecordsRead = 1 << 4,

    /// <summary>Propose operations.</summary>
    RecordsWrite = 1 << 5,

    /// <summary>Read the metrics page.</summary>
    MetricsRead = 1 << 6,

    /// <summary>Issue and revoke keys.</summary>
    Admin = 1 << 7,

    All = (1 << 8) - 1,
}

/// <summary>Scopes as they are written in records, JSON and configuration.</summary>
public static class ScopeNames
{
    private static readonly (KeyScopes Scope, string Name)[] Table =
    [
        (KeyScopes.LedgerRead, "ledger:read"),
        (KeyScopes.LedgerWrite, "ledger:write"),
        (KeyScopes.LedgerForced, "ledger:forced"),
        (KeyScopes.LedgerImported, "ledger:imported"),
        (KeyScopes.RecordsRead, "records:read"),
        (KeyScopes.RecordsWrite, "records:write"),
        (KeyScopes.MetricsRead, "metrics:read"),
        (KeyScopes.Admin, "admin"),
    ];

    public static IReadOnlyList<string> All { get; } = [.. Table.Select(t => t.Name)];

    public static string[] ToNames(this KeyScopes scopes) =>
        [.. Table.Where(t => scopes.HasFlag(t.Scope)).Select(t => t.Name)];

    /// <summary>False, with the first name that means nothing, when one does.</summary>
    public static bool TryParse(
        IEnumerable<string> names,
        out KeyScopes scopes,
        [NotNullWhen(false)] out string? unknown
    )
    {
        scopes = KeyScopes.None;
        unknown = null;
        foreach (var name in names)
        {
            var scope = Table
                .Where(t => string.Equals(t.Name, name, StringComparison.Ordinal))
                .Select(t => t.Scope)
                .SingleOrDefault();
            if (scope == KeyScopes.None)
            {
                unknown = name;
                return false;
            }
            scopes |= scope;
        }
        return true;
    }
}
