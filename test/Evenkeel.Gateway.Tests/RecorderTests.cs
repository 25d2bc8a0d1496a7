using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using Evenkeel.Gateway.Attempts;
using Evenkeel.Gateway.Forwarding;
using Xunit;

namespace Evenkeel.Gateway.Tests;

/// <summary>What is recorded of whom, when it is on disk, and what happens when the disk fails.</summary>
public sealed class RecorderTests
{
    private static readonly Func<GatewayOptions, GatewayOptions> ImpatientDisk = o =>
        o with
        {
            Attempts = o.Attempts with
            {
                RetryEvery = TimeSpan.FromMilliseconds(50),
                RecordWaitMax = TimeSpan.FromMilliseconds(100),
            },
        };

    [Fact]
    public async Task A_payment_is_on_disk_before_a_node_sees_it()
    {
        await using var house = await TestHouse.StartAsync();
        List<Attempt> seenByNode = [];
        house.Nodes[0].OnWrite = _ =>
            seenByNode = [.. AttemptReport.Read(house.Directory).Attempts];
        await house.PutTransferAsync(42);
        Attempt attempt = Assert.Single(seenByNode);
        Assert.Null(attempt.End);
        Assert.Equal(AttemptOutcome.NotRecorded, attempt.Outcome);
        Assert.Equal([(UInt128)42], attempt.Request.TransferIds);
    }

    [Fact]
    public async Task An_attempt_says_who_what_when_and_what_they_were_told()
    {
        await using var house = await TestHouse.StartAsync();
        DateTimeOffset before = DateTimeOffset.UtcNow.AddMilliseconds(-1);
        var answer = await house.PostTransfersAsync(
            """
            {"transfers":[
            {"id":"11","debit_account_id":"4000001","credit_account_id":"4000002","amount":"5"},
            {"id":"12","debit_account_id":"4000001","credit_account_id":"4000003","amount":"6"}]}
            """,
            idempotencyKey: "order-1"
        );
        await house.CloseGatewayAsync();
        Attempt attempt = Assert.Single(AttemptReport.Read(house.Directory).Attempts);
        Assert.InRange(attempt.When, before, DateTimeOffset.UtcNow);
        AttemptRequest request = attempt.Request;
        Assert.Equal(
            answer.Headers.GetValues("Evenkeel-Request-Id").Single(),
            request.RequestId.ToString("N")
        );
        Assert.Equal(7ul, request.Principal);
        Assert.Equal(Service.CreateTransfers, request.Service);
        Assert.Equal("POST", request.Method);
        Assert.Equal(AttemptFlags.HasIdempotencyKey | AttemptFlags.MovesMoney, request.Flags);
        Assert.Equal(2u, request.Events);
        Assert.Equal([(UInt128)11, (UInt128)12], request.TransferIds);
        Assert.Equal(4u, request.AccountsSeen);
        Assert.Equal(3, request.AccountHashes.Distinct().Count());
        Assert.NotEqual(UInt128.Zero, request.IdempotencyHash);
        AttemptEnd end = attempt.End!;
        Assert.Equal(AttemptOutcome.Done, end.Outcome);
        Assert.Equal(201, end.Status);
        Assert.Equal(1, end.Tries);
        Assert.Equal("n1", end.ServedBy);
        Assert.Equal(1ul, end.Index);
        Assert.Equal(UInt128.Parse(SharedBooks.Lineage, NumberStyles.HexNumber), end.Lineage);
        Assert.InRange(end.LatencyUs, 1u, 20_000_000u);
    }

    [Theory]
    [InlineData((int)Behaviour.Busy, AttemptOutcome.NotDone, "busy")]
    [InlineData((int)Behaviour.BreakMidAnswer, AttemptOutcome.Unknown, "unknown_outcome")]
    public async Task Refusals_and_unknown_ends_are_recorded_as_such(
        int behaviour,
        AttemptOutcome outcome,
        string reason
    )
    {
        await using var house = await TestHouse.StartAsync();
        house.Nodes[0].Behaviour = (Behaviour)behaviour;
        await house.PostTransfersAsync("""{"transfers":[{"amount":"5"}]}""");
        await house.CloseGatewayAsync();
        Attempt attempt = Assert.Single(AttemptReport.Read(house.Directory).Attempts);
        Assert.Equal(outcome, attempt.Outcome);
        Assert.Equal(reason, attempt.End!.Reason);
    }

    [Fact]
    public async Task A_customer_who_leaves_is_recorded_as_gone()
    {
        await using var house = await TestHouse.StartAsync();
        house.Nodes[0].Behaviour = Behaviour.HangAfter;
        using var leaving = new CancellationTokenSource();
        using var request = new HttpRequestMessage(HttpMethod.Put, "/v1/transfers/8")
        {
            Content = new StringContent("{}", Encoding.UTF8, "application/json"),
        };
        Task<HttpResponseMessage> waiting = house.Http.SendAsync(request, leaving.Token);
        await Eventually.TrueAsync("the node has it", () => house.Books.Done.ContainsKey("8"));
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await Eventually.TrueAsync(
            "its end is on disk",
            () => AttemptReport.Read(house.Directory).Attempts.Any(a => a.End is not null)
        );
        Attempt attempt = Assert.Single(AttemptReport.Read(house.Directory).Attempts);
        Assert.Equal(AttemptOutcome.ClientLeft, attempt.Outcome);
    }

    [Fact]
    public async Task Reads_are_recorded_and_pages_are_not()
    {
        await using var house = await TestHouse.StartAsync();
        await house.SendAsync(HttpMethod.Get, "/v1/accounts/4000001");
        await house.SendAsync(HttpMethod.Get, "/openapi/v1.json");
        await house.SendAsync(HttpMethod.Get, "/leaderz");
        await house.CloseGatewayAsync();
        Attempt attempt = Assert.Single(AttemptReport.Read(house.Directory).Attempts);
        Assert.Equal(Service.ReadAccounts, attempt.Request.Service);
        Assert.Single(attempt.Request.AccountHashes);
        Assert.False(attempt.IsWrite);
    }

    [Fact]
    public async Task No_secret_and_no_account_number_is_written_down()
    {
        await using var house = await TestHouse.StartAsync();
        const string Pan = "4111111111111111";
        await house.PostTransfersAsync(
            $$"""{"transfers":[{"id":"1","debit_account_id":"{{Pan}}","credit_account_id":"{{Pan}}"}]}""",
            idempotencyKey: "pay-" + Pan
        );
        await house.SendAsync(HttpMethod.Get, "/v1/accounts/" + Pan);
        await house.CloseGatewayAsync();
        byte[] written =
        [
            .. SegmentName.In(house.Directory).SelectMany(s => File.ReadAllBytes(s.Path)),
        ];
        UInt128 number = UInt128.Parse(Pan);
        var binary = new byte[16];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128LittleEndian(binary, number);
        Assert.True(written.Length > 300);
        Assert.Equal(-1, written.AsSpan().IndexOf(Encoding.ASCII.GetBytes(Pan)));
        Assert.Equal(-1, written.AsSpan().IndexOf(binary.AsSpan(0, 8)));
        Assert.Equal(-1, written.AsSpan().IndexOf(Encoding.ASCII.GetBytes(TestHouse.Secret[..8])));
    }

    [Fact]
    public async Task Key_and_segments_belong_to_their_owner_alone()
    {
        if (OperatingSystem.IsWindows())
        {
            return; // Modes are those of Unix.
        }
        await using var house = await TestHouse.StartAsync();
        await house.PutTransferAsync(1);
        string[] files =
        [
            Path.Combine(house.Directory, AttemptHasher.KeyFileName),
            SegmentName.In(house.Directory)[0].Path,
        ];
        foreach (string file in files)
        {
            Assert.Equal(
                UnixFileMode.UserRead | UnixFileMode.UserWrite,
                File.GetUnixFileMode(file)
            );
        }
    }

    [Fact]
    public void The_same_key_hashes_alike_and_another_one_does_not()
    {
        string one = Directory.CreateTempSubdirectory("evenkeel-gateway-").FullName;
        string two = Directory.CreateTempSubdirectory("evenkeel-gateway-").FullName;
        UInt128 first = AttemptHasher.OpenOrCreate(one).Account(17);
        Assert.Equal(first, AttemptHasher.OpenOrCreate(one).Account(17));
        Assert.NotEqual(first, AttemptHasher.OpenOrCreate(one).Account(18));
        Assert.NotEqual(first, AttemptHasher.OpenOrCreate(two).Account(17));
        Directory.Delete(one, recursive: true);
        Directory.Delete(two, recursive: true);
    }

    [Fact]
    public async Task Payments_at_once_share_their_flushes()
    {
        FaultyFiles files = new();
        await using var house = await TestHouse.StartAsync(files: files);
        await house.PutTransferAsync(1_000);
        long before = house.Recorder.Flushes;
        files.MayFlush.Reset();
        const int Payments = 200;
        var all = Enumerable
            .Range(1, Payments)
            .Select(i => house.PutTransferAsync((ulong)i))
            .ToArray();
        // Whatever came before the disk was free again went with one flush.
        files.MayFlush.Set();
        Assert.All(await Task.WhenAll(all), a => Assert.True(a.IsSuccessStatusCode));
        await Eventually.TrueAsync("all are written", () => house.Recorder.Written >= Payments);
        Assert.InRange(house.Recorder.Flushes - before, 1, Payments / 2);
    }

    [Theory]
    [InlineData(true, false, false)]
    [InlineData(false, true, false)]
    [InlineData(false, false, true)]
    public async Task A_failing_disk_stops_no_payment_and_the_gap_is_recorded(
        bool create,
        bool write,
        bool flush
    )
    {
        FaultyFiles files = new();
        await using var house = await TestHouse.StartAsync(files: files, configure: ImpatientDisk);
        if (!create)
        {
            Assert.True((await house.PutTransferAsync(1)).IsSuccessStatusCode);
        }
        (files.FailsCreate, files.FailsWrite, files.FailsFlush) = (create, write, flush);
        for (ulong id = 2; id <= 6; id++)
        {
            Assert.True((await house.PutTransferAsync(id)).IsSuccessStatusCode);
        }
        Assert.True(house.Recorder.IsFailing);
        var ready = await house.SendAsync(HttpMethod.Get, "/readyz");
        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
        Assert.Contains(
            "\"recorder\":\"failed\"",
            await ready.Content.ReadAsStringAsync(),
            StringComparison.Ordinal
        );
        (files.FailsCreate, files.FailsWrite, files.FailsFlush) = (false, false, false);
        await Eventually.TrueAsync("it works again", () => !house.Recorder.IsFailing);
        Assert.True((await house.PutTransferAsync(7)).IsSuccessStatusCode);
        long lost = house.Recorder.Lost;
        await house.CloseGatewayAsync();
        var report = AttemptReport.Read(house.Directory);
        Assert.Contains(report.Attempts, a => a.Request.TransferIds[0] == 7);
        AttemptGap gap = Assert.Single(report.Gaps, g => g.Cause == GapCause.Disk);
        Assert.InRange(gap.AtLeast, 5ul, 14ul);
        Assert.Equal((ulong)lost, gap.AtLeast);
        Assert.True(gap.Since <= gap.Until);
    }

    [Fact]
    public async Task A_disk_that_takes_its_time_holds_a_payment_up_for_so_long_and_no_longer()
    {
        FaultyFiles files = new();
        await using var house = await TestHouse.StartAsync(files: files, configure: ImpatientDisk);
        files.MayFlush.Reset();
        long began = Stopwatch.GetTimestamp();
        var answer = await house.PutTransferAsync(1);
        Assert.True(answer.IsSuccessStatusCode);
        Assert.InRange(
            Stopwatch.GetElapsedTime(began),
            TimeSpan.FromMilliseconds(90),
            TimeSpan.FromSeconds(10)
        );
        Assert.Equal(1, house.Recorder.Late);
        files.MayFlush.Set();
        await house.CloseGatewayAsync();
        var report = AttemptReport.Read(house.Directory);
        Assert.Single(report.Attempts);
        Assert.Empty(report.Gaps);
    }

    [Fact]
    public async Task Records_beyond_the_queue_are_counted_as_a_gap()
    {
        FaultyFiles files = new();
        await using var house = await TestHouse.StartAsync(
            files: files,
            configure: o =>
                o with
                {
                    Attempts = o.Attempts with
                    {
                        QueuedRecordsMax = 3,
                        RecordWaitMax = TimeSpan.FromMilliseconds(50),
                    },
                }
        );
        files.MayFlush.Reset();
        for (ulong id = 1; id <= 12; id++)
        {
            Assert.True((await house.PutTransferAsync(id)).IsSuccessStatusCode);
        }
        Assert.True(house.Recorder.Lost > 0);
        AttemptRecorder recorder = house.Recorder;
        files.MayFlush.Set();
        await house.CloseGatewayAsync();
        var report = AttemptReport.Read(house.Directory);
        AttemptGap[] gaps = [.. report.Gaps.Where(g => g.Cause == GapCause.Queue)];
        Assert.NotEmpty(gaps);
        Assert.Equal((ulong)recorder.Lost, gaps.Aggregate(0ul, (sum, g) => sum + g.AtLeast));
    }

    [Fact]
    public async Task Segments_end_by_size_and_go_when_their_time_is_over()
    {
        FaultyFiles files = new();
        await using var house = await TestHouse.StartAsync(
            files: files,
            configure: o =>
                o with
                {
                    Attempts = o.Attempts with
                    {
                        SegmentBytesMax = 500,
                        Retention = TimeSpan.FromHours(1),
                    },
                }
        );
        for (ulong id = 1; id <= 8; id++)
        {
            await house.PutTransferAsync(id);
        }
        var segments = SegmentName.In(house.Directory);
        Assert.True(segments.Count >= 3);
        File.SetLastWriteTimeUtc(segments[0].Path, DateTime.UtcNow.AddHours(-2));
        for (ulong id = 11; id <= 18; id++)
        {
            await house.PutTransferAsync(id);
        }
        Assert.Equal([segments[0].Path], files.Deleted);
        await house.CloseGatewayAsync();
        var report = AttemptReport.Read(house.Directory);
        Assert.Empty(report.Gaps);
        Assert.InRange(report.Attempts.Count, 10, 16);
    }

    [Fact]
    public async Task The_oldest_go_first_when_all_together_are_too_large()
    {
        FaultyFiles files = new();
        await using var house = await TestHouse.StartAsync(
            files: files,
            configure: o =>
                o with
                {
                    Attempts = o.Attempts with { SegmentBytesMax = 500, TotalBytesMax = 2_000 },
                }
        );
        for (ulong id = 1; id <= 30; id++)
        {
            await house.PutTransferAsync(id);
        }
        await house.CloseGatewayAsync();
        Assert.NotEmpty(files.Deleted);
        Assert.InRange(
            SegmentName.In(house.Directory).Sum(s => new FileInfo(s.Path).Length),
            1,
            3_500
        );
        Assert.Contains(
            AttemptReport.Read(house.Directory).Attempts,
            a => a.Request.TransferIds[0] == 30
        );
    }
}
