using System.Globalization;
using Evenkeel.Banking.Orders;
using Evenkeel.Banking.Storage;
using Evenkeel.Journal;
using Evenkeel.Payments;

namespace Evenkeel.Banking.Queries;

/// <summary>Where is my money: instructions by any name that somebody knows them by.</summary>
internal static class Traces
{
    private static readonly string[] Kinds =
    [
        "e2e:",
        "uetr:",
        "rrn:",
        "stan:",
        "voucher:",
        "bulk:",
        "rail:",
    ];

    /// <exception cref="BankUnavailableException">The journal could not answer.</exception>
    public static async ValueTask<IReadOnlyList<(InstructionId Id, OrderDocument Order)>> FindAsync(
        Bank bank,
        string reference,
        CancellationToken cancellationToken
    )
    {
        List<(InstructionId, OrderDocument)> found = [];
        if (
            InstructionId.TryParse(reference, out var id)
            && await Collections.Orders.ReadAsync(bank.Journal, reference, cancellationToken)
                is { } order
        )
        {
            found.Add((id, order));
        }
        var names = Kinds.Any(kind => reference.StartsWith(kind, StringComparison.Ordinal))
            ? [reference]
            : Kinds.Select(kind => kind + reference);
        foreach (var name in names)
        {
            var page = await Collections.Orders.QueryAsync(
                bank.Journal,
                new RecordQuery
                {
                    Collection = Collections.Orders.Name,
                    Index = "reference",
                    Value = name,
                    Limit = BankingLimits.TracesMax,
                },
                cancellationToken
            );
            foreach (var (key, document) in page.Documents)
            {
                if (InstructionId.TryParse(key, out var named))
                {
                    found.Add((named, document));
                }
            }
        }
        return [.. found.DistinctBy(static pair => pair.Item1).Take(BankingLimits.TracesMax)];
    }

    public static InstructionTrace TraceOf(
        InstructionId id,
        OrderDocument order,
        DateTimeOffset now
    )
    {
        // A hold ends by itself and nobody writes that down.
        var hasEnded = order.State == InstructionState.Held && order.HoldUntil <= now;
        return new()
        {
            Id = id,
            Kind = order.Kind,
            Amount = new Money(order.AmountMinor, order.Currency),
            State = hasEnded ? InstructionState.NotDone : order.State,
            Reason = hasEnded ? OutcomeReason.HoldExpired : order.Reason ?? OutcomeReason.None,
            Deadline =
                order.Due is { } due
                && DateTimeOffset.TryParse(
                    due,
                    CultureInfo.InvariantCulture,
                    DateTimeStyles.AssumeUniversal,
                    out var deadline
                )
                    ? deadline
                    : null,
            Debtor = order.Debtor is { } debtor ? AccountNumber.Parse(debtor) : null,
            Creditor = order.Creditor,
            References = order.References,
            Timeline =
            [
                .. order.Timeline.Select(happened => new TimelineEntry(
                    happened.At,
                    happened.State,
                    happened.By,
                    happened.Detail
                )),
            ],
        };
    }
}
