using System.CommandLine;
using System.Globalization;
using Evenkeel.Demo;
using Evenkeel.Demo.Plan;
using Evenkeel.Host.Banks;
using Evenkeel.Host.CommandLine;
using Evenkeel.Host.Serving;

namespace Evenkeel.Host.Demos;

/// <summary><c>evenkeel demo build</c>: furnishes a bank that runs without a demonstration, or mends one.</summary>
internal static class DemoBuildCommand
{
    public const int PersonsDefault = 200;

    private static readonly Option<int?> Seed = new("--seed")
    {
        Description = Text.DemoSeedOption,
        HelpName = "N",
    };

    private static readonly Option<int?> Persons = new("--persons")
    {
        Description = Text.DemoPersonsOption,
        HelpName = "N",
    };

    private static readonly Option<string?> Names = new("--names")
    {
        Description = Text.DemoNamesOption,
        HelpName = "LANG",
    };

    private static readonly Option<int?> Days = new("--days")
    {
        Description = Text.DemoDaysOption,
        HelpName = "N",
    };

    private static readonly Option<bool> Again = new("--again")
    {
        Description = Text.DemoAgainOption,
    };

    /// <summary>The language of this command, for names.</summary>
    public static string LanguageNow =>
        CultureInfo.CurrentUICulture.Name is var name
        && Languages.All.Contains(name, StringComparer.Ordinal)
            ? name
            : "en";

    public static Command Create(BankDoor door)
    {
        Persons.Validators.Add(Bounds.Between(Persons, 1, DemoOptions.PersonsMax));
        Days.Validators.Add(Bounds.Between(Days, 0, DemoPeriod.DaysMax));
        Names.AcceptOnlyFromAmong([.. Languages.All]);
        var build = new Command("build", Text.DemoBuildDescription)
        {
            Seed,
            Persons,
            Names,
            Days,
            Again,
        }.WithRestOptions();
        build.Does(
            async (parsed, terminal, token) =>
            {
                var folder = parsed.GetRequiredValue(CommonOptions.Data).FullName;
                var file = FileOf(parsed, folder);
                var bank = await BankDoor
                    .FindLeadingRestAsync(parsed, door.KeyFor(parsed), token)
                    .ConfigureAwait(false);
                await using (bank.ConfigureAwait(false))
                {
                    var answer = await EnsureAsync(
                            bank,
                            folder,
                            file,
                            parsed.GetValue(Again),
                            token
                        )
                        .ConfigureAwait(false);
                    Print(terminal, file, answer);
                    terminal.Object(
                        new DemoBuilt(
                            file.Seed,
                            file.Language,
                            answer.Customers.Count,
                            answer.Accounts.Count,
                            answer.Counts
                        ),
                        DemoJson.Default.DemoBuilt
                    );
                    return answer.Missing.Count == 0 ? ExitCode.Ok : ExitCode.NotDone;
                }
            }
        );
        return build;
    }

    /// <summary>
    /// Builds it unless the mark says that it was built: then it is only looked whether it is all there.
    /// </summary>
    public static async Task<DemoAnswer> EnsureAsync(
        RestBank bank,
        string folder,
        DemoFile file,
        bool again,
        CancellationToken token
    )
    {
        var plan = file.PlanNow();
        if (!again && string.Equals(file.Plan, plan, StringComparison.Ordinal))
        {
            var there = await Demonstration.LookAsync(bank, file, token).ConfigureAwait(false);
            if (there.Missing.Count == 0)
            {
                return there;
            }
        }
        // Kept first: a build that is interrupted must go on as it began.
        file.Write(folder);
        var built = await Demonstration.BuildAsync(bank, file, token).ConfigureAwait(false);
        if (built.Missing.Count == 0)
        {
            (file with { Plan = plan }).Write(folder);
        }
        return built;
    }

    public static void Print(Terminal terminal, DemoFile file, DemoAnswer answer)
    {
        terminal.Line(Text.DemoBuilt(answer.Customers.Count, answer.Accounts.Count, file.Seed));
        PrintCounts(terminal, answer);
    }

    /// <summary>What of the plan is there, kind by kind.</summary>
    public static void PrintCounts(Terminal terminal, DemoAnswer answer)
    {
        foreach (var count in answer.Counts)
        {
            terminal.Line($"  {NameOf(count.Kind)}: {count.There} / {count.Planned}");
        }
    }

    private static string NameOf(string kind) =>
        kind switch
        {
            "account" => Text.DemoKindAccount,
            "biller" => Text.DemoKindBiller,
            "card" => Text.DemoKindCard,
            "cash-machine" => Text.DemoKindMachine,
            "credit-line" => Text.DemoKindCreditLine,
            "customer" => Text.DemoKindCustomer,
            "loan" => Text.DemoKindLoan,
            "standing-order" => Text.DemoKindStandingOrder,
            "sweep" => Text.DemoKindSweep,
            "till" => Text.DemoKindTill,
            _ => kind,
        };

    /// <summary>As the bank of the directory was drawn; a directory keeps one demonstration.</summary>
    private static DemoFile FileOf(ParseResult parsed, string folder)
    {
        if (DemoFile.Read(folder) is not { } kept)
        {
            return DemoFile.New(
                parsed.GetValue(Seed) ?? 1,
                parsed.GetValue(Names) ?? LanguageNow,
                parsed.GetValue(Persons) ?? PersonsDefault,
                parsed.GetValue(Days) ?? DemoPeriod.DaysDefault
            );
        }
        return
            (parsed.GetValue(Seed) ?? kept.Seed) == kept.Seed
            && (parsed.GetValue(Persons) ?? kept.Persons) == kept.Persons
            && (parsed.GetValue(Days) ?? kept.Days) == kept.Days
            && string.Equals(
                parsed.GetValue(Names) ?? kept.Language,
                kept.Language,
                StringComparison.Ordinal
            )
            ? kept
            : throw new CommandFailedException(ExitCode.Usage, Text.DemoOther(kept.Seed));
    }
}
