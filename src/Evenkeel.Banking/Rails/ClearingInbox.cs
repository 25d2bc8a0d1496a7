using System.Globalization;
using Evenkeel.Banking.Advising;
using Evenkeel.Banking.Storage;
using Evenkeel.Banking.Work;
using Evenkeel.Journal;
using Evenkeel.Model;
using Evenkeel.Payments;

namespace Evenkeel.Banking.Rails;

/// <summary>
/// Takes what the clearing has for this bank, in its order. Each message is worked off before the
/// cursor moves past it, and each has an identity of its own: after a death some come twice and do
/// nothing the second time.
/// </summary>
internal sealed class ClearingInbox(Bank bank, IClearing clearing) : IPump
{
    private const string CursorKey = "inbox";
    private const string Task = "rail";

    private static readonly Actor.Clearing Rail = new("clearing");

    /// <summary>The last number there can be; it is never given to anybody.</summary>
    private static readonly AccountNumber Nobody = AccountNumber.FromSerial(999_999_999_999);

    private readonly OutgoingSteps _steps = new(bank);
    private readonly SettlementAccounts _accounts = new(bank);
    private DateTimeOffset _participantsDue = DateTimeOffset.MinValue;

    public async Task<bool> PumpAsync(CancellationToken cancellationToken)
    {
        await ReadParticipantsAsync(cancellationToken);
        var after =
            (await Collections.Cursors.ReadAsync(bank.Journal, CursorKey, cancellationToken))?.After
            ?? 0;
        var messages = await clearing.ReceiveAsync(after, RailLimits.InboxMax, cancellationToken);
        var last = after;
        try
        {
            foreach (var message in messages)
            {
                Check.That(message.Sequence == last + 1);
                await TakeAsync(message, cancellationToken);
                last = message.Sequence;
            }
        }
        finally
        {
            if (last > after)
            {
                await MoveCursorAsync(after, last, CancellationToken.None);
            }
        }
        return last > after;
    }

    private async ValueTask TakeAsync(ClearingMessage message, CancellationToken cancellationToken)
    {
        switch (message)
        {
            case ClearingMessage.Credit credit:
                await _accounts.OpenAsync(
                    credit.SettlementDate,
                    credit.Message.Amount.Currency,
                    cancellationToken
                );
                await SubmitAsync(InstructionOf(credit), cancellationToken);
                break;
            case ClearingMessage.Return returned:
                await TakeReturnAsync(returned, cancellationToken);
                break;
            case ClearingMessage.Status status:
                if (await InstructionOfAsync(status.Uetr, cancellationToken) is { } id)
                {
                    await _steps.HearAsync(id, status.Report, cancellationToken);
                }
                break;
            case ClearingMessage.Settlement settlement:
                await _accounts.OpenAsync(
                    settlement.Position.Date,
                    settlement.Position.Currency,
                    cancellationToken
                );
                await SettlementHandler.TakeAsync(bank, settlement.Position, cancellationToken);
                break;
            default:
                throw new InvalidOperationException("An unknown message of the clearing.");
        }
    }

    private async Task TakeReturnAsync(
        ClearingMessage.Return returned,
        CancellationToken cancellationToken
    )
    {
        var message = returned.Message;
        await _accounts.OpenAsync(
            returned.SettlementDate,
            message.Amount.Currency,
            cancellationToken
        );
        var original =
            await InstructionOfAsync(message.OriginalUetr, cancellationToken)
            ?? InstructionId.From(Channel.Clearing, Rail.Name, $"{message.OriginalUetr:D}");
        await SubmitAsync(
            new PaymentInstruction
            {
                Id = InstructionId.From(Channel.Clearing, Rail.Name, $"{message.ReturnId:D}"),
                Actor = Rail,
                Origin = new Origin(Channel.Clearing),
                Movement = new Movement.Return(original, OutcomeReason.ReturnedByCreditorBank),
                Amount = message.Amount,
                References = new References
                {
                    Uetr = message.ReturnId,
                    Rail = SettlementAccounts.ReferenceOf(
                        returned.SettlementDate,
                        returned.Sequence
                    ),
                },
                IsAdvice = true,
                AskedAt = bank.Time.GetUtcNow(),
            },
            cancellationToken
        );
    }

    private PaymentInstruction InstructionOf(ClearingMessage.Credit credit)
    {
        var message = credit.Message;
        return new PaymentInstruction
        {
            Id = InstructionId.From(Channel.Clearing, Rail.Name, $"{message.Uetr:D}"),
            Actor = Rail,
            Origin = new Origin(Channel.Clearing),
            Movement = new Movement.IncomingCredit(
                message.DebtorBank,
                message.DebtorAccount,
                message.DebtorName,
                // A number that can't be one of ours is one that nobody has: the answer is the same.
                AccountNumber.TryParse(message.CreditorAccount, out var number)
                    ? number
                    : Nobody
            ),
            Amount = message.Amount,
            References = new References
            {
                EndToEndId = Clean(message.EndToEndId, PaymentLimits.ReferenceCharsMax),
                Uetr = message.Uetr,
                Rail = SettlementAccounts.ReferenceOf(credit.SettlementDate, credit.Sequence),
            },
            Remittance = Clean(message.Remittance, PaymentLimits.RemittanceCharsMax),
            IsAdvice = true,
            AskedAt = bank.Time.GetUtcNow(),
        };
    }

    /// <summary>What has settled can't be refused for its form: text is cut to what we can keep.</summary>
    private static string? Clean(string? text, int charsMax)
    {
        var clean = new string([
            .. (text ?? "").Where(static c => !char.IsControl(c)).Take(charsMax),
        ]);
        return clean.Length == 0 ? null : clean;
    }

    /// <summary>An answer that is none keeps the cursor where it is; a "no" to what has settled is an exception item.</summary>
    private async Task SubmitAsync(
        PaymentInstruction instruction,
        CancellationToken cancellationToken
    )
    {
        switch (await bank.Payments.SubmitAsync(instruction, cancellationToken))
        {
            case PaymentOutcome.Done:
            case PaymentOutcome.BeingResolved { Reason: not OutcomeReason.ResultUnknown }:
                break;
            case PaymentOutcome.NotDone
            {
                Reason: not (
                    OutcomeReason.Busy
                    or OutcomeReason.ServiceUnavailable
                    or OutcomeReason.EndOfDayCutOver
                )
            } refused:
                await OpenItemAsync(instruction, refused.Reason, cancellationToken);
                break;
            default:
                throw new BankUnavailableException(
                    FrameStatus.Unavailable,
                    "A message of the clearing could not be worked off yet."
                );
        }
    }

    private async Task OpenItemAsync(
        PaymentInstruction instruction,
        OutcomeReason reason,
        CancellationToken cancellationToken
    ) =>
        await Step.TakeAsync(
            bank,
            instruction.Id.Derive("break"),
            Task,
            $"{reason}",
            async (reader, draft, token) =>
                draft with
                {
                    Writes = await RailItems.OpenAsync(
                        reader,
                        ExceptionKind.ClearingMessageRefused,
                        instruction.Id.ToString(),
                        instruction.Amount,
                        suspenseMinor: 0,
                        bank.Time.GetUtcNow(),
                        token,
                        reason
                    ),
                },
            cancellationToken
        );

    private async ValueTask<InstructionId?> InstructionOfAsync(
        Guid uetr,
        CancellationToken cancellationToken
    ) =>
        await Collections.Uetrs.ReadAsync(bank.Journal, $"{uetr:D}", cancellationToken)
            is { } document
        && InstructionId.TryParse(document.Instruction, out var id)
            ? id
            : null;

    private async Task MoveCursorAsync(long from, long to, CancellationToken cancellationToken) =>
        await Step.TakeAsync(
            bank,
            InstructionId.From(
                Channel.Internal,
                CursorKey,
                string.Create(CultureInfo.InvariantCulture, $"{from}-{to}")
            ),
            Task,
            "cursor",
            async (reader, draft, token) =>
            {
                var now = await Collections.Cursors.ReadAsync(reader, CursorKey, token);
                return (now?.After ?? 0) >= to
                    ? null
                    : draft with
                    {
                        Writes = [Collections.Cursors.Write(CursorKey, new CursorDocument(to))],
                    };
            },
            cancellationToken
        );

    /// <summary>Banks come and go; what is sent to one that is not on the list is refused at once.</summary>
    private async Task ReadParticipantsAsync(CancellationToken cancellationToken)
    {
        var now = bank.Time.GetUtcNow();
        if (now < _participantsDue)
        {
            return;
        }
        foreach (var code in await clearing.GetParticipantsAsync(cancellationToken))
        {
            if (
                code != BankOwn.Code
                && await Collections.Participants.ReadAsync(
                    bank.Journal,
                    code.Value,
                    cancellationToken
                )
                    is null
            )
            {
                await Step.TakeAsync(
                    bank,
                    InstructionId.From(Channel.Internal, "participant", code.Value),
                    Task,
                    "participant",
                    (_, draft, _) =>
                        ValueTask.FromResult<Operation?>(
                            draft with
                            {
                                Writes =
                                [
                                    Collections.Participants.Write(
                                        code.Value,
                                        new ParticipantDocument(IsReachable: true)
                                    ),
                                ],
                            }
                        ),
                    cancellationToken
                );
            }
        }
        _participantsDue = now.AddMinutes(RailLimits.ParticipantsMinutes);
    }
}
