using Evenkeel.Ledger;
using Evenkeel.Node.History;

namespace Evenkeel.History.Tests;

public sealed class HistoryDamageTests
{
    private static void Make(string directory, ulong rows)
    {
        using var history = FileHistory.Open(Kit.Options(directory));
        Kit.AppendSealed(history, rows);
        history.FlushTo(rows, CancellationToken.None);
        history.Sealer!.WaitUntilIdle(CancellationToken.None);
    }

    private static long OffsetOf(ulong position) => 4096 + ((long)(position % 256) * 192);

    [Theory]
    [InlineData(0)]
    [InlineData(255)]
    [InlineData(300)]
    [InlineData(511)]
    public void A_flipped_bit_is_named_by_file_offset_row_and_entry(ulong position)
    {
        using var scratch = new Scratch();
        Make(scratch.Path, 900);
        var name = $"{position / 256:D8}.seg";
        Kit.Flip(scratch[name], OffsetOf(position) + 40);

        using var history = FileHistory.Open(Kit.Options(scratch.Path));
        var fromRead = Assert.Throws<HistoryDamagedException>(() =>
            history.Read(position, out HistoryRow _)
        );
        var fromScan = Assert.Throws<HistoryDamagedException>(() =>
            history.Scan(0, history.Count, (_, _) => { }, CancellationToken.None)
        );
        Assert.Equal(fromRead.Damage, fromScan.Damage);
        Assert.Equal(name, fromRead.Damage.File);
        Assert.Equal(OffsetOf(position), fromRead.Damage.Offset);
        Assert.Equal(position, fromRead.Damage.Position);

        // By the nearest whole row before it in the file; the first row of a file has none.
        var entry = position % 256 == 0 ? 0 : ((position - 1) / 10) + 1;
        Assert.Equal(entry, fromRead.Damage.EntryIndex);
    }

    [Fact]
    public void Every_byte_of_a_row_is_covered()
    {
        using var scratch = new Scratch();
        Make(scratch.Path, 300);
        for (var at = 0; at < HistoryRow.Size; at++)
        {
            Kit.Flip(scratch["00000000.seg"], OffsetOf(7) + at);
            using (var history = FileHistory.Open(Kit.Options(scratch.Path)))
            {
                Assert.Throws<HistoryDamagedException>(() => history.Read(7, out HistoryRow _));
                history.Read(6, out HistoryRow _);
                history.Read(8, out HistoryRow _);
            }

            Kit.Flip(scratch["00000000.seg"], OffsetOf(7) + at);
        }

        using var healed = FileHistory.Open(Kit.Options(scratch.Path));
        Kit.AssertRows(healed);
    }

    [Fact]
    public void A_row_at_another_place_is_damage_though_its_bytes_are_whole()
    {
        using var scratch = new Scratch();
        Make(scratch.Path, 300);
        var bytes = File.ReadAllBytes(scratch["00000000.seg"]);
        bytes.AsSpan((int)OffsetOf(9), 192).CopyTo(bytes.AsSpan((int)OffsetOf(10)));
        File.WriteAllBytes(scratch["00000000.seg"], bytes);

        using var history = FileHistory.Open(Kit.Options(scratch.Path));
        Assert.Throws<HistoryDamagedException>(() => history.Read(10, out HistoryRow _));
    }

    [Fact]
    public void Damage_in_the_tail_below_the_snapshot_is_refused_and_named()
    {
        using var scratch = new Scratch();
        Make(scratch.Path, 900);
        Kit.Flip(scratch["00000003.seg"], OffsetOf(800));

        using var history = FileHistory.Open(Kit.Options(scratch.Path));
        Assert.Equal(800UL, history.Count);
        history.RequireRows(800);
        var damage = Assert.Throws<HistoryDamagedException>(() => history.RequireRows(850)).Damage;
        Assert.Equal(800UL, damage.Position);
        Assert.Equal("00000003.seg", damage.File);
        Assert.Equal(80UL, damage.EntryIndex);
    }

    [Fact]
    public void A_damaged_header_a_missing_file_and_a_swapped_file_are_refused()
    {
        using var scratch = new Scratch();
        Make(scratch.Path, 900);
        for (var at = 0; at < 128; at++)
        {
            Kit.Flip(scratch["00000001.seg"], at);
            var damage = Assert
                .Throws<HistoryDamagedException>(() => FileHistory.Open(Kit.Options(scratch.Path)))
                .Damage;
            Assert.Equal("00000001.seg", damage.File);
            Kit.Flip(scratch["00000001.seg"], at);
        }

        File.Move(scratch["00000001.seg"], scratch["kept"]);
        var missing = Assert.Throws<HistoryDamagedException>(() =>
            FileHistory.Open(Kit.Options(scratch.Path))
        );
        Assert.Equal(256UL, missing.Damage.Position);

        File.Copy(scratch["00000002.seg"], scratch["00000001.seg"]);
        Assert.Throws<HistoryDamagedException>(() => FileHistory.Open(Kit.Options(scratch.Path)));
    }

    [Fact]
    public void Segments_of_another_lineage_are_refused_and_those_of_an_ancestor_accepted()
    {
        using var scratch = new Scratch();
        Make(scratch.Path, 300);
        var other = Kit.Options(scratch.Path) with { Lineage = 77 };
        var refused = Assert.Throws<HistoryDamagedException>(() => FileHistory.Open(other));
        Assert.Contains("lineage", refused.Message, StringComparison.Ordinal);

        using (var fork = FileHistory.Open(other with { Ancestors = [Kit.Lineage] }))
        {
            fork.TruncateTo(260);
            Kit.AppendSealed(fork, 600);
        }

        using var again = FileHistory.Open(other with { Ancestors = [Kit.Lineage] });
        Assert.Equal(600UL, again.Count);
        Kit.AssertRows(again);
    }

    [Fact]
    public void The_sealer_reports_damage_and_leaves_the_segment_unsealed()
    {
        using var scratch = new Scratch();
        Make(scratch.Path, 900);
        File.Delete(scratch["00000001.seal"]);
        using var history = FileHistory.Open(Kit.Options(scratch.Path));
        Kit.Flip(scratch["00000001.seg"], OffsetOf(400));
        history.FlushTo(history.Count, CancellationToken.None);
        history.Sealer!.WaitUntilIdle(CancellationToken.None);

        var damage = Assert.Single(history.Status.Damages);
        Assert.Equal(400UL, damage.Position);
        Assert.False(File.Exists(scratch["00000001.seal"]));
    }
}
