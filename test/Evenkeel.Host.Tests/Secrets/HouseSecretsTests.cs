using System.Text;
using Evenkeel.Import.Tests;
using Xunit;

namespace Evenkeel.Host.Tests.Secrets;

/// <summary>
/// A whole house of real processes, its log as talkative as it can be: customers, machines, other banks
/// and strangers at work, one process killed. Then every file and every word of it is read.
/// </summary>
public sealed class HouseSecretsTests
{
    /// <summary>
    /// The only place where something may be, and why. Everything else that is found is a fault.
    /// </summary>
    private static readonly (string Place, Func<string, bool> May, string Why)[] Allowed =
    [
        (
            "clearing/clearing.jsonl",
            static secret => secret.StartsWith("rail ", StringComparison.Ordinal),
            "the file of another party, with what a bank must tell it: docs/formats/clearing-simulator.md"
        ),
        (
            "clearing/clearing.jsonl",
            static secret => secret == "name of " + PlayedHouse.Person,
            "who pays another bank's customer is named to it: Regulation (EU) 2023/1113, FATF recommendation 16"
        ),
    ];

    [Fact]
    public async Task No_file_and_no_word_of_a_house_holds_a_card_number_a_PIN_a_secret_or_a_name()
    {
        using TemporaryFolder data = new();
        // What the players have of their own: cards, PINs, files. Not the house's.
        using TemporaryFolder players = new();
        SecretScan scan = new();
        PlayedHouse house = new(data.Path, players.Path, scan);
        await using (house)
        {
            await house.StartAsync();
            await house.SignInAsync();
            await house.PayAsync();
            await house.DrawCashAsync();
            await house.SendMalformedAsync();
            await house.PayWagesAsync();
            await house.MeetOtherBanksAsync();
            await house.KillGatewayAsync();
            await house.StopAsync();
        }

        List<Finding> found = [.. scan.Directory(data.Path)];
        foreach (var (place, words) in house.Said)
        {
            using MemoryStream stream = new(Encoding.UTF8.GetBytes(words));
            found.AddRange(scan.Stream(place, stream));
        }

        // What must be found shows that the scan sees the bank's records, the log and the clearing.
        Assert.Contains(found, f => IsControl(f) && f.Place.Contains("records", Ordinal));
        Assert.Contains(found, f => IsControl(f) && f.Place.StartsWith("clearing", Ordinal));
        Assert.Contains(
            found,
            f => f.Secret == "rail payee" && f.Place.StartsWith("clearing", Ordinal)
        );
        Assert.Contains(
            found,
            f => f.Secret == "rail payer" && f.Place.StartsWith("clearing", Ordinal)
        );
        Assert.Contains(house.Said, static s => s.Words.Contains("gateway", Ordinal));
        Assert.NotEmpty(Directory.EnumerateFiles(Path.Combine(data.Path, "logs")));
        Assert.True(scan.BytesRead > 1_000_000);

        var faults = found
            .Where(f => !IsControl(f))
            .Where(f => !Allowed.Any(a => a.Place == f.Place && a.May(f.Secret)))
            .Select(static f => $"{f.Place}: {f.Secret} as {f.Form}");
        Assert.Empty(faults);
    }

    private const StringComparison Ordinal = StringComparison.Ordinal;

    private static bool IsControl(Finding finding) => finding.Secret == PlayedHouse.ControlSecret;
}
