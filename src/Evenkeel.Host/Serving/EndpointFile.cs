using System.Text.Json;
using System.Text.Json.Serialization;

namespace Evenkeel.Host.Serving;

/// <summary>Where the bank of a data directory listens, for commands on the same machine.</summary>
/// <param name="Binary">HOST:PORT of the binary protocol.</param>
/// <param name="Rest">URL of the REST interface; null while it is not served.</param>
/// <param name="CertificateSha256">
/// Of the TLS certificate, hexadecimal; null without TLS. Whoever can write this file owns the data,
/// so that local commands may trust the certificate by it.
/// </param>
internal sealed record Endpoints(string Binary, Uri? Rest, string? CertificateSha256)
{
    /// <summary>The contract between channels and the bank; null where it is not served.</summary>
    public Uri? Bank { get; init; }

    /// <summary>Of a cluster: every member; null for a bank of one node.</summary>
    public IReadOnlyList<MemberEndpoints>? Members { get; init; }

    /// <summary>Of a cluster: URL of the gateway; null when there is none.</summary>
    public Uri? Gateway { get; init; }
}

/// <summary>Where one member of a cluster listens.</summary>
/// <param name="Binary">HOST:PORT of the binary protocol.</param>
internal sealed record MemberEndpoints(string Name, string Binary, Uri Rest);

/// <summary>The file <c>endpoint.json</c>: there while the bank is served, or after a crash.</summary>
internal static class EndpointFile
{
    private const string FileName = "endpoint.json";

    public static Endpoints? Read(string dataDirectory)
    {
        var path = PathIn(dataDirectory);
        try
        {
            return File.Exists(path)
                ? JsonSerializer.Deserialize(
                    File.ReadAllBytes(path),
                    EndpointJson.Default.Endpoints
                )
                : null;
        }
        catch (Exception e) when (e is JsonException or IOException)
        {
            // Only a hint: without it the directory is tried itself.
            return null;
        }
    }

    public static void Write(string dataDirectory, Endpoints endpoints) =>
        OperatorKey.Replace(
            PathIn(dataDirectory),
            JsonSerializer.Serialize(endpoints, EndpointJson.Default.Endpoints)
        );

    public static void Delete(string dataDirectory) => File.Delete(PathIn(dataDirectory));

    private static string PathIn(string dataDirectory) => Path.Combine(dataDirectory, FileName);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Endpoints))]
internal sealed partial class EndpointJson : JsonSerializerContext;
