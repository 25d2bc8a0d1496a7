namespace Evenkeel.Banking.Bills;

/// <summary>Limits of dealing with billers, each with its unit.</summary>
public static class BillLimits
{
    /// <summary>Minutes by which a bill is paid or its money free again, if the biller answers at all.</summary>
    public const int AnswerMinutesMax = 15;

    /// <summary>Seconds after which a silent biller is asked: the first time.</summary>
    public const int AskSecondsFirst = 2;

    /// <summary>Seconds between two questions, at most.</summary>
    public const int AskSecondsMax = 120;

    /// <summary>Billers: their accounts in the ledger are numbered.</summary>
    public const uint BillersMax = 9_999;
}
