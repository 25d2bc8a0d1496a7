using System.CommandLine;
using System.Globalization;
using Evenkeel.Demo;
using Evenkeel.Demo.Plan;
using Evenkeel.Host.Banks;
using Evenkeel.Host.CommandLine;
using Evenkeel.Host.Serving;

namespace Evenkeel.Host.Demos;

/// <summary>The demonstration of a data directory as commands see it: its plan, and who is who in the bank.</summary>
internal sealed record Demonstration(DemoFile File, DemoPlan Plan, DemoAnswer Answer)
{
    public DemoDirectory Directory { get; } = Answer.ToDirectory();

    /// <exception cref="CommandFailedException">There is none, or nobody serves it.</exception>
    public static async Task<Demonstration> FindAsync(
        BankDoor door,
        ParseResult parsed,
        CancellationToken token
    )
    {
        var file = DemoFile.Of(parsed.GetRequiredValue(CommonOptions.Data).FullName);
        var bank = await BankDoor
            .FindLeadingRestAsync(parsed, door.KeyFor(parsed), token)
            .ConfigureAwait(false);
        await using (bank.ConfigureAwait(false))
        {
            var answer = await LookAsync(bank, file, token).ConfigureAwait(false);
            return new Demonstration(file, DemoPlanner.Draw(file.ToOptions()), answer);
        }
    }

    /// <summary>What of it a bank has. Changes nothing.</summary>
    public static Task<DemoAnswer> LookAsync(
        RestBank bank,
        DemoFile file,
        CancellationToken token
    ) =>
        bank.GetAsync(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{DemoEndpoint.Path}?seed={file.Seed}&language={file.Language}&persons={file.Persons}"
            ),
            DemoJson.Default.DemoAnswer,
            token
        );

    /// <summary>Builds what is missing. Again changes nothing.</summary>
    public static Task<DemoAnswer> BuildAsync(
        RestBank bank,
        DemoFile file,
        CancellationToken token
    ) =>
        bank.PostAsync(
            DemoEndpoint.Path,
            file.ToRequest(),
            DemoJson.Default.DemoRequest,
            DemoJson.Default.DemoAnswer,
            token
        );
}
