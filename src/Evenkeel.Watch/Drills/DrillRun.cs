using System.Globalization;
using Evenkeel.Watch.Drills.Load;

namespace Evenkeel.Watch.Drills;

/// <summary>A pass criterion with what was measured.</summary>
/// <param name="Limit">For people, with its unit.</param>
public sealed record Criterion(string Name, string Limit, string Measured, bool Passed);

/// <summary>Something that happened, with its time.</summary>
public sealed record DrillEvent(DateTimeOffset AtUtc, string What);

/// <summary>What a drill needs while it runs, and what it has found so far. Thread-safe.</summary>
public sealed class DrillRun
{
    /// <summary>Without any good answer for so long the drill is aborted.</summary>
    public static readonly TimeSpan SilenceMax = TimeSpan.FromSeconds(60);

    private readonly Lock _gate = new();
    private readonly List<DrillEvent> _events = [];
    private readonly List<Criterion> _criteria = [];
    private readonly List<string> _accelerated = [];
    private readonly List<string> _notBuilt = [];
    private readonly Dictionary<string, double?> _measures = new(StringComparer.Ordinal);
    private readonly Action<string> _say;

    public DrillRun(string binary, string directory, int seed, Action<string> say)
    {
        Binary = binary;
        Directory = directory;
        Seed = seed;
        _say = say;
    }

    /// <summary>The executable that is put to the test.</summary>
    public string Binary { get; }

    /// <summary>Where evidence is kept.</summary>
    public string Directory { get; }

    public int Seed { get; }

    /// <summary>Where the bank of this drill lives.</summary>
    public string BedDirectory => Path.Combine(Directory, "bed");

    public IReadOnlyList<DrillEvent> Events => Copy(_events);

    public IReadOnlyList<Criterion> Criteria => Copy(_criteria);

    /// <summary>Waits that were shortened; nothing else may be.</summary>
    public IReadOnlyList<string> Accelerated => Copy(_accelerated);

    /// <summary>Measures of the library that need parts which do not exist; never counted as passed.</summary>
    public IReadOnlyList<string> NotBuilt => Copy(_notBuilt);

    /// <summary>By name, the unit last; null = it never came.</summary>
    public IReadOnlyDictionary<string, double?> Measures
    {
        get
        {
            lock (_gate)
            {
                return new Dictionary<string, double?>(_measures, StringComparer.Ordinal);
            }
        }
    }

    /// <summary>The customers that the abort condition looks at; set as soon as there are any.</summary>
    public GatewayProbe? Customers { get; set; }

    public void Happened(string what)
    {
        DrillEvent happened = new(DateTimeOffset.UtcNow, what);
        lock (_gate)
        {
            _events.Add(happened);
        }
        _say(string.Create(CultureInfo.InvariantCulture, $"{happened.AtUtc:HH:mm:ss.fff} {what}"));
    }

    /// <summary>Writes down a figure that has no limit.</summary>
    public void Measure(string name, double? value)
    {
        lock (_gate)
        {
            _measures[name] = value is { } v && double.IsFinite(v) ? Math.Round(v, 3) : null;
        }
    }

    /// <summary>Writes down a figure that must not be above its limit; null means that it never came.</summary>
    public void RequireAtMost(string name, double? value, double limit, string what)
    {
        Measure(name, value);
        Add(
            new Criterion(
                what,
                $"<= {Show(limit)} {UnitOf(name)}".TrimEnd(),
                value is { } v && double.IsFinite(v)
                    ? $"{Show(v)} {UnitOf(name)}".TrimEnd()
                    : "never",
                value <= limit
            )
        );
    }

    /// <summary>Writes down something that must be so.</summary>
    public void Require(string what, bool holds, string measured) =>
        Add(new Criterion(what, "must hold", measured, holds));

    public void WasAccelerated(params string[] what)
    {
        lock (_gate)
        {
            _accelerated.AddRange(what);
        }
    }

    public void IsNotBuilt(params string[] what)
    {
        lock (_gate)
        {
            _notBuilt.AddRange(what);
        }
    }

    private static string Show(double value) =>
        value.ToString("0.###", CultureInfo.InvariantCulture);

    private static string UnitOf(string name) =>
        name.EndsWith("Ms", StringComparison.Ordinal) ? "ms"
        : name.EndsWith("Percent", StringComparison.Ordinal) ? "%"
        : "";

    private void Add(Criterion criterion)
    {
        lock (_gate)
        {
            _criteria.Add(criterion);
        }
    }

    private List<T> Copy<T>(List<T> list)
    {
        lock (_gate)
        {
            return [.. list];
        }
    }
}
