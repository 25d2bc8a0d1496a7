using System.Text;
using Evenkeel.Import.Berka;
using Evenkeel.Journal;
using Evenkeel.Model;
using Xunit;

namespace Evenkeel.Import.Tests;

public sealed class BerkaImportTests
{
    [Fact]
    public async Task The_small_data_set_gives_the_figures_worked_out_by_hand()
    {
        using var folder = SourceData.SmallBerka();
        MemoryBank bank = new();

        var report = await Run(folder.Path, bank);

        Assert.Equal(3, report.Accounts);
        Assert.Equal(12, report.Movements);
        Assert.Equal(9, report.AccountDays);
        // By day: 1000, 1100 and (rounded) 1085.50 of account 1; 500, break, 400, 385, 300, 200.
        Assert.Equal(new DayCounts(Exact: 7, WithinRounding: 1, Breaks: 1), report.Daily);
        Assert.Equal(1, Assert.Single(report.DailyBreaksByDate, d => d.Key == 19930201).Value);
        // From zero the break of account 2 stays: 400 against 450, and so on to the end.
        Assert.Equal(new DayCounts(Exact: 3, WithinRounding: 1, Breaks: 5), report.Running);
        Assert.True(report.IsComplete);
    }

    [Fact]
    public async Task Importing_again_loads_nothing_and_reports_the_same()
    {
        using var folder = SourceData.SmallBerka();
        MemoryBank bank = new();
        var first = await Run(folder.Path, bank);
        var requests = bank.TransferRequests;

        var second = await Run(folder.Path, bank);

        Assert.Equal(requests, bank.TransferRequests);
        Assert.Equal(12, bank.Booked.Count);
        Assert.Equivalent(first, second, strict: true);
    }

    [Theory]
    [InlineData(Fault.DieBefore)]
    [InlineData(Fault.DieAfter)]
    internal async Task Killed_at_any_call_it_goes_on_and_loads_nothing_twice(Fault fault)
    {
        using var folder = SourceData.SmallBerka();
        MemoryBank undisturbed = new();
        var expected = await Run(folder.Path, undisturbed);

        for (var call = 1; call <= undisturbed.Calls; call++)
        {
            var killAt = call;
            MemoryBank bank = new() { FaultOf = n => n == killAt ? fault : Fault.None };
            await Assert.ThrowsAsync<KilledException>(() => Run(folder.Path, bank));
            bank.FaultOf = static _ => Fault.None;

            var report = await Run(folder.Path, bank);

            Assert.Equivalent(expected, report, strict: true);
            Assert.Equal(12, bank.Booked.Count);
            Assert.Equal(
                undisturbed.Records.Keys.Order(KeyOrder),
                bank.Records.Keys.Order(KeyOrder)
            );
        }
    }

    [Theory]
    [InlineData(Fault.Busy)]
    [InlineData(Fault.UnknownAfter)]
    internal async Task A_lost_or_late_answer_is_asked_for_again(Fault fault)
    {
        using var folder = SourceData.SmallBerka();
        MemoryBank bank = new() { FaultOf = n => n % 2 == 1 ? fault : Fault.None };

        var report = await Run(folder.Path, bank);

        Assert.Equal(12, report.Movements);
        Assert.Equal(12, bank.Booked.Count);
    }

    [Fact]
    public async Task A_bank_that_stays_busy_ends_the_import_with_the_reason()
    {
        using var folder = SourceData.SmallBerka();
        MemoryBank bank = new() { FaultOf = static n => n > 3 ? Fault.Busy : Fault.None };

        var failure = await Assert.ThrowsAsync<ImportFailedException>(() => Run(folder.Path, bank));

        Assert.Equal(ImportFailureKind.Refused, failure.Kind);
        Assert.Contains("Busy", failure.Detail);
    }

    [Fact]
    public async Task Other_files_under_the_same_ids_are_refused()
    {
        using var folder = SourceData.SmallBerka();
        MemoryBank bank = new();
        await Run(folder.Path, bank);
        var path = Path.Combine(folder.Path, "trans.asc");
        var text = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
        folder.Write("trans.asc", text.Replace("500.00;500.00", "501.00;501.00").TrimEnd());

        var failure = await Assert.ThrowsAsync<ImportFailedException>(() => Run(folder.Path, bank));

        Assert.Equal(ImportFailureKind.OtherContent, failure.Kind);
        Assert.Equal(12, bank.Booked.Count);
    }

    [Fact]
    public async Task A_movement_that_the_ledger_does_not_answer_shows_in_the_report()
    {
        using var folder = SourceData.SmallBerka();
        MemoryBank bank = new() { Tamper = static t => t.UserData128 == 12 ? null : t };

        var report = await Run(folder.Path, bank);

        Assert.Equal(11, report.Movements);
        Assert.Equal(8, report.AccountDays);
        Assert.Equal(1, report.UnmatchedDays);
        Assert.Equal(1, report.AccountsOutOfBalance);
        Assert.False(report.IsComplete);
    }

    [Fact]
    public async Task An_amount_that_the_ledger_answers_wrongly_shows_in_the_report()
    {
        using var folder = SourceData.SmallBerka();
        MemoryBank bank = new()
        {
            Tamper = static t => t.UserData128 == 1 ? t with { Amount = 1 } : t,
        };

        var report = await Run(folder.Path, bank);

        Assert.Equal(new DayCounts(Exact: 6, WithinRounding: 1, Breaks: 2), report.Daily);
        Assert.Equal(1, report.AccountsOutOfBalance);
    }

    [Theory]
    [InlineData("trans.asc", "\"VKLAD\"", "\"VKLAD2\"", 2)]
    [InlineData("trans.asc", "1000.00;1000.00", "1000.001;1000.00", 2)]
    [InlineData("trans.asc", "930102", "930132", 3)]
    [InlineData("trans.asc", "\"AB\"", "\"A\"", 5)]
    [InlineData("account.asc", "POPLATEK TYDNE", "WEEKLY", 3)]
    [InlineData("client.asc", "706213", "706813", 2)]
    public async Task A_row_that_is_not_understood_is_named_and_nothing_is_loaded(
        string file,
        string text,
        string replacement,
        int line
    )
    {
        using var folder = SourceData.SmallBerka();
        var path = Path.Combine(folder.Path, file);
        var content = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
        folder.Write(file, content.Replace(text, replacement).TrimEnd());
        MemoryBank bank = new();

        var failure = await Assert.ThrowsAsync<ImportFailedException>(() => Run(folder.Path, bank));

        Assert.Equal(ImportFailureKind.Row, failure.Kind);
        Assert.Equal(file, failure.Subject);
        Assert.Equal(line, failure.Line);
        Assert.Equal(0, bank.Calls);
    }

    [Fact]
    public async Task A_missing_file_and_a_wrong_heading_are_named()
    {
        using var folder = SourceData.SmallBerka();
        File.Delete(Path.Combine(folder.Path, "loan.asc"));
        var missing = await Assert.ThrowsAsync<ImportFailedException>(() =>
            Run(folder.Path, new MemoryBank())
        );
        folder.Write("loan.asc", "\"loan_id\";\"other\"", "1;2");
        var heading = await Assert.ThrowsAsync<ImportFailedException>(() =>
            Run(folder.Path, new MemoryBank())
        );

        Assert.Equal((ImportFailureKind.FileMissing, "loan.asc"), (missing.Kind, missing.Subject));
        Assert.Equal((ImportFailureKind.FileFormat, "loan.asc"), (heading.Kind, heading.Subject));
    }

    [Fact]
    public async Task Movements_become_transfers_against_the_bank_side_account_of_their_kind()
    {
        using var folder = SourceData.SmallBerka();
        MemoryBank bank = new();
        await Run(folder.Path, bank);
        var byMovement = bank.Booked.ToDictionary(t => (ulong)t.UserData128);

        Assert.Equal(BerkaIds.Bank(AccountCode.Cash), byMovement[1].DebitAccountId);
        Assert.Equal(BerkaIds.Account(1), byMovement[1].CreditAccountId);
        Assert.True(BerkaIds.TryBankCode("AB", out var ab));
        Assert.Equal(BerkaIds.Bank(AccountCode.Clearing, ab), byMovement[4].DebitAccountId);
        Assert.Equal(BerkaIds.Bank(AccountCode.InterestExpense), byMovement[5].DebitAccountId);
        Assert.Equal(BerkaIds.Bank(AccountCode.FeeIncome), byMovement[6].CreditAccountId);
        Assert.Equal(BerkaIds.Bank(AccountCode.Loans), byMovement[8].CreditAccountId);
        Assert.Equal(19930105U, byMovement[4].UserData32);
        Assert.Equal((ushort)MovementKind.PensionIn, byMovement[4].Code);
        Assert.Equal(((ulong)ab << 32) | 77, byMovement[4].UserData64);
    }

    [Fact]
    public async Task Every_document_of_the_source_becomes_a_record()
    {
        using var folder = SourceData.SmallBerka();
        MemoryBank bank = new();
        await Run(folder.Path, bank);

        Assert.Equal(
            """{"clientId":1,"birthDate":"1970-12-13","sex":"F","districtKey":"berka:1"}""",
            Text(bank, "customer", "berka:1")
        );
        Assert.Contains("\"amountMinorUnits\":337270", Text(bank, "standing-order", "berka:29402"));
        Assert.Contains("\"issued\":\"1993-11-07\"", Text(bank, "card", "berka:7"));
        Assert.Contains("\"status\":\"B\"", Text(bank, "loan", "berka:5314"));
        Assert.Contains("\"role\":\"authorised\"", Text(bank, "disposition", "berka:2"));
        Assert.DoesNotContain("A13", Text(bank, "district", "berka:1"));
        Assert.Contains("\"statementFrequency\":\"weekly\"", Text(bank, "account", "berka:2"));
    }

    [Fact]
    public async Task The_real_data_set_gives_the_published_figures()
    {
        var folder = SourceData.Find("berka");
        Assert.SkipWhen(folder is null, SourceData.MissingReason);
        MemoryBank bank = new();

        var report = await Run(folder, bank);

        Assert.Equal(4_500, report.Accounts);
        Assert.Equal(49_102, report.Movements);
        Assert.Equal(39_960, report.AccountDays);
        Assert.Equal(new DayCounts(37_701, 2_227, 32), report.Daily);
        Assert.Equal(new DayCounts(23_634, 13_679, 2_647), report.Running);
        Assert.Equal(
            new Dictionary<uint, int>
            {
                [19931231] = 1,
                [19940103] = 1,
                [19940228] = 1,
                [19940301] = 1,
                [19940331] = 28,
            },
            report.DailyBreaksByDate
        );
        Assert.True(report.IsComplete);
    }

    private static readonly Comparer<RecordKey> KeyOrder = Comparer<RecordKey>.Create(
        (a, b) => string.CompareOrdinal($"{a}", $"{b}")
    );

    private static string Text(MemoryBank bank, string collection, string key) =>
        Encoding.UTF8.GetString(bank.Records[new RecordKey(collection, key)]);

    private static Task<BerkaReport> Run(string folder, MemoryBank bank) =>
        BerkaImport.RunAsync(
            folder,
            bank,
            new ImportOptions { BatchTransfers = 4, Time = new ImmediateTime() },
            new Progress<ImportStep>(),
            TestContext.Current.CancellationToken
        );
}
