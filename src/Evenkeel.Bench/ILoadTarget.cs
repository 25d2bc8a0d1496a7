using Evenkeel.Model;

namespace Evenkeel.Bench;

/// <summary>One connection to a ledger under load. The client implements it, and so does a fake in tests.</summary>
public interface ILoadTarget : IAsyncDisposable
{
    ValueTask CreateAccountsAsync(
        ReadOnlyMemory<Account> events,
        CancellationToken cancellationToken
    );

    /// <summary>Returns how many were refused; an answer that is not "done" throws.</summary>
    ValueTask<int> CreateTransfersAsync(
        ReadOnlyMemory<Transfer> events,
        CancellationToken cancellationToken
    );

    ValueTask<Transfer[]> GetAccountTransfersAsync(
        AccountFilter filter,
        CancellationToken cancellationToken
    );
}

/// <summary>Opens one more connection.</summary>
public delegate ValueTask<ILoadTarget> OpenTarget(CancellationToken cancellationToken);
