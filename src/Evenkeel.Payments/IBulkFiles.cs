namespace Evenkeel.Payments;

/// <summary>
/// A company's files with many payments: taken whole or not at all, released by a second login, paid line
/// by line by the bank. Another's run is as one that is not there.
/// </summary>
public interface IBulkFiles
{
    /// <summary>
    /// Checks a file and keeps it; nothing moves before it is released. The same bytes again are the same
    /// run, whatever the file is called.
    /// </summary>
    /// <param name="content">At most <see cref="PaymentLimits.BulkFileBytesMax"/> bytes.</param>
    Task<BulkUpload> UploadAsync(
        Actor actor,
        ReadOnlyMemory<byte> content,
        CancellationToken cancellationToken
    );

    /// <summary>The files of a payer for some execution dates, in their order.</summary>
    Task<QueryAnswer<IReadOnlyList<BulkRun>>> ListRunsAsync(
        Actor actor,
        BulkRunsQuery query,
        CancellationToken cancellationToken
    );

    Task<QueryAnswer<BulkRun>> GetRunAsync(
        Actor actor,
        string run,
        CancellationToken cancellationToken
    );

    /// <summary>What became of each line, a page at a time.</summary>
    /// <param name="page">From 0.</param>
    Task<QueryAnswer<BulkRunPage>> GetLinesAsync(
        Actor actor,
        string run,
        int page,
        CancellationToken cancellationToken
    );

    /// <summary>Lets it go: another login than the one that brought it, and a person with two factors.</summary>
    /// <param name="acceptOverlap">Also when some of its payments are in other files of the day.</param>
    Task<QueryAnswer<BulkRun>> ReleaseAsync(
        Actor actor,
        string run,
        bool acceptOverlap,
        CancellationToken cancellationToken
    );

    /// <summary>Takes it back before any of it was paid.</summary>
    Task<QueryAnswer<BulkRun>> CancelAsync(
        Actor actor,
        string run,
        CancellationToken cancellationToken
    );
}

/// <param name="From">First execution date.</param>
/// <param name="To">Last one, at most <see cref="PaymentLimits.BulkDaysMax"/> days later.</param>
public sealed record BulkRunsQuery(AccountNumber Payer, DateOnly From, DateOnly To);

/// <summary>What became of an upload.</summary>
public abstract record BulkUpload
{
    private BulkUpload() { }

    /// <summary>Complete and checked: it waits for a second person, or is held.</summary>
    public sealed record Taken(BulkRun Run) : BulkUpload;

    /// <summary>These very bytes came before, under whatever name: this is their run.</summary>
    public sealed record Known(BulkRun Run) : BulkUpload;

    /// <summary>The file is not as it should be; nothing of it was kept.</summary>
    /// <param name="Line">From 1; 0 = the file as a whole.</param>
    public sealed record Faulty(BulkFault Fault, int Line) : BulkUpload;

    public sealed record NotDone(OutcomeReason Reason) : BulkUpload;
}

/// <summary>A file as its payer sees it.</summary>
/// <param name="Id">32 hexadecimal digits.</param>
/// <param name="Overlap">Lines that are in other files of the same day, when held.</param>
/// <param name="Returned">Of lines that could not be paid: given back to the payer.</param>
public sealed record BulkRun(
    string Id,
    AccountNumber Payer,
    string Reference,
    DateOnly ExecutionDate,
    DateOnly? ValueDate,
    Money Sum,
    int Count,
    BulkState State,
    OutcomeReason Reason,
    int Overlap,
    int PaidCount,
    Money Paid,
    int ReturnedCount,
    Money Returned
);

/// <param name="Line">In the file, from 1.</param>
/// <param name="State">None while it was not paid yet.</param>
public sealed record BulkRunLine(
    int Line,
    string EndToEndId,
    Money Amount,
    InstructionState State,
    OutcomeReason Reason,
    InstructionId Instruction
);

/// <param name="Next">The next page; null at the end.</param>
public sealed record BulkRunPage(IReadOnlyList<BulkRunLine> Lines, int? Next);

/// <summary>How far a file has come. Persisted: numbers only grow.</summary>
public enum BulkState : byte
{
    None = 0,

    /// <summary>Complete and checked; waits for a second person.</summary>
    AwaitingRelease = 1,

    /// <summary>Some of its payments are in another file of the same day: released only on purpose.</summary>
    Held = 2,

    /// <summary>Released; waits for its day, or for the money.</summary>
    Scheduled = 3,

    /// <summary>The whole sum was taken from the payer; lines are being paid.</summary>
    Paying = 4,
    Done = 5,

    /// <summary>Done, and some lines were returned to the payer.</summary>
    Part = 6,

    /// <summary>Nothing was paid.</summary>
    NotDone = 7,
    Cancelled = 8,
}

/// <summary>What is wrong with a file. Persisted: numbers only grow.</summary>
public enum BulkFault : byte
{
    None = 0,
    TooLarge = 1,

    /// <summary>Not UTF-8, or a control character.</summary>
    NotText = 2,
    HeaderMissing = 3,
    HeaderMalformed = 4,
    LineMalformed = 5,
    AmountInvalid = 6,
    EndToEndIdInvalid = 7,

    /// <summary>Two lines of the file have the same.</summary>
    EndToEndIdTwice = 8,
    AccountInvalid = 9,

    /// <summary>Not as many lines as the header says: half a file.</summary>
    CountDiffers = 10,

    /// <summary>Another sum than the header says.</summary>
    SumDiffers = 11,
}
