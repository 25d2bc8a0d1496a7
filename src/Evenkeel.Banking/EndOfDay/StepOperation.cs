using System.Text;
using Evenkeel.Banking.GeneralLedger;
using Evenkeel.Banking.Storage;
using Evenkeel.Journal;
using Evenkeel.Journal.Decisions;
using Evenkeel.Model;
using Evenkeel.Payments;

namespace Evenkeel.Banking.EndOfDay;

/// <summary>
/// One step for one key on one date: an operation whose id is made of the three, so that it happens once
/// however often it is tried. What it computes comes from the ledger's past and from documents that only
/// the end of day writes, so that every try computes the same.
/// </summary>
internal static class StepOperation
{
    /// <summary>A decision that found nothing to do is remembered as a refusal with this code.</summary>
    private const uint NothingToDoCode = 1_000;

    private const int BusyAttemptsMax = 8;

    public static readonly Principal Principal = new(PrincipalKinds.Node, "end-of-day");

    public delegate ValueTask<Operation> Decide(
        DecisionReader reader,
        Operation draft,
        InstructionId id,
        CancellationToken cancellationToken
    );

    public static InstructionId IdOf(DateOnly date, string step, string key) =>
        InstructionId.From(
            Channel.Internal,
            "end-of-day",
            $"{BusinessDays.KeyOf(date)}/{step}/{key}"
        );

    public static UInt128 HashOf(DateOnly date, string step, string key) =>
        OperationHash.OfRequest(
            "end-of-day",
            Encoding.UTF8.GetBytes($"{BusinessDays.KeyOf(date)}\n{step}\n{key}")
        );

    public static Operation NothingToDo(Operation draft) =>
        draft with
        {
            RefusalCode = NothingToDoCode,
        };

    /// <returns>Done (now or before), or refused for a reason of the ledger's, or nothing to do.</returns>
    /// <exception cref="BankUnavailableException">It is not known or not done: try again.</exception>
    /// <exception cref="EndOfDayException">The step itself is wrong.</exception>
    public static async ValueTask<OperationResult> DecideAsync(
        Bank bank,
        DateOnly date,
        string step,
        string key,
        IReadOnlyList<RecordKey> keys,
        Decide decide,
        CancellationToken cancellationToken
    )
    {
        var id = IdOf(date, step, key);
        for (var attempt = 1; ; attempt++)
        {
            var answer = await bank.Decisions.DecideAsync(
                new DecisionRequest
                {
                    Id = new OperationId(id.Value),
                    Principals = [Principal],
                    RequestHash = HashOf(date, step, key),
                    Keys = keys,
                },
                (reader, draft, token) => decide(reader, draft, id, token),
                cancellationToken
            );
            // Customers' work goes first: a full queue is a reason to ask again, not to give up.
            if (
                answer is Answer<OperationResult>.NotDone { Reason: FrameStatus.Busy }
                && attempt < BusyAttemptsMax
            )
            {
                await Task.Yield();
                continue;
            }
            return Judge(Answers.Value(answer), step, key);
        }
    }

    /// <returns>What became of it, a stale guard too.</returns>
    /// <exception cref="BankUnavailableException">It is not known or not done: try again.</exception>
    public static async ValueTask<OperationResult> ProposeAsync(
        Bank bank,
        Operation operation,
        CancellationToken cancellationToken
    )
    {
        for (var attempt = 1; ; attempt++)
        {
            var answer = await bank.Journal.ProposeAsync(operation, cancellationToken);
            if (
                answer is Answer<OperationResult>.NotDone { Reason: FrameStatus.Busy }
                && attempt < BusyAttemptsMax
            )
            {
                await Task.Yield();
                continue;
            }
            return Answers.Value(answer);
        }
    }

    private static OperationResult Judge(OperationResult result, string step, string key) =>
        result.Status switch
        {
            OperationStatus.Done
            or OperationStatus.DecisionRefused
            or OperationStatus.TransferRefused
            or OperationStatus.CounterOutOfBounds => result,
            _ => throw new EndOfDayException(
                $"Step {step} of {key} was refused: {result.Status} ({result.FailedStatus})."
            ),
        };
}

/// <summary>Transfers that the end of day makes.</summary>
internal static class EndOfDayPosting
{
    /// <summary>
    /// In place of a terminal's serial number: tells what was booked into a day after it was closed, so
    /// that its trial balance finds it.
    /// </summary>
    private const uint IntoClosedDay = 0xE0D;

    public static ulong OriginInto(DateOnly closed) =>
        Posting.OriginOf(new Origin(Channel.Internal), closed, IntoClosedDay);

    /// <summary>Books into the day that was closed: only between the bank's own accounts.</summary>
    public static Transfer IntoClosed(
        InstructionId id,
        string leg,
        UInt128 debit,
        UInt128 credit,
        long minor,
        uint currency,
        PostingKind kind,
        DateOnly closed
    ) => Make(id, leg, debit, credit, minor, currency, kind, closed, OriginInto(closed));

    /// <summary>Books into the open day; so does everything that a customer's account is part of.</summary>
    public static Transfer IntoOpen(
        InstructionId id,
        string leg,
        UInt128 debit,
        UInt128 credit,
        long minor,
        uint currency,
        PostingKind kind,
        DateOnly open
    ) =>
        Make(
            id,
            leg,
            debit,
            credit,
            minor,
            currency,
            kind,
            open,
            Posting.OriginOf(new Origin(Channel.Internal), open)
        );

    private static Transfer Make(
        InstructionId id,
        string leg,
        UInt128 debit,
        UInt128 credit,
        long minor,
        uint currency,
        PostingKind kind,
        DateOnly valueDate,
        ulong origin
    )
    {
        Check.That(minor > 0);
        return new Transfer
        {
            Id = LedgerIds.Transfer(id, leg),
            DebitAccountId = debit,
            CreditAccountId = credit,
            Amount = (UInt128)minor,
            UserData128 = id.Value,
            UserData64 = origin,
            UserData32 = ValueDates.ToNumber(valueDate),
            Ledger = currency,
            Code = (ushort)kind,
        };
    }
}
