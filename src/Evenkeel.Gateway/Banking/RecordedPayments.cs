using Evenkeel.Contract.Calling;
using Evenkeel.Gateway.Attempts;
using Evenkeel.Gateway.Forwarding;
using Evenkeel.Payments;

namespace Evenkeel.Gateway.Banking;

/// <summary>
/// Every instruction of every channel is on disk here before it goes to the bank, and then what its
/// originator was told. Says what customers attempted, even when no bank was there to be asked.
/// </summary>
/// <param name="submit">At the bank, which says besides the outcome who answered after how many tries.</param>
internal sealed class RecordedPayments(
    Func<PaymentInstruction, CancellationToken, Task<SubmitReport>> submit,
    AttemptRecorder recorder,
    TimeProvider time
) : IPaymentProcessor
{
    private const string Method = "POST";

    public async Task<PaymentOutcome> SubmitAsync(
        PaymentInstruction instruction,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(instruction);
        long started = time.GetTimestamp();
        var id = Guid.CreateVersion7(time.GetUtcNow());
        UInt128[] accounts = [.. AccountsOf(instruction.Movement).Select(recorder.Hasher.Account)];
        await recorder.BeginAsync(
            new AttemptRequest
            {
                RequestId = id,
                // The number of an API key elsewhere; who gave an instruction is said by Asker.
                Principal = 0,
                Service = Service.SubmitInstruction,
                Method = Method,
                Flags = AttemptFlags.MovesMoney,
                Events = 1,
                TransferIds = [instruction.Id.Value],
                AccountHashes = accounts,
                AccountsSeen = (uint)accounts.Length,
                Asker = AskerOf(instruction),
            }
        );
        SubmitReport report = default;
        try
        {
            report = await submit(instruction, cancellationToken);
            return report.Outcome;
        }
        finally
        {
            recorder.End(EndOf(id, report, started));
        }
    }

    private AttemptAsker AskerOf(PaymentInstruction instruction)
    {
        AskerKind kind = AttemptAsker.KindOf(instruction.Actor);
        return new(
            kind,
            instruction.Origin.Channel,
            recorder.Hasher.Asker(kind, instruction.Actor.Name)
        );
    }

    /// <param name="report">Default when nobody knows how it ended.</param>
    private AttemptEnd EndOf(Guid id, SubmitReport report, long started) =>
        new()
        {
            RequestId = id,
            Outcome = report.Outcome switch
            {
                PaymentOutcome.Done => AttemptOutcome.Done,
                PaymentOutcome.NotDone => AttemptOutcome.NotDone,
                _ => AttemptOutcome.Unknown,
            },
            LatencyUs = (uint)
                Math.Min(time.GetElapsedTime(started).TotalMicroseconds, uint.MaxValue),
            Tries = (byte)Math.Min(report.Tries, byte.MaxValue),
            ServedBy = report.ServedBy ?? "",
            Reason = report.Outcome switch
            {
                PaymentOutcome.NotDone notDone => ReasonTable.Of(notDone.Reason).Slug,
                PaymentOutcome.BeingResolved resolving => ReasonTable.Of(resolving.Reason).Slug,
                _ => "",
            },
        };

    private static IEnumerable<UInt128> AccountsOf(Movement movement) =>
        movement switch
        {
            Movement.CreditTransfer { Creditor: Creditor.Here here } transfer =>
            [
                transfer.Debtor.Value,
                here.Account.Value,
            ],
            Movement.CreditTransfer transfer => [transfer.Debtor.Value],
            Movement.IncomingCredit incoming => [incoming.Creditor.Value],
            Movement.CashWithdrawal { From: Funding.OfAccount account } => [account.Account.Value],
            Movement.CashDeposit deposit => [deposit.To.Value],
            Movement.BillPayment bill => [bill.Debtor.Value],
            // Cards are known by tokens; the bank finds the account.
            _ => [],
        };
}
