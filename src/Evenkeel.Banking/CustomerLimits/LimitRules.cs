using System.Globalization;
using Evenkeel.Banking.Accounts;
using Evenkeel.Banking.Desk;
using Evenkeel.Banking.Orders;
using Evenkeel.Banking.Storage;
using Evenkeel.Journal;
using Evenkeel.Payments;
using static Evenkeel.Payments.OutcomeReason;

namespace Evenkeel.Banking.CustomerLimits;

/// <summary>
/// What a customer's accounts may give by one channel on one business date. The totals are counters:
/// payments of one customer add to them side by side and are refused only when they are applied.
/// </summary>
internal static class LimitRules
{
    /// <summary>Collection of the counters: "customer/channel/currency/day/amount".</summary>
    public const string Counters = "limit";

    /// <summary>What an order that came to nothing had added to its limits is free again.</summary>
    public static IReadOnlyList<Guard> Freed(OrderDocument order) =>
        [
            .. (order.Counted ?? []).Select(static counted => new Guard.Counter(
                new RecordKey(Counters, counted.Key),
                -counted.Delta,
                long.MinValue,
                long.MaxValue
            )),
        ];

    /// <summary>
    /// The first reason in a fixed order; the totals of the day are judged when it is applied, first
    /// the amount and then the number.
    /// </summary>
    public static async ValueTask<OutcomeReason> JudgeAsync(
        DecisionContext context,
        AccountDocument debtor,
        CancellationToken cancellationToken
    )
    {
        var channel = context.Instruction.Origin.Channel;
        if (channel is Channel.Internal or Channel.Clearing)
        {
            return None; // The bank's own: standing orders and the like were agreed one by one.
        }
        var limits = await OfAsync(context, debtor.Customer, cancellationToken);
        var isAdvice = context.Instruction.IsAdvice;
        if (limits.Of(channel) is not { } limit)
        {
            return isAdvice ? None : ChannelNotAllowed;
        }
        var amount = context.Instruction.Amount;
        if (amount.Minor > limit.TransactionMinor && !isAdvice)
        {
            return TransactionLimitExceeded;
        }
        var key = string.Create(
            CultureInfo.InvariantCulture,
            $"{debtor.Customer}/{channel}/{amount.Currency}/{context.Day}"
        );
        context.CountLimit(
            key + "/amount",
            amount.Minor,
            limit.DayMinor,
            DailyAmountLimitExceeded,
            isCount: false
        );
        context.CountLimit(
            key + "/count",
            delta: 1,
            limit.DayCount,
            DailyCountLimitExceeded,
            isCount: true
        );
        return None;
    }

    /// <summary>The smaller limit for payees that are new to this customer.</summary>
    public static async ValueTask<OutcomeReason> JudgeNewPayeeAsync(
        DecisionContext context,
        AccountDocument debtor,
        CancellationToken cancellationToken
    )
    {
        var limits = await OfAsync(context, debtor.Customer, cancellationToken);
        var amount = context.Instruction.Amount;
        if (amount.Minor > limits.NewPayeeDayMinor)
        {
            return TransactionLimitExceeded;
        }
        context.CountLimit(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{debtor.Customer}/new-payee/{amount.Currency}/{context.Day}/amount"
            ),
            amount.Minor,
            limits.NewPayeeDayMinor,
            DailyAmountLimitExceeded,
            isCount: false
        );
        return None;
    }

    private static async ValueTask<LimitSet> OfAsync(
        DecisionContext context,
        string customer,
        CancellationToken cancellationToken
    ) =>
        await Collections.Limits.ReadAsync(context.Reader, customer, cancellationToken)
            is { } agreed
            ? agreed
            : LimitSet.Of((await context.ReadCustomerAsync(customer, cancellationToken))!.Kind);
}
