using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Evenkeel.Demo.Month;
using Evenkeel.Host.Banks;
using Evenkeel.Host.CommandLine;

namespace Evenkeel.Host.Demos;

/// <summary>
/// <c>evenkeel bank month</c>: a simulated month on a real node, run once in peace and once with its
/// process killed again and again: the books must be the same. The clock is the business date.
/// </summary>
internal static class MonthCommand
{
    private const int KillsMax = 1_000;
    private const int PersonsMax = 500;

    public static Command Create()
    {
        Option<int> seed = new("--seed")
        {
            Description = Text.DemoSeedOption,
            HelpName = "N",
            DefaultValueFactory = static _ => 1,
        };
        Option<int> kills = new("--kills")
        {
            Description = Text.MonthKillsOption,
            HelpName = "N",
            DefaultValueFactory = static _ => 20,
        };
        kills.Validators.Add(Bounds.Between(kills, 0, KillsMax));
        Option<int> persons = new("--persons")
        {
            Description = Text.DemoPersonsOption,
            HelpName = "N",
            DefaultValueFactory = static _ => new MonthOptions().Persons,
        };
        persons.Validators.Add(Bounds.Between(persons, 1, PersonsMax));
        Option<int> nodes = new("--nodes")
        {
            Description = Text.MonthNodesOption,
            HelpName = "N",
            DefaultValueFactory = static _ => 1,
        };
        nodes.AcceptOnlyFromAmong("1", "3");
        // One life of the bank's process: what this command starts and kills.
        Option<DirectoryInfo?> life = new("--life") { Hidden = true };
        Command month = new("month", Text.MonthDescription)
        {
            seed,
            kills,
            persons,
            nodes,
            life,
            CommonOptions.Json,
        };
        month.Does(
            async (parsed, terminal, token) =>
            {
                MonthOptions options = new()
                {
                    Seed = parsed.GetValue(seed),
                    Persons = parsed.GetValue(persons),
                };
                if (parsed.GetValue(life) is { } directory)
                {
                    await LiveAsync(
                            options,
                            directory.FullName,
                            parsed.InvocationConfiguration.Output,
                            token
                        )
                        .ConfigureAwait(false);
                    return ExitCode.Ok;
                }
                var outcome = await MonthProof
                    .RunAsync(
                        options,
                        parsed.GetValue(nodes),
                        parsed.GetValue(kills),
                        terminal.Remark,
                        token
                    )
                    .ConfigureAwait(false);
                Print(terminal, outcome);
                return outcome.Passed ? ExitCode.Ok : ExitCode.NotDone;
            }
        );
        return month;
    }

    /// <summary>Goes on with the month from wherever the last life left the directory.</summary>
    private static async Task LiveAsync(
        MonthOptions options,
        string directory,
        TextWriter output,
        CancellationToken cancellationToken
    )
    {
        var own = await BankInProcess
            .StartAsync(directory, withCards: true, cancellationToken)
            .ConfigureAwait(false);
        await using (own.ConfigureAwait(false))
        {
            await SayAsync(MonthProof.Ready).ConfigureAwait(false);
            var report = await new SimulatedMonth(own.Bank, options, own.CardKeys!)
                .RunAsync(onDay: null, cancellationToken)
                .ConfigureAwait(false);
            await SayAsync(JsonSerializer.Serialize(report, MonthJson.Default.MonthReport))
                .ConfigureAwait(false);
        }

        async Task SayAsync(string line)
        {
            await output.WriteLineAsync(line).ConfigureAwait(false);
            await output.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private static void Print(Terminal terminal, MonthOutcome outcome)
    {
        terminal.Line(
            Text.MonthBooks(
                outcome.Clean.DaysZeroSum,
                outcome.Clean.DaysClosed,
                outcome.Clean.InterestChecked,
                outcome.Clean.InterestDifferenceMinor
            )
        );
        terminal.Line(
            Text.MonthAgreements(
                outcome.Clean.LoansChecked,
                outcome.Clean.LoanDifferenceMinor,
                outcome.Clean.BillsChecked,
                outcome.Clean.BillDifferenceMinor
            )
        );
        terminal.Line(
            outcome.SameBooks
                ? Text.MonthSame(outcome.Kills, outcome.Clean.Digest)
                : Text.MonthDiffers(outcome.Kills, outcome.Clean.Digest, outcome.Killed.Digest)
        );
        terminal.Object(outcome, MonthJson.Default.MonthOutcome);
    }
}

/// <param name="Nodes">Of the bank that was killed: one, or a cluster whose leader it was.</param>
/// <param name="Kills">How often the process was killed with SIGKILL.</param>
/// <param name="Clean">The month in peace.</param>
/// <param name="Killed">The same month under kills.</param>
internal sealed record MonthOutcome(int Nodes, int Kills, MonthReport Clean, MonthReport Killed)
{
    public bool SameBooks => Clean == Killed;

    public bool Passed => SameBooks && Clean.IsClean;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(MonthReport))]
[JsonSerializable(typeof(MonthOutcome))]
internal sealed partial class MonthJson : JsonSerializerContext;
