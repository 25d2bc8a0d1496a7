namespace Evenkeel.Banking.Interest;

/// <summary>
/// What the bank knows of an account's interest: its value-dated balance, and what has accrued on it.
/// Written only by the end of day; payments don't touch it.
/// </summary>
internal sealed record InterestDocument
{
    /// <summary>The last day whose interest is in the sums below.</summary>
    public required DateOnly Through { get; init; }

    /// <summary>Log time, nanoseconds: every movement up to it is in <see cref="Steps"/>.</summary>
    public required ulong ReadToNs { get; init; }

    /// <summary>Booked balance at <see cref="ReadToNs"/>, minor units: the sum of all movements.</summary>
    public required long BookedMinor { get; init; }

    /// <summary>The value-dated balance: each holds from its day until the next one's. Days may lie ahead.</summary>
    public required IReadOnlyList<ValueStep> Steps { get; init; }

    /// <summary>Owed to the customer and not capitalised, millionths of a minor unit.</summary>
    public long CreditMicro { get; init; }

    /// <summary>Owed by the customer and not capitalised, millionths of a minor unit.</summary>
    public long DebitMicro { get; init; }

    /// <summary>What of <see cref="CreditMicro"/> the general ledger has, minor units.</summary>
    public long CreditPostedMinor { get; init; }

    /// <summary>What of <see cref="DebitMicro"/> the general ledger has, minor units.</summary>
    public long DebitPostedMinor { get; init; }

    /// <summary>The last day on which its holder moved money.</summary>
    public DateOnly? LastUse { get; init; }
}

/// <param name="Minor">Balance by value date, minor units.</param>
internal readonly record struct ValueStep(DateOnly From, long Minor);

internal static class ValueSteps
{
    public static long At(this IReadOnlyList<ValueStep> steps, DateOnly day)
    {
        var found = 0L;
        foreach (var step in steps)
        {
            if (step.From > day)
            {
                break;
            }
            found = step.Minor;
        }
        return found;
    }

    /// <summary>With a movement that counts from a day on.</summary>
    public static IReadOnlyList<ValueStep> Add(
        this IReadOnlyList<ValueStep> steps,
        DateOnly from,
        long change
    )
    {
        List<ValueStep> result = [];
        if (!steps.Any(step => step.From == from))
        {
            result.Add(new ValueStep(from, steps.At(from) + change));
        }
        foreach (var step in steps)
        {
            result.Add(step.From >= from ? step with { Minor = step.Minor + change } : step);
        }
        result.Sort(static (left, right) => left.From.CompareTo(right.From));
        return result;
    }

    /// <summary>Without what no correction can reach any more, and without steps that change nothing.</summary>
    public static IReadOnlyList<ValueStep> Prune(
        this IReadOnlyList<ValueStep> steps,
        DateOnly floor
    )
    {
        List<ValueStep> result = [];
        foreach (var step in steps)
        {
            if (result.Count > 0 && step.From <= floor)
            {
                result.RemoveAt(result.Count - 1);
            }
            if (result.Count == 0 || result[^1].Minor != step.Minor)
            {
                result.Add(step);
            }
        }
        return result is [{ Minor: 0 }] ? [] : result;
    }
}
