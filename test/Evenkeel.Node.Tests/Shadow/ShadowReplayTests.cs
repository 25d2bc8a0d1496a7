using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Evenkeel.Client;
using Evenkeel.Model;
using Evenkeel.Node.Shadow;
using Evenkeel.Replication;
using Xunit;

namespace Evenkeel.Node.Tests.Shadow;

public sealed class ShadowReplayTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("evenkeel-shadow-").FullName;

    private string Data => Path.Combine(_root, "data");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task A_replay_beside_a_running_node_ends_in_the_state_of_the_node()
    {
        await using TestNode node = await StartAsync();
        await WriteAsync(node, 1);
        // A snapshot waits until the archive is on disk.
        await node.Node.SnapshotAsync(CancellationToken.None);
        NodeDigest digest = node.Node.ComputeDigest();

        (ShadowSummary summary, List<JsonElement> lines) = Replay(o =>
            o with
            {
                To = digest.Index,
            }
        );

        Assert.Null(summary.Reason);
        JsonElement state = lines.Single(l => l.TryGetProperty("s", out _));
        Assert.Equal(digest.Index, state.GetProperty("s").GetUInt64());
        Assert.Equal(Hex(digest.Ledger), state.GetProperty("ledger").GetString());
        Assert.Equal(Hex(digest.Records), state.GetProperty("records").GetString());
        Assert.Equal(summary.Entries, (ulong)lines.Count(l => l.TryGetProperty("i", out _)));
    }

    [Fact]
    public async Task A_replay_from_a_snapshot_writes_the_same_lines_as_one_from_the_first_entry()
    {
        ulong snapshot;
        await using (TestNode node = await StartAsync())
        {
            await WriteAsync(node, 1);
            snapshot = await node.Node.SnapshotAsync(CancellationToken.None);
            await WriteAsync(node, 5_000);
        }
        (_, List<JsonElement> whole) = Replay(o => o with { From = snapshot + 1 });
        (_, List<JsonElement> part) = Replay(o =>
            o with
            {
                SnapshotDirectory = Path.Combine(Data, "snapshots", $"{snapshot:D20}"),
                HistoryDirectory = Path.Combine(Data, "history"),
            }
        );

        string[] expected = [.. Comparable(whole)];
        Assert.NotEmpty(expected);
        Assert.Equal(expected, Comparable(part));
    }

    [Fact]
    public async Task A_replay_leaves_its_source_as_it_was()
    {
        await using (TestNode node = await StartAsync())
        {
            await WriteAsync(node, 1);
            await node.Node.SnapshotAsync(CancellationToken.None);
        }
        Dictionary<string, string> before = HashAll();
        string snapshot = SnapshotFile.List(Path.Combine(Data, "snapshots"))[0].Path;

        Replay(o => o);
        Replay(o =>
            o with
            {
                SnapshotDirectory = snapshot,
                HistoryDirectory = Path.Combine(Data, "history"),
            }
        );

        Assert.Equal(before, HashAll());
        Assert.False(Directory.Exists(Path.Combine(_root, "scratch")));
    }

    [Fact]
    public async Task The_details_of_an_entry_are_what_its_requests_were_answered()
    {
        CreateTransferResult[] answered;
        await using (TestNode node = await StartAsync())
        {
            await using EvenkeelClient client = await node.ConnectAsync();
            (await client.CreateAccountsAsync(Events.Accounts(2))).Require();
            answered = (
                await client.CreateTransfersAsync(
                    new[]
                    {
                        Events.Transfer(7),
                        Events.Transfer(7),
                        Events.Transfer(8, debit: 1, credit: 99),
                    }
                )
            ).Require();
        }
        ulong entry = ArchiveExtent.Find(Path.Combine(Data, "archive"))!.LastIndex;

        (_, List<JsonElement> lines) = Replay(o => o with { DetailOf = entry });

        List<JsonElement> details = [.. lines.Where(l => l.TryGetProperty("e", out _))];
        Assert.All(details, d => Assert.Equal(entry, d.GetProperty("d").GetUInt64()));
        Assert.Equal(
            answered.Select(a => ((uint)a.Status, a.Timestamp)),
            details.Select(d =>
                (d.GetProperty("status").GetUInt32(), d.GetProperty("t").GetUInt64())
            )
        );
    }

    [Fact]
    public async Task A_half_written_entry_at_the_end_of_the_archive_is_not_replayed()
    {
        await using (TestNode node = await StartAsync())
        {
            await WriteAsync(node, 1);
        }
        (ShadowSummary whole, _) = Replay(o => o);
        string newest = Directory.GetFiles(Path.Combine(Data, "archive")).Order().Last();
        using (FileStream file = File.OpenWrite(newest))
        {
            // The last payload ends in the last block: its second half becomes zeros.
            file.SetLength(file.Length - 4_096);
        }

        (ShadowSummary torn, _) = Replay(o => o);

        Assert.Null(torn.Reason);
        Assert.True(torn.LastIndex < whole.LastIndex);
    }

    [Fact]
    public async Task A_snapshot_without_its_history_is_refused_before_anything_is_replayed()
    {
        await using (TestNode node = await StartAsync())
        {
            await WriteAsync(node, 1);
            await node.Node.SnapshotAsync(CancellationToken.None);
        }
        string snapshot = SnapshotFile.List(Path.Combine(Data, "snapshots"))[0].Path;
        Assert.Throws<ShadowException>(() => Replay(o => o with { SnapshotDirectory = snapshot }));
    }

    private (ShadowSummary Summary, List<JsonElement> Lines) Replay(
        Func<ShadowOptions, ShadowOptions> configure
    )
    {
        using var output = new MemoryStream();
        ShadowSummary summary = ShadowReplay.Run(
            configure(
                new ShadowOptions
                {
                    ArchiveDirectory = Path.Combine(Data, "archive"),
                    ScratchDirectory = Path.Combine(_root, "scratch"),
                }
            ),
            output,
            CancellationToken.None
        );
        string text = System.Text.Encoding.UTF8.GetString(output.ToArray());
        return (
            summary,
            [
                .. text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                    .Select(line => JsonDocument.Parse(line).RootElement),
            ]
        );
    }

    private static IEnumerable<string> Comparable(IEnumerable<JsonElement> lines) =>
        lines
            .Where(l => l.TryGetProperty("i", out _) || l.TryGetProperty("s", out _))
            .Select(l => l.GetRawText());

    private Task<TestNode> StartAsync() =>
        TestNode.StartAsync(options =>
            options with
            {
                DataDirectory = Data,
                ConfigureLog = log => log with { ChunkBytes = 1 << 20, DiskFloorBytes = 1 << 20 },
            }
        );

    private static async Task WriteAsync(TestNode node, UInt128 firstId)
    {
        await using EvenkeelClient client = await node.ConnectAsync();
        (await client.CreateAccountsAsync(Events.Accounts(2))).Require();
        for (int i = 0; i < 5; i++)
        {
            (
                await client.CreateTransfersAsync(
                    Events.Transfers(firstId + (UInt128)(i * 100), 100)
                )
            ).Require();
        }
        Transfer hold = Events.Transfer(firstId + 900, flags: TransferFlags.Pending);
        (await client.CreateTransfersAsync(new[] { hold })).Require();
    }

    private Dictionary<string, string> HashAll() =>
        Directory
            .EnumerateFiles(Data, "*", SearchOption.AllDirectories)
            .ToDictionary(
                file => file,
                file => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file)))
            );

    private static string Hex(UInt128 value) => value.ToString("x32", CultureInfo.InvariantCulture);
}
