using System.Collections.Concurrent;
using System.Net;
using Evenkeel.Client;
using Evenkeel.Model;
using Xunit;

namespace Evenkeel.Cluster.Tests;

/// <summary>
/// kill -9 at random moments under load: nothing acknowledged is lost, nothing is done twice, and a
/// replay comes to the same digest.
/// </summary>
[Collection(ClusterTrial.Collection)]
public sealed class KillTests(ITestOutputHelper output) : IDisposable
{
    private const int Seed = 20_261_123;
    private const int Accounts = 64;
    private const int Writers = 4;
    private const int BatchMax = 400;

    private readonly string _directory = Directory
        .CreateTempSubdirectory("evenkeel-kill-")
        .FullName;
    private readonly ConcurrentBag<Acknowledged> _acknowledged = [];

    private sealed record Acknowledged(UInt128 FirstId, int Count);

    private static int Kills =>
        Environment.GetEnvironmentVariable("EVENKEEL_LONG") == "1" ? 200 : 5;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Kills_under_load_lose_nothing_acknowledged_and_double_nothing()
    {
        output.WriteLine($"seed {Seed}, kills {Kills}");
        var random = new Random(Seed);
        int port = NodeProcess.FreePort();
        NodeProcess node = await NodeProcess.StartAsync(_directory, port);
        string token = node.Token;
        await OpenAccountsAsync(port, token);

        using var stop = new CancellationTokenSource();
        Task[] writers =
        [
            .. Enumerable.Range(1, Writers).Select(w => WriteAsync(w, port, token, stop.Token)),
        ];
        for (int kill = 0; kill < Kills; kill++)
        {
            int before = _acknowledged.Count;
            await Task.Delay(random.Next(50, 500));
            await WaitForProgressAsync(before, writers);
            await node.KillAsync();
            node.Dispose();
            node = await NodeProcess.StartAsync(_directory, port);
        }
        await stop.CancelAsync();
        await Task.WhenAll(writers);

        await VerifyAsync(port, token);
        string digest = await node.AskDigestAsync();
        await node.KillAsync();
        node.Dispose();
        using (NodeProcess restarted = await NodeProcess.StartAsync(_directory, port))
        {
            Assert.Equal(digest, restarted.Digest);
            await restarted.KillAsync();
        }
        // Without a snapshot (a slow machine may not have come to one) everything is replayed anyway.
        string snapshots = Path.Combine(_directory, "snapshots");
        if (Directory.Exists(snapshots))
        {
            Directory.Delete(snapshots, recursive: true);
        }
        using NodeProcess replayed = await NodeProcess.StartAsync(_directory, port);
        Assert.Equal(digest, replayed.Digest);
    }

    private static EvenkeelClient NewClient(int port, string token) =>
        new(
            new ClientOptions
            {
                Endpoints = [new IPEndPoint(IPAddress.Loopback, port)],
                ApiKey = token,
                TimeoutMs = 5_000,
                RetryPauseMsMax = 50,
            }
        );

    private static async Task OpenAccountsAsync(int port, string token)
    {
        await using EvenkeelClient client = NewClient(port, token);
        var accounts = new Account[Accounts];
        for (int i = 0; i < Accounts; i++)
        {
            accounts[i] = new Account
            {
                Id = (UInt128)(i + 1),
                Ledger = 1,
                Code = 1,
            };
        }
        CreateAccountResult[] results = (await client.CreateAccountsAsync(accounts)).Require();
        Assert.All(results, r => Assert.Equal(CreateAccountStatus.Created, r.Status));
    }

    private async Task WaitForProgressAsync(int before, Task[] writers)
    {
        long deadline = Environment.TickCount64 + 30_000;
        while (_acknowledged.Count == before)
        {
            Assert.All(writers, writer => Assert.False(writer.IsFaulted, $"{writer.Exception}"));
            Assert.True(Environment.TickCount64 < deadline, "the writers make no progress");
            await Task.Delay(5);
        }
    }

    private async Task WriteAsync(int writer, int port, string token, CancellationToken stop)
    {
        await using EvenkeelClient client = NewClient(port, token);
        var random = new Random(Seed + writer);
        UInt128 next = new((ulong)writer, 1);
        while (!stop.IsCancellationRequested)
        {
            var batch = new Transfer[random.Next(1, BatchMax)];
            for (int i = 0; i < batch.Length; i++)
            {
                int debit = random.Next(Accounts);
                int credit = (debit + 1 + random.Next(Accounts - 1)) % Accounts;
                batch[i] = new Transfer
                {
                    Id = next + (UInt128)i,
                    DebitAccountId = (UInt128)(debit + 1),
                    CreditAccountId = (UInt128)(credit + 1),
                    Amount = 1,
                    Ledger = 1,
                    Code = 1,
                };
            }
            CallResult<CreateTransferResult[]> answer = await client.CreateTransfersUntilKnownAsync(
                batch,
                CancellationToken.None
            );
            Assert.All(
                answer.Require(),
                r =>
                    Assert.True(
                        r.Status is CreateTransferStatus.Created or CreateTransferStatus.Exists,
                        $"{r.Status}"
                    )
            );
            _acknowledged.Add(new Acknowledged(next, batch.Length));
            next += (UInt128)batch.Length;
        }
    }

    private async Task VerifyAsync(int port, string token)
    {
        await using EvenkeelClient client = NewClient(port, token);
        long promised = 0;
        long kept = 0;
        foreach (Acknowledged batch in _acknowledged)
        {
            UInt128[] ids = new UInt128[batch.Count];
            for (int i = 0; i < ids.Length; i++)
            {
                ids[i] = batch.FirstId + (UInt128)i;
            }
            promised += ids.Length;
            kept += (await client.LookupTransfersAsync(ids)).Require().Length;
        }
        UInt128[] all = [.. Enumerable.Range(1, Accounts).Select(i => (UInt128)i)];
        Account[] accounts = (await client.LookupAccountsAsync(all)).Require();
        UInt128 debits = 0;
        UInt128 credits = 0;
        foreach (Account account in accounts)
        {
            debits += account.DebitsPosted;
            credits += account.CreditsPosted;
        }
        output.WriteLine($"acknowledged {promised}, kept {kept}, moved {debits}");
        Assert.Equal(promised, kept);
        // Every batch was sent until its answer was known, and each transfer moves one: what was
        // moved is what was promised, or something was done twice.
        Assert.Equal((UInt128)promised, debits);
        Assert.Equal(debits, credits);
    }
}
