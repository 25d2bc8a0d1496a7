using Evenkeel.Model;

namespace Evenkeel.Import;

/// <summary>Every limit of the imports, each with its unit.</summary>
public static class ImportLimits
{
    /// <summary>Records written by one operation: at 250 bytes each well below one frame.</summary>
    public const int RecordsPerOperation = 500;

    /// <summary>Transfers in one batch, unless the user asks for fewer.</summary>
    public const int BatchTransfersDefault = Limits.BatchEventsMax;

    /// <summary>Ids in one lookup: the answers (128 bytes each) must fit one frame.</summary>
    public const int LookupIdsMax = 8_000;

    /// <summary>Questions under way at once while reporting.</summary>
    public const int ReadsInFlight = 32;

    /// <summary>Attempts for a step whose answer was "not known" or "busy"; ids make repeats safe.</summary>
    public const int AttemptsMax = 20;

    /// <summary>Wait before attempt n is n times this, milliseconds.</summary>
    public const int AttemptWaitMs = 100;

    /// <summary>Bytes of one source file.</summary>
    public const long FileBytesMax = 1L << 30;
}
