namespace Evenkeel.Ledger.Tests;

/// <summary>Two tiers: fast by default, large counts when EVENKEEL_LONG=1.</summary>
internal static class TestScale
{
    public static bool IsLong { get; } = Environment.GetEnvironmentVariable("EVENKEEL_LONG") == "1";

    public static int Of(int normal, int whenLong) => IsLong ? whenLong : normal;
}
