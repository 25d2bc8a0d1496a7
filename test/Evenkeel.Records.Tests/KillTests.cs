using System.Diagnostics;
using System.Globalization;
using Evenkeel.Journal;
using Xunit;

namespace Evenkeel.Records.Tests;

/// <summary>A real process, killed at any moment (SIGKILL), and what its file holds afterwards.</summary>
public sealed class KillTests : IDisposable
{
    private const string PathVariable = "EVENKEEL_RECORDS_VICTIM";

    /// <summary>Entries after which a victim that nobody kills ends by itself.</summary>
    private const int EntriesMax = 200_000;

    private static readonly int Kills =
        Environment.GetEnvironmentVariable("EVENKEEL_LONG") == "1" ? 200 : 8;

    private static readonly RecordKey Sum = new("victim", "sum");

    private readonly string _directory = Directory
        .CreateTempSubdirectory("evenkeel-records-kill-")
        .FullName;

    [Fact]
    public async Task Killed_process_leaves_whole_entries_and_none_that_it_acknowledged_is_lost()
    {
        var path = Path.Combine(_directory, "records.db");
        var random = new Random(20261123);
        var applied = 0ul;
        for (var kill = 0; kill < Kills; kill++)
        {
            var acknowledged = await RunVictimAsync(
                path,
                TimeSpan.FromMilliseconds(random.Next(5, 120))
            );
            using var store = RecordStore.Open(path);
            var reader = store.CreateReader();

            Assert.True(acknowledged > applied, "the victim did something");
            Assert.True(store.AppliedIndex >= acknowledged);
            Assert.True(store.AppliedIndex <= acknowledged + 1);
            applied = store.AppliedIndex;
            // Entry i adds i to the counter, writes a record, and is remembered: all of it or nothing.
            Assert.Equal((long)(applied * (applied + 1) / 2), reader.ReadCounter(Sum));
            Assert.Equal(applied, reader.Find(new("victim", "record"))!.Version);
            Assert.NotNull(reader.FindOperation(new OperationId(applied)));
            Assert.Null(reader.FindOperation(new OperationId(applied + 1)));
            var report = reader.Scrub(CancellationToken.None);
            Assert.True(report.IsClean, string.Join("; ", report.Findings));
        }

        TestContext.Current.SendDiagnosticMessage($"{Kills} kills, {applied} entries, lost 0");
    }

    /// <summary>What the killed process does; run by the test above, in a process of its own.</summary>
    [Fact(Explicit = true)]
    public void Victim_applies_entries_and_says_so()
    {
        var path = Environment.GetEnvironmentVariable(PathVariable);
        Assert.NotNull(path);
        using var store = RecordStore.Open(path);
        var applier = new OperationApplier(store, new NaiveLedger());
        using var acks = Console.OpenStandardOutput();
        for (var i = store.AppliedIndex + 1; i <= EntriesMax; i++)
        {
            applier.BeginEntry(i);
            applier.Apply(
                Bank.Operation(i) with
                {
                    Guards = [new Guard.Counter(Sum, (long)i, 0, long.MaxValue)],
                    Writes = [Bank.Write("victim", "record", $"{i}")],
                },
                timestamp: i
            );
            applier.CommitEntry();
            acks.Write(System.Text.Encoding.ASCII.GetBytes($"ack {i}\n"));
        }

        Assert.Equal((ulong)EntriesMax, store.AppliedIndex);
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    /// <summary>Starts a victim, lets it work for a while after its first entry, and kills it.</summary>
    /// <returns>The last entry that it acknowledged.</returns>
    private static async Task<ulong> RunVictimAsync(string path, TimeSpan worksFor)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList =
            {
                "-explicit",
                "only",
                "-method",
                $"{typeof(KillTests).FullName}.{nameof(Victim_applies_entries_and_says_so)}",
            },
            Environment = { [PathVariable] = path },
        };
        using var victim = Process.Start(start)!;
        try
        {
            var errors = victim.StandardError.ReadToEndAsync();
            var acknowledged = 0ul;
            using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            var clock = new Stopwatch();
            while (await victim.StandardOutput.ReadLineAsync(deadline.Token) is { } line)
            {
                if (!line.StartsWith("ack ", StringComparison.Ordinal))
                {
                    continue;
                }

                acknowledged = ulong.Parse(line.AsSpan(4), CultureInfo.InvariantCulture);
                clock.Start();
                if (!victim.HasExited && clock.Elapsed > worksFor)
                {
                    victim.Kill();
                }
            }

            await victim.WaitForExitAsync(deadline.Token);
            await errors;
            return acknowledged;
        }
        finally
        {
            if (!victim.HasExited)
            {
                victim.Kill();
            }
        }
    }
}
