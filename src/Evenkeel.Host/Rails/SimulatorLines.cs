using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Evenkeel.Banking.Bills;
using Evenkeel.Banking.Rails;
using Evenkeel.Payments;
using Evenkeel.Simulators;
using Evenkeel.Simulators.Billers;
using Evenkeel.Simulators.Clearing;

namespace Evenkeel.Host.Rails;

/// <summary>
/// The lines to the simulators' process over HTTP. An answer that does not come in time, a line that
/// breaks and an answer that can't be read all mean the same: nothing is known.
/// </summary>
internal sealed class SimulatorLines : IClearing, IBillers, IDisposable
{
    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(10);

    private readonly HttpClient _http;

    public SimulatorLines(Uri address) =>
        _http = new HttpClient(
            new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(2) }
        )
        {
            BaseAddress = address,
            Timeout = AnswerMax,
        };

    public void Dispose() => _http.Dispose();

    public async Task<IReadOnlyList<BankCode>> GetParticipantsAsync(
        CancellationToken cancellationToken
    ) =>
        [
            .. (
                await GetAsync(
                        "clearing/participants",
                        WireJson.Default.IReadOnlyListString,
                        cancellationToken
                    )
                    .ConfigureAwait(false)
            ).Select(static code => new BankCode(code)),
        ];

    public Task<ClearingReport> SendAsync(
        CreditMessage credit,
        CancellationToken cancellationToken
    ) =>
        ReportAsync(
            "clearing/pacs.008",
            new WireCredit(
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
            ),
            WireJson.Default.WireCredit,
            cancellationToken
        );

    public Task<ClearingReport> SendAsync(
        ReturnMessage sentBack,
        CancellationToken cancellationToken
    ) =>
        ReportAsync(
            "clearing/pacs.004",
            new WireReturn(
                sentBack.ReturnId,
                sentBack.OriginalUetr,
                BankOwn.Code.Value,
                sentBack.Amount.Minor,
                sentBack.Amount.Currency,
                sentBack.Code
            ),
            WireJson.Default.WireReturn,
            cancellationToken
        );

    public Task<ClearingReport> AskAsync(Guid uetr, CancellationToken cancellationToken) =>
        ReportAsync(
            "clearing/pacs.028",
            new WireQuestion(uetr),
            WireJson.Default.WireQuestion,
            cancellationToken
        );

    public async Task<IReadOnlyList<ClearingMessage>> ReceiveAsync(
        long after,
        int limit,
        CancellationToken cancellationToken
    )
    {
        var messages = await GetAsync(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"clearing/inbox/{BankOwn.Code.Value}?after={after}&limit={limit}"
                ),
                WireJson.Default.IReadOnlyListWireMessage,
                cancellationToken
            )
            .ConfigureAwait(false);
        return [.. messages.Select(MessageOf)];
    }

    public Task<BillerReport> PayAsync(BillMessage bill, CancellationToken cancellationToken) =>
        BillAsync(
            () =>
                _http.PostAsJsonAsync(
                    $"billers/{Uri.EscapeDataString(bill.Biller.Value)}/payments",
                    new WireBill(
                        bill.Reference,
                        bill.BillNumber,
                        bill.Amount.Minor,
                        bill.Amount.Currency
                    ),
                    WireJson.Default.WireBill,
                    cancellationToken
                ),
            cancellationToken
        );

    public Task<BillerReport> AskAsync(
        BillerCode biller,
        string reference,
        CancellationToken cancellationToken
    ) =>
        BillAsync(
            () => _http.GetAsync(PaymentOf(biller, reference), cancellationToken),
            cancellationToken
        );

    public Task<BillerReport> ReverseAsync(
        BillerCode biller,
        string reference,
        CancellationToken cancellationToken
    ) =>
        BillAsync(
            () =>
                _http.PostAsync(
                    PaymentOf(biller, reference) + "/reversal",
                    content: null,
                    cancellationToken
                ),
            cancellationToken
        );

    private static string PaymentOf(BillerCode biller, string reference) =>
        $"billers/{Uri.EscapeDataString(biller.Value)}/payments/{reference}";

    private async Task<T> GetAsync<T>(
        string path,
        JsonTypeInfo<T> type,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await _http.GetFromJsonAsync(path, type, cancellationToken).ConfigureAwait(false)
                ?? throw new IOException("The clearing answered nothing.");
        }
        catch (Exception e)
            when (e is HttpRequestException or JsonException
                || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested)
            )
        {
            throw new IOException("The clearing did not answer.", e);
        }
    }

    private async Task<ClearingReport> ReportAsync<T>(
        string path,
        T message,
        JsonTypeInfo<T> type,
        CancellationToken cancellationToken
    ) =>
        await AnswerAsync(
                () => _http.PostAsJsonAsync(path, message, type, cancellationToken),
                WireJson.Default.WireReport,
                cancellationToken
            )
            .ConfigureAwait(false)
            is { } report
            ? ReportOf(report)
            : ClearingReport.Silence;

    private static async Task<BillerReport> BillAsync(
        Func<Task<HttpResponseMessage>> call,
        CancellationToken cancellationToken
    ) =>
        await AnswerAsync(call, WireJson.Default.WireBillReport, cancellationToken)
            .ConfigureAwait(false)
            is { } report
            ? new BillerReport(
                report.Status switch
                {
                    "PAID" => BillerStatus.Paid,
                    "PENDING" => BillerStatus.Pending,
                    "REFUSED" => BillerStatus.Refused,
                    "NOTFOUND" => BillerStatus.NotFound,
                    _ => BillerStatus.Silent,
                },
                report.Code,
                report.Receipt
            )
            : BillerReport.Silence;

    private static async Task<T?> AnswerAsync<T>(
        Func<Task<HttpResponseMessage>> call,
        JsonTypeInfo<T> type,
        CancellationToken cancellationToken
    )
        where T : class
    {
        try
        {
            using var answer = await call().ConfigureAwait(false);
            return answer.StatusCode == HttpStatusCode.OK
                ? await answer
                    .Content.ReadFromJsonAsync(type, cancellationToken)
                    .ConfigureAwait(false)
                : null;
        }
        catch (Exception e)
            when (e is HttpRequestException or JsonException or IOException
                || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested)
            )
        {
            return null;
        }
    }

    private static ClearingReport ReportOf(WireReport report) =>
        new(
            report.Status switch
            {
                "ACSC" => ClearingStatus.Settled,
                "ACSP" => ClearingStatus.Pending,
                "RJCT" => ClearingStatus.Rejected,
                "NFND" => ClearingStatus.NotFound,
                _ => ClearingStatus.Silent,
            },
            report.Code,
            report.SettlementDate
        );

    private static ClearingMessage MessageOf(WireMessage message) =>
        message switch
        {
            { Credit: { } credit, SettlementDate: { } date } => new ClearingMessage.Credit(
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
                    new Payments.Money(credit.AmountMinor, credit.Currency),
                    credit.Remittance
                ),
                date
            ),
            { Return: { } sentBack, SettlementDate: { } date } => new ClearingMessage.Return(
                message.Sequence,
                new ReturnMessage(
                    sentBack.ReturnId,
                    sentBack.OriginalUetr,
                    new BankCode(sentBack.From),
                    new Payments.Money(sentBack.AmountMinor, sentBack.Currency),
                    sentBack.Code
                ),
                date
            ),
            { Report: { } report } => new ClearingMessage.Status(
                message.Sequence,
                report.Uetr,
                ReportOf(report)
            ),
            { Position: { } position } => new ClearingMessage.Settlement(
                message.Sequence,
                new SettlementPosition(
                    position.Date,
                    position.Currency,
                    position.SentCount,
                    position.SentMinor,
                    position.ReceivedCount,
                    position.ReceivedMinor
                )
            ),
            _ => throw new IOException("The clearing sent a message that is none."),
        };
}
