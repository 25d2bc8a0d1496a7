using System.Globalization;
using System.Text.Json.Serialization;
using Evenkeel.Journal.Access;
using Evenkeel.Node;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Evenkeel.Host.Serving;

/// <summary>
/// <c>GET /v1/checkpoints/latest</c>: the newest signed checkpoint of this node's archive, for whoever
/// keeps copies out of this node's reach.
/// </summary>
internal static class CheckpointEndpoint
{
    public const string Path = "/v1/checkpoints/latest";

    public static void Map(WebApplication web, EvenkeelNode node) =>
        web.MapGet(
                Path,
                () =>
                    node.LatestCheckpoint is { } signed
                        ? Results.Json(
                            new CheckpointAnswer(
                                signed.Checkpoint.Number,
                                signed.Checkpoint.KeyId.ToString(
                                    "x16",
                                    CultureInfo.InvariantCulture
                                ),
                                signed.Checkpoint.Lineage.ToString(
                                    "x32",
                                    CultureInfo.InvariantCulture
                                ),
                                signed.Checkpoint.Index,
                                signed.Checkpoint.LogTime,
                                signed.Checkpoint.Chain.ToString(),
                                signed.Checkpoint.SnapshotIndex,
                                signed.Checkpoint.StateDigest.ToString(
                                    "x32",
                                    CultureInfo.InvariantCulture
                                ),
                                Convert.ToBase64String(signed.Record.Span),
                                signed.PublicKeyPem
                            ),
                            CheckpointJson.Default.CheckpointAnswer
                        )
                        : Results.NoContent()
            )
            .RequireAuthorization(KeyScopes.LedgerRead.ToNames()[0])
            .WithSummary("Newest signed checkpoint")
            .WithDescription(
                "What this node signed about its archive last. Keep copies elsewhere: with them "
                    + "'evenkeel verify log' finds an archive that was rewritten as a whole. No "
                    + "content before the first one."
            );
}

/// <param name="KeyId">First 8 bytes of SHA-256 of the public key, as a number in hexadecimal.</param>
/// <param name="LogTime">Nanoseconds since the Unix epoch.</param>
/// <param name="Chain">SHA-256 chain hash after the entry at <paramref name="Index"/>, hexadecimal.</param>
/// <param name="Record">The 256 bytes of docs/formats/checkpoints.md, Base64.</param>
/// <param name="PublicKey">SubjectPublicKeyInfo as PEM.</param>
internal sealed record CheckpointAnswer(
    ulong Number,
    string KeyId,
    string Lineage,
    ulong Index,
    ulong LogTime,
    string Chain,
    ulong SnapshotIndex,
    string StateDigest,
    string Record,
    string PublicKey
);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(CheckpointAnswer))]
internal sealed partial class CheckpointJson : JsonSerializerContext;
