using System.Net;
using Evenkeel.Client;
using Evenkeel.Model;

namespace Evenkeel.Bench;

/// <summary>One connection of the public client.</summary>
public sealed class ClientTarget : ILoadTarget
{
    private readonly EvenkeelClient _client;

    private ClientTarget(EvenkeelClient client) => _client = client;

    /// <summary>Opens connections to whichever of the nodes leads, with one key.</summary>
    public static OpenTarget Opener(IReadOnlyList<EndPoint> endpoints, string apiKey) =>
        async token => new ClientTarget(
            await EvenkeelClient.ConnectAsync(
                new ClientOptions
                {
                    Endpoints = endpoints,
                    ApiKey = apiKey,
                    TimeoutMs = 60_000,
                },
                token
            )
        );

    public async ValueTask CreateAccountsAsync(
        ReadOnlyMemory<Account> events,
        CancellationToken cancellationToken
    )
    {
        var results = (
            await _client.UntilKnownAsync(
                () => _client.CreateAccountsAsync(events, cancellationToken),
                cancellationToken
            )
        ).Require();
        foreach (var r in results)
        {
            if (r.Status is not (CreateAccountStatus.Created or CreateAccountStatus.Exists))
            {
                throw new EvenkeelException($"An account of the load was refused: {r.Status}");
            }
        }
    }

    public async ValueTask<int> CreateTransfersAsync(
        ReadOnlyMemory<Transfer> events,
        CancellationToken cancellationToken
    )
    {
        var results = (
            await _client.CreateTransfersUntilKnownAsync(events, cancellationToken)
        ).Require();
        var refused = 0;
        foreach (var r in results)
        {
            // "Exists" is what an attempt made whose answer was lost with its leader.
            if (r.Status is not (CreateTransferStatus.Created or CreateTransferStatus.Exists))
            {
                refused++;
            }
        }
        return refused;
    }

    public async ValueTask<Transfer[]> GetAccountTransfersAsync(
        AccountFilter filter,
        CancellationToken cancellationToken
    ) => (await _client.GetAccountTransfersAsync(filter, cancellationToken)).Require();

    public ValueTask DisposeAsync() => _client.DisposeAsync();
}
