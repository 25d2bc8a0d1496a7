using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Evenkeel.Host.CommandLine;
using Evenkeel.Model.People;
using Evenkeel.Replication;

namespace Evenkeel.Host.Clusters;

/// <summary>
/// An order by two people: the quorum is gone for good, and exactly this survivor goes on from
/// exactly this position (docs/formats/cluster.md).
/// </summary>
internal sealed record RecoveryOrder
{
    public const int FormatVersionNow = 1;
    public const string FileName = "recovery-order.json";

    /// <summary>Characters of the reason.</summary>
    public const int ReasonCharsMax = 1_000;

    public required int FormatVersion { get; init; }

    /// <summary>The lineage that ends, 32 hexadecimal digits.</summary>
    public required string Lineage { get; init; }

    public required string Survivor { get; init; }

    /// <summary>The survivor's Raft address from now on.</summary>
    public required string Raft { get; init; }

    /// <summary>The last entry of the old lineage that counts.</summary>
    public required ulong Index { get; init; }

    /// <summary>Chain hash after it.</summary>
    public required string Chain { get; init; }

    /// <summary>Entries behind it are taken over up to here.</summary>
    public required ulong LogIndex { get; init; }

    public required ulong Term { get; init; }

    /// <summary>Members that are given up, sorted.</summary>
    public required IReadOnlyList<string> Lost { get; init; }

    /// <summary>Why, for those who read it years later.</summary>
    public required string Reason { get; init; }

    public IReadOnlyList<OperatorSignature> Signatures { get; init; } = [];

    /// <summary>What is signed.</summary>
    [JsonIgnore]
    public byte[] Message =>
        Encoding.UTF8.GetBytes(
            string.Create(
                CultureInfo.InvariantCulture,
                $"evenkeel recover 1\n{Lineage}\n{Survivor}\n{Raft}\n{Index}\n{Chain}\n{LogIndex}\n{Term}\n{string.Join(',', Lost)}\n{Reason}\n"
            )
        );

    public bool Orders(SurvivorPosition position) =>
        string.Equals(Lineage, position.Lineage.ToString(), StringComparison.Ordinal)
        && Index == position.Index
        && string.Equals(Chain, position.Chain.ToString(), StringComparison.Ordinal)
        && LogIndex == position.LogIndex
        && Term == position.Term;

    /// <exception cref="CommandFailedException">It can't be understood.</exception>
    public static RecoveryOrder Read(string path)
    {
        try
        {
            return
                JsonSerializer.Deserialize(
                    File.ReadAllBytes(path),
                    RecoveryJson.Default.RecoveryOrder
                )
                    is { FormatVersion: FormatVersionNow } order
                ? order
                : throw new CommandFailedException(ExitCode.NotDone, Text.RecoverBadOrder(path));
        }
        catch (JsonException malformed)
        {
            throw new CommandFailedException(
                ExitCode.NotDone,
                Text.RecoverBadOrder(path),
                malformed.Message
            );
        }
    }

    /// <summary>Writes the file whole or not at all.</summary>
    public void Write(string path)
    {
        var aside = path + ".tmp";
        using (var stream = new FileStream(aside, FileMode.Create, FileAccess.Write))
        {
            JsonSerializer.Serialize(stream, this, RecoveryJson.Default.RecoveryOrder);
            stream.Flush(flushToDisk: true);
        }
        File.Move(aside, path, overwrite: true);
    }
}

/// <param name="Lineage">The new one.</param>
/// <param name="TakenOver">Entries behind the fork that were not certainly committed.</param>
internal sealed record RecoveryOutput(
    string Lineage,
    string Parent,
    ulong ForkIndex,
    ulong TakenOver,
    IReadOnlyList<string> Lost,
    IReadOnlyList<Backups.AttemptsAfter> Attempts
);

[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase
)]
[JsonSerializable(typeof(RecoveryOrder))]
[JsonSerializable(typeof(RecoveryOutput))]
internal sealed partial class RecoveryJson : JsonSerializerContext;
