using Evenkeel.Client;
using Evenkeel.Journal;
using Evenkeel.Model;
using Evenkeel.Node.Entries;
using Evenkeel.Node.Shadow;
using Evenkeel.Replication;
using Xunit;

namespace Evenkeel.Node.Tests;

/// <summary>New rules sleep until they are activated; an older program stops there, not after it.</summary>
public sealed class StateVersionTests : IDisposable
{
    private const uint Old = StateVersions.First;
    private const uint New = StateVersions.ForcedPostOnce;

    private readonly string _root = Directory.CreateTempSubdirectory("evenkeel-rules-").FullName;

    private string Data => Path.Combine(_root, "data");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task A_new_bank_begins_with_the_newest_rules_in_its_first_entry()
    {
        await using (TestNode node = await StartAsync(New))
        {
            Assert.Equal(New, node.Node.StateVersion);
        }
        using var archive = new ArchiveReader(Path.Combine(Data, "archive"), fromIndex: 1);
        while (archive.Read() && archive.Payload.IsEmpty) { }
        EntryReader first = EntryReader.Open(archive.Payload.Span, out string? problem);
        Assert.Null(problem);
        Assert.True(first.TryRead(out CommandHeader command, out _));
        Assert.Equal(OperationCode.Activate, command.Operation);
    }

    [Fact]
    public async Task A_bank_keeps_its_rules_under_a_newer_program_until_two_people_activate_them()
    {
        await using (TestNode old = await StartAsync(Old))
        {
            await ForceTwiceAsync(old, firstId: 1, CreateTransferStatus.Created);
        }
        await using TestNode node = await StartAsync(New);
        Assert.Equal(Old, node.Node.StateVersion);
        await ForceTwiceAsync(node, firstId: 100, CreateTransferStatus.Created);

        Assert.IsType<Answer<uint>.NotDone>(await ActivateAsync(node, maker: 5, checker: 5));
        Assert.IsType<Answer<uint>.NotDone>(await ActivateAsync(node, maker: 0, checker: 5));
        Assert.Equal(Old, node.Node.StateVersion);

        var done = Assert.IsType<Answer<uint>.Done>(
            await ActivateAsync(node, maker: 5, checker: 6)
        );
        Assert.Equal(New, done.Value);
        await ForceTwiceAsync(
            node,
            firstId: 200,
            CreateTransferStatus.PendingTransferAlreadyPosted
        );
    }

    [Fact]
    public async Task An_older_program_refuses_to_start_after_the_activation_and_loses_nothing()
    {
        NodeDigest before;
        await using (TestNode node = await StartAsync(Old))
        {
            await ForceTwiceAsync(node, firstId: 1, CreateTransferStatus.Created);
        }
        await using (TestNode node = await StartAsync(New))
        {
            await ActivateAsync(node, maker: 5, checker: 6);
            before = node.Node.ComputeDigest();
        }

        var refused = await Assert.ThrowsAsync<UnknownStateVersionException>(() => StartAsync(Old));
        Assert.Contains("state version 2", refused.Message, StringComparison.Ordinal);

        await using TestNode again = await StartAsync(New);
        Assert.Equal(New, again.Node.StateVersion);
        Assert.Equal(before.Ledger, again.Node.ComputeDigest().Ledger);
    }

    [Fact]
    public async Task An_older_program_refuses_a_snapshot_of_newer_rules()
    {
        await using (TestNode node = await StartAsync(New))
        {
            await ForceTwiceAsync(
                node,
                firstId: 1,
                CreateTransferStatus.PendingTransferAlreadyPosted
            );
            await node.Node.SnapshotAsync(CancellationToken.None);
        }
        SnapshotFile snapshot = SnapshotFile.Open(
            SnapshotFile.List(Path.Combine(Data, "snapshots"))[0].Path
        );
        Assert.Equal(New, snapshot.StateVersion);
        Assert.True(snapshot.LogTime > 0);

        await Assert.ThrowsAsync<UnknownStateVersionException>(() => StartAsync(Old));

        await using TestNode again = await StartAsync(New);
        Assert.Equal(New, again.Node.StateVersion);
    }

    [Fact]
    public async Task Old_and_new_programs_apply_every_entry_alike_until_the_activation_where_the_old_one_stops()
    {
        await using (TestNode old = await StartAsync(Old))
        {
            await ForceTwiceAsync(old, firstId: 1, CreateTransferStatus.Created);
        }
        Assert.Equal(Replay(Old, out _), Replay(New, out _));
        ulong before = ArchiveExtent.Find(Path.Combine(Data, "archive"))!.LastIndex;
        await using (TestNode node = await StartAsync(New))
        {
            await ActivateAsync(node, maker: 5, checker: 6);
            await ForceTwiceAsync(
                node,
                firstId: 100,
                CreateTransferStatus.PendingTransferAlreadyPosted
            );
        }

        string[] all = Replay(New, out ShadowSummary whole);
        string[] some = Replay(Old, out ShadowSummary stopped);

        Assert.Null(whole.Reason);
        Assert.True(stopped.FailedEntry > before);
        Assert.Contains("state version 2", stopped.Reason, StringComparison.Ordinal);
        Assert.NotEmpty(some);
        Assert.Equal(all.Take(some.Length), some);
        Assert.True(all.Length > some.Length);
    }

    /// <summary>A hold that is voided, then posted by force under two ids.</summary>
    private static async Task ForceTwiceAsync(
        TestNode node,
        UInt128 firstId,
        CreateTransferStatus second
    )
    {
        await using EvenkeelClient client = await node.ConnectAsync();
        (await client.CreateAccountsAsync(Events.Accounts(2))).Require();
        Transfer hold = Events.Transfer(firstId, flags: TransferFlags.Pending);
        Transfer[] events =
        [
            hold,
            Resolve(firstId + 1, firstId, TransferFlags.VoidPendingTransfer),
            Resolve(firstId + 2, firstId, TransferFlags.PostPendingTransfer | TransferFlags.Forced),
            Resolve(firstId + 3, firstId, TransferFlags.PostPendingTransfer | TransferFlags.Forced),
        ];
        CreateTransferResult[] results = (await client.CreateTransfersAsync(events)).Require();
        Assert.Equal(
            [
                CreateTransferStatus.Created,
                CreateTransferStatus.Created,
                CreateTransferStatus.Created,
                second,
            ],
            results.Select(r => r.Status)
        );
    }

    private static Transfer Resolve(UInt128 id, UInt128 hold, TransferFlags flags) =>
        new()
        {
            Id = id,
            PendingId = hold,
            Amount = 1,
            Flags = flags,
        };

    private static Task<Answer<uint>> ActivateAsync(TestNode node, ulong maker, ulong checker) =>
        node.Node.ActivateAsync(New, maker, checker, CancellationToken.None);

    private Task<TestNode> StartAsync(uint stateVersionMax) =>
        TestNode.StartAsync(options =>
            options with
            {
                DataDirectory = Data,
                StateVersionMax = stateVersionMax,
                ConfigureLog = log => log with { ChunkBytes = 1 << 20, DiskFloorBytes = 1 << 20 },
            }
        );

    /// <summary>The lines of entries.</summary>
    private string[] Replay(uint stateVersionMax, out ShadowSummary summary)
    {
        using var output = new MemoryStream();
        summary = ShadowReplay.Run(
            new ShadowOptions
            {
                ArchiveDirectory = Path.Combine(Data, "archive"),
                ScratchDirectory = Path.Combine(_root, "scratch"),
                StateVersionMax = stateVersionMax,
            },
            output,
            CancellationToken.None
        );
        return
        [
            .. System
                .Text.Encoding.UTF8.GetString(output.ToArray())
                .Split('\n')
                .Where(line => line.StartsWith("{\"i\"", StringComparison.Ordinal)),
        ];
    }
}
