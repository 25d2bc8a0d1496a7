using Evenkeel.Payments;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Evenkeel.Channels.Rest;

/// <summary>Paying somebody, paying a bill.</summary>
internal static class PaymentEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes
            .MapPost("/payments", PayAsync)
            .For(Who.Person | Who.Program, ProgramScopes.WritePayments)
            .Accepts<PaymentBody>("application/json")
            .Produces<OutcomeBody>()
            .Produces<OutcomeBody>(StatusCodes.Status202Accepted)
            .WithSummary("Pay somebody")
            .WithDescription(
                "Idempotency-Key is your own reference: the same again is the same payment, for ever."
            );
        routes
            .MapPost("/bill-payments", PayBillAsync)
            .For(Who.Person | Who.Program, ProgramScopes.WritePayments)
            .Accepts<BillBody>("application/json")
            .Produces<OutcomeBody>()
            .Produces<OutcomeBody>(StatusCodes.Status202Accepted)
            .WithSummary("Pay a bill through its biller");
    }

    private static async Task<IResult> PayAsync(
        HttpContext http,
        IPaymentProcessor payments,
        RestChannelOptions options,
        TimeProvider time
    )
    {
        Submission submission = new(http, options, time);
        if (submission.Reference is null)
        {
            return RestProblem.KeyMissing;
        }
        if (await Bodies.ReadAsync(http, RestJson.Default.PaymentBody) is not { } body)
        {
            return RestProblem.Of(OutcomeReason.Malformed);
        }
        if (!AccountNumber.TryParse(body.From, out var debtor))
        {
            return RestProblem.Of(OutcomeReason.DebtorAccountUnknown);
        }
        if (CreditorOf(body.To, out var fault) is not { } creditor)
        {
            return RestProblem.Of(fault);
        }
        if (Submission.AmountOf(body.Amount, body.Currency) is not { } amount)
        {
            return RestProblem.Of(OutcomeReason.AmountInvalid);
        }
        var instruction = submission.InstructionOf(
            AccountEndpoints.ActorOf(http),
            new Movement.CreditTransfer(debtor, creditor),
            amount
        );
        return await submission.SubmitAsync(
            payments,
            instruction with
            {
                ExecutionDate = body.ExecutionDate,
                Remittance = body.Remittance,
                References = new References
                {
                    EndToEndId = body.EndToEndId ?? submission.Reference,
                    Uetr = body.Uetr,
                },
            }
        );
    }

    private static async Task<IResult> PayBillAsync(
        HttpContext http,
        IPaymentProcessor payments,
        RestChannelOptions options,
        TimeProvider time
    )
    {
        Submission submission = new(http, options, time);
        if (submission.Reference is null)
        {
            return RestProblem.KeyMissing;
        }
        if (await Bodies.ReadAsync(http, RestJson.Default.BillBody) is not { } body)
        {
            return RestProblem.Of(OutcomeReason.Malformed);
        }
        if (!AccountNumber.TryParse(body.From, out var debtor))
        {
            return RestProblem.Of(OutcomeReason.DebtorAccountUnknown);
        }
        return Submission.AmountOf(body.Amount, body.Currency) is not { } amount
            ? RestProblem.Of(OutcomeReason.AmountInvalid)
            : await submission.SubmitAsync(
                payments,
                submission.InstructionOf(
                    AccountEndpoints.ActorOf(http),
                    new Movement.BillPayment(debtor, new BillerCode(body.Biller), body.BillNumber),
                    amount
                )
            );
    }

    /// <summary>Null, and why, when it is nobody.</summary>
    public static Creditor? CreditorOf(PayeeBody payee, out OutcomeReason fault)
    {
        fault = OutcomeReason.None;
        if (payee.Bank is { } bank)
        {
            if (payee.Name is { } name)
            {
                return new Creditor.Elsewhere(new BankCode(bank), payee.Account, name);
            }
            fault = OutcomeReason.CreditorNameMismatch;
            return null;
        }
        if (AccountNumber.TryParse(payee.Account, out var account))
        {
            return new Creditor.Here(account, payee.Name);
        }
        fault = OutcomeReason.CreditorAccountUnknown;
        return null;
    }
}
