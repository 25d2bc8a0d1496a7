using System.Text;
using Evenkeel.Banking.GeneralLedger;
using Evenkeel.Banking.Storage;
using Evenkeel.Journal;
using Evenkeel.Journal.Decisions;
using Evenkeel.Model;
using Evenkeel.Payments;

namespace Evenkeel.Banking.Work;

/// <summary>
/// One step of something that goes on by itself: a decision with an id of its own, so that it is done
/// once, whoever tries it and however often.
/// </summary>
internal static class Step
{
    /// <param name="task">Who does it, for the journal: "rail", "bill", "bulk".</param>
    /// <param name="body">Everything that makes this step what it is: a repeat must say the same.</param>
    /// <param name="decide">Completes the draft; null = overtaken, which is final for this id.</param>
    /// <exception cref="BankUnavailableException">Nothing is known; it may be tried again.</exception>
    public static async Task<OperationResult> TakeAsync(
        Bank bank,
        InstructionId id,
        string task,
        string body,
        Func<DecisionReader, Operation, CancellationToken, ValueTask<Operation?>> decide,
        CancellationToken cancellationToken
    ) =>
        Answers.Value(
            await bank.Decisions.DecideAsync(
                new DecisionRequest
                {
                    Id = new OperationId(id.Value),
                    Principals = [new Principal(PrincipalKinds.Node, task)],
                    RequestHash = OperationHash.OfRequest(
                        $"step/{task}",
                        Encoding.UTF8.GetBytes(body)
                    ),
                },
                async (reader, draft, token) =>
                    await decide(reader, draft, token)
                    ?? draft with
                    {
                        RefusalCode = (uint)OutcomeReason.Duplicate,
                    },
                cancellationToken
            )
        );

    /// <exception cref="BankUnavailableException">The bank was not opened.</exception>
    public static async ValueTask<DateOnly> BusinessDateAsync(
        DecisionReader reader,
        CancellationToken cancellationToken
    ) =>
        await reader.ReadBusinessDateAsync(cancellationToken)
        ?? throw new BankUnavailableException(
            FrameStatus.Unavailable,
            "The bank has no business date: it was not opened."
        );
}

/// <summary>What the transfers of one step have in common.</summary>
/// <param name="Instruction">What they are for; their ids follow from it.</param>
internal readonly record struct Legs(
    InstructionId Instruction,
    uint Currency,
    Channel Channel,
    DateOnly BookingDate,
    DateOnly ValueDate
)
{
    /// <param name="name">Names it within the instruction: the id of the transfer follows from both.</param>
    public Transfer Leg(
        string name,
        UInt128 debit,
        UInt128 credit,
        long minor,
        PostingKind kind,
        TransferFlags flags = TransferFlags.None,
        UInt128 pendingId = default
    ) =>
        new()
        {
            Id = LedgerIds.Transfer(Instruction, name),
            DebitAccountId = debit,
            CreditAccountId = credit,
            Amount = (UInt128)minor,
            PendingId = pendingId,
            UserData128 = Instruction.Value,
            UserData64 = Posting.OriginOf(new Origin(Channel), BookingDate),
            UserData32 = ValueDates.ToNumber(ValueDate),
            Ledger = Currency,
            Code = (ushort)kind,
            Flags = flags,
        };
}
