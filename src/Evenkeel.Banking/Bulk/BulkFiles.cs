using Evenkeel.Banking.Desk;
using Evenkeel.Banking.Queries;
using Evenkeel.Banking.Storage;
using Evenkeel.Journal;
using Evenkeel.Payments;

namespace Evenkeel.Banking.Bulk;

/// <summary>The desk of files as channels see it: whoever asks for another's leaves a line in the audit.</summary>
internal sealed class BulkFiles(Bank bank) : IBulkFiles
{
    private const string What = "bulk-file";

    public async Task<BulkUpload> UploadAsync(
        Actor actor,
        ReadOnlyMemory<byte> content,
        CancellationToken cancellationToken
    )
    {
        if (content.Length > PaymentLimits.BulkFileBytesMax)
        {
            return new BulkUpload.Faulty(BulkFault.TooLarge, 0);
        }
        var upload = await bank.Bulk.UploadAsync(actor, content, cancellationToken);
        if (
            upload is BulkUpload.NotDone { Reason: OutcomeReason.DebtorAccountUnknown }
            && BulkCsv.Read(content.Span) is BulkReading.Good { File.Payer: var payer }
        )
        {
            await NoteAsync(actor, payer, cancellationToken);
        }
        return upload;
    }

    public Task<QueryAnswer<IReadOnlyList<BulkRun>>> ListRunsAsync(
        Actor actor,
        BulkRunsQuery query,
        CancellationToken cancellationToken
    ) =>
        Reads.AnswerAsync<IReadOnlyList<BulkRun>>(
            bank,
            async () =>
            {
                if (
                    query.To < query.From
                    || query.To.DayNumber - query.From.DayNumber > PaymentLimits.BulkDaysMax
                )
                {
                    return OutcomeReason.DateInvalid;
                }
                var payer = query.Payer.ToString();
                if (
                    await Collections.Accounts.ReadAsync(bank.Journal, payer, cancellationToken)
                        is not { } account
                    || !await Access.MaySeeAsync(
                        bank,
                        actor,
                        account.Customer,
                        What,
                        payer,
                        cancellationToken
                    )
                )
                {
                    return OutcomeReason.DebtorAccountUnknown;
                }
                List<BulkRun> runs = [];
                for (var day = query.From; day <= query.To; day = day.AddDays(1))
                {
                    var files = await Collections.BulkDays.ReadAsync(
                        bank.Journal,
                        BulkKeys.DayOf(payer, day),
                        cancellationToken
                    );
                    foreach (var run in files?.Runs ?? [])
                    {
                        var document = await Collections.BulkRuns.ReadAsync(
                            bank.Journal,
                            run,
                            cancellationToken
                        );
                        runs.Add(BulkDesk.ViewOf(run, document!));
                        if (runs.Count == PaymentLimits.PageLinesMax)
                        {
                            return Read<IReadOnlyList<BulkRun>>.Found(runs);
                        }
                    }
                }
                return Read<IReadOnlyList<BulkRun>>.Found(runs);
            }
        );

    public Task<QueryAnswer<BulkRun>> GetRunAsync(
        Actor actor,
        string run,
        CancellationToken cancellationToken
    ) =>
        Reads.AnswerAsync<BulkRun>(
            bank,
            async () =>
                await FindAsync(actor, run, cancellationToken) is { } found
                    ? BulkDesk.ViewOf(run, found)
                    : OutcomeReason.OriginalUnknown
        );

    public Task<QueryAnswer<BulkRunPage>> GetLinesAsync(
        Actor actor,
        string run,
        int page,
        CancellationToken cancellationToken
    ) =>
        Reads.AnswerAsync<BulkRunPage>(
            bank,
            async () =>
            {
                if (await FindAsync(actor, run, cancellationToken) is not { } found)
                {
                    return OutcomeReason.OriginalUnknown;
                }
                if (page < 0 || page >= found.Chunks)
                {
                    return OutcomeReason.Malformed;
                }
                return new BulkRunPage(
                    await bank.Bulk.ReadLinesAsync(actor, run, page, cancellationToken),
                    page + 1 < found.Chunks ? page + 1 : null
                );
            }
        );

    public Task<QueryAnswer<BulkRun>> ReleaseAsync(
        Actor actor,
        string run,
        bool acceptOverlap,
        CancellationToken cancellationToken
    ) =>
        ChangeAsync(
            actor,
            run,
            () => bank.Bulk.ReleaseAsync(actor, run, acceptOverlap, cancellationToken),
            cancellationToken
        );

    public Task<QueryAnswer<BulkRun>> CancelAsync(
        Actor actor,
        string run,
        CancellationToken cancellationToken
    ) =>
        ChangeAsync(
            actor,
            run,
            () => bank.Bulk.CancelAsync(actor, run, cancellationToken),
            cancellationToken
        );

    private Task<QueryAnswer<BulkRun>> ChangeAsync(
        Actor actor,
        string run,
        Func<Task<TaskOutcome<BulkRun>>> change,
        CancellationToken cancellationToken
    ) =>
        Reads.AnswerAsync(
            bank,
            async () =>
                await FindAsync(actor, run, cancellationToken) is null
                    ? OutcomeReason.OriginalUnknown
                    : Read<BulkRun>.Of(await change())
        );

    /// <summary>A payer that is another's: not one that is nobody's.</summary>
    private async ValueTask NoteAsync(
        Actor actor,
        AccountNumber payer,
        CancellationToken cancellationToken
    )
    {
        try
        {
            if (
                await Collections.Accounts.ReadAsync(
                    bank.Journal,
                    payer.ToString(),
                    cancellationToken
                )
                is not null
            )
            {
                await bank.Audit.WriteAsync(actor, What, payer.ToString(), cancellationToken);
            }
        }
        catch (BankUnavailableException)
        {
            // The refusal stands without its line.
        }
    }

    /// <summary>Null when there is none, or it is another's.</summary>
    private async ValueTask<BulkRunDocument?> FindAsync(
        Actor actor,
        string run,
        CancellationToken cancellationToken
    ) =>
        InstructionId.TryParse(run, out _)
        && await Collections.BulkRuns.ReadAsync(bank.Journal, run, cancellationToken) is { } found
        && await Access.MaySeeAsync(
            bank,
            actor,
            found.Customer,
            What,
            found.Payer,
            cancellationToken
        )
            ? found
            : null;
}
