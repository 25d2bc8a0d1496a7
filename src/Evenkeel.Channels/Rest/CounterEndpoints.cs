using Evenkeel.Channels.Sessions;
using Evenkeel.Payments;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Evenkeel.Channels.Rest;

/// <summary>Cash at a counter, by one member of staff or two (<see cref="FourEyes"/>).</summary>
internal static class CounterEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes
            .MapPost("/counter/deposits", DepositAsync)
            .For(Who.Staff)
            .Accepts<CashBody>("application/json")
            .Produces<OutcomeBody>()
            .WithSummary("Take notes in");
        routes
            .MapPost("/counter/withdrawals", WithdrawAsync)
            .For(Who.Staff)
            .Accepts<CashBody>("application/json")
            .Produces<OutcomeBody>()
            .WithSummary("Give notes out");
    }

    private static Task<IResult> DepositAsync(
        HttpContext http,
        IPaymentProcessor payments,
        RestChannelOptions options,
        SessionTokens tokens,
        TimeProvider time
    ) =>
        MoveAsync(
            http,
            payments,
            options,
            tokens,
            time,
            static (account, till) => new Movement.CashDeposit(account, till)
        );

    private static Task<IResult> WithdrawAsync(
        HttpContext http,
        IPaymentProcessor payments,
        RestChannelOptions options,
        SessionTokens tokens,
        TimeProvider time
    ) =>
        MoveAsync(
            http,
            payments,
            options,
            tokens,
            time,
            static (account, till) =>
                new Movement.CashWithdrawal(new Funding.OfAccount(account), till)
        );

    private static async Task<IResult> MoveAsync(
        HttpContext http,
        IPaymentProcessor payments,
        RestChannelOptions options,
        SessionTokens tokens,
        TimeProvider time,
        Func<AccountNumber, TerminalId, Movement> movement
    )
    {
        Submission submission = new(http, options, time);
        if (submission.Reference is null)
        {
            return RestProblem.KeyMissing;
        }
        if (await Bodies.ReadAsync(http, RestJson.Default.CashBody) is not { } body)
        {
            return RestProblem.Of(OutcomeReason.Malformed);
        }
        if (FourEyes.MakerOf(http, tokens) is not { } maker)
        {
            return RestProblem.Of(OutcomeReason.ApprovalRequired);
        }
        if (!AccountNumber.TryParse(body.Account, out var account))
        {
            return RestProblem.Of(OutcomeReason.DebtorAccountUnknown);
        }
        if (Submission.AmountOf(body.Amount, body.Currency) is not { } amount)
        {
            return RestProblem.Of(OutcomeReason.AmountInvalid);
        }
        TerminalId till = new(body.Till);
        var instruction = submission.InstructionOf(maker, movement(account, till), amount);
        return await submission.SubmitAsync(
            payments,
            instruction with
            {
                Origin = instruction.Origin with { Terminal = till },
            }
        );
    }
}
