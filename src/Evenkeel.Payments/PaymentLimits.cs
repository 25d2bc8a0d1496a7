namespace Evenkeel.Payments;

/// <summary>Limits of the language between channels and banks, each with its unit.</summary>
public static class PaymentLimits
{
    /// <summary>Minor units of one instruction: what field 4 of ISO 8583 can say.</summary>
    public const long AmountMinorMax = 999_999_999_999;

    /// <summary>Characters of the text for the payee; the longest that ISO 20022 takes unstructured.</summary>
    public const int RemittanceCharsMax = 140;

    /// <summary>Characters of a name of a person or company (ISO 20022 Max140Text).</summary>
    public const int NameCharsMax = 140;

    /// <summary>Characters of an outside reference: EndToEndId, RRN, voucher, bill.</summary>
    public const int ReferenceCharsMax = 35;

    /// <summary>Characters of an account number at another bank (ISO 20022 Max34Text).</summary>
    public const int OutsideAccountCharsMax = 34;

    /// <summary>Days ahead for which an instruction may ask.</summary>
    public const int ExecutionDaysAheadMax = 366;

    /// <summary>Lines of one page of a statement or list.</summary>
    public const int PageLinesMax = 500;

    /// <summary>Entries of one instruction's timeline.</summary>
    public const int TimelineEntriesMax = 64;

    /// <summary>Bytes of a file with many payments.</summary>
    public const int BulkFileBytesMax = 32 << 20;

    /// <summary>Days of execution that one list of files spans.</summary>
    public const int BulkDaysMax = 92;

    /// <summary>Due dates of a standing order that are told ahead.</summary>
    public const int DatesAheadMax = 6;

    /// <summary>Past due dates of a standing order that are shown.</summary>
    public const int StandingRunsShownMax = 12;

    /// <summary>Characters of a login.</summary>
    public const int LoginCharsMax = 64;
}
