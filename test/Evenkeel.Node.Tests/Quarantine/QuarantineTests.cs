using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Evenkeel.Model;
using Evenkeel.Model.People;
using Evenkeel.Node.Entries;
using Evenkeel.Node.Quarantine;
using Evenkeel.Node.Recovery;
using Evenkeel.Node.Shadow;
using Evenkeel.Node.Telemetry;
using Evenkeel.Replication;
using Xunit;

namespace Evenkeel.Node.Tests.Quarantine;

/// <summary>A log that holds an entry which no node can apply, and the way past it.</summary>
public sealed class QuarantineTests : IDisposable
{
    private const ulong Second = Limits.NanosecondsPerSecond;

    private readonly string _root = Directory.CreateTempSubdirectory("evenkeel-poison-").FullName;
    private readonly ECDsa _alice = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly ECDsa _bob = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private ulong _now = 1_000 * Second;

    private string Data => Path.Combine(_root, "data");

    private string Overrides => Path.Combine(Data, QuarantineOverride.FolderName);

    public void Dispose()
    {
        _alice.Dispose();
        _bob.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    [Fact]
    public async Task A_node_stops_at_a_poison_entry_at_every_start_and_names_it()
    {
        ulong poison = await PoisonAsync();

        PoisonEntryException again = await Assert.ThrowsAsync<PoisonEntryException>(
            OpenAndApplyAsync
        );

        Assert.Equal(poison, again.Index);
        PoisonNote note = PoisonNote.Read(Data)!;
        Assert.Equal(poison, note.Entry);
        Assert.Equal(again.PayloadSha256, note.PayloadSha256);
    }

    [Fact]
    public async Task Two_people_put_it_in_quarantine_and_everything_around_it_counts()
    {
        ulong poison = await PoisonAsync();
        Place(Sign(Order(), _alice, _bob));

        NodeDigest served;
        await using (NodeCore core = await OpenAsync())
        {
            Assert.Equal(poison, core.Machine.AppliedIndex);
            await TransferAsync(core, 500);
            Assert.True(core.Parts.Ledger.TryGetAccount(1, out Account account));
            Assert.Equal((UInt128)2, account.DebitsPosted);
            await core.Log.SnapshotAsync(CancellationToken.None);
            served = Digest(core);
        }
        await using (NodeCore again = await OpenAsync())
        {
            Assert.Equal(served.Ledger, Digest(again).Ledger);
        }
        // Whoever replays with the same override comes to the same state.
        ShadowSummary replay = Replay(Overrides, out string lines);
        Assert.Null(replay.Reason);
        Assert.Contains($"\"ledger\":\"{served.Ledger:x32}\"", lines);
        // And without it stops at the same entry.
        Assert.Equal(poison, Replay(overrides: null, out _).FailedEntry);
    }

    [Fact]
    public async Task Once_applied_the_node_does_not_start_without_the_same_override()
    {
        await PoisonAsync();
        string path = Place(Sign(Order(), _alice, _bob));
        await using (await OpenAsync()) { }

        File.Delete(path);
        await Assert.ThrowsAsync<QuarantineException>(OpenAndApplyAsync);

        Place(Sign(Order() with { PayloadSha256 = new string('0', 64) }, _alice, _bob));
        await Assert.ThrowsAsync<QuarantineException>(OpenAndApplyAsync);

        Place(Sign(Order(), _bob, _alice));
        await using (await OpenAsync()) { }
    }

    [Fact]
    public async Task A_snapshot_that_left_an_entry_out_is_not_restored_without_the_override()
    {
        await PoisonAsync();
        Place(Sign(Order(), _alice, _bob));
        await using (NodeCore core = await OpenAsync())
        {
            await TransferAsync(core, 500);
            await core.Log.SnapshotAsync(CancellationToken.None);
        }

        Directory.Delete(Overrides, recursive: true);

        await Assert.ThrowsAsync<QuarantineException>(OpenAndApplyAsync);
    }

    [Fact]
    public async Task An_override_that_two_people_did_not_sign_keeps_the_node_from_starting()
    {
        await PoisonAsync();
        using var stranger = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        QuarantineOverride order = Order();
        QuarantineOverride[] wrong =
        [
            Sign(order, _alice),
            Sign(order, _alice, _alice),
            Sign(order, _alice, stranger),
            Sign(order, _alice, _bob) with
            {
                Reason = "another reason",
            },
            Sign(order, _alice, _bob) with
            {
                Entry = order.Entry - 1,
            },
        ];
        foreach (QuarantineOverride each in wrong)
        {
            string path = Place(each);
            await Assert.ThrowsAsync<QuarantineException>(OpenAndApplyAsync);
            File.Delete(path);
        }
    }

    [Fact]
    public async Task An_override_for_other_content_is_refused_when_the_entry_comes()
    {
        await PoisonAsync();
        Place(Sign(Order() with { PayloadSha256 = new string('a', 64) }, _alice, _bob));

        await Assert.ThrowsAsync<QuarantineException>(OpenAndApplyAsync);
    }

    /// <summary>A bank with a transfer, and then an entry that no program understands.</summary>
    private async Task<ulong> PoisonAsync()
    {
        Directory.CreateDirectory(Data);
        new OperatorsFile
        {
            FormatVersion = OperatorsFile.FormatVersionNow,
            Operators = [Operator.From("alice", _alice), Operator.From("bob", _bob)],
        }.Write(Path.Combine(Data, OperatorsFile.FileName));
        await using NodeCore core = await OpenAsync();
        await ProposeAsync(
            core,
            OperationCode.CreateAccounts,
            MemoryMarshal.AsBytes<Account>(Events.Accounts(2)).ToArray(),
            count: 2
        );
        await TransferAsync(core, 100);
        byte[] poison = RandomNumberGenerator.GetBytes(100);
        await core.Log.ProposeAsync(poison, context: null, core.Log.Term, CancellationToken.None);
        var reason = Assert.IsType<PoisonEntryException>(await core.Log.Faulted);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(poison)), reason.PayloadSha256);
        new PoisonNote(
            core.Log.Status.Lineage,
            reason.Index,
            reason.PayloadSha256,
            reason.Message
        ).Write(Data);
        return reason.Index;
    }

    private QuarantineOverride Order()
    {
        PoisonNote note = PoisonNote.Read(Data)!;
        return new QuarantineOverride
        {
            FormatVersion = QuarantineOverride.FormatVersionNow,
            Lineage = note.Lineage,
            Entry = note.Entry,
            PayloadSha256 = note.PayloadSha256,
            Reason = "planted by a test",
        };
    }

    private QuarantineOverride Sign(QuarantineOverride order, params ECDsa[] keys) =>
        order with
        {
            Signatures =
            [
                .. keys.Select(key =>
                    OperatorSignature.Make(key == _alice ? "alice" : "bob", key, order.Message)
                ),
            ],
        };

    private string Place(QuarantineOverride order)
    {
        Directory.CreateDirectory(Overrides);
        string path = Path.Combine(Overrides, QuarantineOverride.FileNameOf(order.Entry));
        order.Write(path);
        return path;
    }

    private async Task<NodeCore> OpenAsync()
    {
        using var metrics = new NodeMetrics();
        NodeCore core = await NodeCore.OpenAsync(
            new NodeOptions
            {
                DataDirectory = Data,
                Protocol = null,
                Ledger = new(),
                ConfigureLog = log => log with { ChunkBytes = 1 << 20, DiskFloorBytes = 1 << 20 },
            },
            metrics,
            CancellationToken.None
        );
        Task led = core.Log.WaitForLeadershipAsync(CancellationToken.None).AsTask();
        if (await Task.WhenAny(led, core.Log.Faulted) != led)
        {
            await core.DisposeAsync();
            throw await core.Log.Faulted;
        }
        return core;
    }

    private async Task OpenAndApplyAsync()
    {
        await using NodeCore core = await OpenAsync();
    }

    private Task TransferAsync(NodeCore core, UInt128 id) =>
        ProposeAsync(
            core,
            OperationCode.CreateTransfers,
            MemoryMarshal.AsBytes<Transfer>(Events.Transfers(id, 1)).ToArray(),
            count: 1
        );

    private async Task ProposeAsync(NodeCore core, OperationCode operation, byte[] body, uint count)
    {
        var writer = new EntryWriter();
        writer.Append(operation, count, principal: 1, body);
        _now += Second;
        ProposalOutcome outcome = await core.Log.ProposeAsync(
            writer.Seal(_now, StateVersions.First),
            context: null,
            core.Log.Term,
            CancellationToken.None
        );
        Assert.Equal(ProposalOutcome.Committed, outcome);
    }

    private ShadowSummary Replay(string? overrides, out string lines)
    {
        using var output = new MemoryStream();
        ShadowSummary summary = ShadowReplay.Run(
            new ShadowOptions
            {
                ArchiveDirectory = Path.Combine(Data, "archive"),
                ScratchDirectory = Path.Combine(_root, "scratch"),
                OverridesDirectory = overrides,
            },
            output,
            CancellationToken.None
        );
        lines = System.Text.Encoding.UTF8.GetString(output.ToArray());
        return summary;
    }

    private static NodeDigest Digest(NodeCore core) =>
        new(core.Machine.AppliedIndex, core.Parts.Ledger.Digest(), core.Parts.Records?.Digest ?? 0);
}
