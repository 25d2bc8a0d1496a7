using System.Globalization;

namespace Evenkeel.Watch.Drills.Measuring;

/// <summary>How busy the machine is with everything that runs on it.</summary>
internal static class MachineLoad
{
    private const string File = "/proc/loadavg";

    /// <summary>
    /// Processes that run or wait to, over the last minute; null where the system doesn't say.
    /// </summary>
    public static double? OneMinute() =>
        System.IO.File.Exists(File) ? Parse(System.IO.File.ReadAllText(File)) : null;

    internal static double? Parse(string line) =>
        double.TryParse(
            line.AsSpan(0, Math.Max(0, line.IndexOf(' ', StringComparison.Ordinal))),
            NumberStyles.Float,
            CultureInfo.InvariantCulture,
            out double load
        )
            ? load
            : null;
}
