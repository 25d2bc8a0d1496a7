using Evenkeel.Banking.Orders;
using Evenkeel.Journal;
using Evenkeel.Payments;

namespace Evenkeel.Banking.Desk;

/// <summary>What a feature decided about an instruction.</summary>
internal abstract record Verdict
{
    private Verdict() { }

    /// <summary>No, and why. The order keeps it; of the context's effects nothing is done.</summary>
    public sealed record Refuse(OutcomeReason Reason, string? Detail = null) : Verdict
    {
        /// <summary>What the refusal itself leaves behind: a wrong try of a PIN.</summary>
        public IReadOnlyList<RecordWrite> Writes { get; init; } = [];
    }

    /// <summary>Yes: with the effects that were collected in the context.</summary>
    /// <param name="State"><see cref="InstructionState.Done"/>, held, being resolved, scheduled...</param>
    public sealed record Accept(OrderDraft Order, InstructionState State = InstructionState.Done)
        : Verdict
    {
        /// <summary>What it waits for, when it is being resolved.</summary>
        public OutcomeReason? Reason { get; init; }

        public DateTimeOffset? Deadline { get; init; }
    }
}

/// <summary>What a feature knows of an order beyond its instruction.</summary>
/// <param name="Accounts">Accounts of this bank whose holders may see it.</param>
internal sealed record OrderDraft(
    string Kind,
    AccountNumber? Debtor,
    string? Creditor,
    IReadOnlyList<AccountNumber> Accounts
)
{
    /// <summary>More to change in the document: what only this kind of order has.</summary>
    public Func<OrderDocument, OrderDocument>? Complete { get; init; }
}
