namespace Evenkeel.LedgerApi.Tests.Bank;

/// <summary>Small counts by default, large ones when EVENKEEL_LONG=1.</summary>
internal static class Counts
{
    public static bool Long { get; } =
        string.Equals(
            Environment.GetEnvironmentVariable("EVENKEEL_LONG"),
            "1",
            StringComparison.Ordinal
        );

    public static int Of(int fast, int longRun) => Long ? longRun : fast;
}
