namespace Evenkeel.Channels.Iso8583.Codec;

/// <summary>Numbers of the fields that our code names.</summary>
public static class IsoField
{
    public const int Pan = 2;
    public const int ProcessingCode = 3;
    public const int Amount = 4;
    public const int TransmissionTime = 7;
    public const int Stan = 11;
    public const int LocalTime = 12;
    public const int LocalDate = 13;
    public const int Expiry = 14;
    public const int SettlementDate = 15;
    public const int CaptureDate = 17;
    public const int MerchantType = 18;
    public const int EntryMode = 22;
    public const int CardSequence = 23;
    public const int ConditionCode = 25;
    public const int Acquirer = 32;
    public const int Forwarder = 33;
    public const int Track2 = 35;
    public const int Rrn = 37;
    public const int AuthorisationId = 38;
    public const int ResponseCode = 39;
    public const int Terminal = 41;
    public const int Acceptor = 42;
    public const int AcceptorName = 43;
    public const int Currency = 49;
    public const int PinBlock = 52;
    public const int SecurityControl = 53;
    public const int AdditionalAmounts = 54;
    public const int ChipData = 55;
    public const int Mac = 64;
    public const int NetworkCode = 70;
    public const int OriginalData = 90;
    public const int ReplacementAmounts = 95;
    public const int FromAccount = 102;
    public const int ToAccount = 103;
    public const int MacSecondary = 128;
}

/// <summary>Which bytes a field may hold.</summary>
internal enum IsoContent : byte
{
    /// <summary>n: digits.</summary>
    Digits,

    /// <summary>an: letters, digits and spaces.</summary>
    AlphaNumeric,

    /// <summary>ans and ns: printable ASCII.</summary>
    Printable,

    /// <summary>z: digits with one of the two separators of a track 2, <c>=</c> or <c>D</c>.</summary>
    Track2,

    /// <summary>x+n: <c>C</c> or <c>D</c>, then digits.</summary>
    SignedDigits,

    /// <summary>b: bytes; two upper-case hexadecimal digits each on the wire.</summary>
    HexBytes,

    /// <summary>Bytes as they are (field 55).</summary>
    RawBytes,
}

/// <summary>Digits that mean a date or a time.</summary>
internal enum IsoShape : byte
{
    Any,
    MonthDayTime,
    Time,
    MonthDay,
    YearMonth,
    YearMonthDay,
}

/// <summary>One line of the field table.</summary>
/// <param name="LengthDigits">0 = fixed; 2 = LLVAR; 3 = LLLVAR.</param>
/// <param name="Length">Bytes of a fixed field, most bytes of a variable one, as the message holds it.</param>
/// <param name="Secret">Card numbers, tracks, PIN blocks: never text, never logged, always zeroed.</param>
internal readonly record struct IsoFieldSpec(
    int Number,
    string Name,
    IsoContent Content,
    int LengthDigits,
    int Length,
    IsoShape Shape,
    bool Secret
);
