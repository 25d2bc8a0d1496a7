using System.Globalization;
using Evenkeel.Banking.Desk;
using Evenkeel.Banking.Orders;
using Evenkeel.Banking.Storage;
using Evenkeel.Journal;
using Evenkeel.Payments;

namespace Evenkeel.Banking.Advising;

/// <summary>
/// An advice tells of what has happened elsewhere. When the bank knows the instruction already it is
/// matched; when the bank had refused it, it is done all the same.
/// </summary>
internal static class Advices
{
    /// <summary>Whether the known order is of another request under the same id.</summary>
    public static bool IsOther(OrderDocument known, UInt128 content) =>
        known.Content is { } said
        && !string.Equals(
            said,
            content.ToString("x32", CultureInfo.InvariantCulture),
            StringComparison.Ordinal
        );

    /// <summary>
    /// The same advice was told before with other content: what was posted stays, and a person looks at
    /// the difference.
    /// </summary>
    public static async ValueTask<bool> RememberDifferenceAsync(
        Bank bank,
        DecisionContext context,
        UInt128 content,
        CancellationToken cancellationToken
    )
    {
        var what = content.ToString("x32", CultureInfo.InvariantCulture);
        context.DropEffects();
        Exceptions.Open(context, ExceptionKind.AdviceDiffers, account: null);
        var answer = await bank.Journal.ProposeAsync(
            new Operation
            {
                Id = new OperationId(context.Instruction.Id.Derive($"differs/{what}").Value),
                Principals = Principals.Of(context.Instruction),
                RequestHash = content,
                Writes =
                [
                    Collections.Exceptions.Write(
                        $"{context.Instruction.Id}-{(byte)ExceptionKind.AdviceDiffers}-{what}",
                        context.Exceptions[0]
                    ),
                ],
            },
            cancellationToken
        );
        return answer is Answer<OperationResult>.Done { Value.Status: OperationStatus.Done };
    }

    public static async ValueTask<Decided> OnKnownAsync(
        DecisionContext context,
        OrderDocument known,
        UInt128 content,
        Func<ValueTask<Verdict>> decide,
        Func<Verdict, OrderDocument> orderOf
    )
    {
        var by = context.Instruction.Actor.Name;
        if (known is { State: InstructionState.NotDone, Reason: OutcomeReason.ReversedBefore })
        {
            // Both have happened, in whatever order they came: together they moved nothing.
            Exceptions.Open(context, ExceptionKind.AdviceAfterReversal, account: null);
            return Keep(
                known.With(
                    InstructionState.Reversed,
                    reason: null,
                    new OrderEvent(context.Now, InstructionState.Reversed, by, "advice")
                ) with
                {
                    CompletedMinor = 0,
                }
            );
        }
        if (known.State == InstructionState.NotDone)
        {
            var verdict = await decide();
            if (verdict is Verdict.Refuse refused)
            {
                verdict = Exceptions.NotPostable(context, refused.Reason);
            }
            var order = orderOf(verdict);
            return new Decided(
                context,
                verdict,
                order with
                {
                    Timeline = [.. known.Timeline, .. order.Timeline],
                }
            );
        }
        if (IsOther(known, content))
        {
            Exceptions.Open(context, ExceptionKind.AdviceDiffers, account: null);
            return Keep(
                known.With(
                    known.State,
                    known.Reason,
                    new OrderEvent(context.Now, known.State, by, "advice-differs")
                )
            );
        }
        return new Decided(context, new Verdict.Refuse(OutcomeReason.Duplicate), Order: null);

        Decided Keep(OrderDocument order) =>
            new(
                context,
                new Verdict.Accept(OrderDrafts.Of(context.Instruction.Movement), order.State),
                order
            );
    }
}
