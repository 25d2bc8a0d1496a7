using Evenkeel.Payments;
using static Evenkeel.Contract.Mapping.Scalars;

namespace Evenkeel.Contract.Mapping;

/// <summary>Files with many payments, there and back.</summary>
internal static class BulkMap
{
    public static Wire.UploadAnswer ToWire(BulkUpload upload) =>
        upload switch
        {
            BulkUpload.Taken taken => new() { Taken = ToWire(taken.Run) },
            BulkUpload.Known known => new() { Known = ToWire(known.Run) },
            BulkUpload.Faulty faulty => new()
            {
                Faulty = new() { Fault = (uint)faulty.Fault, Line = faulty.Line },
            },
            BulkUpload.NotDone notDone => new() { NotDone = (uint)notDone.Reason },
            _ => throw new InvalidOperationException("A fifth kind of upload."),
        };

    public static BulkUpload ToDomain(Wire.UploadAnswer wire) =>
        wire.KindCase switch
        {
            Wire.UploadAnswer.KindOneofCase.Taken => new BulkUpload.Taken(ToDomain(wire.Taken)),
            Wire.UploadAnswer.KindOneofCase.Known => new BulkUpload.Known(ToDomain(wire.Known)),
            Wire.UploadAnswer.KindOneofCase.Faulty => new BulkUpload.Faulty(
                ToKnown<BulkFault>(wire.Faulty.Fault),
                wire.Faulty.Line
            ),
            Wire.UploadAnswer.KindOneofCase.NotDone => new BulkUpload.NotDone(
                ToKnown<OutcomeReason>(wire.NotDone)
            ),
            _ => throw new ContractException("An upload without an answer."),
        };

    public static Wire.BulkRunsAnswer ToWire(QueryAnswer<IReadOnlyList<BulkRun>> answer) =>
        Answers.ToWire<IReadOnlyList<BulkRun>, Wire.BulkRunsAnswer>(
            answer,
            static (wire, runs) => wire.Runs.AddRange(runs.Select(ToWire))
        );

    public static QueryAnswer<IReadOnlyList<BulkRun>> ToDomain(Wire.BulkRunsAnswer wire) =>
        Answers.ToDomain<IReadOnlyList<BulkRun>, Wire.BulkRunsAnswer>(
            wire,
            static found => [.. found.Runs.Select(ToDomain)]
        );

    public static Wire.BulkRunAnswer ToWire(QueryAnswer<BulkRun> answer) =>
        Answers.ToWire<BulkRun, Wire.BulkRunAnswer>(
            answer,
            static (wire, run) => wire.Run = ToWire(run)
        );

    public static QueryAnswer<BulkRun> ToDomain(Wire.BulkRunAnswer wire) =>
        Answers.ToDomain(wire, static found => ToDomain(found.Run));

    public static Wire.BulkLinesAnswer ToWire(QueryAnswer<BulkRunPage> answer) =>
        Answers.ToWire<BulkRunPage, Wire.BulkLinesAnswer>(
            answer,
            static (wire, page) =>
            {
                wire.Lines.AddRange(page.Lines.Select(ToWire));
                if (page.Next is { } next)
                {
                    wire.Next = next;
                }
            }
        );

    public static QueryAnswer<BulkRunPage> ToDomain(Wire.BulkLinesAnswer wire) =>
        Answers.ToDomain(
            wire,
            static found => new BulkRunPage(
                [.. found.Lines.Select(ToDomain)],
                found.HasNext ? found.Next : null
            )
        );

    private static Wire.BulkRun ToWire(BulkRun run)
    {
        Wire.BulkRun wire = new()
        {
            Id = run.Id,
            Payer = run.Payer.Value,
            Reference = run.Reference,
            ExecutionDate = run.ExecutionDate.DayNumber,
            Sum = Scalars.ToWire(run.Sum),
            Count = run.Count,
            State = (uint)run.State,
            Reason = (uint)run.Reason,
            Overlap = run.Overlap,
            PaidCount = run.PaidCount,
            Paid = Scalars.ToWire(run.Paid),
            ReturnedCount = run.ReturnedCount,
            Returned = Scalars.ToWire(run.Returned),
        };
        if (run.ValueDate is { } date)
        {
            wire.ValueDate = date.DayNumber;
        }
        return wire;
    }

    private static BulkRun ToDomain(Wire.BulkRun? wire)
    {
        var given = Needed(wire);
        return new BulkRun(
            given.Id,
            ToAccount(given.Payer),
            given.Reference,
            ToDate(given.ExecutionDate),
            given.HasValueDate ? ToDate(given.ValueDate) : null,
            ToMoney(given.Sum),
            given.Count,
            ToKnown<BulkState>(given.State),
            ToKnown<OutcomeReason>(given.Reason),
            given.Overlap,
            given.PaidCount,
            ToMoney(given.Paid),
            given.ReturnedCount,
            ToMoney(given.Returned)
        );
    }

    private static Wire.BulkLine ToWire(BulkRunLine line) =>
        new()
        {
            Line = line.Line,
            EndToEndId = line.EndToEndId,
            Amount = Scalars.ToWire(line.Amount),
            State = (uint)line.State,
            Reason = (uint)line.Reason,
            Instruction = Scalars.ToWire(line.Instruction),
        };

    private static BulkRunLine ToDomain(Wire.BulkLine wire) =>
        new(
            wire.Line,
            wire.EndToEndId,
            ToMoney(wire.Amount),
            ToKnown<InstructionState>(wire.State),
            ToKnown<OutcomeReason>(wire.Reason),
            ToInstructionId(wire.Instruction)
        );
}
