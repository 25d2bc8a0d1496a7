using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Evenkeel.Watch.Drills;

/// <summary>What a drill came to.</summary>
public sealed record DrillReport
{
    public required DrillPlan Plan { get; init; }
    public required DateTimeOffset StartedUtc { get; init; }
    public required TimeSpan Duration { get; init; }
    public required int Seed { get; init; }
    public required string Binary { get; init; }

    /// <summary>Why it ended before its time; null when it did not.</summary>
    public required string? Aborted { get; init; }
    public required IReadOnlyList<Criterion> Criteria { get; init; }
    public required IReadOnlyDictionary<string, double?> Measures { get; init; }
    public required IReadOnlyList<string> Accelerated { get; init; }
    public required IReadOnlyList<string> NotBuilt { get; init; }
    public required IReadOnlyList<DrillEvent> Events { get; init; }

    /// <summary>Directory with this report, the logs of all processes and the probes.</summary>
    public required string Evidence { get; init; }

    /// <summary>Every criterion that can be measured today holds, and there is at least one.</summary>
    public bool Passed => Aborted is null && Criteria.Count > 0 && Criteria.All(c => c.Passed);

    /// <summary>One line of JSON: id, passed, losses, then every measure by its name.</summary>
    public string ToJson()
    {
        using MemoryStream buffer = new();
        JsonWriterOptions options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        using (Utf8JsonWriter json = new(buffer, options))
        {
            json.WriteStartObject();
            json.WriteString("id", Plan.Id);
            json.WriteBoolean("passed", Passed);
            WriteMeasure(json, "acknowledgedLost");
            WriteMeasure(json, "postedTwice");
            foreach (string name in Measures.Keys.Order(StringComparer.Ordinal))
            {
                if (name is not ("acknowledgedLost" or "postedTwice"))
                {
                    WriteMeasure(json, name);
                }
            }
            json.WriteString("name", Plan.Name);
            json.WriteString("hypothesis", Plan.Hypothesis);
            json.WriteString("fault", Plan.Fault);
            json.WriteString("abort", Plan.Abort);
            json.WriteString("aborted", Aborted);
            json.WriteStartArray("criteria");
            foreach (Criterion criterion in Criteria)
            {
                json.WriteStartObject();
                json.WriteString("name", criterion.Name);
                json.WriteString("limit", criterion.Limit);
                json.WriteString("measured", criterion.Measured);
                json.WriteBoolean("passed", criterion.Passed);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            WriteList(json, "accelerated", Accelerated);
            WriteList(json, "notBuilt", NotBuilt);
            json.WriteNumber("seed", Seed);
            json.WriteString("startedUtc", StartedUtc);
            json.WriteNumber("durationMs", (long)Duration.TotalMilliseconds);
            json.WriteString("evidence", Evidence);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    /// <summary>The report for people.</summary>
    public string ToMarkdown()
    {
        StringBuilder text = new();
        Line($"# {Plan.Id} {Plan.Name}: {(Passed ? "passed" : "NOT PASSED")}");
        Line($"");
        Line(
            $"Started {StartedUtc:yyyy-MM-dd HH:mm:ss}Z, {Duration.TotalSeconds:0} s, seed {Seed}."
        );
        if (Aborted is not null)
        {
            Line($"**Aborted**: {Aborted}");
        }
        Line($"");
        Line($"- Hypothesis: {Plan.Hypothesis}");
        Line($"- Fault: {Plan.Fault}");
        Line($"- Abort condition: {Plan.Abort}");
        Line($"");
        Line($"| criterion | limit | measured | |");
        Line($"| --- | --- | --- | --- |");
        foreach (Criterion c in Criteria)
        {
            Line(
                $"| {c.Name} | {c.Limit} | {c.Measured} | {(c.Passed ? "passed" : "**FAILED**")} |"
            );
        }
        Line($"");
        Line($"| measure | value |");
        Line($"| --- | --- |");
        foreach (var (name, value) in Measures.OrderBy(m => m.Key, StringComparer.Ordinal))
        {
            Line(
                $"| {name} | {value?.ToString("0.###", CultureInfo.InvariantCulture) ?? "never"} |"
            );
        }
        List("Accelerated (waits only)", Accelerated);
        List("Not built yet, so not measured and not counted as passed", NotBuilt);
        Line($"");
        Line($"## What happened");
        foreach (DrillEvent happened in Events)
        {
            Line($"- {happened.AtUtc:HH:mm:ss.fff} {happened.What}");
        }
        return text.ToString();

        void Line(FormattableString line) =>
            text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');

        void List(string title, IReadOnlyList<string> items)
        {
            if (items.Count > 0)
            {
                Line($"");
                Line($"{title}:");
            }
            foreach (string item in items)
            {
                Line($"- {item}");
            }
        }
    }

    private static void WriteList(Utf8JsonWriter json, string name, IReadOnlyList<string> items)
    {
        json.WriteStartArray(name);
        foreach (string item in items)
        {
            json.WriteStringValue(item);
        }
        json.WriteEndArray();
    }

    private void WriteMeasure(Utf8JsonWriter json, string name)
    {
        if (Measures.GetValueOrDefault(name) is { } value)
        {
            json.WriteNumber(name, value);
        }
        else
        {
            json.WriteNull(name);
        }
    }
}
