using Evenkeel.Journal;
using Evenkeel.Model;

namespace Evenkeel.Import;

/// <summary>
/// Asks again where the answer was "not known" or "not now": every id is derived from the source, so
/// that asking twice does nothing twice.
/// </summary>
internal sealed class PatientTarget(IImportTarget target, TimeProvider time)
{
    public Task<OperationResult> ProposeAsync(Operation operation, CancellationToken token) =>
        AskAsync("operation", t => target.ProposeAsync(operation, t), token);

    public Task<CreateTransferResult[]> CreateTransfersAsync(
        ReadOnlyMemory<Transfer> events,
        CancellationToken token
    ) => AskAsync("create_transfers", t => target.CreateTransfersAsync(events, t), token);

    public Task<Account[]> LookupAccountsAsync(
        ReadOnlyMemory<UInt128> ids,
        CancellationToken token
    ) => AskAsync("lookup_accounts", t => target.LookupAccountsAsync(ids, t), token);

    public Task<Transfer[]> LookupTransfersAsync(
        ReadOnlyMemory<UInt128> ids,
        CancellationToken token
    ) => AskAsync("lookup_transfers", t => target.LookupTransfersAsync(ids, t), token);

    public Task<RecordPage> ReadRecordsAsync(RecordQuery query, CancellationToken token) =>
        AskAsync("read_records", t => target.ReadRecordsAsync(query, t), token);

    /// <summary>Every transfer of the account, oldest first, page by page.</summary>
    public async Task<List<Transfer>> AllTransfersAsync(UInt128 account, CancellationToken token)
    {
        List<Transfer> all = [];
        AccountFilter filter = new()
        {
            AccountId = account,
            Limit = Limits.QueryResultsMax,
            Flags = AccountFilterFlags.Debits | AccountFilterFlags.Credits,
        };
        while (true)
        {
            var page = await AskAsync(
                    "get_account_transfers",
                    t => target.GetAccountTransfersAsync(filter, t),
                    token
                )
                .ConfigureAwait(false);
            all.AddRange(page);
            if (page.Length < Limits.QueryResultsMax)
            {
                return all;
            }
            filter.TimestampMin = page[^1].Timestamp + 1;
        }
    }

    /// <summary>The accounts or transfers with these ids, in portions that fit a frame.</summary>
    public static async Task<List<T>> InPortionsAsync<T>(
        IReadOnlyList<UInt128> ids,
        Func<ReadOnlyMemory<UInt128>, CancellationToken, Task<T[]>> lookup,
        Action<int> progress,
        CancellationToken token
    )
    {
        List<T> found = new(ids.Count);
        foreach (var portion in ids.Chunk(ImportLimits.LookupIdsMax))
        {
            found.AddRange(await lookup(portion, token).ConfigureAwait(false));
            progress(portion.Length);
        }
        return found;
    }

    private async Task<T> AskAsync<T>(
        string step,
        Func<CancellationToken, ValueTask<Answer<T>>> ask,
        CancellationToken token
    )
    {
        for (var attempt = 1; ; attempt++)
        {
            switch (await ask(token).ConfigureAwait(false))
            {
                case Answer<T>.Done done:
                    return done.Value;
                case Answer<T>.NotDone notDone when !IsPassing(notDone.Reason):
                    throw new ImportFailedException(
                        ImportFailureKind.Refused,
                        step,
                        0,
                        $"{notDone.Reason}: {notDone.Detail}"
                    );
                case Answer<T>.NotDone notDone when attempt == ImportLimits.AttemptsMax:
                    throw new ImportFailedException(
                        ImportFailureKind.Refused,
                        step,
                        0,
                        $"{notDone.Reason}: {notDone.Detail}"
                    );
                case Answer<T>.Unknown unknown when attempt == ImportLimits.AttemptsMax:
                    throw new ImportFailedException(
                        ImportFailureKind.Unknown,
                        step,
                        0,
                        unknown.Detail
                    );
                default:
                    var wait = TimeSpan.FromMilliseconds(ImportLimits.AttemptWaitMs * attempt);
                    await Task.Delay(wait, time, token).ConfigureAwait(false);
                    break;
            }
        }
    }

    private static bool IsPassing(FrameStatus reason) =>
        reason is FrameStatus.Busy or FrameStatus.NotLeader or FrameStatus.Unavailable;
}
