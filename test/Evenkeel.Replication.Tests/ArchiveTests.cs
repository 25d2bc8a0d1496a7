using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Xunit;
using static Evenkeel.Replication.Tests.Testing;

namespace Evenkeel.Replication.Tests;

public sealed class ArchiveTests
{
    /// <summary>Of a segment that version 1 of the format wrote; it may never differ.</summary>
    private const string Golden =
        "253ba383f8d613784df5c1e6fb9547cc162b6868fb78e5caf002498470b73df3";

    private static readonly LineageId Lineage = new(0x0123456789ABCDEF);

    [Fact]
    public void Layout_is_that_of_the_format_document()
    {
        Assert.Equal(SegmentHeader.Size, Unsafe.SizeOf<SegmentHeader>());
        Assert.Equal(RecordHeader.Size, Unsafe.SizeOf<RecordHeader>());
        Assert.Equal(SegmentFooter.Size, Unsafe.SizeOf<SegmentFooter>());
    }

    [Fact]
    public async Task The_bytes_of_a_sealed_segment_never_change()
    {
        using var directory = new TestDirectory();
        await WriteAsync(directory, count: 20, size: 700, segmentBytes: 16 << 10);
        var sealedSegment = directory["00000000000000000001.eka"];
        var hash = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(sealedSegment)));
        Assert.True(hash == Golden, hash);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(17)]
    [InlineData(63)]
    [InlineData(64)]
    public async Task Reading_can_begin_at_any_entry(ulong from)
    {
        using var directory = new TestDirectory();
        await WriteAsync(directory, count: 64, size: 3000, segmentBytes: 64 << 10);
        using var reader = new ArchiveReader(directory.Path, from, lineage: Lineage);
        var next = from;
        while (reader.Read())
        {
            Assert.Equal(next, reader.Index);
            Assert.Equal(Payload((int)next, 3000), reader.Payload.ToArray());
            next++;
        }
        Assert.Equal(65UL, next);
    }

    [Fact]
    public async Task A_sync_in_the_middle_of_writing_names_the_chain_hash_at_its_own_entry()
    {
        using var directory = new TestDirectory();
        var points = new List<Task<ArchivePoint>>();
        ArchivePoint[] reached;
        using (var writer = Open(directory, ArchiveTail.Empty, 1 << 20))
        {
            for (var number = 1; number <= 200; number++)
            {
                writer.Append((ulong)number, 1, Payload(number, 500));
                if (number % 7 == 0)
                {
                    points.Add(writer.SyncAsync());
                }
            }
            reached = await Task.WhenAll(points).WaitAsync(Patience);
        }
        using var reader = new ArchiveReader(directory.Path, 1);
        var expected = reached.ToDictionary(static point => point.Index);
        Assert.Equal(points.Count, expected.Count);
        while (reader.Read())
        {
            if (expected.Remove(reader.Index, out var point))
            {
                Assert.Equal(reader.Chain, point.Chain);
            }
        }
        Assert.Empty(expected);
    }

    [Fact]
    public async Task A_segment_cut_at_any_byte_gives_a_prefix_or_names_the_damage()
    {
        using var directory = new TestDirectory();
        await WriteAsync(directory, count: 12, size: 900, segmentBytes: 1 << 20);
        var path = directory["00000000000000000001.eka"];
        var bytes = File.ReadAllBytes(path);
        for (var length = 0; length < bytes.Length; length += 61)
        {
            File.WriteAllBytes(path, bytes[..length]);
            if (ReadAll(directory, out var read) is { } damage)
            {
                Assert.Equal(read + 1, damage.Entry);
            }
        }
    }

    [Fact]
    public async Task A_bit_flipped_in_a_sealed_segment_is_always_found()
    {
        using var directory = new TestDirectory();
        await WriteAsync(directory, count: 30, size: 900, segmentBytes: 16 << 10);
        var path = directory["00000000000000000001.eka"];
        var length = new FileInfo(path).Length;
        for (var offset = 0L; offset < length; offset += 97)
        {
            TestDirectory.FlipBit(path, offset);
            Assert.Equal(path, ReadAll(directory, out _)?.File);
            TestDirectory.FlipBit(path, offset);
        }
        Assert.Null(ReadAll(directory, out var last));
        Assert.Equal(30UL, last);
    }

    [Fact]
    public async Task A_full_disk_is_waited_out_and_nothing_is_lost()
    {
        using var directory = new TestDirectory();
        var files = new FaultyFileLayer();
        Exception? failed = null;
        using (
            var writer = new ArchiveWriter(
                directory.Path,
                Lineage,
                ArchiveTail.Empty,
                1 << 20,
                files,
                exception => failed = exception
            )
        )
        {
            writer.Append(1, 1, Payload(1));
            await writer.SyncAsync().WaitAsync(Patience);
            files.Full = true;
            writer.Append(2, 1, Payload(2));
            var synced = writer.SyncAsync();
            await files.Refused.Task.WaitAsync(Patience);
            Assert.False(synced.IsCompleted);
            files.Full = false;
            Assert.Equal(2UL, (await synced.WaitAsync(Patience)).Index);
        }
        Assert.Null(failed);
    }

    /// <summary>Checks every entry that is handed out; returns the damage that ended it.</summary>
    private static ArchiveDamage? ReadAll(TestDirectory directory, out ulong read)
    {
        read = 0;
        try
        {
            using var reader = new ArchiveReader(directory.Path, 1);
            while (reader.Read())
            {
                Assert.Equal(read + 1, reader.Index);
                Assert.Equal(
                    Payload((int)reader.Index, reader.Payload.Length),
                    reader.Payload.ToArray()
                );
                read = reader.Index;
            }
            return null;
        }
        catch (ArchiveDamageException damaged)
        {
            return damaged.Damage;
        }
    }

    private static async Task WriteAsync(
        TestDirectory directory,
        int count,
        int size,
        long segmentBytes
    )
    {
        foreach (var old in Directory.GetFiles(directory.Path))
        {
            File.Delete(old);
        }
        using var writer = Open(directory, ArchiveTail.Empty, segmentBytes);
        for (var number = 1; number <= count; number++)
        {
            writer.Append((ulong)number, 1, Payload(number, size));
        }
        Assert.Equal((ulong)count, (await writer.SyncAsync().WaitAsync(Patience)).Index);
    }

    private static ArchiveWriter Open(
        TestDirectory directory,
        ArchiveTail tail,
        long segmentBytes
    ) =>
        new(
            directory.Path,
            Lineage,
            tail,
            segmentBytes,
            RealFileLayer.Instance,
            static exception => Assert.Fail(exception.ToString())
        );
}
