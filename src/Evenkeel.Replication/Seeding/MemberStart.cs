using System.Text;
using System.Text.Json;

namespace Evenkeel.Replication;

/// <summary>How a member of several may begin.</summary>
public enum MemberStartKind
{
    /// <summary>It has its files, with its term and its vote.</summary>
    Open,

    /// <summary>The bank is new and was founded by somebody who knows that.</summary>
    Found,

    /// <summary>It has lost its files, or never had any: it must be seeded before it votes.</summary>
    Seed,
}

/// <summary>
/// Decides how a member begins. An empty directory never speaks for itself: a member that lost its
/// files has also forgotten how it voted and what it acknowledged (ADR 16).
/// </summary>
public static class MemberStart
{
    /// <summary>Laid into each data directory by whoever founds a bank; gone after the first start.</summary>
    public const string FoundingMarker = "founding";

    /// <summary>Says that the directory's content must be replaced, and why.</summary>
    public const string ReseedMarker = "reseed";

    internal const string SeededName = "seeded.json";

    /// <summary>What the member has to do, after finishing what a seeding had begun to put in place.</summary>
    public static MemberStartKind Decide(string directory)
    {
        SeedInstall.Resume(directory, RealFileLayer.Instance);
        if (File.Exists(Path.Combine(directory, ReseedMarker)))
        {
            return MemberStartKind.Seed;
        }
        if (HasPromises(directory) || File.Exists(Path.Combine(directory, SeededName)))
        {
            return MemberStartKind.Open;
        }
        return File.Exists(Path.Combine(directory, FoundingMarker))
            ? MemberStartKind.Found
            : MemberStartKind.Seed;
    }

    /// <summary>True for a directory that never held anything of a bank.</summary>
    public static bool IsNew(string directory) =>
        !HasPromises(directory)
        && !File.Exists(Path.Combine(directory, ReseedMarker))
        && !File.Exists(Path.Combine(directory, Lineage.FileName))
        && !Directory.Exists(Path.Combine(directory, SeedInstall.Staging));

    /// <summary>Says that this member belongs to a new bank. Only for a directory without content.</summary>
    /// <exception cref="InvalidOperationException">The directory has a history already.</exception>
    public static void MarkFounding(string directory)
    {
        Directory.CreateDirectory(directory);
        if (!IsNew(directory))
        {
            throw new InvalidOperationException($"{directory} has a history already.");
        }
        Write(Path.Combine(directory, FoundingMarker), "A new bank begins here.\n");
    }

    /// <summary>Lets the next start replace what is in the directory.</summary>
    public static void MarkReseed(string directory, string reason) =>
        Write(Path.Combine(directory, ReseedMarker), reason + "\n");

    /// <summary>Why the directory must be replaced; null when it need not.</summary>
    public static string? ReseedReason(string directory)
    {
        var path = Path.Combine(directory, ReseedMarker);
        return File.Exists(path) ? File.ReadAllText(path).Trim() : null;
    }

    /// <summary>The engine's file of term and vote.</summary>
    private static bool HasPromises(string directory) =>
        File.Exists(Path.Combine(directory, "raft", "state"));

    internal static void Write(string path, string text)
    {
        var temporary = path + ".tmp";
        using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write))
        {
            file.Write(Encoding.UTF8.GetBytes(text));
            file.Flush(flushToDisk: true);
        }
        File.Move(temporary, path, overwrite: true);
        RealFileLayer.Instance.FlushDirectory(Path.GetDirectoryName(path)!);
    }
}

/// <summary>
/// What a seeded member must not forget when it begins to vote: <c>seeded.json</c>, kept until the
/// engine has it in its own files.
/// </summary>
internal sealed record SeededState
{
    /// <summary>The member takes part in no term before this one.</summary>
    public required ulong Term { get; init; }

    /// <summary>Who led in that term: nobody else gets this member's vote in it.</summary>
    public required string Leader { get; init; }

    /// <summary>The member has every entry up to here.</summary>
    public required ulong Index { get; init; }

    public static SeededState? Read(string directory)
    {
        var path = Path.Combine(directory, MemberStart.SeededName);
        if (!File.Exists(path))
        {
            return null;
        }
        try
        {
            return JsonSerializer.Deserialize(
                File.ReadAllBytes(path),
                SeedJson.Default.SeededState
            );
        }
        catch (JsonException malformed)
        {
            throw new RecoveryException(new(path, 0, 0, malformed.Message));
        }
    }

    public void Write(string directory) =>
        MemberStart.Write(
            Path.Combine(directory, MemberStart.SeededName),
            JsonSerializer.Serialize(this, SeedJson.Default.SeededState)
        );
}
