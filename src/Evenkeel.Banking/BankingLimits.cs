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
}
