using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Evenkeel.Replication;

/// <summary>
/// Names one history. Restoring to a point, or forcing a lost quorum, begins a new lineage, so that
/// nobody mistakes one history's entry 1,000 for another's.
/// </summary>
public readonly record struct LineageId(UInt128 Value)
{
    /// <summary>32 lower-case hexadecimal digits.</summary>
    public override string ToString() => Value.ToString("x32", CultureInfo.InvariantCulture);

    public static LineageId Parse(string text) =>
        new(UInt128.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture));
}

/// <summary>A point in a history: which history, which entry, and proof of all before it.</summary>
public readonly record struct LogPosition(LineageId Lineage, ulong Index, ChainHash Chain);

/// <summary>A history that another one forked from.</summary>
/// <param name="Id">Its lineage.</param>
/// <param name="ForkIndex">The last entry that was written under it and is part of this history.</param>
/// <param name="ForkTime">
/// Log time of that entry, nanoseconds since the Unix epoch; every later entry of this history has a
/// later one. 0 when no entry up to there carries a time.
/// </param>
public sealed record Ancestor(LineageId Id, ulong ForkIndex, ulong ForkTime);

/// <summary>The lineage of a data directory, written once at its first start.</summary>
/// <param name="Id">Random, 128 bits.</param>
/// <param name="Parent">The lineage it forked from; null for a bank's first.</param>
/// <param name="ForkIndex">The last entry shared with the parent; 0 for a bank's first.</param>
public sealed record Lineage(LineageId Id, LineageId? Parent, ulong ForkIndex)
{
    internal const string FileName = "lineage.json";

    /// <summary>Version of the layout of a directory that was never restored; see docs/formats/snapshot.md.</summary>
    public const int FormatVersion = 1;

    /// <summary>Version of a lineage.json that names ancestors.</summary>
    public const int ForkedFormatVersion = 2;

    /// <summary>Every lineage that wrote a part of this history, oldest first; the last is the parent.</summary>
    public IReadOnlyList<Ancestor> Ancestors { get; init; } = [];

    /// <summary>Log time of the last entry shared with the parent; 0 without one.</summary>
    public ulong ForkTime => Ancestors is [.., var parent] ? parent.ForkTime : 0;

    /// <summary>The lineage under which the entry of an index of this history was written.</summary>
    public LineageId Of(ulong index)
    {
        foreach (var ancestor in Ancestors)
        {
            if (index <= ancestor.ForkIndex)
            {
                return ancestor.Id;
            }
        }
        return Id;
    }

    /// <summary>
    /// True when a state that was recorded under a lineage at an index is a state of this history.
    /// </summary>
    public bool Shares(LineageId lineage, ulong index)
    {
        if (lineage == Id)
        {
            return index >= ForkIndex;
        }
        foreach (var ancestor in Ancestors)
        {
            if (ancestor.Id == lineage)
            {
                return index <= ancestor.ForkIndex;
            }
        }
        return false;
    }

    /// <summary>Reads the lineage of a data directory, changing nothing.</summary>
    /// <returns>Null when the directory has none.</returns>
    /// <exception cref="RecoveryException">It is damaged.</exception>
    public static Lineage? Find(string directory)
    {
        var path = Path.Combine(directory, FileName);
        return File.Exists(path) ? Read(path) : null;
    }

    /// <summary>Reads the lineage of a data directory, or makes it when the directory is new.</summary>
    /// <exception cref="RecoveryException">It is damaged, or missing from a directory with content.</exception>
    public static Lineage OpenOrCreate(RaftLogOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return OpenOrCreate(options.Directory, options.Lineage, options.Random, options.Files);
    }

    internal static Lineage OpenOrCreate(
        string directory,
        LineageId? given,
        Random random,
        IFileLayer files
    )
    {
        var path = Path.Combine(directory, FileName);
        if (File.Exists(path))
        {
            var stored = Read(path);
            return given is null || given == stored.Id
                ? stored
                : throw new RecoveryException(
                    new RecoveryNote(path, 0, 0, $"is of lineage {stored.Id}, not {given}")
                );
        }
        foreach (var name in (ReadOnlySpan<string>)["archive", "raft", "snapshots"])
        {
            var other = Path.Combine(directory, name);
            if (Directory.Exists(other) && Directory.EnumerateFileSystemEntries(other).Any())
            {
                throw new RecoveryException(
                    new RecoveryNote(path, 0, 0, $"missing, though {name} has content")
                );
            }
        }
        var lineage = new Lineage(given ?? NewId(random), Parent: null, ForkIndex: 0);
        Write(path, lineage, files);
        return lineage;
    }

    internal static LineageId NewId(Random random)
    {
        Span<byte> bytes = stackalloc byte[16];
        random.NextBytes(bytes);
        return new(System.Buffers.Binary.BinaryPrimitives.ReadUInt128LittleEndian(bytes));
    }

    private static Lineage Read(string path)
    {
        LineageDocument? document;
        try
        {
            document = JsonSerializer.Deserialize(
                File.ReadAllBytes(path),
                ReplicationJson.Default.LineageDocument
            );
        }
        catch (JsonException malformed)
        {
            throw new RecoveryException(
                new RecoveryNote(path, 0, 0, $"not readable: {malformed.Message}")
            );
        }
        if (document?.FormatVersion is not (FormatVersion or ForkedFormatVersion))
        {
            throw new RecoveryException(
                new RecoveryNote(
                    path,
                    0,
                    0,
                    $"format version {document?.FormatVersion}; this program reads up to {ForkedFormatVersion}"
                )
            );
        }
        var lineage = document.ToLineage(path);
        var expected = LineageDocument.From(lineage);
        if (document.FormatVersion != expected.FormatVersion)
        {
            throw new RecoveryException(
                new RecoveryNote(
                    path,
                    0,
                    0,
                    $"format version {document.FormatVersion} with {lineage.Ancestors.Count} ancestors"
                )
            );
        }
        if (!string.Equals(document.Check, expected.Check, StringComparison.Ordinal))
        {
            throw new RecoveryException(new RecoveryNote(path, 0, 0, "checksum does not match"));
        }
        return lineage;
    }

    internal static void Write(string path, Lineage lineage, IFileLayer files)
    {
        var temporary = path + ".tmp";
        using (var stream = new BlockStream(files.OpenForWriting(temporary, create: true)))
        {
            stream.Write(
                JsonSerializer.SerializeToUtf8Bytes(
                    LineageDocument.From(lineage),
                    ReplicationJson.Default.LineageDocument
                )
            );
            stream.Complete();
        }
        File.Move(temporary, path, overwrite: true);
        files.FlushDirectory(Path.GetDirectoryName(path)!);
    }
}

/// <summary>lineage.json as stored; see docs/formats/snapshot.md.</summary>
internal sealed record LineageDocument
{
    public required int FormatVersion { get; init; }
    public required string Id { get; init; }
    public required string? Parent { get; init; }
    public required ulong ForkIndex { get; init; }

    /// <summary>From version 2 on.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<AncestorDocument>? Ancestors { get; init; }

    /// <summary>SHA-256 of "id/parent/forkIndex" and the ancestors, so that a flipped bit is seen.</summary>
    public required string Check { get; init; }

    public static LineageDocument From(Lineage lineage)
    {
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"{lineage.Id}/{lineage.Parent}/{lineage.ForkIndex}"
        );
        foreach (var ancestor in lineage.Ancestors)
        {
            text += string.Create(
                CultureInfo.InvariantCulture,
                $"/{ancestor.Id}/{ancestor.ForkIndex}/{ancestor.ForkTime}"
            );
        }
        return new LineageDocument
        {
            FormatVersion =
                lineage.Ancestors.Count == 0 ? Lineage.FormatVersion : Lineage.ForkedFormatVersion,
            Id = lineage.Id.ToString(),
            Parent = lineage.Parent?.ToString(),
            ForkIndex = lineage.ForkIndex,
            Ancestors =
                lineage.Ancestors.Count == 0
                    ? null
                    :
                    [
                        .. lineage.Ancestors.Select(static a => new AncestorDocument(
                            a.Id.ToString(),
                            a.ForkIndex,
                            a.ForkTime
                        )),
                    ],
            Check = Convert.ToHexStringLower(
                System.Security.Cryptography.SHA256.HashData(
                    System.Text.Encoding.UTF8.GetBytes(text)
                )
            ),
        };
    }

    public Lineage ToLineage(string path)
    {
        try
        {
            var ancestors = (Ancestors ?? [])
                .Select(static a => new Ancestor(LineageId.Parse(a.Id), a.ForkIndex, a.ForkTime))
                .ToArray();
            var lineage = new Lineage(
                LineageId.Parse(Id),
                Parent is null ? null : LineageId.Parse(Parent),
                ForkIndex
            )
            {
                Ancestors = ancestors,
            };
            var rising = ancestors
                .Zip(ancestors.Skip(1))
                .All(static pair => pair.First.ForkIndex <= pair.Second.ForkIndex);
            var parentIsLast =
                ancestors is not [.., var last]
                || (last.Id == lineage.Parent && last.ForkIndex == ForkIndex);
            return rising && parentIsLast
                ? lineage
                : throw new RecoveryException(
                    new RecoveryNote(path, 0, 0, "its ancestors contradict each other")
                );
        }
        catch (FormatException malformed)
        {
            throw new RecoveryException(new RecoveryNote(path, 0, 0, malformed.Message));
        }
    }
}

/// <summary>One element of <c>ancestors</c>.</summary>
internal sealed record AncestorDocument(string Id, ulong ForkIndex, ulong ForkTime);

[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase
)]
[JsonSerializable(typeof(LineageDocument))]
[JsonSerializable(typeof(SnapshotManifest))]
internal sealed partial class ReplicationJson : JsonSerializerContext;
