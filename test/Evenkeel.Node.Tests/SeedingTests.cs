using Evenkeel.Journal;
using Evenkeel.Model;
using Evenkeel.Replication;
using Xunit;

namespace Evenkeel.Node.Tests;

/// <summary>Snapshot, history and archive of one node make another that is the same.</summary>
public sealed class SeedingTests : IDisposable
{
    private const int Batches = 130;

    private readonly string _home = Directory.CreateTempSubdirectory("evenkeel-seed-").FullName;

    public void Dispose() => Directory.Delete(_home, recursive: true);

    [Fact]
    public async Task A_node_made_from_the_files_of_another_has_its_digest_and_its_history()
    {
        NodeDigest digest;
        await using (TestNode giver = await StartAsync("giver"))
        {
            await FillAsync(giver, Batches);
            // Derived a moment later, on a thread of its own.
            await Eventually.TrueAsync(() =>
                File.Exists(Path.Combine(_home, "giver", "history", "00000000.idx"))
            );
            ulong snapshot = await giver.Node.SnapshotAsync(CancellationToken.None);
            await FillAsync(giver, from: Batches, count: 3);
            var source = new DirectSource(giver.Node.Seeds!);
            SeedReport report = await new Seeder(
                Path.Combine(_home, "taker"),
                source,
                TimeProvider.System
            ).RunAsync(CancellationToken.None);

            Assert.Equal(snapshot, report.SnapshotIndex);
            // More than a segment of history came as files, its seal and index with it.
            SeedPlan plan = source.Plans[0];
            Assert.Contains(plan.Files, static f => f.Path == "history/00000000.seg");
            Assert.Contains(plan.Files, static f => f.Path == "history/00000000.seal");
            Assert.Contains(plan.Files, static f => f.Path == "history/00000000.idx");
            SeedFile tail = plan.Files.Single(static f => f.Path == "history/00000001.seg");
            Assert.Equal(
                4_096 + (192L * ((Batches * Limits.BatchEventsMax) - (1 << 20))),
                tail.Length
            );
            digest = giver.Node.ComputeDigest();
        }

        await using EvenkeelNode taker = await EvenkeelNode.StartAsync(Options("taker"));
        NodeDigest own = taker.ComputeDigest();
        Assert.Equal((digest.Ledger, digest.Records), (own.Ledger, own.Records));
        Answer<Transfer[]> last = await taker.Journal.LookupTransfersAsync(
            new[] { Id(0, 0), Id(Batches, 0), Id(Batches + 2, 7) },
            CancellationToken.None
        );
        Assert.Equal(3, Assert.IsType<Answer<Transfer[]>.Done>(last).Value.Length);
    }

    [Fact]
    public async Task A_snapshot_names_history_and_archive_and_copies_neither()
    {
        await using TestNode node = await StartAsync("giver");
        await FillAsync(node, 20);
        long before = Bytes("snapshots");
        ulong index = await node.Node.SnapshotAsync(CancellationToken.None);

        long written = Bytes("snapshots") - before;
        long named = 20L * Limits.BatchEventsMax * 192;
        Assert.True(written < named / 100, $"{written} bytes for {named} bytes of history");
        string manifest = await File.ReadAllTextAsync(
            Path.Combine(_home, "giver", "snapshots", $"{index:D20}", "manifest.json")
        );
        Assert.Contains("history/00000000.seg", manifest, StringComparison.Ordinal);
    }

    private static UInt128 Id(int batch, int i) => ((UInt128)(uint)(batch + 1) << 32) + (uint)i + 1;

    private static Task FillAsync(TestNode node, int count) => FillAsync(node, 0, count);

    private static async Task FillAsync(TestNode node, int from, int count)
    {
        await using var client = await node.ConnectAsync();
        await client.CreateAccountsAsync(Events.Accounts(2));
        for (int batch = from; batch < from + count; batch++)
        {
            var result = await client.CreateTransfersAsync(
                Events.Transfers(Id(batch, 0), Limits.BatchEventsMax)
            );
            Assert.IsType<Client.CallResult<CreateTransferResult[]>.Done>(result);
        }
    }

    private Task<TestNode> StartAsync(string name) =>
        TestNode.StartAsync(o => o with { DataDirectory = Path.Combine(_home, name) });

    private NodeOptions Options(string name) =>
        new()
        {
            DataDirectory = Path.Combine(_home, name),
            Protocol = null,
            Ledger = new(),
        };

    private long Bytes(string part)
    {
        string path = Path.Combine(_home, "giver", part);
        return !Directory.Exists(path)
            ? 0
            : new DirectoryInfo(path)
                .EnumerateFiles("*", SearchOption.AllDirectories)
                .Sum(static f => f.Length);
    }

    private sealed class DirectSource(SeedServer seeds) : ISeedSource
    {
        public List<SeedPlan> Plans { get; } = [];

        public async Task<SeedPlan> PlanAsync(CancellationToken cancellationToken)
        {
            SeedPlan plan = (await seeds.PlanAsync(cancellationToken))!;
            Plans.Add(plan);
            return plan;
        }

        public async Task CopyAsync(
            SeedPlan plan,
            SeedFile file,
            long offset,
            Stream destination,
            CancellationToken cancellationToken
        ) =>
            Assert.True(
                await seeds.CopyAsync(
                    file.Path,
                    offset,
                    file.Length - offset,
                    destination,
                    cancellationToken
                )
            );
    }
}
