using System.Text;
using Evenkeel.Banking.Storage;
using Evenkeel.Journal;
using Evenkeel.Journal.Decisions;
using Evenkeel.Model;
using Evenkeel.Payments;

namespace Evenkeel.Banking.Desk;

/// <summary>What became of a task of administration: done with its result, or why not.</summary>
public abstract record TaskOutcome<T>
{
    private TaskOutcome() { }

    public sealed record Done(T Value) : TaskOutcome<T>;

    public sealed record NotDone(OutcomeReason Reason) : TaskOutcome<T>;
}

/// <summary>
/// A decision that moves documents rather than payments: opening, changing, blocking. Same rules: its
/// id is the asker's reference, read means guarded, and a repeat gets the first answer.
/// </summary>
internal static class Administration
{
    /// <param name="route">Names what is asked for: part of the identity.</param>
    /// <param name="body">Everything that was asked for, in one text: a repeat must say the same.</param>
    /// <param name="decide">Completes the draft, or refuses.</param>
    /// <param name="read">Reads the result that the first attempt had, for a repeat.</param>
    public static async Task<TaskOutcome<T>> DecideAsync<T>(
        Bank bank,
        Actor actor,
        OperationId id,
        string route,
        string body,
        IReadOnlyList<RecordKey> keys,
        Func<DecisionReader, Operation, CancellationToken, ValueTask<AdminDecision<T>>> decide,
        Func<CancellationToken, ValueTask<T?>> read,
        CancellationToken cancellationToken
    )
        where T : class
    {
        AdminDecision<T>? decision = null;
        try
        {
            var answer = await bank.Decisions.DecideAsync(
                new DecisionRequest
                {
                    Id = id,
                    Principals = Principals.Of(actor),
                    RequestHash = OperationHash.OfRequest(route, Encoding.UTF8.GetBytes(body)),
                    Keys = keys,
                },
                async (reader, draft, token) =>
                {
                    decision = await decide(reader, draft, token);
                    return decision.Refusal == OutcomeReason.None
                        ? decision.Operation
                        : draft with
                        {
                            RefusalCode = (uint)decision.Refusal,
                        };
                },
                cancellationToken
            );
            return answer switch
            {
                Answer<OperationResult>.Done { Value: { Status: OperationStatus.Done } done } =>
                    new TaskOutcome<T>.Done(
                        (done.Replayed ? await read(cancellationToken) : decision!.Result)!
                    ),
                Answer<OperationResult>.Done done => new TaskOutcome<T>.NotDone(
                    ReasonOf(done.Value)
                ),
                Answer<OperationResult>.NotDone { Reason: FrameStatus.Busy } =>
                    new TaskOutcome<T>.NotDone(OutcomeReason.Busy),
                Answer<OperationResult>.NotDone => new TaskOutcome<T>.NotDone(
                    OutcomeReason.ServiceUnavailable
                ),
                _ => new TaskOutcome<T>.NotDone(OutcomeReason.ResultUnknown),
            };
        }
        catch (BankUnavailableException)
        {
            return new TaskOutcome<T>.NotDone(OutcomeReason.ServiceUnavailable);
        }
    }

    private static OutcomeReason ReasonOf(OperationResult result) =>
        result.Status switch
        {
            OperationStatus.DecisionRefused => (OutcomeReason)result.FailedStatus,
            OperationStatus.NotAuthorised => OutcomeReason.ApprovalRequired,
            OperationStatus.IdReusedWithOtherContent => OutcomeReason.IdReusedWithOtherContent,
            OperationStatus.TransferRefused => OutcomeReason.InsufficientFunds,
            _ => OutcomeReason.Internal,
        };
}

/// <param name="Refusal">Not none: the decision is "no", and the rest is not used.</param>
internal sealed record AdminDecision<T>(Operation Operation, T? Result, OutcomeReason Refusal)
    where T : class
{
    public static AdminDecision<T> Refuse(Operation draft, OutcomeReason reason) =>
        new(draft, null, reason);

    public static AdminDecision<T> Accept(Operation operation, T result) =>
        new(operation, result, OutcomeReason.None);
}
