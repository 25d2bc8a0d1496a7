using Evenkeel.Journal;
using Evenkeel.Journal.Access;
using Evenkeel.Node.History;
using Evenkeel.Node.Recovery;
using Microsoft.Data.Sqlite;
using Xunit;

namespace Evenkeel.Node.Tests;

public sealed class ScrubTests : IDisposable
{
    private readonly string _directory = Directory
        .CreateTempSubdirectory("evenkeel-scrub-")
        .FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task An_altered_record_is_found_while_the_node_runs_and_made_again_at_the_next_start()
    {
        UInt128 before;
        await using (EvenkeelNode node = await StartAsync())
        {
            await IssueKeyAsync(node);
            await node.SnapshotAsync(CancellationToken.None);
            before = node.ComputeDigest().Records;
            Assert.Empty((await node.ScrubAsync()).Findings);
        }
        AlterOneRecord();
        await using (EvenkeelNode node = await StartAsync())
        {
            ScrubState found = await node.ScrubAsync();

            Assert.NotEmpty(found.Findings);
            Assert.Contains(node.Health.Reasons, reason => reason.Code == "damaged");
        }
        await using EvenkeelNode again = await StartAsync();
        Assert.Contains(
            again.RecoveryNotes,
            note => note.Contains("making them again", StringComparison.Ordinal)
        );
        Assert.Equal(before, again.ComputeDigest().Records);
        Assert.Empty((await again.ScrubAsync()).Findings);
        Assert.False(File.Exists(Path.Combine(_directory, "repair")));
    }

    [Fact]
    public async Task An_altered_record_is_not_served_and_is_made_again_at_the_next_start()
    {
        UInt128 before;
        await using (EvenkeelNode node = await StartAsync())
        {
            await IssueKeyAsync(node);
            before = node.ComputeDigest().Records;
        }
        AlterOneRecord();
        await using (EvenkeelNode node = await StartAsync())
        {
            Answer<RevokeOutcome> revoked = await node.Keys.RevokeAsync(
                1,
                revokedBy: 0,
                CancellationToken.None
            );

            var refused = Assert.IsType<Answer<RevokeOutcome>.NotDone>(revoked);
            Assert.Contains("damaged", refused.Detail, StringComparison.Ordinal);
            Assert.Contains(node.Health.Reasons, reason => reason.Code == "damaged");
        }
        await using EvenkeelNode again = await StartAsync();
        Assert.Equal(before, again.ComputeDigest().Records);
    }

    [Fact]
    public async Task A_mark_that_can_not_be_written_keeps_no_read_from_its_answer()
    {
        await using (EvenkeelNode node = await StartAsync())
        {
            await IssueKeyAsync(node);
        }
        AlterOneRecord();
        await using EvenkeelNode again = await StartAsync();
        // Where the mark belongs there is no file to be had.
        Directory.CreateDirectory(Path.Combine(_directory, "repair"));

        Answer<RevokeOutcome> revoked = await again.Keys.RevokeAsync(
            1,
            revokedBy: 0,
            CancellationToken.None
        );

        var refused = Assert.IsType<Answer<RevokeOutcome>.NotDone>(revoked);
        Assert.Contains("damaged", refused.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mark_on_history_that_is_whole_costs_a_look_and_nothing_else()
    {
        var marks = new DamageMarks(_directory);
        await using (EvenkeelNode node = await StartAsync())
        {
            await node.Journal.CreateAccountsAsync(Events.Accounts(2), 0, CancellationToken.None);
            await node.Journal.CreateTransfersAsync(
                Events.Transfers(1, 10),
                0,
                CancellationToken.None
            );
        }
        var damage = new HistoryDamage("00000000.seg", 4_096, 0, 1, "found by the scrub");
        marks.MarkHistory(damage);
        marks.MarkHistory(damage);

        Assert.Equal(damage, marks.History());
        Assert.Single(await File.ReadAllLinesAsync(Path.Combine(_directory, "repair")));
        await using EvenkeelNode again = await StartAsync();
        Assert.Null(marks.History());
        Assert.True(again.Health.IsReady);
    }

    private Task<EvenkeelNode> StartAsync() =>
        EvenkeelNode.StartAsync(
            new NodeOptions
            {
                DataDirectory = _directory,
                Protocol = null,
                Ledger = new(),
                ConfigureLog = log => log with { ChunkBytes = 1 << 20, DiskFloorBytes = 1 << 20 },
            }
        );

    private static async Task IssueKeyAsync(EvenkeelNode node)
    {
        Answer<IssueOutcome> issued = await node.Keys.IssueAsync(
            "teller",
            KeyScopes.LedgerRead,
            issuedBy: 0,
            firstOnly: false,
            CancellationToken.None
        );
        Assert.IsType<Answer<IssueOutcome>.Done>(issued);
    }

    /// <summary>A bit of one row, as a disk would flip it: SQLite itself sees nothing.</summary>
    private void AlterOneRecord()
    {
        using var connection = new SqliteConnection(
            $"Data Source={Path.Combine(_directory, "records.db")};Pooling=False"
        );
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText =
            "UPDATE record SET version = version + 1 WHERE key IN (SELECT key FROM record LIMIT 1)";
        Assert.Equal(1, command.ExecuteNonQuery());
    }
}
