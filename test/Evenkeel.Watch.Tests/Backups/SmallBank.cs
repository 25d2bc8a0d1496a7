using System.Net;
using Evenkeel.Client;
using Evenkeel.Journal;
using Evenkeel.Journal.Access;
using Evenkeel.Model;
using Evenkeel.Node;
using Evenkeel.Node.Protocol;
using Evenkeel.Node.Shadow;
using Evenkeel.Replication;
using Evenkeel.Verifier;
using Evenkeel.Watch.Backups;
using Xunit;

namespace Evenkeel.Watch.Tests.Backups;

/// <summary>A node in this process with small segments, so that a test fills several.</summary>
internal sealed class SmallBank : IServingBank
{
    public const uint Ledger = 1;
    private const int BatchSize = 50;

    private readonly EvenkeelNode node;
    private bool stopped;

    private SmallBank(EvenkeelNode node, EvenkeelClient client)
    {
        this.node = node;
        Client = client;
    }

    public EvenkeelClient Client { get; }

    public ulong AppliedIndex => node.Replication.AppliedIndex;

    public static CancellationToken Patience =>
        new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token;

    public static async Task<SmallBank> OpenAsync(string directory)
    {
        var started = await EvenkeelNode.StartAsync(
            new NodeOptions
            {
                DataDirectory = directory,
                Protocol = new ProtocolOptions { Endpoint = new IPEndPoint(IPAddress.Loopback, 0) },
                Ledger = new(),
                ConfigureLog = static o =>
                    o with
                    {
                        SegmentBytesMax = 128 << 10,
                        ChunkBytes = 1 << 20,
                        DiskFloorBytes = 64 << 20,
                    },
            },
            Patience
        );
        var issued = await started.Keys.IssueAsync(
            "test",
            KeyScopes.All,
            issuedBy: 0,
            firstOnly: false,
            Patience
        );
        var token = ((Answer<IssueOutcome>.Done)issued).Value.Issued!.Token.Reveal();
        var client = await EvenkeelClient.ConnectAsync(
            new ClientOptions { Endpoints = [started.ProtocolEndpoint!], ApiKey = token },
            Patience
        );
        return new(started, client);
    }

    public async Task OpenAccountsAsync(uint count = 10)
    {
        var accounts = Enumerable
            .Range(1, (int)count)
            .Select(static i => new Account
            {
                Id = (uint)i,
                Ledger = Ledger,
                Code = 1,
            })
            .ToArray();
        (await Client.CreateAccountsAsync(accounts, Patience)).Require();
    }

    /// <summary>Batches of transfers with the ids from one on; returns the last one.</summary>
    public async Task<UInt128> TransferAsync(uint firstId, int batches)
    {
        var id = firstId;
        for (var batch = 0; batch < batches; batch++)
        {
            var transfers = new Transfer[BatchSize];
            for (var i = 0; i < BatchSize; i++, id++)
            {
                transfers[i] = new Transfer
                {
                    Id = id,
                    DebitAccountId = 1 + (id % 10),
                    CreditAccountId = 1 + ((id + 1) % 10),
                    Amount = id,
                    Ledger = Ledger,
                    Code = 1,
                };
            }
            var results = (await Client.CreateTransfersAsync(transfers, Patience)).Require();
            Assert.All(results, static r => Assert.Equal(CreateTransferStatus.Created, r.Status));
        }
        await ArchivedAsync();
        return id - 1;
    }

    /// <summary>
    /// The archive is written off the apply thread: what was acknowledged just now may not be in its
    /// file yet.
    /// </summary>
    public async Task ArchivedAsync()
    {
        var applied = node.Replication.AppliedIndex;
        while (node.Replication.ArchiveIndex < applied)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(2), Patience);
        }
    }

    public async Task<bool> KnowsAsync(UInt128 id) =>
        (await Client.LookupTransfersAsync(new[] { id }, Patience)).Require().Length == 1;

    public Task SnapshotAsync() => node.SnapshotAsync(Patience);

    public async ValueTask DisposeAsync()
    {
        if (stopped)
        {
            return;
        }
        stopped = true;
        await Client.DisposeAsync();
        await node.DisposeAsync();
    }
}

/// <summary>What a verification asks for, in this process.</summary>
internal sealed class InProcessBank(string scratch) : IScratchBank
{
    public string Program => "in process";

    public async Task<IReadOnlyDictionary<ulong, ReplayedState>> ReplayAsync(
        string dataDirectory,
        ulong digestAt,
        ulong last,
        CancellationToken cancellationToken
    )
    {
        using var lines = new MemoryStream();
        var summary = ShadowReplay.Run(
            new ShadowOptions
            {
                ArchiveDirectory = Path.Combine(dataDirectory, "archive"),
                ScratchDirectory = Path.Combine(scratch, "replay"),
                From = last,
                To = last,
                DigestEvery = 0,
                DigestAt = digestAt,
            },
            lines,
            cancellationToken
        );
        if (summary.Reason is { } reason)
        {
            throw new BackupException(BackupProblem.StateDiffers, reason);
        }
        lines.Position = 0;
        using var reader = new StreamReader(lines);
        var states = new Dictionary<ulong, ReplayedState>();
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            if (ShadowState.TryRead(line) is { } state)
            {
                states[state.Index] = state.State;
            }
        }
        return states;
    }

    public async Task<IServingBank> StartAsync(
        string dataDirectory,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await SmallBank.OpenAsync(dataDirectory);
        }
        catch (RecoveryException refused)
        {
            throw new BackupException(BackupProblem.StateDiffers, refused.Message, refused);
        }
    }

    public Task<string?> JudgeAsync(string dataDirectory, CancellationToken cancellationToken)
    {
        var judgement = LogVerifier.Verify(
            new VerifyRequest { DataDirectory = dataDirectory },
            cancellationToken
        );
        return Task.FromResult(
            judgement.Sound ? null : string.Join("; ", judgement.Findings.Take(3))
        );
    }
}
