using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Evenkeel.Demo;
using Evenkeel.Demo.Plan;
using Evenkeel.Host.CommandLine;
using Evenkeel.Host.Serving;

namespace Evenkeel.Host.Demos;

/// <summary>
/// What the demonstration of a directory was drawn from. Kept beside the bank, so that every command and
/// every start speaks of the same one.
/// </summary>
/// <param name="Until">The business day that is open when it is built; null in files of before.</param>
/// <param name="Days">Business days that it has lived through before that one.</param>
/// <param name="Plan">SHA-256 of the plan that was built, in hexadecimal; null while it is not whole.</param>
internal sealed record DemoFile(
    int Seed,
    string Language,
    int Persons,
    DateOnly? Until = null,
    int Days = 0,
    string? Plan = null
)
{
    public const string Name = "demo.json";

    public DemoOptions ToOptions() => new(Seed, Language, Persons);

    public DemoRequest ToRequest() =>
        new(Seed, Language, Persons, Until ?? DateOnly.FromDateTime(DateTime.Today), Days);

    /// <summary>Of what the program draws from these choices today: another version may draw otherwise.</summary>
    public string PlanNow() =>
        Convert.ToHexStringLower(
            SHA256.HashData(
                JsonSerializer.SerializeToUtf8Bytes(
                    DemoPlanner.Draw(ToOptions()),
                    DemoFileJson.Default.DemoPlan
                )
            )
        );

    /// <summary>Null where there is none.</summary>
    public static DemoFile? Read(string directory)
    {
        var path = Path.Combine(directory, Name);
        return File.Exists(path)
            ? JsonSerializer.Deserialize(File.ReadAllBytes(path), DemoFileJson.Default.DemoFile)
            : null;
    }

    /// <exception cref="CommandFailedException">There is no demonstration.</exception>
    public static DemoFile Of(string directory) =>
        Read(directory)
        ?? throw new CommandFailedException(ExitCode.NotDone, Text.DemoNone(directory));

    public void Write(string directory) =>
        OperatorKey.Replace(
            Path.Combine(directory, Name),
            JsonSerializer.Serialize(this, DemoFileJson.Default.DemoFile)
        );

    /// <summary>A new one, of this day.</summary>
    public static DemoFile New(int seed, string language, int persons, int days) =>
        new(seed, language, persons, DateOnly.FromDateTime(DateTime.Today), days);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull
)]
[JsonSerializable(typeof(DemoFile))]
[JsonSerializable(typeof(DemoPlan))]
internal sealed partial class DemoFileJson : JsonSerializerContext;
