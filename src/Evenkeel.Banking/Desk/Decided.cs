using Evenkeel.Banking.Advising;
using Evenkeel.Banking.Orders;
using Evenkeel.Banking.Storage;
using Evenkeel.Journal;

namespace Evenkeel.Banking.Desk;

/// <summary>One attempt at an instruction: what was read, what was said, and the order that says so.</summary>
/// <param name="Order">Null when nothing is to be written: the instruction is known already.</param>
/// <param name="Unseen">The guard that no order is there, where none was looked for.</param>
internal sealed record Decided(
    DecisionContext Context,
    Verdict Verdict,
    OrderDocument? Order,
    Guard? Unseen = null
)
{
    public Operation Complete(Operation draft)
    {
        // Behind the context's own guards, since the reasons of its counters go by their places.
        Guard[] unseen = Unseen is null ? [] : [Unseen];
        if (Order is null)
        {
            return draft with
            {
                Guards = unseen,
                RefusalCode = (uint)((Verdict.Refuse)Verdict).Reason,
            };
        }
        var order = Collections.Orders.Write(Context.Instruction.Id.ToString(), Order);
        return Verdict switch
        {
            Verdict.Refuse refuse => draft with
            {
                Guards = unseen,
                Writes = [order, .. refuse.Writes],
            },
            Verdict.Accept => draft with
            {
                Guards = [.. Context.Guards, .. unseen],
                Accounts = Context.Accounts,
                Transfers = Context.Transfers,
                Writes = [.. Context.Writes, .. Exceptions.WritesOf(Context), order],
                Messages = Context.Messages,
            },
            _ => throw new InvalidOperationException("A third kind of verdict."),
        };
    }
}
