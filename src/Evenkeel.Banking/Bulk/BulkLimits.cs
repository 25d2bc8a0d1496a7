namespace Evenkeel.Banking.Bulk;

/// <summary>Limits of files with many payments, each with its unit.</summary>
public static class BulkLimits
{
    /// <summary>Bytes of a file.</summary>
    public const int FileBytesMax = Payments.PaymentLimits.BulkFileBytesMax;

    /// <summary>Lines of payments in a file.</summary>
    public const int LinesMax = 100_000;

    /// <summary>
    /// Lines paid in one operation. Each brings at most four guards, and an operation takes 1,024.
    /// </summary>
    public const int LinesAtOnce = 200;

    /// <summary>Seconds for which a run is the runner's own after each operation.</summary>
    public const int LockSeconds = 10;

    /// <summary>Seconds before money that was not there is looked for again.</summary>
    public const int FundingSeconds = 60;

    /// <summary>Files of one payer for one execution date.</summary>
    public const int RunsPerDayMax = 100;

    /// <summary>Lines of one page of a report.</summary>
    public const int PageLinesMax = 1_000;

    static BulkLimits() =>
        Model.Check.That((LinesAtOnce * 4) + 8 <= Journal.OperationLimits.GuardsMax);
}
