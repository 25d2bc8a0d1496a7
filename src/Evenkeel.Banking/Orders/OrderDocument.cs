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

    /// <summary>Hash of what was asked (32 hexadecimal digits): a repeat by another way must say the same.</summary>
    public string? Content { get; init; }

    /// <summary>Who sent it, as the journal names them: only they may undo it.</summary>
    public string? By { get; init; }

    /// <summary>Names of the legs that were posted; null = "main" alone.</summary>
    public IReadOnlyList<string>? Legs { get; init; }

    /// <summary>What moved in the end, when that is less than was asked for.</summary>
    public long? CompletedMinor { get; init; }

    /// <summary>Of an authorisation: the transfer that holds the amount (32 hexadecimal digits).</summary>
    public string? Hold { get; init; }

    /// <summary>Of an authorisation: when the hold ends by itself.</summary>
    public DateTimeOffset? HoldUntil { get; init; }

    /// <summary>The instruction that this one undoes, completes or corrects.</summary>
    public string? Original { get; init; }

    /// <summary>The limit counters that it added to, so that what is undone frees them again.</summary>
    public IReadOnlyList<CountedLimit>? Counted { get; init; }

    /// <summary>Payee and text as the payer knows them, under the payer's key.</summary>
    public string? SealedForDebtor { get; init; }

    /// <summary>Payer and text as the payee knows them, under the payee's key.</summary>
    public string? SealedForCreditor { get; init; }

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

/// <summary>A counter of <see cref="CustomerLimits.LimitRules"/> and what was added to it.</summary>
/// <param name="IsCount">True for the number of payments: it is freed only when all is undone.</param>
internal sealed record CountedLimit(string Key, long Delta, bool IsCount = false);
