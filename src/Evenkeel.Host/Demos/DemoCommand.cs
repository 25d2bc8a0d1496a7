using System.CommandLine;
using System.Globalization;
using Evenkeel.Demo.Load;
using Evenkeel.Demo.Plan;
using Evenkeel.Host.Banks;
using Evenkeel.Host.CommandLine;
using Evenkeel.Host.Drills;
using Evenkeel.Host.Houses;

namespace Evenkeel.Host.Demos;

/// <summary>
/// <c>evenkeel demo build|load|check</c>: a demonstration bank, its customers at work, and what the bank
/// says now against what they were told then.
/// </summary>
internal static class DemoCommand
{
    public const int PersonsDefault = 200;
    private const int PerSecondMax = 50_000;

    /// <summary>Ids that are listed; the counts say how many there are.</summary>
    private const int ShownMax = 20;

    private static readonly Option<int> Seed = new("--seed")
    {
        Description = Text.DemoSeedOption,
        HelpName = "N",
        DefaultValueFactory = static _ => 1,
    };

    private static readonly Option<int> Persons = new("--persons")
    {
        Description = Text.DemoPersonsOption,
        HelpName = "N",
        DefaultValueFactory = static _ => PersonsDefault,
    };

    private static readonly Option<string> Names = new("--names")
    {
        Description = Text.DemoNamesOption,
        HelpName = "LANG",
        DefaultValueFactory = static _ => LanguageNow,
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
        Names.AcceptOnlyFromAmong([.. Languages.All]);
        Command demo = new("demo", Text.DemoDescription)
        {
            CreateBuild(door),
            CreateLoad(door),
            CreateCheck(door),
            CreateCard(),
            CreateWho(door),
        };
        foreach (var command in DemoCompanyCommands.All(door))
        {
            demo.Subcommands.Add(command);
        }
        return demo;
    }

    private static Command CreateBuild(BankDoor door)
    {
        var build = Furnished(new Command("build", Text.DemoBuildDescription));
        build.Does(
            async (parsed, terminal, token) =>
            {
                var request = RequestOf(parsed);
                var answer = await BuildAsync(door, parsed, request, token).ConfigureAwait(false);
                terminal.Line(
                    Text.DemoBuilt(answer.Customers.Count, answer.Accounts.Count, request.Seed)
                );
                terminal.Object(
                    new DemoBuilt(
                        request.Seed,
                        request.Language,
                        answer.Customers.Count,
                        answer.Accounts.Count
                    ),
                    DemoJson.Default.DemoBuilt
                );
                return ExitCode.Ok;
            }
        );
        return build;
    }

    private static Command CreateLoad(BankDoor door)
    {
        Argument<string> time = new("TIME") { Description = Text.DemoTimeArgument };
        Option<int> rate = new("--rate")
        {
            Description = Text.DemoRateOption,
            HelpName = "N",
            DefaultValueFactory = static _ => 20,
        };
        rate.Validators.Add(Bounds.Between(rate, 1, PerSecondMax));
        Option<double> faster = new("--days-faster")
        {
            Description = Text.DemoFasterOption,
            HelpName = "N",
        };
        var truth = TruthOption();
        var load = Furnished(new Command("load", Text.DemoLoadDescription));
        load.Arguments.Add(time);
        load.Options.Add(rate);
        load.Options.Add(faster);
        load.Options.Add(truth);
        load.Does(
            async (parsed, terminal, token) =>
            {
                var request = RequestOf(parsed);
                var path = parsed.GetRequiredValue(truth).FullName;
                var who = await BuildAsync(door, parsed, request, token).ConfigureAwait(false);
                using var bank = ContractDoor.Open(parsed);
                LoadReport report;
                var log = new TruthLog(path);
                await using (log.ConfigureAwait(false))
                {
                    report = await new LoadGenerator(
                        DemoPlanner.Draw(request.ToOptions()),
                        who.ToDirectory(),
                        new LoadOptions
                        {
                            Seed = request.Seed,
                            PerSecond = parsed.GetValue(rate),
                            DaysFaster = parsed.GetValue(faster),
                        },
                        bank.Remote,
                        log,
                        TimeProvider.System
                    ).RunAsync(SoakCommand.ParseTime(parsed.GetRequiredValue(time)), token).ConfigureAwait(false);
                }
                Print(terminal, report, path);
                return ExitCode.Ok;
            }
        );
        return load;
    }

    private static Command CreateCheck(BankDoor door)
    {
        var truth = TruthOption();
        var check = new Command("check", Text.DemoCheckDescription) { truth }.WithRestOptions();
        check.Does(
            async (parsed, terminal, token) =>
            {
                using var bank = ContractDoor.Open(parsed);
                var report = await TruthCheck
                    .RunAsync(parsed.GetRequiredValue(truth).FullName, bank.Remote, token)
                    .ConfigureAwait(false);
                terminal.Line(
                    Text.DemoChecked(
                        report.Asked,
                        report.Lost.Count,
                        report.Reborn.Count,
                        report.Unanswered,
                        report.Open
                    )
                );
                foreach (var id in report.Lost.Concat(report.Reborn).Take(ShownMax))
                {
                    terminal.Line("  " + id);
                }
                terminal.Object(
                    new DemoChecked(
                        report.Asked,
                        report.Unanswered,
                        report.Lost.Count,
                        report.Reborn.Count,
                        report.Open,
                        report.IsKept
                    ),
                    DemoJson.Default.DemoChecked
                );
                return report.IsKept ? ExitCode.Ok : ExitCode.NotDone;
            }
        );
        return check;
    }

    /// <summary>What the holder of a card knows: it follows from the seed and is stored nowhere.</summary>
    private static Command CreateCard()
    {
        Argument<string> customer = new("CUSTOMER") { Description = Text.DemoCustomerArgument };
        Command command = new("card", Text.DemoCardDescription)
        {
            customer,
            Seed,
            Persons,
            Names,
            CommonOptions.Data,
            CommonOptions.Json,
        };
        command.Does(
            (parsed, terminal, _) =>
            {
                var reference = parsed.GetRequiredValue(customer);
                var options = RequestOf(parsed).ToOptions();
                var found = DemoPlanner
                    .Draw(options)
                    .Customers.FirstOrDefault(c =>
                        string.Equals(c.Reference, reference, StringComparison.Ordinal)
                    );
                if (found is null || DemoCards.Of(options, found) is not { } card)
                {
                    throw new CommandFailedException(ExitCode.NotDone, Text.DemoNoCard(reference));
                }
                terminal.Line(Text.DemoCard(card.Number, card.ExpiryYearMonth, card.Pin));
                terminal.Object(card, DemoJson.Default.DemoCard);
                return Task.FromResult(ExitCode.Ok);
            }
        );
        return command;
    }

    /// <summary>All that a person of the demonstration has: it follows from the seed and is kept nowhere.</summary>
    private static Command CreateWho(BankDoor door)
    {
        Argument<string> reference = new("REFERENCE") { Description = Text.DemoWhoArgument };
        var who = Furnished(new Command("who", Text.DemoWhoDescription));
        who.Arguments.Add(reference);
        who.Does(
            async (parsed, terminal, token) =>
            {
                var request = RequestOf(parsed);
                var name = parsed.GetRequiredValue(reference);
                var answer = await BuildAsync(door, parsed, request, token).ConfigureAwait(false);
                if (!answer.Customers.TryGetValue(name, out var customer))
                {
                    throw new CommandFailedException(ExitCode.Usage, Text.DemoNobody(name));
                }
                DemoPerson person = new(
                    name,
                    customer,
                    answer
                        .Accounts.Where(pair =>
                            pair.Key.StartsWith(name + "/", StringComparison.Ordinal)
                        )
                        .ToDictionary(StringComparer.Ordinal),
                    name,
                    DemoSecrets.PasswordOf(request.ToOptions(), name)
                );
                terminal.Line($"{Text.DemoWhoCustomer}: {person.Customer}");
                foreach (var (account, number) in person.Accounts)
                {
                    terminal.Line($"{account}: {number}");
                }
                terminal.Line($"{Text.DemoWhoLogin}: {person.Login} / {person.Password}");
                terminal.Object(person, DemoJson.Default.DemoPerson);
                return ExitCode.Ok;
            }
        );
        return who;
    }

    private static void Print(Terminal terminal, LoadReport report, string path)
    {
        DemoLoaded loaded = new(
            report.Asked,
            report.Done,
            report.NotDone,
            report.BeingResolved,
            report.Late,
            report.Took.TotalSeconds,
            report.Asked / report.Took.TotalSeconds,
            report.LatencyP50Ms,
            report.LatencyP99Ms,
            report.LatencyMaxMs,
            path
        );
        terminal.Line(
            Text.DemoLoaded(
                loaded.Asked,
                loaded.Seconds,
                loaded.Done,
                loaded.NotDone,
                loaded.BeingResolved
            )
        );
        terminal.Line(
            Text.DemoLatency(loaded.LatencyP50Ms, loaded.LatencyP99Ms, loaded.LatencyMaxMs)
        );
        terminal.Line(Text.DemoTruth(path));
        terminal.Object(loaded, DemoJson.Default.DemoLoaded);
    }

    /// <summary>Builds it, or learns who is who in the one that is there.</summary>
    internal static async Task<DemoAnswer> BuildAsync(
        BankDoor door,
        ParseResult parsed,
        DemoRequest request,
        CancellationToken token
    )
    {
        var bank = await BankDoor
            .FindLeadingRestAsync(parsed, door.KeyFor(parsed), token)
            .ConfigureAwait(false);
        await using (bank.ConfigureAwait(false))
        {
            return await bank.PostAsync(
                    DemoEndpoint.Path,
                    request,
                    DemoJson.Default.DemoRequest,
                    DemoJson.Default.DemoAnswer,
                    token
                )
                .ConfigureAwait(false);
        }
    }

    private static Option<FileInfo> TruthOption() =>
        new("--truth")
        {
            Description = Text.DemoTruthOption,
            HelpName = "FILE",
            DefaultValueFactory = static _ => new FileInfo("truth.jsonl"),
        };

    private static Command Furnished(Command command)
    {
        command.Options.Add(Seed);
        command.Options.Add(Persons);
        command.Options.Add(Names);
        return command.WithRestOptions();
    }

    /// <summary>As the bank of the directory was drawn, unless the command says otherwise.</summary>
    private static DemoRequest RequestOf(ParseResult parsed)
    {
        var kept = House.ReadRequest(parsed.GetRequiredValue(CommonOptions.Data).FullName);
        return new DemoRequest(
            IsGiven(Seed) || kept is null ? parsed.GetValue(Seed) : kept.Seed,
            IsGiven(Names) || kept is null ? parsed.GetRequiredValue(Names) : kept.Language,
            IsGiven(Persons) || kept is null ? parsed.GetValue(Persons) : kept.Persons
        );

        bool IsGiven(Option option) => parsed.GetResult(option) is { Implicit: false };
    }
}
