using CsCheck;
using Evenkeel.Gateway.Attempts;
using Evenkeel.Gateway.Forwarding;
using Evenkeel.Payments;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Evenkeel.Gateway.Tests;

/// <summary>Records on disk: read up to a tear at every byte, never misread.</summary>
public sealed class AttemptFormatTests : IDisposable
{
    private readonly string _directory = Directory
        .CreateTempSubdirectory("evenkeel-gateway-")
        .FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private static readonly string[] Methods = ["GET", "HEAD", "POST", "PUT", "DELETE"];

    private static readonly Gen<UInt128> Ids = Gen.Select(
        Gen.ULong,
        Gen.ULong,
        (a, b) => new UInt128(a, b)
    );

    private static readonly Gen<AttemptRequest> Requests = Gen.Select(
        Gen.Guid,
        Gen.ULong,
        Gen.Enum<Service>(),
        Gen.Int[0, 4].Select(i => Methods[i]),
        Ids.Array[0, 40],
        Ids.Array[0, AttemptLimits.AccountHashesMax],
        Gen.UInt,
        Ids.Select(hash => hash % 3 == 0 ? null : AskerOf(hash)),
        (id, principal, service, method, ids, hashes, events, asker) =>
            new AttemptRequest
            {
                RequestId = id,
                Principal = principal,
                Service = service,
                Method = method,
                Flags = AttemptFlags.MovesMoney | (asker is null ? 0 : AttemptFlags.HasAsker),
                Events = events,
                BodyBytes = events / 2,
                IdempotencyHash = asker?.Hash ?? 0,
                TransferIds = ids,
                AccountHashes = hashes,
                AccountsSeen = events,
                Asker = asker,
            }
    );

    private static AttemptAsker AskerOf(UInt128 hash) =>
        new((AskerKind)(byte)(hash % 7), (Channel)(byte)(hash % 9), hash);

    private static readonly Gen<AttemptEnd> Ends = Gen.Select(
        Gen.Guid,
        Gen.Enum<AttemptOutcome>(),
        Gen.Byte,
        Gen.UShort,
        Gen.UInt,
        Ids,
        Gen.ULong,
        Gen.String[Gen.Char['a', 'z'], 0, 60],
        (id, outcome, tries, status, latency, lineage, index, text) =>
            new AttemptEnd
            {
                RequestId = id,
                Outcome = outcome,
                Tries = tries,
                Status = status,
                LatencyUs = latency,
                Lineage = lineage,
                Index = index,
                ServedBy = text[..Math.Min(text.Length, AttemptLimits.TextBytesMax)],
                Reason = text[..Math.Min(text.Length / 2, AttemptLimits.TextBytesMax)],
            }
    );

    [Fact]
    public void What_is_written_is_what_is_read() =>
        Gen.Select(Requests, Ends)
            .Sample(
                (request, end) =>
                {
                    PendingRecord record = AttemptFormat.Encode(
                        AttemptKind.Whole,
                        1_700_000_000_000_000_000,
                        request,
                        end
                    );
                    AttemptFormat.Finish(record.Bytes, 9);
                    AttemptEntry entry = AttemptFormat.Decode(record.Bytes, out int length)!;
                    Assert.Equal(record.Length, length);
                    Assert.Equal(9ul, entry.Sequence);
                    Assert.Equal(end, entry.End);
                    Assert.Equal(request.TransferIds, entry.Request!.TransferIds);
                    Assert.Equal(request.AccountHashes, entry.Request.AccountHashes);
                    Assert.Equal(
                        request with
                        {
                            TransferIds = entry.Request.TransferIds,
                            AccountHashes = entry.Request.AccountHashes,
                        },
                        entry.Request
                    );
                },
                seed: "0N0XIzNsQ0O2",
                iter: 500
            );

    [Fact]
    public async Task A_segment_torn_at_any_byte_is_read_up_to_the_tear()
    {
        string path = await WriteAsync(records: 6);
        byte[] whole = File.ReadAllBytes(path);
        AttemptEntry[] all = [.. AttemptReader.Read(_directory)];
        Assert.Equal(7, all.Length);
        int[] ends = RecordEnds(whole);
        for (int length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(path, whole[..length]);
            AttemptEntry[] read = [.. AttemptReader.Read(_directory)];
            int records = ends.Count(e => e <= length);
            bool isClean =
                length == 0 || length == AttemptFormat.SegmentHeaderSize || ends.Contains(length);
            Assert.Equal(records + (isClean ? 0 : 1), read.Length);
            Assert.Equal(
                all.Take(records).Select(e => e.Sequence),
                read.Take(records).Select(e => e.Sequence)
            );
            if (!isClean)
            {
                Assert.Equal(GapCause.Damage, read[^1].Gap!.Cause);
            }
        }
    }

    [Fact]
    public async Task A_flipped_bit_ends_its_segment_and_is_told()
    {
        string path = await WriteAsync(records: 6);
        byte[] whole = File.ReadAllBytes(path);
        int[] ends = RecordEnds(whole);
        for (int at = 0; at < whole.Length; at++)
        {
            byte[] flipped = [.. whole];
            flipped[at] ^= 1;
            File.WriteAllBytes(path, flipped);
            AttemptEntry[] read = [.. AttemptReader.Read(_directory)];
            int before = ends.Count(e => e <= at);
            Assert.Equal(before + 1, read.Length);
            Assert.Equal(GapCause.Damage, read[^1].Gap!.Cause);
        }
    }

    [Fact]
    public async Task A_killed_gateway_leaves_a_gap_and_its_successor_goes_on_with_a_new_segment()
    {
        string path = await WriteAsync(records: 3);
        byte[] whole = File.ReadAllBytes(path);
        // Without its last record, the orderly end.
        File.WriteAllBytes(path, whole[..RecordEnds(whole)[^2]]);
        await WriteAsync(records: 2);
        AttemptEntry[] read = [.. AttemptReader.Read(_directory)];
        Assert.Equal(
            [
                AttemptKind.Begun,
                AttemptKind.Begun,
                AttemptKind.Begun,
                AttemptKind.Gap,
                AttemptKind.Begun,
                AttemptKind.Begun,
                AttemptKind.Closed,
            ],
            read.Select(e => e.Kind)
        );
        Assert.Equal(GapCause.Crash, read[3].Gap!.Cause);
        Assert.Equal([1ul, 2, 3, 4, 5, 6], read.Where(e => e.Gap is null).Select(e => e.Sequence));
    }

    [Fact]
    public async Task An_orderly_end_leaves_no_gap()
    {
        await WriteAsync(records: 2);
        await WriteAsync(records: 2);
        Assert.DoesNotContain(AttemptReader.Read(_directory), e => e.Gap is not null);
    }

    [Fact]
    public async Task A_record_larger_than_the_rest_of_the_buffer_is_read_whole()
    {
        // 8,190 ids are 131,040 bytes: a dozen of them cross the reader's buffer.
        string path = await WriteAsync(records: 12, ids: AttemptLimits.TransferIdsMax);
        Assert.True(new FileInfo(path).Length > 1_500_000);
        AttemptEntry[] read = [.. AttemptReader.Read(_directory)];
        Assert.Equal(13, read.Length);
        Assert.All(
            read.Take(12),
            e => Assert.Equal(AttemptLimits.TransferIdsMax, e.Request!.TransferIds.Count)
        );
    }

    [Fact]
    public void Numbers_on_disk_only_grow()
    {
        Assert.Equal(
            "None 0,CreateTransfers 1,PutTransfer 2,ProposeOperation 3,CreateAccounts 4,PutAccount 5,"
                + "UpdateAccounts 6,ReadTransfers 7,ReadAccounts 8,ReadRecords 9,ReadChanges 10,Keys 11,"
                + "OtherRead 12,OtherWrite 13,Pages 14,SubmitInstruction 15",
            Table<Service>()
        );
        Assert.Equal("Begun 1,Ended 2,Whole 3,Gap 4,Closed 5", Table<AttemptKind>());
        Assert.Equal(
            "NotRecorded 0,Done 1,NotDone 2,Unknown 3,ClientLeft 4",
            Table<AttemptOutcome>()
        );
        Assert.Equal("Disk 1,Queue 2,Crash 3,Damage 4", Table<GapCause>());
        Assert.Equal(
            "None 0,Customer 1,Program 2,Staff 3,CardNetwork 4,Clearing 5,Bank 6",
            Table<AskerKind>()
        );
        Assert.Equal(
            "None 0,HasIdempotencyKey 1,MovesMoney 2,TransferIdsCut 4,BodyNotUnderstood 8,HasAsker 16",
            Table<AttemptFlags>()
        );
    }

    [Theory]
    [InlineData(100ul, new ulong[] { 3, 4, 5, 7 })]
    [InlineData(101ul, new ulong[] { 4, 5, 7 })]
    [InlineData(0ul, new ulong[] { 1, 2, 3, 4, 5, 7 })]
    public void Attempts_after_a_position_are_those_a_restore_may_take_back(
        ulong index,
        ulong[] expected
    )
    {
        DateTimeOffset start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var report = new AttemptReport
        {
            Attempts =
            [
                Of(1, start, AttemptOutcome.Done, 99),
                Of(2, start.AddSeconds(600), AttemptOutcome.Done, 100),
                Of(3, start.AddSeconds(600), AttemptOutcome.Done, 101),
                Of(4, start.AddSeconds(601), AttemptOutcome.Done, 50, lineage: 2),
                Of(5, start.AddSeconds(590), AttemptOutcome.Unknown, 0),
                Of(6, start.AddSeconds(601), AttemptOutcome.NotDone, 0),
                Of(7, start.AddSeconds(602), AttemptOutcome.NotRecorded, 0),
            ],
            Gaps = [],
        };
        Assert.Equal(
            expected,
            report.After(lineage: 1, index).Attempts.Select(a => (ulong)a.Request.TransferIds[0])
        );
    }

    private static Attempt Of(
        UInt128 id,
        DateTimeOffset when,
        AttemptOutcome outcome,
        ulong index,
        UInt128? lineage = null
    ) =>
        new()
        {
            When = when,
            Request = RequestOf(id),
            End =
                outcome == AttemptOutcome.NotRecorded
                    ? null
                    : new AttemptEnd
                    {
                        RequestId = Guid.Empty,
                        Outcome = outcome,
                        Lineage = index == 0 ? 0 : lineage ?? 1,
                        Index = index,
                    },
        };

    private static AttemptRequest RequestOf(UInt128 id, int ids = 1) =>
        new()
        {
            RequestId = Guid.NewGuid(),
            Principal = 1,
            Service = Service.PutTransfer,
            Method = "PUT",
            TransferIds = [.. Enumerable.Range(0, ids).Select(i => id + (UInt128)i)],
        };

    private static string Table<T>()
        where T : struct, Enum =>
        string.Join(",", Enum.GetValues<T>().Select(v => $"{v} {Convert.ToInt32(v)}"));

    private async Task<string> WriteAsync(int records, int ids = 1)
    {
        var recorder = new AttemptRecorder(
            new AttemptOptions { Directory = _directory, RecordWaitMax = TimeSpan.FromMinutes(1) },
            new AttemptFiles(),
            TimeProvider.System,
            NullLogger<AttemptRecorder>.Instance
        );
        await using (recorder)
        {
            for (int i = 0; i < records; i++)
            {
                Assert.True(await recorder.BeginAsync(RequestOf((UInt128)(i + 1), ids)));
            }
        }
        return SegmentName.In(_directory)[^1].Path;
    }

    private static int[] RecordEnds(byte[] segment)
    {
        List<int> ends = [];
        int at = AttemptFormat.SegmentHeaderSize;
        while (at < segment.Length)
        {
            at += AttemptFormat.LengthOf(segment.AsSpan(at));
            ends.Add(at);
        }
        return [.. ends];
    }
}
