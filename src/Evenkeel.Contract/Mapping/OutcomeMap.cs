using Evenkeel.Payments;
using static Evenkeel.Contract.Mapping.Scalars;
using Kind = Evenkeel.Contract.Wire.Outcome.KindOneofCase;

namespace Evenkeel.Contract.Mapping;

/// <summary>The three answers, there and back.</summary>
internal static class OutcomeMap
{
    public static Wire.Outcome ToWire(PaymentOutcome outcome) =>
        outcome switch
        {
            PaymentOutcome.Done done => new() { Done = ToWire(done.Receipt) },
            PaymentOutcome.NotDone notDone => new() { NotDone = ToWire(notDone) },
            PaymentOutcome.BeingResolved resolving => new()
            {
                BeingResolved = new()
                {
                    Deadline = Scalars.ToWire(resolving.Deadline),
                    Reason = (uint)resolving.Reason,
                },
            },
            _ => throw new InvalidOperationException("A fourth kind of outcome."),
        };

    public static PaymentOutcome ToDomain(Wire.Outcome wire) =>
        wire.KindCase switch
        {
            Kind.Done => new PaymentOutcome.Done(ToDomain(wire.Done)),
            Kind.NotDone => new PaymentOutcome.NotDone(
                ToKnown<OutcomeReason>(wire.NotDone.Reason),
                wire.NotDone.HasDetail ? wire.NotDone.Detail : null
            ),
            Kind.BeingResolved => new PaymentOutcome.BeingResolved(
                ToInstant(wire.BeingResolved.Deadline),
                ToKnown<OutcomeReason>(wire.BeingResolved.Reason)
            ),
            _ => throw new ContractException("A fourth kind of outcome."),
        };

    private static Wire.Outcome.Types.NotDone ToWire(PaymentOutcome.NotDone notDone)
    {
        Wire.Outcome.Types.NotDone wire = new() { Reason = (uint)notDone.Reason };
        if (notDone.Detail is { } detail)
        {
            wire.Detail = detail;
        }
        return wire;
    }

    private static Wire.Receipt ToWire(Receipt receipt) =>
        new()
        {
            Id = Scalars.ToWire(receipt.Id),
            Amount = Scalars.ToWire(receipt.Amount),
            BookingDate = receipt.BookingDate.DayNumber,
            ValueDate = receipt.ValueDate.DayNumber,
            At = Scalars.ToWire(receipt.At),
            AuthorisationCode = receipt.AuthorisationCode,
            DecidedBy = (uint)receipt.DecidedBy,
        };

    private static Receipt ToDomain(Wire.Receipt wire) =>
        new()
        {
            Id = ToInstructionId(wire.Id),
            Amount = ToMoney(wire.Amount),
            BookingDate = ToDate(wire.BookingDate),
            ValueDate = ToDate(wire.ValueDate),
            At = ToInstant(wire.At),
            AuthorisationCode = wire.AuthorisationCode,
            DecidedBy = ToKnown<OriginMode>(wire.DecidedBy),
        };
}
