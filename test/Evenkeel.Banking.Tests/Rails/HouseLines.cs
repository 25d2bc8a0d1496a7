using Evenkeel.Banking.Bills;
using Evenkeel.Banking.Rails;
using Evenkeel.Payments;
using Evenkeel.Simulators.Billers;
using Evenkeel.Simulators.Clearing;

namespace Evenkeel.Banking.Tests.Rails;

/// <summary>The line to a clearing in this process; its answers come twice when told so.</summary>
internal sealed class HouseClearing(ClearingHouse house) : IClearing
{
    private int _sent;

    /// <summary>Credits and returns that left the bank, repeats included.</summary>
    public int Sent => _sent;

    /// <summary>Every message goes out twice, as when a line repeats.</summary>
    public bool Doubles { get; init; }

    public Task<IReadOnlyList<BankCode>> GetParticipantsAsync(CancellationToken token) =>
        Task.FromResult<IReadOnlyList<BankCode>>([
            .. house.Participants.Select(static code => new BankCode(code)),
        ]);

    public Task<ClearingReport> SendAsync(CreditMessage credit, CancellationToken token) =>
        SendAsync(() => house.Send(WireOf(credit)));

    public Task<ClearingReport> SendAsync(ReturnMessage sentBack, CancellationToken token) =>
        SendAsync(() =>
            house.Send(
                new WireReturn(
                    sentBack.ReturnId,
                    sentBack.OriginalUetr,
                    BankOwn.Code.Value,
                    sentBack.Amount.Minor,
                    sentBack.Amount.Currency,
                    sentBack.Code
                )
            )
        );

    public Task<ClearingReport> AskAsync(Guid uetr, CancellationToken token) =>
        Task.FromResult(ReportOf(house.Ask(uetr)));

    public Task<IReadOnlyList<ClearingMessage>> ReceiveAsync(
        long after,
        int limit,
        CancellationToken token
    ) =>
        Task.FromResult<IReadOnlyList<ClearingMessage>>([
            .. house.Receive(BankOwn.Code.Value, after, limit).Select(MessageOf),
        ]);

    public static WireCredit Incoming(Guid uetr, string account, long minor) =>
        new(
            uetr,
            "E2E-IN",
            "TSINCNBJXXX",
            "6222000011112222",
            "Someone Elsewhere",
            BankOwn.Code.Value,
            account,
            "Someone Here",
            minor,
            Evenkeel.Payments.Compliance.IBankUnderTest.Cny
        );

    private Task<ClearingReport> SendAsync(Func<WireReport?> send)
    {
        Interlocked.Increment(ref _sent);
        var answer = send();
        if (Doubles)
        {
            answer = send() ?? answer;
        }
        return Task.FromResult(ReportOf(answer));
    }

    private static WireCredit WireOf(CreditMessage credit) =>
        new(
            credit.Uetr,
            credit.EndToEndId,
            credit.DebtorBank.Value,
            credit.DebtorAccount,
            credit.DebtorName,
            credit.CreditorBank.Value,
            credit.CreditorAccount,
            credit.CreditorName,
            credit.Amount.Minor,
            credit.Amount.Currency,
            credit.Remittance
        );

    private static ClearingReport ReportOf(WireReport? report) =>
        report is null
            ? ClearingReport.Silence
            : new ClearingReport(
                report.Status switch
                {
                    "ACSC" => ClearingStatus.Settled,
                    "ACSP" => ClearingStatus.Pending,
                    "RJCT" => ClearingStatus.Rejected,
                    _ => ClearingStatus.NotFound,
                },
                report.Code,
                report.SettlementDate
            );

    private static ClearingMessage MessageOf(WireMessage message) =>
        message switch
        {
            { Credit: { } credit } => new ClearingMessage.Credit(
                message.Sequence,
                new CreditMessage(
                    credit.Uetr,
                    credit.EndToEndId,
                    new BankCode(credit.DebtorBank),
                    credit.DebtorAccount,
                    credit.DebtorName,
                    new BankCode(credit.CreditorBank),
                    credit.CreditorAccount,
                    credit.CreditorName,
                    new Money(credit.AmountMinor, credit.Currency),
                    credit.Remittance
                ),
                message.SettlementDate!.Value
            ),
            { Return: { } sentBack } => new ClearingMessage.Return(
                message.Sequence,
                new ReturnMessage(
                    sentBack.ReturnId,
                    sentBack.OriginalUetr,
                    new BankCode(sentBack.From),
                    new Money(sentBack.AmountMinor, sentBack.Currency),
                    sentBack.Code
                ),
                message.SettlementDate!.Value
            ),
            { Report: { } report } => new ClearingMessage.Status(
                message.Sequence,
                report.Uetr,
                ReportOf(report)
            ),
            _ => new ClearingMessage.Settlement(
                message.Sequence,
                new SettlementPosition(
                    message.Position!.Date,
                    message.Position.Currency,
                    message.Position.SentCount,
                    message.Position.SentMinor,
                    message.Position.ReceivedCount,
                    message.Position.ReceivedMinor
                )
            ),
        };
}

/// <summary>The lines to billers in this process.</summary>
internal sealed class HouseBillers(BillerHouse house) : IBillers
{
    /// <summary>Nobody answers anything.</summary>
    public bool IsDead { get; set; }

    public Task<BillerReport> PayAsync(BillMessage bill, CancellationToken token) =>
        AnswerAsync(() =>
            house.Pay(
                bill.Biller.Value,
                new WireBill(
                    bill.Reference,
                    bill.BillNumber,
                    bill.Amount.Minor,
                    bill.Amount.Currency
                )
            )
        );

    public Task<BillerReport> AskAsync(
        BillerCode biller,
        string reference,
        CancellationToken token
    ) => AnswerAsync(() => house.Ask(biller.Value, reference));

    public Task<BillerReport> ReverseAsync(
        BillerCode biller,
        string reference,
        CancellationToken token
    ) => AnswerAsync(() => house.Reverse(biller.Value, reference));

    private Task<BillerReport> AnswerAsync(Func<WireBillReport?> ask) =>
        Task.FromResult(
            !IsDead && ask() is { } report
                ? new BillerReport(
                    report.Status switch
                    {
                        "PAID" => BillerStatus.Paid,
                        "PENDING" => BillerStatus.Pending,
                        "REFUSED" => BillerStatus.Refused,
                        _ => BillerStatus.NotFound,
                    },
                    report.Code,
                    report.Receipt
                )
                : BillerReport.Silence
        );
}
