using System.Text.Json;
using Evenkeel.Host.CommandLine;
using Evenkeel.Import;
using Evenkeel.Import.Tests;
using Xunit;

namespace Evenkeel.Host.Tests;

public sealed class CommandTests
{
    [Theory]
    [InlineData("")]
    [InlineData("dance")]
    [InlineData("import")]
    [InlineData("import berka")]
    [InlineData("import berka DIR --batch 1")]
    [InlineData("import berka DIR --batch 8191")]
    [InlineData("import berka DIR --batch many")]
    [InlineData("statement")]
    [InlineData("statement berka:1 --limit 0")]
    [InlineData("statement berka:1 extra")]
    [InlineData("account gold")]
    [InlineData("account -1")]
    [InlineData("account 0x")]
    [InlineData("account 340282366920938463463374607431768211456")]
    [InlineData("transfer --from 1 --to 2")]
    [InlineData("transfer --from 1 --to 2 --amount 1 --code 65536")]
    [InlineData("transfer --from 1 --to 2 --amount 1 --id x")]
    [InlineData("trial-balance --ledger GOLD")]
    public void A_command_line_that_is_not_understood_is_a_usage_error(string line)
    {
        MemoryBank bank = new();
        var args = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);

        var (exitCode, _, error) = new MemoryDoor(bank).Run(args);

        Assert.Equal(ExitCode.Usage, exitCode);
        Assert.NotEmpty(error);
        Assert.Equal(0, bank.Calls);
    }

    [Fact]
    public void The_berka_report_is_one_json_object_on_the_last_line()
    {
        using var folder = SourceData.SmallBerka();
        MemoryDoor door = new(new MemoryBank());

        var (exitCode, output, error) = door.Run("import", "berka", folder.Path, "--json");

        Assert.Equal(ExitCode.Ok, exitCode);
        Assert.Contains("Movements", error);
        var line = Assert.Single(Lines(output));
        Assert.StartsWith(
            """{"movements":12,"accounts":3,"accountDays":9,"daily":{"exact":7,"withinRounding":1,"""
                + "\"breaks\":1},\"running\":{\"exact\":3,\"withinRounding\":1,\"breaks\":5}",
            line
        );
        Assert.Equal(
            1,
            Json(line).GetProperty("dailyBreaksByDate").GetProperty("1993-02-01").GetInt32()
        );
    }

    [Fact]
    public void The_berka_report_is_a_table_for_people()
    {
        using var folder = SourceData.SmallBerka();

        var (exitCode, output, _) = new MemoryDoor(new MemoryBank()).Run(
            "import",
            "berka",
            folder.Path
        );

        Assert.Equal(ExitCode.Ok, exitCode);
        Assert.Contains("3 accounts, 12 movements, 9 account-days.", output);
        Assert.Contains("Daily breaks on 1993-02-01: 1.", output);
        Assert.DoesNotContain("{\"", output);
    }

    [Fact]
    public void The_amlsim_report_shows_money_with_its_decimals()
    {
        using var folder = SourceData.SmallAmlsim();

        var (exitCode, output, _) = new MemoryDoor(new MemoryBank()).Run(
            "import",
            "amlsim",
            folder.Path,
            "--json"
        );

        Assert.Equal(ExitCode.Ok, exitCode);
        Assert.Equal(
            """{"accounts":3,"transfers":6,"booked":4,"refused":2,"sumBefore":150.50,"""
                + "\"sumAfter\":150.50,\"accountsBelowZero\":0,\"lowestBalance\":0.00,"
                + "\"highestBalance\":110.00}",
            Assert.Single(Lines(output))
        );
    }

    [Fact]
    public void A_failed_import_says_what_to_do()
    {
        using var folder = SourceData.SmallBerka();
        File.Delete(Path.Combine(folder.Path, "card.asc"));

        var (exitCode, output, error) = new MemoryDoor(new MemoryBank()).Run(
            "import",
            "berka",
            folder.Path
        );

        Assert.Equal(ExitCode.NotDone, exitCode);
        Assert.Empty(output);
        Assert.Contains("card.asc is missing", error);
    }

    [Fact]
    public void A_statement_lists_movements_with_the_balance_after_each()
    {
        using var folder = SourceData.SmallBerka();
        MemoryDoor door = new(new MemoryBank());
        door.Run("import", "berka", folder.Path);

        var (exitCode, output, _) = door.Run("statement", "berka:1", "--json");
        var (_, table, _) = door.Run("statement", "berka:1");

        Assert.Equal(ExitCode.Ok, exitCode);
        var movements = Json(Assert.Single(Lines(output))).GetProperty("movements");
        Assert.Equal(5, movements.GetArrayLength());
        Assert.Contains("berka:clearing-AB", table);
        Assert.Contains("pension", table);
        Assert.Contains("1993-01-05", table);
    }

    [Fact]
    public void An_account_that_is_not_there_is_not_done()
    {
        var (exitCode, _, error) = new MemoryDoor(new MemoryBank()).Run("account", "berka:77");

        Assert.Equal(ExitCode.NotDone, exitCode);
        Assert.Contains("There is no account berka:77.", error);
    }

    [Fact]
    public void A_transfer_asked_for_twice_by_its_id_happens_once()
    {
        using var folder = SourceData.SmallAmlsim();
        MemoryBank bank = new();
        MemoryDoor door = new(bank);
        door.Run("import", "amlsim", folder.Path);
        var before = bank.Booked.Count;
        string[] line =
        [
            .. "transfer --from amlsim:0 --to amlsim:1 --amount 0.01 --id 0xff".Split(' '),
        ];

        var first = door.Run(line);
        var second = door.Run(line);

        Assert.Equal((ExitCode.Ok, ExitCode.Ok), (first.ExitCode, second.ExitCode));
        Assert.Contains("Transfer id: 255", first.Output);
        Assert.Contains("Done: 0.01 USD from amlsim:0 to amlsim:1.", first.Output);
        Assert.Contains("Was done before", second.Output);
        Assert.Equal(before + 1, bank.Booked.Count);
    }

    [Fact]
    public void A_refused_transfer_says_why_and_is_not_done()
    {
        using var folder = SourceData.SmallAmlsim();
        MemoryDoor door = new(new MemoryBank());
        door.Run("import", "amlsim", folder.Path);

        var refused = door.Run([
            .. "transfer --from amlsim:0 --to amlsim:1 --amount 1000000 --json".Split(' '),
        ]);
        var fraction = door.Run([
            .. "transfer --from amlsim:0 --to amlsim:1 --amount 1.001".Split(' '),
        ]);

        Assert.Equal(ExitCode.NotDone, refused.ExitCode);
        Assert.Contains("the account has too little", refused.Error);
        Assert.Equal(
            "ExceedsCredits",
            Json(Assert.Single(Lines(refused.Output))).GetProperty("status").GetString()
        );
        Assert.Equal(ExitCode.Usage, fraction.ExitCode);
        Assert.Contains("at most 2 decimals", fraction.Error);
    }

    [Fact]
    public void An_answer_that_is_not_known_has_its_own_exit_code_and_names_the_id()
    {
        using var folder = SourceData.SmallAmlsim();
        MemoryBank bank = new();
        MemoryDoor door = new(bank);
        door.Run("import", "amlsim", folder.Path);
        var asked = bank.Calls;
        bank.FaultOf = n => n == asked + 3 ? Fault.UnknownAfter : Fault.None;
        string[] line =
        [
            .. "transfer --from amlsim:0 --to amlsim:1 --amount 0.01 --id 7".Split(' '),
        ];

        var unknown = door.Run(line);
        var again = door.Run(line);

        Assert.Equal(ExitCode.Unknown, unknown.ExitCode);
        Assert.Contains("--id 7", unknown.Error);
        Assert.Equal(ExitCode.Ok, again.ExitCode);
        Assert.Contains("Was done before", again.Output);
    }

    [Fact]
    public void The_trial_balance_sums_every_ledger_by_code()
    {
        using var berka = SourceData.SmallBerka();
        using var amlsim = SourceData.SmallAmlsim();
        MemoryDoor door = new(new MemoryBank());
        door.Run("import", "berka", berka.Path);
        door.Run("import", "amlsim", amlsim.Path);

        var (exitCode, output, _) = door.Run("trial-balance", "--json");
        var (_, table, _) = door.Run("trial-balance", "--ledger", "czk");

        Assert.Equal(ExitCode.Ok, exitCode);
        var all = Json(Assert.Single(Lines(output)));
        Assert.True(all.GetProperty("balanced").GetBoolean());
        Assert.Equal(2, all.GetProperty("ledgers").GetArrayLength());
        var czk = all.GetProperty("ledgers")[0];
        Assert.Equal(2_164.64m, czk.GetProperty("debits").GetDecimal());
        Assert.Equal(2_164.64m, czk.GetProperty("credits").GetDecimal());
        Assert.Contains("Ledger CZK (203): debits equal credits.", table);
        Assert.DoesNotContain("USD", table);
    }

    [Fact]
    public void A_trial_balance_that_does_not_balance_is_said_aloud()
    {
        using var folder = SourceData.SmallAmlsim();
        MemoryBank bank = new();
        MemoryDoor door = new(bank);
        door.Run("import", "amlsim", folder.Path);
        var id = bank.Accounts.Keys.First();
        bank.Corrupt(id, static a => a with { CreditsPosted = a.CreditsPosted + 1 });

        var (exitCode, output, error) = door.Run("trial-balance", "--json");

        Assert.Equal(ExitCode.NotDone, exitCode);
        Assert.Contains("differ by -0.01 USD", error);
        Assert.False(Json(Assert.Single(Lines(output))).GetProperty("balanced").GetBoolean());
    }

    [Theory]
    [InlineData("berka:576")]
    [InlineData("BERKA:clearing-ab")]
    [InlineData("amlsim:0")]
    [InlineData("amlsim-overdraft:opening")]
    [InlineData("berka:interest-expense")]
    public void Short_names_become_ids_and_back(string name)
    {
        Assert.True(SourceAccounts.TryParse(name, out var id));
        Assert.Equal(name, SourceAccounts.NameOf(id), ignoreCase: true);
        Assert.Equal(id, Arguments.Account(id.ToString()));
        Assert.Equal(id, Arguments.Account($"0x{id:x}"));
    }

    private static string[] Lines(string output) =>
        output.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);

    private static JsonElement Json(string line) => JsonDocument.Parse(line).RootElement;
}
