using Evenkeel.Banking.Desk;
using Evenkeel.Payments;

namespace Evenkeel.Demo;

/// <summary>What the bank says while a demonstration is built: only "done" is expected.</summary>
internal static class DemoOutcomes
{
    /// <exception cref="InvalidOperationException">The bank refused; the message says what.</exception>
    public static T Done<T>(TaskOutcome<T> outcome, string reference) =>
        outcome switch
        {
            TaskOutcome<T>.Done done => done.Value,
            TaskOutcome<T>.NotDone notDone => throw NotBuilt(reference, notDone.Reason),
            _ => throw new InvalidOperationException("A third kind of outcome."),
        };

    /// <exception cref="InvalidOperationException">The bank could not be asked.</exception>
    public static T Found<T>(QueryAnswer<T> answer, string reference) =>
        answer switch
        {
            QueryAnswer<T>.Found found => found.Value,
            QueryAnswer<T>.Refused refused => throw NotBuilt(reference, refused.Reason),
            _ => throw new InvalidOperationException("A third kind of answer."),
        };

    public static InvalidOperationException NotBuilt(string reference, OutcomeReason reason) =>
        new($"The demonstration bank could not be built: {reference} was refused ({reason}).");
}
