using Evenkeel.Payments;
using static Evenkeel.Contract.Mapping.Scalars;

namespace Evenkeel.Contract.Mapping;

/// <summary>Instructions, there and back.</summary>
internal static class InstructionMap
{
    public static Wire.Instruction ToWire(PaymentInstruction instruction)
    {
        Wire.Instruction wire = new()
        {
            Id = Scalars.ToWire(instruction.Id),
            Actor = ActorMap.ToWire(instruction.Actor),
            Origin = ActorMap.ToWire(instruction.Origin),
            Movement = MovementMap.ToWire(instruction.Movement),
            Amount = Scalars.ToWire(instruction.Amount),
            References = ToWire(instruction.References),
            IsAdvice = instruction.IsAdvice,
            AskedAt = Scalars.ToWire(instruction.AskedAt),
        };
        if (instruction.ExecutionDate is { } execution)
        {
            wire.ExecutionDate = execution.DayNumber;
        }
        if (instruction.ValueDate is { } value)
        {
            wire.ValueDate = value.DayNumber;
        }
        if (instruction.Remittance is { } remittance)
        {
            wire.Remittance = remittance;
        }
        return wire;
    }

    public static PaymentInstruction ToDomain(Wire.Instruction wire) =>
        new()
        {
            Id = ToInstructionId(wire.Id),
            Actor = ActorMap.ToDomain(wire.Actor),
            Origin = ActorMap.ToDomain(wire.Origin),
            Movement = MovementMap.ToDomain(wire.Movement),
            Amount = ToMoney(wire.Amount),
            References = ToDomain(wire.References),
            ExecutionDate = wire.HasExecutionDate ? ToDate(wire.ExecutionDate) : null,
            ValueDate = wire.HasValueDate ? ToDate(wire.ValueDate) : null,
            Remittance = wire.HasRemittance ? wire.Remittance : null,
            IsAdvice = wire.IsAdvice,
            AskedAt = ToInstant(wire.AskedAt),
        };

    private static Wire.References ToWire(References references)
    {
        Wire.References wire = new();
        if (references.EndToEndId is { } endToEnd)
        {
            wire.EndToEndId = endToEnd;
        }
        if (references.Uetr is { } uetr)
        {
            wire.Uetr = Scalars.ToWire(uetr);
        }
        if (references.Rrn is { } rrn)
        {
            wire.Rrn = rrn;
        }
        if (references.Stan is { } stan)
        {
            wire.Stan = stan;
        }
        if (references.Voucher is { } voucher)
        {
            wire.Voucher = voucher;
        }
        if (references.BulkItem is { } item)
        {
            wire.BulkItem = item;
        }
        if (references.Rail is { } rail)
        {
            wire.Rail = rail;
        }
        return wire;
    }

    private static References ToDomain(Wire.References? wire) =>
        wire is null
            ? new References()
            : new References
            {
                EndToEndId = wire.HasEndToEndId ? wire.EndToEndId : null,
                Uetr = wire.HasUetr ? ToGuid(wire.Uetr) : null,
                Rrn = wire.HasRrn ? wire.Rrn : null,
                Stan = wire.HasStan ? wire.Stan : null,
                Voucher = wire.HasVoucher ? wire.Voucher : null,
                BulkItem = wire.HasBulkItem ? wire.BulkItem : null,
                Rail = wire.HasRail ? wire.Rail : null,
            };
}
