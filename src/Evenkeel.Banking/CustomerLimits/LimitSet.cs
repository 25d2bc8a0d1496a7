using Evenkeel.Banking.Customers;
using Evenkeel.Payments;

namespace Evenkeel.Banking.CustomerLimits;

/// <summary>What one channel may take from a customer's accounts. Amounts in minor units of each currency.</summary>
/// <param name="TransactionMinor">One payment.</param>
/// <param name="DayMinor">All payments of one business date.</param>
/// <param name="DayCount">Payments of one business date.</param>
public sealed record ChannelLimit(
    Channel Channel,
    long TransactionMinor,
    long DayMinor,
    long DayCount
);

/// <summary>The limits of one customer. A channel that is not listed may take nothing.</summary>
/// <param name="NewPayeeDayMinor">
/// All payments of one business date to payees that the customer added less than a day before.
/// </param>
public sealed record LimitSet(IReadOnlyList<ChannelLimit> Channels, long NewPayeeDayMinor)
{
    /// <summary>For a private customer who agreed nothing else.</summary>
    public static readonly LimitSet Person = new(
        [
            new(Channel.Online, 200_000_00, 500_000_00, 200),
            new(Channel.Api, 200_000_00, 500_000_00, 1_000),
            new(Channel.File, 200_000_00, 500_000_00, 1_000),
            new(Channel.Agent, 20_000_00, 50_000_00, 20),
            new(Channel.CashMachine, 5_000_00, 20_000_00, 20),
            new(Channel.PointOfSale, 50_000_00, 200_000_00, 200),
            new(Channel.Counter, 1_000_000_00, 5_000_000_00, 100),
        ],
        NewPayeeDayMinor: 50_000_00
    );

    /// <summary>For a company that agreed nothing else.</summary>
    public static readonly LimitSet Company = new(
        [
            new(Channel.Online, 50_000_000_00, 200_000_000_00, 5_000),
            new(Channel.Api, 50_000_000_00, 1_000_000_000_00, 1_000_000),
            new(Channel.File, 200_000_000_00, 1_000_000_000_00, 1_000_000),
            new(Channel.Agent, 100_000_00, 500_000_00, 20),
            new(Channel.CashMachine, 5_000_00, 50_000_00, 50),
            new(Channel.PointOfSale, 100_000_00, 500_000_00, 500),
            new(Channel.Counter, 10_000_000_00, 50_000_000_00, 200),
        ],
        NewPayeeDayMinor: 5_000_000_00
    );

    public static LimitSet Of(CustomerKind kind) => kind == CustomerKind.Company ? Company : Person;

    public ChannelLimit? Of(Channel channel) =>
        Channels.FirstOrDefault(limit => limit.Channel == channel);

    /// <summary>Each channel once, nothing negative, a day no less than one payment.</summary>
    public bool IsSound =>
        NewPayeeDayMinor >= 0
        && Channels.Count <= BankingLimits.ChannelLimitsMax
        && Channels.DistinctBy(static limit => limit.Channel).Count() == Channels.Count
        && Channels.All(static limit =>
            limit.Channel != Channel.None
            && limit.TransactionMinor >= 0
            && limit.DayMinor >= limit.TransactionMinor
            && limit.DayCount >= 0
        );
}
