using Xunit;

namespace Evenkeel.Verifier.Tests.Tampering;

/// <summary>
/// Whoever alters the books of a real node, with every checksum made right again, is found, and every row
/// is named.
/// </summary>
public sealed class TamperTests(RealBank bank) : IClassFixture<RealBank>
{
    [Fact]
    public void Files_of_a_real_node_are_sound_and_fully_compared()
    {
        Judgement judgement = Judge(bank.DataDirectory);
        Assert.Empty(judgement.Findings);
        Assert.Equal(judgement.LastIndex, judgement.ComparedTo);
        Assert.Equal(judgement.LastIndex, judgement.SignedTo);
        Assert.Equal(RealBank.Accounts, judgement.BalancesCompared);
        Assert.True(judgement.RecordsCompared > 3 * RealBank.Records);
        Assert.Equal(0, judgement.RowsAhead + judgement.RowsBehind);
    }

    [Fact]
    public void Three_altered_balances_and_two_hundred_deleted_rows_are_all_named()
    {
        string directory = bank.Copy();
        var vandal = new Vandal(directory);
        Assert.Equal(3, vandal.AlterBalances(5, 17, 33));
        List<string> deleted = vandal.DeleteRows("record", "collection, key", 200);

        Judgement judgement = Judge(directory);
        Assert.Equal(203, judgement.RowsNamed);
        Assert.Equal(
            ["17", "33", "5"],
            Named(judgement, FindingKind.BalanceAltered, "account").Order(StringComparer.Ordinal)
        );
        Assert.Equal(
            deleted.Order(StringComparer.Ordinal),
            Named(judgement, FindingKind.RowMissing, "record").Order(StringComparer.Ordinal)
        );
    }

    [Theory]
    [InlineData("operation", "id")]
    [InlineData("change", "sequence")]
    [InlineData("counter", "collection, key")]
    public void Deleted_rows_of_every_table_are_named(string table, string keyColumns)
    {
        string directory = bank.Copy();
        List<string> deleted = new Vandal(directory).DeleteRows(table, keyColumns, 50);
        Assert.NotEmpty(deleted);
        Assert.Equal(
            deleted.Order(StringComparer.Ordinal),
            Named(Judge(directory), FindingKind.RowMissing, table).Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public void A_rewritten_document_is_named()
    {
        string directory = bank.Copy();
        new Vandal(directory).RewriteRecord("customer", RealBank.Name(42), """{"limit":1000000}""");
        Finding finding = Assert.Single(Judge(directory).Findings);
        Assert.Equal(FindingKind.RowAltered, finding.Kind);
        Assert.Equal("customer/000042", finding.Key);
        Assert.True(finding.Entry > 0);
    }

    [Fact]
    public void A_document_that_nobody_wrote_is_named()
    {
        string directory = bank.Copy();
        new Vandal(directory).AddRecord("customer", "intruder", "{}");
        Judgement judgement = Judge(directory);
        Assert.Equal(["customer/intruder"], Named(judgement, FindingKind.RowAdded, "record"));
    }

    [Fact]
    public void A_rewritten_archive_contradicts_what_was_signed()
    {
        string directory = bank.Copy();
        ulong entry = new Vandal(directory).RewriteArchive(transferId: 1_100, amount: 999_999);
        Assert.True(entry > 0);
        Judgement judgement = Judge(directory);
        Assert.Contains(judgement.Findings, f => f.Kind == FindingKind.CheckpointMismatch);
        // The first row that no longer follows names the entry.
        Assert.Equal(entry, judgement.Findings.Where(f => f.Table == "history").Min(f => f.Entry));
    }

    [Fact]
    public void An_archive_that_was_rewritten_and_signed_with_another_key_is_found_by_the_key_kept_elsewhere()
    {
        string key = Directory
            .GetFiles(Path.Combine(bank.DataDirectory, "checkpoints"), "*.pem")
            .Single();
        string directory = bank.Copy();
        var vandal = new Vandal(directory);
        vandal.RewriteArchive(transferId: 1_100, amount: 999_999);
        vandal.SignAnew();
        Assert.DoesNotContain(
            Judge(directory).Findings,
            f => f.Kind is FindingKind.CheckpointMismatch or FindingKind.CheckpointInvalid
        );
        Judgement anchored = Judge(directory, publicKey: key);
        Assert.True(anchored.IsAnchored);
        Assert.Contains(anchored.Findings, f => f.Kind == FindingKind.CheckpointInvalid);
    }

    [Fact]
    public void A_checkpoint_kept_elsewhere_contradicts_a_rewritten_archive()
    {
        string original = Directory
            .GetFiles(Path.Combine(bank.DataDirectory, "checkpoints"), "*.ekp")
            .Single();
        string key = Directory
            .GetFiles(Path.Combine(bank.DataDirectory, "checkpoints"), "*.pem")
            .Single();
        string directory = bank.Copy();
        new Vandal(directory).RewriteArchive(transferId: 1_100, amount: 999_999);
        Directory.Delete(Path.Combine(directory, "checkpoints"), recursive: true);
        Judgement judgement = LogVerifier.Verify(
            new VerifyRequest
            {
                DataDirectory = directory,
                PublicKeyFiles = [key],
                CheckpointCopies = [original],
            },
            CancellationToken.None
        );
        Assert.Contains(judgement.Findings, f => f.Kind == FindingKind.CheckpointMismatch);
    }

    [Fact]
    public void An_archive_that_ends_before_what_was_signed_was_cut()
    {
        string directory = bank.Copy();
        new Vandal(directory).CutArchive(entries: 3);
        Judgement judgement = Judge(directory);
        Assert.Contains(judgement.Findings, f => f.Kind == FindingKind.ArchiveCut);
    }

    [Theory]
    [InlineData(40, "amount")]
    [InlineData(144, "credits posted")]
    [InlineData(16, "user data 128")]
    public void An_altered_history_row_is_named_once(int offset, string field)
    {
        string directory = bank.Copy();
        new Vandal(directory).AlterHistoryRow(position: 123, offset, plus: 7);
        Finding finding = Assert.Single(Judge(directory).Findings);
        Assert.Equal(FindingKind.RowAltered, finding.Kind);
        Assert.Equal("history", finding.Table);
        Assert.Equal(4096 + (123 * 192), finding.Offset);
        Assert.Contains(field, finding.What, StringComparison.Ordinal);
    }

    [Fact]
    public void A_history_row_that_was_taken_out_is_the_only_one_named()
    {
        string directory = bank.Copy();
        new Vandal(directory).TakeHistoryRowOut(position: 200);
        Finding finding = Assert.Single(Judge(directory).Findings);
        Assert.Equal(FindingKind.RowMissing, finding.Kind);
        Assert.Equal("history", finding.Table);
    }

    private static Judgement Judge(string directory, string? publicKey = null) =>
        LogVerifier.Verify(
            new VerifyRequest
            {
                DataDirectory = directory,
                PublicKeyFiles = publicKey is null ? [] : [publicKey],
            },
            CancellationToken.None
        );

    private static IEnumerable<string> Named(Judgement judgement, string kind, string table) =>
        judgement
            .Findings.Where(f => f.Kind == kind && f.Table == table)
            .Select(f => f.Key!)
            .Distinct(StringComparer.Ordinal);
}
