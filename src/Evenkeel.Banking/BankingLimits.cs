namespace Evenkeel.Banking;

/// <summary>Limits of the primary bank that are not for a product to set, each with its unit.</summary>
public static class BankingLimits
{
    /// <summary>Accounts of one customer; they are listed in one document.</summary>
    public const int AccountsPerCustomerMax = 200;

    /// <summary>Seconds that an answer may take before the customer is told "being resolved".</summary>
    public const int AnswerSecondsMax = 20;

    /// <summary>Minutes after which an instruction whose result is not known must have one.</summary>
    public const int UnknownResolvedMinutesMax = 10;

    /// <summary>Payees in one customer's list.</summary>
    public const int PayeesPerCustomerMax = 10_000;

    /// <summary>Channels in one customer's limits.</summary>
    public const int ChannelLimitsMax = 16;

    /// <summary>Standing orders of one account, those that ended included: one page shows them all.</summary>
    public const int StandingOrdersPerAccountMax = 100;

    /// <summary>Cards of one customer, all states together.</summary>
    public const int CardsPerCustomerMax = 50;

    /// <summary>Wrong PINs until no PIN of the card is tried any more.</summary>
    public const int PinTriesMax = 3;

    /// <summary>Seconds that an authorisation holds its amount: seven days.</summary>
    public const uint HoldSeconds = 7 * 24 * 3_600;

    /// <summary>
    /// Seconds before its end from which a hold counts as ended: longer than a decision may take, so
    /// that none is made on a hold that ends before it is applied.
    /// </summary>
    public const int HoldMarginSeconds = 2 * AnswerSecondsMax;

    /// <summary>Audit lines of one actor in one hour; the last one says that there were more.</summary>
    public const int AuditLinesPerHourMax = 20;

    /// <summary>Audit lines of one answer; a day with more is a matter for a search.</summary>
    public const int AuditLinesShownMax = 5_000;

    /// <summary>Actors whose audit lines of the hour are counted in memory.</summary>
    public const int AuditActorsMax = 10_000;

    /// <summary>Days that a staff entry may wait for its second person.</summary>
    public const int ProposalDaysMax = 30;

    /// <summary>Instructions that one reference may lead to in an answer.</summary>
    public const int TracesMax = 50;

    /// <summary>Products of all currencies together; they are listed in one page.</summary>
    public const int ProductsMax = 1_000;

    /// <summary>Holidays and worked weekends that one calendar keeps.</summary>
    public const int HolidaysMax = 2_000;

    /// <summary>
    /// Days that a value date may lie back and still correct interest; what is older counts from there.
    /// </summary>
    public const int BackValueDaysMax = 92;

    /// <summary>
    /// Days that the business date may lie behind a leader's clock and still be closed by itself: a clock
    /// that is wrong by years must not run the bank through them.
    /// </summary>
    public const int BehindDaysMax = 92;
}
