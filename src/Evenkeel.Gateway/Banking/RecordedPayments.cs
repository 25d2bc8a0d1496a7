using Evenkeel.Gateway.Attempts;
using Evenkeel.Gateway.Forwarding;
using Evenkeel.Payments;

namespace Evenkeel.Gateway.Banking;

/// <summary>
/// Every instruction of every channel is on disk here before it goes to the bank, and then what its
/// originator was told. Says what customers attempted, even when no bank was there to be asked.
/// </summary>
internal sealed class RecordedPayments(
    IPaymentProcessor bank,
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
                // The number of an API key elsewhere; of a person not even a hash of the name is here.
                Principal = 0,
                Service = Service.SubmitInstruction,
                Method = Method,
                Flags = AttemptFlags.MovesMoney,
                Events = 1,
                TransferIds = [instruction.Id.Value],
                AccountHashes = accounts,
                AccountsSeen = (uint)accounts.Length,
            }
        );
        PaymentOutcome? outcome = null;
        try
        {
            return outcome = await bank.SubmitAsync(instruction, cancellationToken);
        }
        finally
        {
            recorder.End(EndOf(id, outcome, started));
        }
    }

    private AttemptEnd EndOf(Guid id, PaymentOutcome? outcome, long started) =>
        new()
        {
            RequestId = id,
            Outcome = outcome switch
            {
                PaymentOutcome.Done => AttemptOutcome.Done,
                PaymentOutcome.NotDone => AttemptOutcome.NotDone,
                _ => AttemptOutcome.Unknown,
            },
            LatencyUs = (uint)
                Math.Min(time.GetElapsedTime(started).TotalMicroseconds, uint.MaxValue),
            Reason = outcome switch
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
