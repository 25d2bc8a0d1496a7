using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using Evenkeel.Host.CommandLine;
using Evenkeel.Host.Serving;

namespace Evenkeel.Host.Houses;

/// <summary>Where the house of a data directory is reached, for commands that come as customers do.</summary>
/// <param name="Gateway">REST of customers and companies.</param>
/// <param name="Iso">Machines and shops: "address:port".</param>
/// <param name="Clearing">REST of the clearing simulator.</param>
internal sealed record HouseFile(Uri Gateway, string Iso, Uri Clearing)
{
    private const string Name = "house.json";

    public IPEndPoint ToIsoEndPoint() => IPEndPoint.Parse(Iso);

    /// <exception cref="CommandFailedException">No house was started there.</exception>
    public static HouseFile Of(string directory)
    {
        var path = Path.Combine(directory, Name);
        return
            File.Exists(path)
            && JsonSerializer.Deserialize(File.ReadAllBytes(path), HouseJson.Default.HouseFile)
                is { } house
            ? house
            : throw new CommandFailedException(ExitCode.NotDone, Text.NotServing(directory));
    }

    public void Write(string directory) =>
        OperatorKey.Replace(
            Path.Combine(directory, Name),
            JsonSerializer.Serialize(this, HouseJson.Default.HouseFile)
        );
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(HouseFile))]
internal sealed partial class HouseJson : JsonSerializerContext;
