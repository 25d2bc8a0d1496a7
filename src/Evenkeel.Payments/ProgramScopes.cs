namespace Evenkeel.Payments;

/// <summary>
/// What a company's program may do. A login names some of these, a token some of those. Persisted and
/// public: names are only added.
/// </summary>
public static class ProgramScopes
{
    /// <summary>Accounts, statements, standing orders, what is owed, and where the money is.</summary>
    public const string ReadAccounts = "accounts.read";

    /// <summary>Payments one by one, bills and standing orders included.</summary>
    public const string WritePayments = "payments.write";

    /// <summary>Files of many payments: to bring them, to release them, and what became of them.</summary>
    public const string WriteBulk = "bulk.write";

    /// <summary>Every scope that there is; a new login has them all unless said otherwise.</summary>
    public static IReadOnlyList<string> All { get; } = [ReadAccounts, WritePayments, WriteBulk];

    /// <summary>
    /// Of logins that were made before scopes were written down. Stays as it is: a scope that comes
    /// later is not given to anybody unasked.
    /// </summary>
    public static IReadOnlyList<string> Unwritten { get; } =
    [ReadAccounts, WritePayments, WriteBulk];

    public static bool IsKnown(string scope) => All.Contains(scope, StringComparer.Ordinal);
}
