using System.Text.Json.Serialization;
using Evenkeel.Watch.Upgrades.Rolling;

namespace Evenkeel.Watch.Upgrades;

/// <summary>What a rehearsal found; kept as JSON beside its SHA-256 (docs/formats/shadow.md).</summary>
public sealed record RehearsalReport
{
    public const int CurrentFormat = 1;

    public required int Format { get; init; }

    /// <summary>True when every line of both programs was equal up to the end.</summary>
    public required bool Passed { get; init; }
    public required DateTimeOffset StartedAt { get; init; }
    public required RehearsedProgram Current { get; init; }
    public required RehearsedProgram Candidate { get; init; }

    /// <summary>32 hexadecimal digits.</summary>
    public required string Lineage { get; init; }

    /// <summary>Entry of the snapshot that both began at; 0 = from nothing.</summary>
    public required ulong StartEntry { get; init; }

    /// <summary>Last entry of which both said the same.</summary>
    public required ulong LastEqualEntry { get; init; }

    /// <summary>Entries whose results and rows were compared.</summary>
    public required ulong EntriesCompared { get; init; }

    /// <summary>Events in those entries.</summary>
    public required ulong EventsCompared { get; init; }

    /// <summary>Digests of the whole state that were compared.</summary>
    public required ulong StatesCompared { get; init; }

    /// <summary>Seconds from start to end, both programs side by side.</summary>
    public required double Seconds { get; init; }

    /// <summary>Null when there is none.</summary>
    public RehearsalDifference? Difference { get; init; }
}

/// <param name="Path">The executable.</param>
/// <param name="Program">SHA-256 over its own assemblies, as it says itself.</param>
/// <param name="StateVersionMax">The highest state version that it applies.</param>
public sealed record RehearsedProgram(string Path, string Program, uint StateVersionMax);

/// <summary>The first place at which the two programs did not do the same.</summary>
public sealed record RehearsalDifference
{
    /// <summary>The log entry.</summary>
    public required ulong Entry { get; init; }

    /// <summary>results, rows, state, failed or ended.</summary>
    public required string Kind { get; init; }

    /// <summary>What it is, in words.</summary>
    public required string Detail { get; init; }

    /// <summary>Command in the entry, from 0.</summary>
    public int? Command { get; init; }

    /// <summary>What the command asks for.</summary>
    public string? Operation { get; init; }

    /// <summary>Event in the entry, from 0.</summary>
    public uint? Event { get; init; }
    public RehearsedResult? Current { get; init; }
    public RehearsedResult? Candidate { get; init; }
}

/// <param name="Status">The status in words.</param>
/// <param name="Number">The status as it travels.</param>
/// <param name="Timestamp">Nanoseconds.</param>
/// <param name="More">Account version, or the status behind a refused operation.</param>
public sealed record RehearsedResult(string Status, uint Number, ulong Timestamp, uint More);

[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull
)]
[JsonSerializable(typeof(RehearsalReport))]
[JsonSerializable(typeof(UpgradeNote))]
internal sealed partial class UpgradesJson : JsonSerializerContext;
