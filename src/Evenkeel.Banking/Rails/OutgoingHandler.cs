using System.Globalization;
using Evenkeel.Banking.Customers;
using Evenkeel.Banking.Orders;
using Evenkeel.Banking.Storage;
using Evenkeel.Banking.Work;
using Evenkeel.Payments;

namespace Evenkeel.Banking.Rails;

/// <summary>
/// Sends what waits for the clearing, and asks for what has no answer. That it may have been sent is
/// written down before it is: a death in between leads to a question, never to a second credit.
/// </summary>
internal sealed class OutgoingHandler(Bank bank, IClearing? clearing) : IWorkHandler
{
    private readonly OutgoingSteps _steps = new(bank);

    public string Kind => OutgoingCredits.WorkKind;

    public async Task WorkAsync(WorkItem item, CancellationToken cancellationToken)
    {
        if (clearing is null || !InstructionId.TryParse(item.Subject, out var id))
        {
            return;
        }
        var order = await _steps.ReadAsync(id, cancellationToken);
        if (
            order?.Rail is not { } rail
            || !string.Equals(rail.Work, item.Key, StringComparison.Ordinal)
        )
        {
            return;
        }
        var answer =
            rail.Stage == RailStage.ToSend ? null : await AskAsync(rail, cancellationToken);
        switch (RailMachine.Next(rail.Stage, answer?.Status))
        {
            case RailAction.Send:
                if (await _steps.MarkSendingAsync(id, order, cancellationToken))
                {
                    var report = await SendAsync(id, order, cancellationToken);
                    if (report.Status != ClearingStatus.Silent)
                    {
                        await _steps.HearAsync(id, report, cancellationToken);
                    }
                }
                break;
            case RailAction.SendAgain:
                await _steps.MoveAsync(
                    id,
                    order,
                    RailStage.ToSend,
                    bank.Time.GetUtcNow(),
                    cancellationToken
                );
                break;
            default:
                await _steps.HearAsync(id, answer ?? ClearingReport.Silence, cancellationToken);
                break;
        }
    }

    private async Task<ClearingReport> AskAsync(RailPart rail, CancellationToken cancellationToken)
    {
        try
        {
            return await clearing!.AskAsync(
                Guid.Parse(rail.Uetr, CultureInfo.InvariantCulture),
                cancellationToken
            );
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            return ClearingReport.Silence;
        }
    }

    private async Task<ClearingReport> SendAsync(
        InstructionId id,
        OrderDocument order,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return order.Rail!.OriginalUetr is { } original
                ? await clearing!.SendAsync(
                    new ReturnMessage(
                        Guid.Parse(order.Rail.Uetr, CultureInfo.InvariantCulture),
                        Guid.Parse(original, CultureInfo.InvariantCulture),
                        new BankCode(order.Rail.Bank!),
                        new Money(order.AmountMinor, order.Currency),
                        order.Rail.Code!
                    ),
                    cancellationToken
                )
                : await SendCreditAsync(id, order, cancellationToken);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            return ClearingReport.Silence;
        }
    }

    private async Task<ClearingReport> SendCreditAsync(
        InstructionId id,
        OrderDocument order,
        CancellationToken cancellationToken
    )
    {
        if (OutgoingCredits.Open(bank, id, order.Rail!) is not { } party)
        {
            // The payer was forgotten before it went out: it never will.
            return new ClearingReport(ClearingStatus.Rejected, "AC04");
        }
        const string EndToEnd = "e2e:";
        return await clearing!.SendAsync(
            new CreditMessage(
                Guid.Parse(order.Rail!.Uetr, CultureInfo.InvariantCulture),
                order.References.FirstOrDefault(static r =>
                    r.StartsWith(EndToEnd, StringComparison.Ordinal)
                )
                    is { } reference
                    ? reference[EndToEnd.Length..]
                    : "NOTPROVIDED",
                BankOwn.Code,
                order.Debtor!,
                await NameAsync(order.Rail.Owner!, cancellationToken),
                new BankCode(order.Rail.Bank!),
                party.Account,
                party.Name,
                new Money(order.AmountMinor, order.Currency),
                party.Remittance
            ),
            cancellationToken
        );
    }

    private async ValueTask<string> NameAsync(
        string customer,
        CancellationToken cancellationToken
    ) =>
        (await bank.Customers.FindAsync(new CustomerId(customer), cancellationToken))?.Profile?.Name
        ?? PersonVault.Forgotten;
}
