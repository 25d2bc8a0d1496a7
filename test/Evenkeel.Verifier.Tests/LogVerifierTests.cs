using System.Buffers.Binary;
using Xunit;

namespace Evenkeel.Verifier.Tests;

public sealed class LogVerifierTests : IDisposable
{
    private const int Transfers = 200;
    private const int RecordBytes = 80 + 192;
    private readonly Books _books = new();

    public void Dispose() => _books.Dispose();

    [Fact]
    public void Whole_books_are_sound()
    {
        Fill();
        var judgement = _books.Judge();
        Assert.Empty(judgement.Findings);
        Assert.Equal((ulong)Transfers + 1, judgement.Entries);
        Assert.Equal((ulong)Transfers, judgement.Rows);
        Assert.Equal((ulong)Transfers + 1, judgement.LastIndex);
        Assert.Equal((ulong)Transfers + 1, judgement.ComparedTo);
        Assert.Equal(64, judgement.ChainHash.Length);
        Assert.Equal((UInt128)(Transfers * (Transfers + 1) / 2), judgement.MovedByLedger[840]);
    }

    [Fact]
    public void Every_flipped_bit_of_the_archive_is_found_and_its_entry_is_named()
    {
        Fill();
        var length = new FileInfo(_books.ArchiveFile).Length;
        var random = new Random(7);
        for (var i = 0; i < 200; i++)
        {
            var offset = random.NextInt64(4096, length);
            Books.Flip(_books.ArchiveFile, offset);
            var judgement = _books.Judge();
            var expected = EntryAt(offset);
            Assert.Contains(judgement.Findings, f => f.Entry == expected);
            Books.Flip(_books.ArchiveFile, offset);
        }
        Assert.True(_books.Judge().Sound);
    }

    [Fact]
    public void Every_flipped_bit_of_the_history_is_found_at_its_row()
    {
        Fill();
        var random = new Random(8);
        for (var i = 0; i < 200; i++)
        {
            // The very last row can't be told from a torn write by the history alone.
            var row = random.Next(Transfers - 1);
            var offset = 4096 + (row * 192) + random.Next(192);
            Books.Flip(_books.HistoryFile, offset);
            Assert.Contains(_books.Judge().Findings, f => f.Offset == 4096 + (row * 192));
            Books.Flip(_books.HistoryFile, offset);
        }
        Assert.True(_books.Judge().Sound);
    }

    [Fact]
    public void A_forged_balance_with_a_right_checksum_does_not_follow()
    {
        _books.Forge = (i, row) =>
        {
            if (i == 42)
            {
                Books.Put64(row, 128, BinaryPrimitives.ReadUInt64LittleEndian(row.AsSpan(128)) + 5);
            }
        };
        Fill();
        var findings = _books.Judge().Findings;
        Assert.Contains(findings, f => f.Offset == 4096 + (42 * 192) && f.Entry == 44);
        Assert.True(findings.Count <= 2, string.Join('\n', findings));
    }

    [Fact]
    public void A_row_under_another_id_is_named()
    {
        _books.Forge = (i, row) =>
        {
            if (i == 10)
            {
                Books.Put64(row, 0, 999_999);
            }
        };
        Fill();
        Assert.Contains(
            _books.Judge().Findings,
            f =>
                f is { Entry: 12, Kind: FindingKind.RowAltered, Key: "11" }
                && f.What.Contains("id 999999, must be 11", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void A_broken_link_is_named()
    {
        _books.Forge = (i, row) =>
        {
            if (i == 150)
            {
                Books.Put64(row, 64, 1);
            }
        };
        Fill();
        Assert.Contains(
            _books.Judge().Findings,
            f => f.Entry == 152 && f.What.Contains("link of the debit", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void A_removed_entry_breaks_the_chain()
    {
        Fill();
        var bytes = File.ReadAllBytes(_books.ArchiveFile);
        var at = 4096 + Books.FirstRecordBytes + (49 * RecordBytes);
        File.WriteAllBytes(_books.ArchiveFile, [.. bytes[..at], .. bytes[(at + RecordBytes)..]]);
        Assert.Contains(_books.Judge().Findings, f => f.Entry == 51 && f.Offset == at);
    }

    [Fact]
    public void A_torn_last_write_is_said_and_everything_before_it_counts()
    {
        Fill();
        var bytes = File.ReadAllBytes(_books.ArchiveFile);
        File.WriteAllBytes(_books.ArchiveFile, bytes[..^100]);
        var judgement = _books.Judge();
        Assert.Equal((ulong)Transfers, judgement.LastIndex);
        Assert.True(judgement.TornBytes > 0);
    }

    private static ulong EntryAt(long offset) =>
        offset < 4096 + Books.FirstRecordBytes
            ? 1
            : (ulong)((offset - 4096 - Books.FirstRecordBytes) / RecordBytes) + 2;

    private void Fill()
    {
        for (var i = 1; i <= Transfers; i++)
        {
            _books.Transfer(debit: (uint)(i % 7), credit: (uint)(7 + (i % 5)), (ulong)i);
        }
        _books.Write();
    }
}
