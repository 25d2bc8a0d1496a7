using System.Text.Json.Serialization;

namespace Evenkeel.Banking.EndOfDay;

/// <summary>
/// A business day that was closed, or is being closed. Written in the operation that rolls the business
/// date, and again after each batch of each step. Key: the date.
/// </summary>
internal sealed record BusinessDayDocument
{
    public required DateOnly Date { get; init; }

    /// <summary>The business day that followed it.</summary>
    public required DateOnly Next { get; init; }

    /// <summary>The business day before it; null for the bank's first.</summary>
    public DateOnly? Previous { get; init; }

    /// <summary>
    /// Log time of the roll, nanoseconds since the Unix epoch: everything posted before belongs to this
    /// day or an earlier one, everything after it to a later one. 0 in the roll itself, which can't know
    /// when it will be applied; set right after it.
    /// </summary>
    public ulong ClosedNs { get; init; }

    /// <summary>Steps done, in order, each with the number of what it handled.</summary>
    public IReadOnlyList<DoneStep> Done { get; init; } = [];

    /// <summary>How far the step at work is: the last key of its last batch.</summary>
    public string? Cursor { get; init; }

    /// <summary>What the step at work has handled.</summary>
    public int Handled { get; init; }

    public bool IsComplete { get; init; }

    [JsonIgnore]
    public bool IsMonthEnd => (Date.Year, Date.Month) != (Next.Year, Next.Month);
}

/// <param name="Handled">Accounts, orders or documents that it looked at.</param>
public sealed record DoneStep(string Name, int Handled);
