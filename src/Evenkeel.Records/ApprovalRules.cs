using Evenkeel.Journal;
using Evenkeel.Model;

namespace Evenkeel.Records;

/// <summary>
/// Who may do what, as apply enforces it: some operations need two different members of staff, maker
/// and checker. That the principals are who they say is the business of whoever signed them in.
/// </summary>
/// <remarks>
/// The rule is itself state of the log, so that it is the same on every node at every entry: it
/// holds for forced transfers, for the collection "system", and for each collection that a record
/// <see cref="SystemRecords.TwoPeople"/> names. The node acts alone (end of day, advices).
/// </remarks>
internal static class ApprovalRules
{
    public static bool Allow(Operation operation, Func<RecordKey, bool> exists) =>
        IsByNode(operation) || IsByTwoPeople(operation) || !NeedsTwoPeople(operation, exists);

    private static bool IsByNode(Operation operation) =>
        IsOfKind(operation.Principals[0], PrincipalKinds.Node);

    private static bool IsByTwoPeople(Operation operation) =>
        operation
            .Principals.Where(principal => IsOfKind(principal, PrincipalKinds.Staff))
            .DistinctBy(principal => principal.Name, StringComparer.Ordinal)
            .Skip(1)
            .Any();

    private static bool IsOfKind(Principal principal, string kind) =>
        string.Equals(principal.Kind, kind, StringComparison.Ordinal);

    private static bool NeedsTwoPeople(Operation operation, Func<RecordKey, bool> exists) =>
        operation.Transfers.Any(transfer => transfer.Flags.HasFlag(TransferFlags.Forced))
        || operation
            .Writes.Select(write => write.Key.Collection)
            .Distinct(StringComparer.Ordinal)
            .Any(collection =>
                string.Equals(collection, SystemRecords.Collection, StringComparison.Ordinal)
                || exists(SystemRecords.TwoPeople(collection))
            );
}
