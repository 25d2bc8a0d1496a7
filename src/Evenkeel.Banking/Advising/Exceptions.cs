using System.Globalization;
using Evenkeel.Banking.Desk;
using Evenkeel.Banking.Orders;
using Evenkeel.Banking.Storage;
using Evenkeel.Journal;
using Evenkeel.Payments;

namespace Evenkeel.Banking.Advising;

/// <summary>Opens exception items with the decision that they come from.</summary>
internal static class Exceptions
{
    /// <summary>Who looks at items until somebody else takes them over.</summary>
    public const string Owner = "operations";

    public static void Open(
        DecisionContext context,
        ExceptionKind kind,
        string? account,
        long suspenseMinor = 0,
        OutcomeReason? reason = null
    ) =>
        context.Exceptions.Add(
            new ExceptionDocument(
                kind,
                context.Instruction.Id.ToString(),
                account,
                context.Instruction.Amount.Minor,
                context.Instruction.Amount.Currency,
                suspenseMinor,
                context.Instruction.Origin.Session,
                Owner,
                context.Now,
                context.BusinessDate,
                ExceptionState.Open
            )
            {
                Reason = reason,
            }
        );

    /// <summary>An advice that nothing can be posted of: kept, and looked at by a person.</summary>
    public static Verdict NotPostable(DecisionContext context, OutcomeReason reason)
    {
        context.DropEffects();
        Open(context, ExceptionKind.NotPostable, account: null, reason: reason);
        return new Verdict.Accept(
            OrderDrafts.Of(context.Instruction.Movement),
            InstructionState.InSuspense
        )
        {
            Reason = reason,
        };
    }

    public static IEnumerable<RecordWrite> WritesOf(DecisionContext context) =>
        context.Exceptions.Select(
            static (item, i) => Collections.Exceptions.Write(KeyOf(item, i), item)
        );

    /// <param name="ordinal">Among the items of one decision.</param>
    public static string KeyOf(ExceptionDocument item, int ordinal) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{item.Instruction}-{(byte)item.Kind}-{ordinal}"
        );
}
