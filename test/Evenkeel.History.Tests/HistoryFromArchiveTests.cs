using System.Runtime.InteropServices;
using Evenkeel.Ledger;
using Evenkeel.Model;
using Evenkeel.Node;
using Evenkeel.Node.Entries;
using Evenkeel.Node.History;
using Evenkeel.Node.Recovery;
using Evenkeel.Node.Telemetry;
using Evenkeel.Replication;

namespace Evenkeel.History.Tests;

public sealed class HistoryFromArchiveTests
{
    private const int Entries = 20;
    private const int TransfersPerEntry = 100;

    [Fact]
    public async Task A_damaged_history_of_a_real_node_is_made_again_from_its_archive()
    {
        using var scratch = new Scratch();
        var directory = scratch["node"];
        ulong rows;
        UInt128 lineage;
        using (var metrics = new NodeMetrics())
        {
            await using var core = await NodeCore.OpenAsync(
                new NodeOptions
                {
                    DataDirectory = directory,
                    Protocol = null,
                    Ledger = new LedgerOptions(),
                },
                metrics,
                CancellationToken.None
            );
            await core.Log.WaitForLeadershipAsync(CancellationToken.None);
            await FillAsync(core.Log);
            rows = core.Parts.Files!.SealedCount;
            lineage = UInt128.Parse(
                core.Log.Status.Lineage,
                System.Globalization.NumberStyles.HexNumber,
                System.Globalization.CultureInfo.InvariantCulture
            );
        }

        Assert.Equal((ulong)(Entries * TransfersPerEntry), rows);
        var options = new HistoryOptions
        {
            Directory = Path.Combine(directory, "history"),
            Lineage = lineage,
        };
        var path = Path.Combine(options.Directory, "00000000.seg");
        var end = 4_096 + ((int)rows * HistoryRow.Size);
        var before = await ReadStartAsync(path, end);
        Kit.Flip(path, 4_096 + (77 * HistoryRow.Size) + 40);

        var report = HistoryRebuild.Run(
            options,
            rows,
            HistoryFromArchive.Replay(
                Path.Combine(directory, "archive"),
                new LedgerOptions(),
                scratch["replay"]
            ),
            CancellationToken.None
        );

        Assert.Null(report.Refusal);
        Assert.Equal(77UL, Assert.Single(report.Damages).Position);
        Assert.Equal(["00000000.seg"], report.Replaced);
        Assert.Equal(before, await ReadStartAsync(path, end));
    }

    private static async Task FillAsync(IReplicatedLog log)
    {
        var accounts = new Account[2];
        accounts[0] = new Account
        {
            Id = 1,
            Ledger = 1,
            Code = 1,
        };
        accounts[1] = new Account
        {
            Id = 2,
            Ledger = 1,
            Code = 1,
        };
        await ProposeAsync(
            log,
            OperationCode.CreateAccounts,
            accounts.Length,
            MemoryMarshal.AsBytes(accounts.AsSpan()).ToArray(),
            1_000_000
        );
        for (var entry = 1; entry <= Entries; entry++)
        {
            var transfers = new Transfer[TransfersPerEntry];
            for (var i = 0; i < transfers.Length; i++)
            {
                transfers[i] = new Transfer
                {
                    Id = (UInt128)((entry * 1_000) + i),
                    DebitAccountId = 1,
                    CreditAccountId = 2,
                    Amount = 5,
                    Ledger = 1,
                    Code = 1,
                };
            }

            await ProposeAsync(
                log,
                OperationCode.CreateTransfers,
                transfers.Length,
                MemoryMarshal.AsBytes(transfers.AsSpan()).ToArray(),
                (ulong)(entry + 1) * 1_000_000
            );
        }
    }

    private static async Task ProposeAsync(
        IReplicatedLog log,
        OperationCode operation,
        int count,
        byte[] body,
        ulong timestamp
    )
    {
        var writer = new EntryWriter();
        writer.Append(operation, (uint)count, principal: 0, body);
        var outcome = await log.ProposeAsync(
            writer.Seal(timestamp, stateVersion: 1),
            context: null,
            log.Term,
            CancellationToken.None
        );
        Assert.Equal(ProposalOutcome.Committed, outcome);
    }

    private static async Task<byte[]> ReadStartAsync(string path, int bytes)
    {
        var start = new byte[bytes];
        await using var file = File.OpenRead(path);
        await file.ReadExactlyAsync(start);
        return start;
    }
}
