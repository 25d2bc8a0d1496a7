using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Evenkeel.Ledger;
using Evenkeel.Node.History;

namespace Evenkeel.History.Tests;

/// <summary>The bytes on disk, written down twice: here and in docs/formats.</summary>
public sealed class IndexFormatTests
{
    [Fact]
    public void Sizes_are_those_of_the_format()
    {
        Assert.Equal(192, Unsafe.SizeOf<HistoryRow>());
        Assert.Equal(128, Unsafe.SizeOf<SegmentHeader>());
        Assert.Equal(128, Unsafe.SizeOf<SegmentSeal>());
        Assert.Equal(40, Unsafe.SizeOf<IndexColumn>());
        Assert.Equal(320, Unsafe.SizeOf<IndexHeader>());
        Assert.Equal(201_330_688, new HistoryLayout(HistoryLimits.RowsPerSegment).SegmentBytes);
    }

    [Fact]
    public void Checksums_and_keys_never_change()
    {
        var row = Kit.Row(12_345);
        row.UserData128 = new UInt128(1, 2);
        row.UserData64 = 3;
        row.UserData32 = 4;
        Assert.NotEqual(GoldenChecksum, HistoryFormat.Checksum(12_346, row));
        Assert.True(IndexFormat.TryKey(IndexColumnId.UserData128, row, out var key128));
        Assert.True(IndexFormat.TryKey(IndexColumnId.UserData64, row, out var key64));
        Assert.True(IndexFormat.TryKey(IndexColumnId.UserData32, row, out var key32));
        Assert.Equal(
            (GoldenChecksum, GoldenKey128, GoldenKey64, 4UL),
            (HistoryFormat.Checksum(12_345, row), key128, key64, key32)
        );
    }

    [Fact]
    public void A_segment_starts_with_the_documented_bytes()
    {
        using var scratch = new Scratch();
        using (var history = FileHistory.Open(Kit.Options(scratch.Path)))
        {
            Kit.AppendSealed(history, 300);
            history.FlushTo(300, CancellationToken.None);
            history.Sealer!.WaitUntilIdle(CancellationToken.None);
        }

        var segment = File.ReadAllBytes(scratch["00000001.seg"]);
        Assert.Equal(4_096 + (192 * 256), segment.Length);
        Assert.Equal("EKHIST01"u8.ToArray(), segment[..8]);
        Assert.Equal(1U, MemoryMarshal.Read<uint>(segment.AsSpan(8)));
        Assert.Equal(192U, MemoryMarshal.Read<uint>(segment.AsSpan(12)));
        Assert.Equal(1UL, MemoryMarshal.Read<ulong>(segment.AsSpan(16)));
        Assert.Equal(256UL, MemoryMarshal.Read<ulong>(segment.AsSpan(24)));
        Assert.Equal(Kit.Lineage, MemoryMarshal.Read<UInt128>(segment.AsSpan(32)));
        Assert.Equal(256U, MemoryMarshal.Read<uint>(segment.AsSpan(48)));
        Assert.True(
            Kit.Bytes(Kit.Row(256)).SequenceEqual(segment.AsSpan(4_096, 184)),
            "row 0 of segment 1 is row 256"
        );
        Assert.Equal("EKHSEAL1"u8.ToArray(), File.ReadAllBytes(scratch["00000000.seal"])[..8]);
        Assert.Equal("EKHIDX01"u8.ToArray(), File.ReadAllBytes(scratch["00000000.idx"])[..8]);
    }

    private const ulong GoldenChecksum = 414_065_039_120_265_106;
    private const ulong GoldenKey128 = 17_271_350_506_027;
    private const ulong GoldenKey64 = 5_330_625_010_719;
}
