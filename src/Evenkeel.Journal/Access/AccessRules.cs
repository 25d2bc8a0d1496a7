using System.Globalization;
using Evenkeel.Model;

namespace Evenkeel.Journal.Access;

/// <summary>Which scopes a request needs. One table for every interface.</summary>
public static class AccessRules
{
    /// <summary>Kinds of principal: an API key by its number, and the node itself.</summary>
    private const string KeyKind = "key";
    private const string NodeKind = "node";

    /// <summary>
    /// Collections that only the node's own code may touch. A caller who could write them could
    /// write a key of its own.
    /// </summary>
    public static bool IsReserved(string collection) =>
        collection
            is KeyRecords.Collection
                or KeyRecords.Totals
                or IdempotencyCollection
                or LoginCollection
                or LoginFailureCollection
                or LoginAliasCollection
                or SystemCollection;

    /// <summary>First answers to requests with an <c>Idempotency-Key</c> (docs/api.md).</summary>
    public const string IdempotencyCollection = "idempotency";

    /// <summary>How people and programs sign in: hashes and sealed secrets.</summary>
    public const string LoginCollection = "login";

    /// <summary>Failed sign-ins.</summary>
    public const string LoginFailureCollection = "login-failure";

    /// <summary>Other names of logins: what a passkey says of its owner, and the passkey itself.</summary>
    public const string LoginAliasCollection = "login-alias";

    /// <summary>What the rules of applying themselves read; outsiders may read it too.</summary>
    public const string SystemCollection = "system";

    /// <summary>True for records whose content would help an attacker or is nobody else's matter.</summary>
    public static bool IsHidden(string collection) =>
        IsReserved(collection) && collection is not SystemCollection;

    /// <param name="keyNumber">0 = the node itself.</param>
    public static Principal PrincipalOf(ulong keyNumber) =>
        new(keyNumber == 0 ? NodeKind : KeyKind, keyNumber.ToString(CultureInfo.InvariantCulture));

    /// <summary>What every request of this kind needs, whatever its content.</summary>
    public static KeyScopes NeededFor(OperationCode code) =>
        code switch
        {
            OperationCode.Ping => KeyScopes.None,
            OperationCode.CreateAccounts
            or OperationCode.CreateTransfers
            or OperationCode.UpdateAccounts => KeyScopes.LedgerWrite,
            OperationCode.LookupAccounts
            or OperationCode.LookupTransfers
            or OperationCode.LookupAccountLimits
            or OperationCode.GetAccountTransfers
            or OperationCode.GetAccountBalances
            or OperationCode.QueryAccounts
            or OperationCode.QueryTransfers
            or OperationCode.GetChangeEvents => KeyScopes.LedgerRead,
            OperationCode.Operation => KeyScopes.RecordsWrite,
            OperationCode.ReadRecords => KeyScopes.RecordsRead,
            // What is not named is not for outsiders: no key has scopes outside All.
            _ => (KeyScopes)uint.MaxValue,
        };

    public static KeyScopes NeededFor(ReadOnlySpan<Account> events)
    {
        var needed = KeyScopes.LedgerWrite;
        foreach (ref readonly var e in events)
        {
            needed |= NeededFor(e.Flags);
        }
        return needed;
    }

    public static KeyScopes NeededFor(ReadOnlySpan<Transfer> events)
    {
        var needed = KeyScopes.LedgerWrite;
        foreach (ref readonly var e in events)
        {
            needed |= NeededFor(e.Flags);
        }
        return needed;
    }

    /// <summary>
    /// The scopes that an outsider's operation needs. Ask <see cref="TouchesReserved"/> as well, and
    /// set its principals from the key, never from the request.
    /// </summary>
    public static KeyScopes NeededFor(Operation operation)
    {
        var needed = KeyScopes.RecordsWrite;
        foreach (var e in operation.Transfers)
        {
            needed |= KeyScopes.LedgerWrite | NeededFor(e.Flags);
        }
        foreach (var e in operation.Accounts)
        {
            needed |= KeyScopes.LedgerWrite | NeededFor(e.Flags);
        }
        return operation.AccountUpdates.Count > 0 ? needed | KeyScopes.LedgerWrite : needed;
    }

    /// <summary>True when a guard or a write names a reserved collection.</summary>
    public static bool TouchesReserved(Operation operation) =>
        operation.Writes.Any(w => IsReserved(w.Key.Collection))
        || operation.Guards.Any(g =>
            g switch
            {
                Guard.Version v => IsReserved(v.Key.Collection),
                Guard.Absent a => IsReserved(a.Key.Collection),
                Guard.Counter c => IsReserved(c.Key.Collection),
                _ => false,
            }
        );

    private static KeyScopes NeededFor(TransferFlags flags) =>
        (flags.HasFlag(TransferFlags.Forced) ? KeyScopes.LedgerForced : KeyScopes.None)
        | (flags.HasFlag(TransferFlags.Imported) ? KeyScopes.LedgerImported : KeyScopes.None);

    private static KeyScopes NeededFor(AccountFlags flags) =>
        flags.HasFlag(AccountFlags.Imported) ? KeyScopes.LedgerImported : KeyScopes.None;
}
