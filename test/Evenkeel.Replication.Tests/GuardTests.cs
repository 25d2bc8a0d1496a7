using System.Diagnostics;
using DotNext.IO;
using DotNext.IO.Log;
using DotNext.Net.Cluster.Consensus.Raft;
using DotNext.Net.Cluster.Consensus.Raft.StateMachine;
using Microsoft.Extensions.Logging;
using Xunit;
using static Evenkeel.Replication.Tests.Testing;
using EngineMachine = DotNext.Net.Cluster.Consensus.Raft.StateMachine.IStateMachine;

namespace Evenkeel.Replication.Tests;

/// <summary>
/// What the consensus engine does when it is left alone, and that each guard stops it. Numbers are
/// those of ADR 0005. Run again on every upgrade of the engine.
/// </summary>
public sealed class GuardTests
{
    public const string UnguardedFlushVariable = "EVENKEEL_UNGUARDED_FLUSH_DIRECTORY";
    private const int FlushCallers = 64;
    private const int FlushRounds = 20;

    private static readonly GuardSwitches On = new();

    [Fact]
    public async Task Finding_1_Entries_of_a_leader_are_durable_before_the_follower_answers()
    {
        Assert.Equal(0, await CountUnflushedAnswersAsync(On));
        Assert.NotEqual(0, await CountUnflushedAnswersAsync(On with { FlushAppends = false }));
    }

    [Fact]
    public async Task Finding_2_A_peer_is_handed_no_more_than_a_page()
    {
        Assert.InRange(await CountBytesHandedOutAsync(On), 1, 2 << 20);
        Assert.Equal(12 << 20, await CountBytesHandedOutAsync(On with { CapReads = false }));
    }

    [Fact]
    public async Task Finding_2_An_entry_above_the_page_size_is_still_handed_out()
    {
        using var directory = new TestDirectory();
        await using var log = OpenLog(directory.Path, On);
        await AppendAsync(log, count: 3, size: 3 << 20);
        var reader = new Collector();
        await ((IAuditTrail<IRaftLogEntry>)log).ReadAsync(reader, 1, 3, Patience);
        Assert.Equal(1, reader.Count);
    }

    [Fact]
    public void Finding_3_Request_timeout_at_the_lower_election_timeout_is_refused()
    {
        using var directory = new TestDirectory();
        var slow = Options(directory) with { RequestTimeoutMs = 150 };
        Assert.Contains(
            "RequestTimeoutMs",
            Assert
                .Throws<InvalidOperationException>(() => new RaftLog(slow, new ListMachine()))
                .Message,
            StringComparison.Ordinal
        );
        Assert.NotNull(
            new RaftLog(slow with { Guards = On with { ShortRequests = false } }, new ListMachine())
        );
    }

    [Fact]
    public async Task Finding_4_A_snapshot_that_arrives_cut_soonis_refused_before_state_is_touched()
    {
        Assert.IsType<InvalidDataException>(await ReceiveCutSnapshotAsync(On));
        // Taken at its word, it would stand for a thousand entries that this member never saw.
        Assert.IsType<ReseedRequiredException>(
            await ReceiveCutSnapshotAsync(On with { CheckSnapshots = false })
        );
    }

    [Fact]
    public async Task Finding_5_A_flipped_bit_in_the_log_is_named_and_refused()
    {
        var refused = await Assert.ThrowsAsync<RecoveryException>(() =>
            RestartWithFlippedBitAsync(On)
        );
        Assert.Equal(11UL, refused.Note.Entry);
        Assert.EndsWith("raft/data/0", refused.Note.File, StringComparison.Ordinal);
        Assert.Equal(10 * 1000, refused.Note.Offset);

        // Without the hash the bank would start with another state and say nothing.
        var (before, after) = await RestartWithFlippedBitAsync(On with { HashEntries = false });
        Assert.NotEqual(before, after);
    }

    [Fact]
    public async Task Finding_8_Any_number_may_wait_for_a_flush()
    {
        using var directory = new TestDirectory();
        await ManyWaitForFlushesAsync(directory.Path, On);
        using var files = new RaftFiles(directory["raft"], 1 << 20);
        Assert.Equal(FlushCallers * FlushRounds, (long)files.ReadCheckpoint().Last);

        // Without the guard the second waiter's failure ends the whole process.
        using var other = new TestDirectory();
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.Environment[UnguardedFlushVariable] = other.Path;
        using var child = Process.Start(start)!;
        var errors = await child.StandardError.ReadToEndAsync(Patience);
        await child.WaitForExitAsync(Patience);
        Assert.NotEqual(0, child.ExitCode);
        Assert.Contains("AsyncAutoResetEvent", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Finding_8_A_chunk_size_that_is_no_power_of_two_is_refused()
    {
        using var directory = new TestDirectory();
        var refused = Assert.Throws<InvalidOperationException>(() =>
            new RaftLog(Options(directory) with { ChunkBytes = 3 << 20 }, new ListMachine())
        );
        Assert.Contains("power of two", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Finding_8_Members_are_remembered_over_a_restart()
    {
        using var directory = new TestDirectory();
        await using (await StartAsync(Options(directory), new ListMachine())) { }
        await using (var again = await StartAsync(Options(directory), new ListMachine()))
        {
            Assert.True(again.IsLeader);
        }
        // With the engine's in-memory list the member does not know itself and never leads.
        var forgetful = Options(directory) with
        {
            Guards = On with { StoredMembers = false },
        };
        await using var log = new RaftLog(forgetful, new ListMachine());
        await log.StartAsync(Patience);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            log.WaitForLeadershipAsync(new CancellationTokenSource(TimeSpan.FromSeconds(1)).Token)
                .AsTask()
        );
    }

    [Fact]
    public void Finding_8_A_repeated_warning_of_the_engine_is_logged_once_in_a_while()
    {
        var clock = new ManualTime();
        var lines = new CountingLoggerFactory();
        using var limited = new RateLimitedLoggerFactory(lines, clock);
        var logger = limited.CreateLogger("engine");
        for (var beat = 0; beat < 1000; beat++)
        {
            Warn(logger, 74);
            Warn(logger, 75);
        }
        Assert.Equal(2, lines.Count);
        clock.Advance(RateLimitedLoggerFactory.Interval);
        Warn(logger, 74);
        Assert.Equal(3, lines.Count);
    }

    private static void Warn(ILogger logger, int id) =>
        logger.Log(LogLevel.Warning, id, "unavailable", null, static (text, _) => text);

    private static async Task<int> CountUnflushedAnswersAsync(GuardSwitches guards)
    {
        using var directory = new TestDirectory();
        await using var log = OpenLog(directory.Path, guards);
        using var files = new RaftFiles(directory["raft"], 1 << 20);
        var unflushed = 0;
        for (var round = 0; round < 100; round++)
        {
            await AppendAsync(log, count: 4, size: 4000);
            // The answer leaves here. Were the machine to lose power now, this is what it has.
            if (files.ReadCheckpoint().Last < (ulong)log.LastEntryIndex)
            {
                unflushed++;
            }
        }
        return unflushed;
    }

    /// <summary>Many callers append and wait for the flush; also run as a child process.</summary>
    internal static async Task ManyWaitForFlushesAsync(string directory, GuardSwitches guards)
    {
        await using var log = OpenLog(directory, guards);
        await Task.WhenAll(
            Enumerable
                .Range(0, FlushCallers)
                .Select(_ =>
                    Task.Run(async () =>
                    {
                        for (var round = 0; round < FlushRounds; round++)
                        {
                            await log.AppendAsync(
                                new BinaryLogEntry { Term = 1, Content = Payload(round, 100) },
                                Patience
                            );
                            await log.FlushAllAsync(Patience);
                        }
                    })
                )
        );
    }

    private static async Task<long> CountBytesHandedOutAsync(GuardSwitches guards)
    {
        using var directory = new TestDirectory();
        await using var log = OpenLog(directory.Path, guards);
        await AppendAsync(log, count: 24, size: 512 << 10);
        var reader = new Collector();
        await ((IAuditTrail<IRaftLogEntry>)log).ReadAsync(reader, 1, 24, Patience);
        return reader.Bytes;
    }

    private static async Task<Exception> ReceiveCutSnapshotAsync(GuardSwitches guards)
    {
        using var directory = new TestDirectory();
        var machine = new ListMachine();
        await using var log = await StartAsync(
            Options(directory) with
            {
                Guards = guards,
            },
            machine
        );
        await ProposeAsync(log, from: 0, count: 5);
        var (index, digest) = (machine.AppliedIndex, machine.Digest);
        var refused = await Assert.ThrowsAnyAsync<Exception>(() =>
            ((IAuditTrail<IRaftLogEntry>)log.Engine)
                .AppendAsync(new CutSnapshot(), 1000, Patience)
                .AsTask()
        );
        Assert.Equal((index, digest), (machine.AppliedIndex, machine.Digest));
        return refused;
    }

    private static async Task<(UInt128 Before, UInt128 After)> RestartWithFlippedBitAsync(
        GuardSwitches guards
    )
    {
        using var directory = new TestDirectory();
        var options = Options(directory) with { Guards = guards };
        var before = new ListMachine();
        await using (var log = await StartAsync(options, before))
        {
            await ProposeAsync(log, from: 0, count: 40);
        }
        // No archive to read the entry from instead.
        Directory.Delete(directory["archive"], recursive: true);
        TestDirectory.FlipBit(directory["raft", "data", "0"], (10 * 1000) + 500);
        var after = new ListMachine();
        await using (await StartAsync(options, after)) { }
        return (before.Digest, after.Digest);
    }

    private static DurableLog OpenLog(string directory, GuardSwitches guards) =>
        new(
            new WriteAheadLog.Options
            {
                Location = Path.Combine(directory, "raft"),
                ChunkSize = 1 << 20,
                HashAlgorithm = WriteAheadLog.IntegrityHashAlgorithm.XxHash3,
                MemoryManagement = WriteAheadLog.MemoryManagementStrategy.PrivateMemory,
                NoBuffering = true,
            },
            EngineMachine.CreateNoOp(),
            guards,
            readPageBytesMax: 2 << 20
        );

    /// <summary>As a follower appends what its leader sent.</summary>
    private static ValueTask AppendAsync(DurableLog log, int count, int size)
    {
        var entries = Enumerable
            .Range(0, count)
            .Select(number => new BinaryLogEntry { Term = 1, Content = Payload(number, size) })
            .ToArray();
        return ((IAuditTrail<IRaftLogEntry>)log).AppendAsync(
            new LogEntryProducer<BinaryLogEntry>(entries),
            log.LastEntryIndex + 1,
            skipCommitted: false,
            Patience
        );
    }

    private sealed class Collector : ILogEntryConsumer<IRaftLogEntry, bool>
    {
        public long Bytes { get; private set; }

        public int Count { get; private set; }

        public ValueTask<bool> ReadAsync<TEntry, TList>(
            TList entries,
            long? snapshotIndex,
            CancellationToken token
        )
            where TEntry : IRaftLogEntry
            where TList : IReadOnlyList<TEntry>
        {
            Count = entries.Count;
            for (var i = 0; i < entries.Count; i++)
            {
                Bytes += entries[i].Length ?? 0;
            }
            return new(true);
        }
    }

    /// <summary>Half of a snapshot reference, as when the sender dies midway.</summary>
    private sealed class CutSnapshot : IRaftLogEntry
    {
        private static readonly byte[] Half = new byte[SnapshotReference.Size / 2];

        public long Term => 1;

        public bool IsSnapshot => true;

        public long? Length => Half.Length;

        public bool IsReusable => true;

        public ValueTask WriteToAsync<TWriter>(TWriter writer, CancellationToken token)
            where TWriter : IAsyncBinaryWriter => writer.Invoke(Half, token);
    }
}

internal sealed class ManualTime : TimeProvider
{
    private long ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => ticks;

    public void Advance(TimeSpan time) => ticks += time.Ticks;
}

internal sealed class CountingLoggerFactory : ILoggerFactory, ILogger
{
    public int Count { get; private set; }

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) { }

    public void Dispose() { }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter
    ) => Count++;
}
