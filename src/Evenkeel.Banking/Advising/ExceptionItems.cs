using Evenkeel.Banking.Storage;
using Evenkeel.Journal;
using Evenkeel.Payments;

namespace Evenkeel.Banking.Advising;

/// <summary>An exception item as staff see it.</summary>
/// <param name="InSuspense">Positive: owed by the bank. Negative: owed to it. Zero: nothing is there.</param>
/// <param name="AgeDays">Since it was opened.</param>
public sealed record ExceptionItemView(
    string Id,
    ExceptionKind Kind,
    ExceptionState State,
    InstructionId Instruction,
    string? Account,
    Money Amount,
    Money InSuspense,
    uint Session,
    string Owner,
    DateOnly OpenedOn,
    int AgeDays,
    OutcomeReason Reason,
    IReadOnlyList<string> ResolvedBy
);

/// <summary>What waits for somebody to explain it. Resolved by <see cref="StaffEntries.Approvals"/>.</summary>
public sealed class ExceptionItems
{
    private readonly Bank _bank;

    internal ExceptionItems(Bank bank) => _bank = bank;

    /// <param name="after">Id of the last item of the page before; null for the first.</param>
    public async Task<QueryAnswer<IReadOnlyList<ExceptionItemView>>> ListAsync(
        Actor actor,
        ExceptionState state,
        string? after,
        CancellationToken cancellationToken
    )
    {
        if (actor is not (Actor.Staff or Actor.Bank))
        {
            return new QueryAnswer<IReadOnlyList<ExceptionItemView>>.Refused(
                OutcomeReason.NotAuthorised
            );
        }
        try
        {
            var page = await Collections.Exceptions.QueryAsync(
                _bank.Journal,
                new RecordQuery
                {
                    Collection = Collections.Exceptions.Name,
                    Index = "state",
                    Value = state.ToString(),
                    After = after,
                    Limit = PaymentLimits.PageLinesMax,
                },
                cancellationToken
            );
            var now = _bank.Time.GetUtcNow();
            return new QueryAnswer<IReadOnlyList<ExceptionItemView>>.Found(
                [
                    .. page.Documents.Select(found => ViewOf(found.Key, found.Document, now)),
                    .. state == ExceptionState.Open && page.Next is null
                        ? await FormerAsync(now, cancellationToken)
                        : [],
                ],
                now
            );
        }
        catch (BankUnavailableException)
        {
            return new QueryAnswer<IReadOnlyList<ExceptionItemView>>.Refused(
                OutcomeReason.ServiceUnavailable
            );
        }
    }

    /// <summary>Items of the rails from before they were exception items: still to be looked at.</summary>
    private async ValueTask<IEnumerable<ExceptionItemView>> FormerAsync(
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        var page = await Collections.Breaks.QueryAsync(
            _bank.Journal,
            new RecordQuery
            {
                Collection = Collections.Breaks.Name,
                Limit = PaymentLimits.PageLinesMax,
            },
            cancellationToken
        );
        return page.Documents.Select(found => new ExceptionItemView(
            $"{Collections.Breaks.Name}/{found.Key}",
            KindOf(found.Document.Kind),
            ExceptionState.Open,
            InstructionId.TryParse(found.Document.Subject, out var id) ? id : default,
            Account: null,
            new Money(found.Document.AmountMinor, found.Document.Currency),
            new Money(0, found.Document.Currency),
            Session: 0,
            Exceptions.Owner,
            DateOnly.FromDateTime(found.Document.Since.UtcDateTime),
            (int)(now - found.Document.Since).TotalDays,
            OutcomeReason.None,
            ResolvedBy: []
        ));
    }

    private static ExceptionKind KindOf(string former) =>
        former switch
        {
            "clearing-silent" => ExceptionKind.ClearingSilent,
            "give-back-in-suspense" => ExceptionKind.GiveBackImpossible,
            "return-in-suspense" => ExceptionKind.ReturnImpossible,
            "position-differs" => ExceptionKind.PositionDiffers,
            "credit-to-blocked-account" => ExceptionKind.CreditorBlocked,
            _ => ExceptionKind.ClearingMessageRefused,
        };

    private static ExceptionItemView ViewOf(
        string key,
        ExceptionDocument item,
        DateTimeOffset now
    ) =>
        new(
            key,
            item.Kind,
            item.State,
            InstructionId.TryParse(item.Instruction, out var id) ? id : default,
            item.Account,
            new Money(item.AmountMinor, item.Currency),
            new Money(item.SuspenseMinor, item.Currency),
            item.Session,
            item.Owner,
            item.OpenedOn,
            (int)(now - item.OpenedAt).TotalDays,
            item.Reason ?? OutcomeReason.None,
            item.ResolvedBy ?? []
        );
}
