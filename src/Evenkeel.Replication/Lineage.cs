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

/// <summary>The lineage of a data directory, written once at its first start.</summary>
/// <param name="Id">Random, 128 bits.</param>
/// <param name="Parent">The lineage it forked from; null for a bank's first.</param>
/// <param name="ForkIndex">The last entry shared with the parent; 0 for a bank's first.</param>
public sealed record Lineage(LineageId Id, LineageId? Parent, ulong ForkIndex)
{
    private const string FileName = "lineage.json";

    /// <summary>Version of the directory's layout and formats; others are refused.</summary>
    public const int FormatVersion = 1;

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
        Span<byte> bytes = stackalloc byte[16];
        random.NextBytes(bytes);
        var lineage = new Lineage(
            given ?? new(System.Buffers.Binary.BinaryPrimitives.ReadUInt128LittleEndian(bytes)),
            Parent: null,
            ForkIndex: 0
        );
        Write(path, lineage, files);
        return lineage;
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
        if (document?.FormatVersion != FormatVersion)
        {
            throw new RecoveryException(
                new RecoveryNote(
                    path,
                    0,
                    0,
                    $"format version {document?.FormatVersion}; this program reads {FormatVersion}"
                )
            );
        }
        var lineage = document.ToLineage(path);
        if (
            !string.Equals(
                document.Check,
                LineageDocument.From(lineage).Check,
                StringComparison.Ordinal
            )
        )
        {
            throw new RecoveryException(new RecoveryNote(path, 0, 0, "checksum does not match"));
        }
        return lineage;
    }

    private static void Write(string path, Lineage lineage, IFileLayer files)
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

    /// <summary>SHA-256 of "id/parent/forkIndex", so that a flipped bit is seen.</summary>
    public required string Check { get; init; }

    public static LineageDocument From(Lineage lineage)
    {
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"{lineage.Id}/{lineage.Parent}/{lineage.ForkIndex}"
        );
        return new LineageDocument
        {
            FormatVersion = Lineage.FormatVersion,
            Id = lineage.Id.ToString(),
            Parent = lineage.Parent?.ToString(),
            ForkIndex = lineage.ForkIndex,
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
            return new(
                LineageId.Parse(Id),
                Parent is null ? null : LineageId.Parse(Parent),
                ForkIndex
            );
        }
        catch (FormatException malformed)
        {
            throw new RecoveryException(new RecoveryNote(path, 0, 0, malformed.Message));
        }
    }
}

[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase
)]
[JsonSerializable(typeof(LineageDocument))]
[JsonSerializable(typeof(SnapshotManifest))]
internal sealed partial class ReplicationJson : JsonSerializerContext;
