using Evenkeel.Client;
using Evenkeel.Journal;
using Evenkeel.Journal.Access;
using Evenkeel.Model;
using Xunit;

namespace Evenkeel.Node.Tests;

public sealed class RestartTests : IDisposable
{
    private readonly string _directory = Directory
        .CreateTempSubdirectory("evenkeel-node-")
        .FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private Task<TestNode> StartAsync(Func<NodeOptions, NodeOptions>? configure = null) =>
        TestNode.StartAsync(options =>
            (configure ?? (o => o))(
                options with
                {
                    DataDirectory = _directory,
                    ConfigureLog = log =>
                        log with
                        {
                            ChunkBytes = 1 << 20,
                            DiskFloorBytes = 1 << 20,
                        },
                }
            )
        );

    [Fact]
    public async Task After_a_restart_the_state_is_the_same()
    {
        NodeDigest before;
        string token;
        await using (TestNode node = await StartAsync())
        {
            token = node.Token;
            await WriteSomethingAsync(node, 1);
            before = node.Node.ComputeDigest();
        }
        await using TestNode again = await StartAsync();
        Assert.Empty(again.Node.RecoveryNotes);
        await using EvenkeelClient client = await again.ConnectAsync(token);
        Account[] found = (await client.LookupAccountsAsync(new UInt128[] { 1 })).Require();
        Assert.Equal((UInt128)1_000, found[0].DebitsPosted);
        Assert.Equal(before.Ledger, again.Node.ComputeDigest().Ledger);
        CreateTransferResult[] repeated = (
            await client.CreateTransfersAsync(Events.Transfers(1, 10))
        ).Require();
        Assert.All(repeated, r => Assert.Equal(CreateTransferStatus.Exists, r.Status));
    }

    [Fact]
    public async Task After_a_snapshot_and_more_entries_the_state_is_the_same()
    {
        NodeDigest before;
        await using (TestNode node = await StartAsync())
        {
            await WriteSomethingAsync(node, 1);
            await node.Node.SnapshotAsync(CancellationToken.None);
            await WriteSomethingAsync(node, 2_000);
            before = node.Node.ComputeDigest();
        }
        await using TestNode again = await StartAsync();
        Assert.True(again.Node.Replication.SnapshotIndex > 0);
        Assert.Equal(before.Ledger, again.Node.ComputeDigest().Ledger);
        await using EvenkeelClient client = await again.ConnectAsync();
        var filter = new AccountFilter
        {
            AccountId = 1,
            Limit = 8_000,
            Flags = AccountFilterFlags.Debits,
        };
        Assert.Equal(2_000, (await client.GetAccountTransfersAsync(filter)).Require().Length);
    }

    [Fact]
    public async Task A_second_node_on_the_same_directory_is_refused()
    {
        await using TestNode node = await StartAsync();
        await Assert.ThrowsAsync<Evenkeel.Replication.DirectoryInUseException>(() => StartAsync());
    }

    [Fact]
    public async Task Lost_records_are_made_again_from_the_log()
    {
        UInt128 before;
        string token;
        await using (TestNode node = await StartAsync())
        {
            token = node.Token;
            before = node.Node.ComputeDigest().Records;
        }
        foreach (string file in Directory.GetFiles(_directory, "records.db*"))
        {
            File.Delete(file);
        }
        await using EvenkeelNode again = await EvenkeelNode.StartAsync(
            new NodeOptions { DataDirectory = _directory, Protocol = null }
        );
        Assert.Equal(before, again.ComputeDigest().Records);
        Assert.IsType<Answer<KeyIdentity?>.Done>(
            await again.Keyring.AuthenticateAsync(token, CancellationToken.None)
        );
    }

    [Fact]
    public async Task Records_that_can_not_be_read_are_put_aside_and_made_again()
    {
        UInt128 before;
        await using (TestNode node = await StartAsync())
        {
            await WriteSomethingAsync(node, 1);
            await node.Node.SnapshotAsync(CancellationToken.None);
            before = node.Node.ComputeDigest().Records;
        }
        foreach (string file in Directory.GetFiles(_directory, "records.db*"))
        {
            await File.WriteAllBytesAsync(file, Enumerable.Repeat((byte)0x5A, 8_192).ToArray());
        }
        await using EvenkeelNode again = await EvenkeelNode.StartAsync(
            new NodeOptions { DataDirectory = _directory, Protocol = null }
        );
        Assert.Equal(before, again.ComputeDigest().Records);
        Assert.NotEmpty(again.RecoveryNotes);
    }

    [Fact]
    public async Task A_flipped_bit_in_history_is_found_and_made_good_from_the_archive()
    {
        NodeDigest before;
        await using (TestNode node = await StartAsync())
        {
            await WriteSomethingAsync(node, 1);
            await node.Node.SnapshotAsync(CancellationToken.None);
            before = node.Node.ComputeDigest();
        }
        string segment = Directory.GetFiles(Path.Combine(_directory, "history"), "*.seg").Single();
        byte[] bytes = await File.ReadAllBytesAsync(segment);
        // Somewhere in the first hundred rows, behind the header's block.
        bytes[4_096 + (192 * 50) + 30] ^= 4;
        await File.WriteAllBytesAsync(segment, bytes);
        await using TestNode again = await StartAsync();
        Assert.Contains(
            again.Node.RecoveryNotes,
            note => note.Contains("rebuilt", StringComparison.Ordinal)
        );
        Assert.Equal(before.Ledger, again.Node.ComputeDigest().Ledger);
        await using EvenkeelClient client = await again.ConnectAsync();
        Assert.Equal(
            2,
            (await client.LookupTransfersAsync(new UInt128[] { 50, 51 })).Require().Length
        );
    }

    private static async Task WriteSomethingAsync(TestNode node, UInt128 firstId)
    {
        await using EvenkeelClient client = await node.ConnectAsync();
        (await client.CreateAccountsAsync(Events.Accounts(2))).Require();
        (await client.CreateTransfersAsync(Events.Transfers(firstId, 1_000))).Require();
    }
}
