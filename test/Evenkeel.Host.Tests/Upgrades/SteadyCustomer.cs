using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using Evenkeel.Client;
using Evenkeel.Model;
using Xunit;

namespace Evenkeel.Host.Tests.Upgrades;

/// <summary>Pays one unit after the other, and remembers every answer and the longest wait.</summary>
internal sealed class SteadyCustomer : IAsyncDisposable
{
    private const uint Payer = 1;
    private const uint Payee = 2;
    private const int KeyPauseMs = 100;

    private static readonly TimeSpan KeyPatience = TimeSpan.FromSeconds(30);

    private readonly EvenkeelClient _client;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentQueue<string> _failed = new();
    private Task _paying = Task.CompletedTask;
    private uint _acknowledged;

    private SteadyCustomer(EvenkeelClient client) => _client = client;

    /// <summary>Requests that were not done or not known.</summary>
    public IReadOnlyCollection<string> Failed => _failed;

    public uint Acknowledged => _acknowledged;

    public TimeSpan LongestWait { get; private set; }

    public static async Task<SteadyCustomer> StartAsync(
        IReadOnlyList<EndPoint> endpoints,
        string key
    )
    {
        var client = await ConnectAsync(new ClientOptions { Endpoints = endpoints, ApiKey = key });
        var customer = new SteadyCustomer(client);
        var accounts = new[] { Account(Payer), Account(Payee) };
        var started = Stopwatch.GetTimestamp();
        while (
            await client.CreateAccountsAsync(accounts) is not CallResult<CreateAccountResult[]>.Done
        )
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < KeyPatience, "nobody leads");
        }
        customer._paying = Task.Run(customer.PayAsync);
        return customer;
    }

    /// <summary>Stops, and checks that exactly what was acknowledged was moved.</summary>
    public async Task StopAndCheckAsync()
    {
        await _stopping.CancelAsync();
        await _paying;
        var accounts = (await _client.LookupAccountsAsync(new UInt128[] { Payer })).Require();
        Assert.Empty(_failed);
        Assert.Equal((UInt128)_acknowledged, accounts[0].DebitsPosted);
        Assert.True(_acknowledged > 0);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _paying;
        await _client.DisposeAsync();
        _stopping.Dispose();
    }

    /// <summary>The cluster serves a moment before the operator's key is in its log.</summary>
    private static async Task<EvenkeelClient> ConnectAsync(ClientOptions options)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                return await EvenkeelClient.ConnectAsync(options);
            }
            catch (EvenkeelException) when (Stopwatch.GetElapsedTime(started) < KeyPatience)
            {
                await Task.Delay(KeyPauseMs);
            }
        }
    }

    private async Task PayAsync()
    {
        for (uint id = 100; !_stopping.IsCancellationRequested; id++)
        {
            var started = Stopwatch.GetTimestamp();
            // The same ids again until the answer is known: what a customer's program does.
            var answer = await _client.CreateTransfersUntilKnownAsync(
                new[]
                {
                    new Transfer
                    {
                        Id = id,
                        DebitAccountId = Payer,
                        CreditAccountId = Payee,
                        Amount = 1,
                        Ledger = 1,
                        Code = 1,
                    },
                },
                CancellationToken.None
            );
            var waited = Stopwatch.GetElapsedTime(started);
            LongestWait = waited > LongestWait ? waited : LongestWait;
            if (
                answer is CallResult<CreateTransferResult[]>.Done
                {
                    Value: [{ Status: CreateTransferStatus.Created or CreateTransferStatus.Exists }]
                }
            )
            {
                _acknowledged++;
            }
            else
            {
                _failed.Enqueue(answer.ToString());
            }
        }
    }

    private static Account Account(uint id) =>
        new()
        {
            Id = id,
            Ledger = 1,
            Code = 1,
        };
}
