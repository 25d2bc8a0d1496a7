using Evenkeel.Banking.Accounts;
using Evenkeel.Banking.Storage;
using Evenkeel.Payments;

namespace Evenkeel.Banking.EndOfDay;

/// <summary>A step that looks at every account by itself: a batch of them at a time, several at once.</summary>
internal static class AccountBatch
{
    private const int AccountsAtATime = 256;

    /// <summary>Few enough that customers' decisions find room beside them.</summary>
    private const int AccountsAtOnce = 16;

    public static async ValueTask<StepProgress> RunAsync(
        Bank bank,
        string? cursor,
        Func<AccountNumber, AccountDocument, CancellationToken, ValueTask> work,
        CancellationToken cancellationToken
    )
    {
        var page = await Collections.Accounts.QueryAsync(
            bank.Journal,
            new()
            {
                Collection = Collections.Accounts.Name,
                After = cursor,
                Limit = AccountsAtATime,
            },
            cancellationToken
        );
        await Parallel.ForEachAsync(
            page.Documents,
            new ParallelOptions
            {
                MaxDegreeOfParallelism = AccountsAtOnce,
                CancellationToken = cancellationToken,
            },
            (pair, token) => work(AccountNumber.Parse(pair.Key), pair.Document, token)
        );
        return new StepProgress(page.Documents.Count, page.Next);
    }
}
