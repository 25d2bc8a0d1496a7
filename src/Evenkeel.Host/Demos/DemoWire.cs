using System.Text.Json.Serialization;
using Evenkeel.Demo;
using Evenkeel.Demo.Plan;

namespace Evenkeel.Host.Demos;

/// <param name="Language">Of the names: en, zh-Hans, zh-Hant.</param>
/// <param name="Until">The business day that is open when it is built.</param>
/// <param name="Days">Business days that it lives through before that one.</param>
internal sealed record DemoRequest(int Seed, string Language, int Persons, DateOnly Until, int Days)
{
    public DemoOptions ToOptions() => new(Seed, Language, Persons);
}

/// <summary>References of the plan, and the bank's numbers for them; no names. And what is there.</summary>
internal sealed record DemoAnswer(
    IReadOnlyDictionary<string, string> Customers,
    IReadOnlyDictionary<string, string> Accounts,
    IReadOnlyList<DemoCount> Counts,
    IReadOnlyList<string> Missing
)
{
    public static DemoAnswer Of(DemoInventory inventory) =>
        new(
            inventory.Directory.Customers.ToDictionary(
                static pair => pair.Key,
                static pair => pair.Value.Value,
                StringComparer.Ordinal
            ),
            inventory.Directory.Accounts.ToDictionary(
                static pair => pair.Key,
                static pair => pair.Value.ToString(),
                StringComparer.Ordinal
            ),
            inventory.Counts,
            inventory.Missing
        );

    public DemoDirectory ToDirectory() =>
        new(
            Customers.ToDictionary(
                static pair => pair.Key,
                static pair => new Payments.CustomerId(pair.Value),
                StringComparer.Ordinal
            ),
            Accounts.ToDictionary(
                static pair => pair.Key,
                static pair => Payments.AccountNumber.Parse(pair.Value),
                StringComparer.Ordinal
            )
        );
}

/// <summary>What <c>demo build</c> says with <c>--json</c>.</summary>
internal sealed record DemoBuilt(
    int Seed,
    string Language,
    int Customers,
    int Accounts,
    IReadOnlyList<DemoCount> Counts
);

/// <summary>What <c>demo who</c> says with <c>--json</c>: all that somebody of the demonstration has.</summary>
internal sealed record DemoPerson(
    string Reference,
    string? Customer,
    IReadOnlyDictionary<string, string> Accounts
)
{
    public string? Login { get; init; }
    public string? LoginKind { get; init; }
    public string? Password { get; init; }

    /// <summary>Of the authenticator, in Base32; null where none is asked for.</summary>
    public string? CodeKey { get; init; }

    /// <summary>What the authenticator shows now.</summary>
    public string? Code { get; init; }
    public DemoCard? Card { get; init; }
    public string? Till { get; init; }
}

/// <summary>What <c>demo load</c> says with <c>--json</c>.</summary>
internal sealed record DemoLoaded(
    long Asked,
    long Done,
    long NotDone,
    long BeingResolved,
    long Late,
    double Seconds,
    double PerSecond,
    double LatencyP50Ms,
    double LatencyP99Ms,
    double LatencyMaxMs,
    string Truth
)
{
    /// <summary>Looks at accounts and statements.</summary>
    public long Shown { get; init; }

    /// <summary>No answer came, and the machine took it back.</summary>
    public long Reversed { get; init; }

    /// <summary>No answer in all the time that was given.</summary>
    public long Unknown { get; init; }

    /// <summary>Times that something was asked again with the same reference.</summary>
    public long Repeats { get; init; }

    /// <summary>How often each "no" was said.</summary>
    public IReadOnlyDictionary<string, long> Reasons { get; init; } =
        new Dictionary<string, long>(StringComparer.Ordinal);

    /// <summary>How many of each kind were asked.</summary>
    public IReadOnlyDictionary<string, long> Kinds { get; init; } =
        new Dictionary<string, long>(StringComparer.Ordinal);
}

/// <summary>What <c>demo check</c> says with <c>--json</c>.</summary>
internal sealed record DemoChecked(
    long Asked,
    long Unanswered,
    int AcknowledgedLost,
    int RefusedButDone,
    long BeingResolved,
    bool Kept
)
{
    /// <summary>In a statement more than once.</summary>
    public int Twice { get; init; }

    /// <summary>With another amount than was told.</summary>
    public int OtherAmount { get; init; }

    /// <summary>Accounts whose statements were read, and lines in them.</summary>
    public int Accounts { get; init; }
    public long Lines { get; init; }

    /// <summary>Never answered to the customer, found by reference: done, not done.</summary>
    public long FoundDone { get; init; }
    public long FoundNotDone { get; init; }

    /// <summary>What of the plan the bank has.</summary>
    public IReadOnlyList<DemoCount> Plan { get; init; } = [];
    public IReadOnlyList<string> Missing { get; init; } = [];
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull
)]
[JsonSerializable(typeof(DemoRequest))]
[JsonSerializable(typeof(DemoAnswer))]
[JsonSerializable(typeof(DemoBuilt))]
[JsonSerializable(typeof(DemoPerson))]
[JsonSerializable(typeof(DemoLoaded))]
[JsonSerializable(typeof(DemoChecked))]
internal sealed partial class DemoJson : JsonSerializerContext;
