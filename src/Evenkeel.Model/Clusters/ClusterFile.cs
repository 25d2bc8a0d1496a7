using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Evenkeel.Model.Clusters;

/// <summary>
/// <c>cluster.json</c>: everything that the members of a cluster must agree on. What is not in the
/// file is not in the cluster. See docs/formats/cluster.md.
/// </summary>
public sealed record ClusterFile
{
    /// <summary>Version of the file's form; others are refused.</summary>
    public const int FormatVersionNow = 1;

    /// <summary>Characters of a member's name.</summary>
    public const int NameCharsMax = 32;

    /// <summary>Members of the largest cluster.</summary>
    public const int MembersMax = 9;

    public required int FormatVersion { get; init; }

    /// <summary>32 hexadecimal digits; the same on every member, made once (docs/formats/snapshot.md).</summary>
    public required string Lineage { get; init; }

    public required IReadOnlyList<ClusterMember> Members { get; init; }

    /// <summary>Rises by one with each change of the members; absent = 1.</summary>
    public int? Version { get; set; }

    /// <summary>
    /// The lineage that this one took the place of when a lost quorum was forced; null = none was.
    /// </summary>
    public string? Parent { get; set; }

    /// <summary>The last entry that is shared with <see cref="Parent"/>.</summary>
    public ulong? ForkIndex { get; set; }

    /// <summary>
    /// Raft addresses of members that were lost when a quorum was forced (ADR 24): whoever comes back
    /// there is of a history that ended. Never used again.
    /// </summary>
    public IReadOnlyList<string>? Retired { get; set; }

    // Optional ones have setters: the reader would put null in place of an initial value else.

    /// <summary>Of the consensus engine; the defaults are those that were measured (ADR 0005).</summary>
    public ClusterTimeouts Timeouts { get; set; } = new();

    /// <summary>What each member may remember; null = the node's own defaults.</summary>
    public ClusterBudgets? Budgets { get; set; }

    /// <summary>Where the gateway listens; null = there is none.</summary>
    public ClusterGateway? Gateway { get; set; }

    /// <summary>
    /// PEM file of the authority whose certificates admit members; relative to this file. Null =
    /// loopback only, where the secret of the data directory admits them.
    /// </summary>
    public string? Authority { get; set; }

    /// <summary>
    /// SHA-256 over the canonical form, in hexadecimal: names sorted, no blanks, without paths of
    /// files, which may differ between machines. Nodes compare it.
    /// </summary>
    [JsonIgnore]
    public string Hash => Convert.ToHexStringLower(SHA256.HashData(Canonical(this)));

    /// <summary>The version of the membership.</summary>
    [JsonIgnore]
    public int VersionNow => Version ?? 1;

    /// <summary>How many members must agree.</summary>
    [JsonIgnore]
    public int Quorum => (Members.Count / 2) + 1;

    /// <summary>The member of this name; null when there is none.</summary>
    public ClusterMember? Find(string name) =>
        Members.FirstOrDefault(m => string.Equals(m.Name, name, StringComparison.Ordinal));

    /// <summary>The member that is reached at this Raft address; null when there is none.</summary>
    public ClusterMember? FindByRaft(IPEndPoint address) =>
        Members.FirstOrDefault(m => m.RaftEndpoint.Equals(address));

    /// <summary>Whether both have the same members at the same addresses.</summary>
    public bool HasMembersOf(ClusterFile other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Members
            .Select(static m => (m.Name, m.Raft))
            .ToHashSet()
            .SetEquals(other.Members.Select(static m => (m.Name, m.Raft)));
    }

    /// <exception cref="ClusterFileException">It is missing, malformed or contradicts itself.</exception>
    public static ClusterFile Read(string path)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception missing)
            when (missing is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new ClusterFileException(path, [missing.Message]);
        }
        return Parse(bytes, path);
    }

    /// <param name="path">Where the text is from, for messages.</param>
    /// <exception cref="ClusterFileException">It is malformed or contradicts itself.</exception>
    public static ClusterFile Parse(ReadOnlySpan<byte> json, string path)
    {
        ClusterFile? file;
        try
        {
            file = JsonSerializer.Deserialize(json, ClusterJson.Default.ClusterFile);
        }
        catch (JsonException malformed)
        {
            throw new ClusterFileException(path, [malformed.Message]);
        }
        if (file is null)
        {
            throw new ClusterFileException(path, ["it is empty"]);
        }
        string[] problems = [.. file.Problems()];
        return problems.Length == 0 ? file : throw new ClusterFileException(path, problems);
    }

    /// <summary>The text of the file.</summary>
    public string Format() =>
        JsonSerializer.Serialize(this, ClusterJson.Default.ClusterFile) + "\n";

    /// <summary>Writes the file whole or not at all.</summary>
    public void Write(string path) => Write(path, path + ".tmp");

    /// <param name="aside">Where it is written before it gets its name: own to each writer.</param>
    public void Write(string path, string aside)
    {
        using (var stream = new FileStream(aside, FileMode.Create, FileAccess.Write))
        {
            stream.Write(System.Text.Encoding.UTF8.GetBytes(Format()));
            stream.Flush(flushToDisk: true);
        }
        File.Move(aside, path, overwrite: true);
    }

    /// <summary>Everything that is wrong; empty when nothing is.</summary>
    public IEnumerable<string> Problems()
    {
        if (FormatVersion != FormatVersionNow)
        {
            yield return $"formatVersion is {FormatVersion}; this program reads {FormatVersionNow}";
            yield break;
        }
        if (
            Lineage.Length != 32
            || !UInt128.TryParse(
                Lineage,
                NumberStyles.AllowHexSpecifier,
                CultureInfo.InvariantCulture,
                out UInt128 lineage
            )
            || lineage == 0
        )
        {
            yield return "lineage must be 32 hexadecimal digits, not all of them 0";
        }
        if (Members.Any(static m => m is null))
        {
            yield return "members: null is no member";
            yield break;
        }
        if (Members.Count is 0 or > MembersMax)
        {
            yield return $"members: there must be 1 to {MembersMax}, not {Members.Count}";
        }
        foreach (string problem in Members.SelectMany(static m => m.Problems()))
        {
            yield return problem;
        }
        foreach (string problem in Duplicates())
        {
            yield return problem;
        }
        if (Version is < 1)
        {
            yield return $"version is {Version}; the first one is 1";
        }
        foreach (ClusterMember member in Members)
        {
            if (Retired?.Contains(member.Raft, StringComparer.Ordinal) == true)
            {
                yield return $"member {member.Name}: {member.Raft} was the address of a member that "
                    + "was given up; take another one";
            }
        }
        foreach (string problem in Timeouts.Problems())
        {
            yield return problem;
        }
        bool far = Members.Any(static m =>
            m.TryParseRaft(out IPEndPoint? raft) && !IPAddress.IsLoopback(raft.Address)
        );
        if (far && Authority is null)
        {
            yield return "authority: members beyond loopback need certificates";
        }
        if (Authority is not null)
        {
            foreach (ClusterMember member in Members)
            {
                if (member.Certificate is null || member.CertificateKey is null)
                {
                    yield return $"member {member.Name}: certificate and certificateKey are needed "
                        + "when there is an authority";
                }
                if (!member.Rest.StartsWith("https://", StringComparison.OrdinalIgnoreCase))
                {
                    yield return $"member {member.Name}: rest must be https:// when there is an "
                        + "authority: peers show their certificates there";
                }
            }
        }
    }

    private IEnumerable<string> Duplicates()
    {
        (string What, Func<ClusterMember, string> Value)[] unique =
        [
            ("name", static m => m.Name),
            ("raft address", static m => m.Raft),
            ("binary address", static m => m.Binary),
            ("REST address", static m => m.Rest),
        ];
        foreach ((string what, Func<ClusterMember, string> value) in unique)
        {
            foreach (var same in Members.GroupBy(value, StringComparer.Ordinal))
            {
                if (same.Count() > 1)
                {
                    yield return $"members: {same.Count()} have the {what} {same.Key}";
                }
            }
        }
    }

    private static byte[] Canonical(ClusterFile file)
    {
        JsonNode root = JsonSerializer.SerializeToNode(file, ClusterJson.Default.ClusterFile)!;
        var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            WriteSorted(writer, root);
        }
        return buffer.ToArray();
    }

    private static void WriteSorted(Utf8JsonWriter writer, JsonNode? node)
    {
        switch (node)
        {
            case JsonObject members:
                writer.WriteStartObject();
                foreach (var (name, value) in members.OrderBy(p => p.Key, StringComparer.Ordinal))
                {
                    if (name is "certificate" or "certificateKey" or "authority")
                    {
                        continue;
                    }
                    writer.WritePropertyName(name);
                    WriteSorted(writer, value);
                }
                writer.WriteEndObject();
                break;
            case JsonArray items:
                writer.WriteStartArray();
                foreach (JsonNode? item in items)
                {
                    WriteSorted(writer, item);
                }
                writer.WriteEndArray();
                break;
            case null:
                writer.WriteNullValue();
                break;
            default:
                node.WriteTo(writer);
                break;
        }
    }
}

/// <summary>A cluster file that can't be used.</summary>
public sealed class ClusterFileException(string path, IReadOnlyList<string> problems)
    : Exception($"{path}: {string.Join("; ", problems)}")
{
    /// <summary>What is wrong, one sentence each.</summary>
    public IReadOnlyList<string> Problems => problems;
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    ReadCommentHandling = JsonCommentHandling.Skip,
    AllowTrailingCommas = true,
    WriteIndented = true
)]
[JsonSerializable(typeof(ClusterFile))]
internal sealed partial class ClusterJson : JsonSerializerContext;
