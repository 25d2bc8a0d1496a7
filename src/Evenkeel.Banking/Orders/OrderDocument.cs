using Evenkeel.Payments;

namespace Evenkeel.Banking.Orders;

/// <summary>An instruction as the bank keeps it for ever: what was asked, what became of it, and when.</summary>
internal sealed record OrderDocument
{
    public required string Kind { get; init; }

    public required InstructionState State { get; init; }

    public OutcomeReason? Reason { get; init; }

    public required long AmountMinor { get; init; }

    public required uint Currency { get; init; }

    public required Channel Channel { get; init; }

    public OriginMode Mode { get; init; }

    public string? Debtor { get; init; }

    public string? Creditor { get; init; }

    /// <summary>Both accounts of this bank: who may see it.</summary>
    public IReadOnlyList<string> Accounts { get; init; } = [];

    /// <summary>Every name it can be looked up by: "e2e:...", "rrn:...".</summary>
    public IReadOnlyList<string> References { get; init; } = [];

    public DateOnly? BookingDate { get; init; }

    public DateOnly? ValueDate { get; init; }

    /// <summary>While it waits: the instant by which it must be resolved, or the day it is due; sorts as text.</summary>
    public string? Due { get; init; }

    /// <summary>What it has besides when it goes over the clearing.</summary>
    public Rails.RailPart? Rail { get; init; }

    /// <summary>What it has besides when it pays a bill.</summary>
    public Bills.BillPart? Bill { get; init; }

    public required IReadOnlyList<OrderEvent> Timeline { get; init; }

    public OrderDocument With(InstructionState state, OutcomeReason? reason, OrderEvent happened) =>
        this with
        {
            State = state,
            Reason = reason,
            Timeline = [.. Timeline.TakeLast(PaymentLimits.TimelineEntriesMax - 1), happened],
        };
}

/// <param name="Detail">A code or a reference; nothing of a person.</param>
internal sealed record OrderEvent(
    DateTimeOffset At,
    InstructionState State,
    string By,
    string? Detail = null
);
