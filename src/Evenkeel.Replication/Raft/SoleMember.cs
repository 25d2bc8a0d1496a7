using System.Net;
using Microsoft.AspNetCore.Connections;

namespace Evenkeel.Replication;

/// <summary>
/// The network of a bank of one member: nobody listens, nobody is called, so nothing of consensus
/// is reachable from outside the process.
/// </summary>
internal sealed class SoleMember
    : IConnectionListenerFactory,
        IConnectionListener,
        IConnectionFactory
{
    private readonly TaskCompletionSource<ConnectionContext?> closed = new(
        TaskCreationOptions.RunContinuationsAsynchronously
    );

    /// <summary>Only a name: no socket is ever bound to it.</summary>
    public static IPEndPoint Name { get; } = new(IPAddress.Loopback, 1);

    public EndPoint EndPoint => Name;

    public ValueTask<IConnectionListener> BindAsync(
        EndPoint endpoint,
        CancellationToken cancellationToken = default
    ) => new(this);

    public async ValueTask<ConnectionContext?> AcceptAsync(
        CancellationToken cancellationToken = default
    ) => await closed.Task.WaitAsync(cancellationToken);

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        closed.TrySetResult(null);
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => UnbindAsync(CancellationToken.None);

    public ValueTask<ConnectionContext> ConnectAsync(
        EndPoint endpoint,
        CancellationToken cancellationToken = default
    ) => throw new IOException("A bank of one member has no peers.");
}
