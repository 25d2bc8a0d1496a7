using System.Text.Json;
using Evenkeel.Banking.Accounts;
using Evenkeel.Banking.Calendars;
using Evenkeel.Banking.CustomerLimits;
using Evenkeel.Banking.Desk;
using Evenkeel.Banking.GeneralLedger;
using Evenkeel.Banking.Orders;
using Evenkeel.Banking.Payees;
using Evenkeel.Banking.Storage;
using Evenkeel.Banking.Work;
using Evenkeel.Payments;
using static Evenkeel.Payments.OutcomeReason;

namespace Evenkeel.Banking.Rails;

/// <summary>A credit to an account at another bank: taken from the payer at once, then on its way.</summary>
internal static class OutgoingCredits
{
    public const string WorkKind = "rail";
    public const string OrderKind = "outgoing-credit";

    public static async ValueTask<Verdict> DecideAsync(
        DecisionContext context,
        Movement.CreditTransfer transfer,
        Creditor.Elsewhere creditor,
        CancellationToken cancellationToken
    )
    {
        var (debtor, fault) = await Debits.JudgeAsync(context, transfer.Debtor, cancellationToken);
        if (fault != None)
        {
            return new Verdict.Refuse(fault);
        }
        var bank = await Collections.Participants.ReadAsync(
            context.Reader,
            creditor.Bank.Value,
            cancellationToken
        );
        if (bank is not { IsReachable: true })
        {
            return new Verdict.Refuse(CreditorBankUnknown);
        }
        var uetr = context.Instruction.References.Uetr ?? UetrOf(context.Instruction.Id);
        if (
            await Collections.Uetrs.ReadAsync(context.Reader, $"{uetr:D}", cancellationToken)
            is not null
        )
        {
            // At the clearing it would be the earlier one.
            return new Verdict.Refuse(Duplicate);
        }
        fault = await PayeeRules.JudgeAsync(
            context,
            debtor!,
            creditor,
            holder: null,
            cancellationToken
        );
        if (fault != None)
        {
            return new Verdict.Refuse(fault);
        }
        fault = await LimitRules.JudgeAsync(context, debtor!, cancellationToken);
        if (fault != None)
        {
            return new Verdict.Refuse(fault);
        }
        fault = await CutOffs.JudgeAsync(context, CutOffs.OutgoingCredit, cancellationToken);
        if (fault != None)
        {
            return new Verdict.Refuse(fault);
        }

        // After this point it succeeds, if the money and the limits hold when it is applied.
        context.Move(
            "main",
            debit: LedgerIds.Of(transfer.Debtor),
            credit: SettlementAccounts.OnTheWay(context.Instruction.Amount.Currency),
            context.Instruction.Amount,
            PostingKind.OutgoingCredit
        );
        var (work, write) = WorkQueue.Add(WorkKind, context.Instruction.Id.ToString(), context.Now);
        context.Write(write);
        context.Write(UetrWrite(uetr, context.Instruction.Id));
        context.Bank.WorkBell.Ring();
        var part = Part(
            context.Bank,
            context.Instruction.Id,
            uetr,
            new CustomerId(debtor!.Customer),
            creditor,
            context.Instruction.Remittance,
            work
        );
        return new Verdict.Accept(
            OrderDrafts.Of(transfer) with
            {
                Creditor = creditor.Bank.Value,
                Complete = order =>
                    order with
                    {
                        References = WithUetr(order.References, uetr),
                        Rail = part,
                    },
            },
            InstructionState.BeingResolved
        )
        {
            Reason = ClearingPending,
            Deadline = context.Now.AddMinutes(RailLimits.AnswerMinutesMax),
        };
    }

    /// <summary>The part of an order that goes over the clearing, with what identifies persons sealed.</summary>
    public static RailPart Part(
        Bank bank,
        InstructionId id,
        Guid uetr,
        CustomerId owner,
        Creditor.Elsewhere creditor,
        string? remittance,
        string work
    ) =>
        new($"{uetr:D}", RailStage.ToSend, work, Bank: creditor.Bank.Value)
        {
            Owner = owner.Value,
            Sealed = bank.Persons.Seal(
                owner,
                SealPurpose(id),
                JsonSerializer.Serialize(
                    new RailParty(creditor.Account, creditor.Name, remittance),
                    RailJson.Default.RailParty
                )
            ),
        };

    /// <summary>Null when the customer was forgotten.</summary>
    public static RailParty? Open(Bank bank, InstructionId id, RailPart part) =>
        part is { Sealed: { } isSealed, Owner: { } owner }
        && bank.Persons.Open(new CustomerId(owner), SealPurpose(id), isSealed) is { } json
            ? JsonSerializer.Deserialize(json, RailJson.Default.RailParty)
            : null;

    public static Journal.RecordWrite UetrWrite(Guid uetr, InstructionId id) =>
        Collections.Uetrs.Write($"{uetr:D}", new UetrDocument(id.ToString()));

    public static IReadOnlyList<string> WithUetr(IReadOnlyList<string> references, Guid uetr) =>
        references.Contains($"uetr:{uetr:D}", StringComparer.Ordinal)
            ? references
            : [.. references, $"uetr:{uetr:D}"];

    /// <summary>Follows from the instruction, so that it is the same however often it is sent.</summary>
    public static Guid UetrOf(InstructionId id)
    {
        Span<byte> bytes = stackalloc byte[16];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(
            bytes,
            id.Derive("uetr").Value
        );
        // Version 4, variant 1, as ISO 20022 asks for.
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }

    private static string SealPurpose(InstructionId id) => $"rail/{id}";
}
