using Evenkeel.Banking.Desk;
using Evenkeel.Banking.Storage;
using Evenkeel.Payments;

namespace Evenkeel.Banking.Queries;

/// <summary>What was read, or why it is refused: whichever a function returns.</summary>
internal readonly record struct Read<T>(T? Value, OutcomeReason Reason)
    where T : class
{
    public static implicit operator Read<T>(T value) => new(value, OutcomeReason.None);

    public static implicit operator Read<T>(OutcomeReason reason) => new(null, reason);

    /// <summary>For lists: an interface has no conversion of its own.</summary>
    public static Read<T> Found(T value) => new(value, OutcomeReason.None);

    public static Read<T> Of(QueryAnswer<T> answer) =>
        answer switch
        {
            QueryAnswer<T>.Found found => new(found.Value, OutcomeReason.None),
            QueryAnswer<T>.Refused refused => new(null, refused.Reason),
            _ => throw new InvalidOperationException("A third kind of answer."),
        };

    public static Read<T> Of(TaskOutcome<T> outcome) =>
        outcome switch
        {
            TaskOutcome<T>.Done done => new(done.Value, OutcomeReason.None),
            TaskOutcome<T>.NotDone notDone => new(null, notDone.Reason),
            _ => throw new InvalidOperationException("A third kind of outcome."),
        };
}

/// <summary>Answers of queries, also when the journal can't be asked.</summary>
internal static class Reads
{
    public static async Task<QueryAnswer<T>> AnswerAsync<T>(Bank bank, Func<Task<Read<T>>> read)
        where T : class
    {
        try
        {
            var (value, reason) = await read();
            return value is null
                ? new QueryAnswer<T>.Refused(reason)
                : new QueryAnswer<T>.Found(value, bank.Time.GetUtcNow());
        }
        catch (BankUnavailableException)
        {
            return new QueryAnswer<T>.Refused(OutcomeReason.ServiceUnavailable);
        }
    }
}
