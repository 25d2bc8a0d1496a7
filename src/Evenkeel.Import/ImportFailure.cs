namespace Evenkeel.Import;

/// <summary>Why an import stopped. The host puts it into the reader's language.</summary>
public enum ImportFailureKind
{
    /// <summary>A file of the source is missing.</summary>
    FileMissing,

    /// <summary>A file of the source has another heading than documented.</summary>
    FileFormat,

    /// <summary>A row can't be understood.</summary>
    Row,

    /// <summary>The bank has these ids already, with other content: another version of the source.</summary>
    OtherContent,

    /// <summary>The bank refused; nothing of the named batch was done.</summary>
    Refused,

    /// <summary>The outcome of the last step is not known; importing again is safe.</summary>
    Unknown,
}

/// <summary>
/// Ends an import. What was loaded stays; running the same import again goes on from there and
/// never loads anything twice.
/// </summary>
public sealed class ImportFailedException(
    ImportFailureKind kind,
    string subject,
    long line,
    string detail
) : Exception($"{kind}: {subject}:{line}: {detail}")
{
    public ImportFailureKind Kind { get; } = kind;

    /// <summary>The file or the step.</summary>
    public string Subject { get; } = subject;

    /// <summary>Line in the file, from 1; 0 when none.</summary>
    public long Line { get; } = line;

    /// <summary>The offending text or the bank's reason, untranslated.</summary>
    public string Detail { get; } = detail;
}

/// <summary>Parts of an import, for a progress bar.</summary>
public enum ImportStage
{
    Reading,
    Records,
    Openings,
    Movements,
    Report,
}

/// <summary>How far a stage is.</summary>
public readonly record struct ImportStep(ImportStage Stage, long Done, long Total);
