using Evenkeel.Import;
using Evenkeel.Journal;
using Evenkeel.Model;

namespace Evenkeel.Host.Banks;

/// <summary>
/// The public interface of a bank as commands use it, imports included. One implementation speaks the
/// public client, one keeps everything in memory for tests.
/// </summary>
internal interface IBank : IImportTarget, IAsyncDisposable
{
    ValueTask<Answer<AccountLimits[]>> LookupAccountLimitsAsync(
        ReadOnlyMemory<UInt128> ids,
        CancellationToken cancellationToken
    );

    ValueTask<Answer<AccountBalance[]>> GetAccountBalancesAsync(
        AccountFilter filter,
        CancellationToken cancellationToken
    );

    ValueTask<Answer<Account[]>> QueryAccountsAsync(
        QueryFilter filter,
        CancellationToken cancellationToken
    );
}
