using Evenkeel.Banking.Advising;
using Evenkeel.Banking.Storage;
using Evenkeel.Banking.Work;
using Evenkeel.Journal;
using Evenkeel.Journal.Decisions;
using Evenkeel.Payments;

namespace Evenkeel.Banking.Rails;

/// <summary>Opens exception items from steps that no instruction asked for.</summary>
internal static class RailItems
{
    /// <summary>One for each kind and subject: while it is there, a second of the same is the same.</summary>
    /// <param name="subject">The instruction, or the date and currency of a position.</param>
    /// <param name="suspenseMinor">What it left in suspense; positive = owed by the bank.</param>
    public static async ValueTask<IReadOnlyList<RecordWrite>> OpenAsync(
        DecisionReader reader,
        ExceptionKind kind,
        string subject,
        Money amount,
        long suspenseMinor,
        DateTimeOffset now,
        CancellationToken cancellationToken,
        OutcomeReason? reason = null
    )
    {
        ExceptionDocument item = new(
            kind,
            subject,
            Account: null,
            amount.Minor,
            amount.Currency,
            suspenseMinor,
            Session: 0,
            Exceptions.Owner,
            now,
            await Step.BusinessDateAsync(reader, cancellationToken),
            ExceptionState.Open
        )
        {
            Reason = reason,
        };
        var key = Exceptions.KeyOf(item, ordinal: 0);
        return await Collections.Exceptions.ReadAsync(reader, key, cancellationToken) is null
            ? [Collections.Exceptions.Write(key, item)]
            : [];
    }
}
