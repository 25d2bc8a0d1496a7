using System.Globalization;
using System.Text.RegularExpressions;

namespace Evenkeel.Watch.Drills.Measuring;

/// <summary>What the gateway noticed, from its log.</summary>
public static partial class GatewayLog
{
    /// <summary>From a moment until the gateway wrote that the leader is gone or another; ms.</summary>
    /// <returns>Null when it noticed nothing.</returns>
    public static async Task<double?> DetectionMsAsync(
        string logFile,
        DateTimeOffset sinceUtc,
        CancellationToken cancellationToken
    )
    {
        foreach (string line in await File.ReadAllLinesAsync(logFile, cancellationToken))
        {
            Match match = Line().Match(line);
            if (!match.Success)
            {
                continue;
            }
            var at = DateTimeOffset.Parse(match.Groups["at"].Value, CultureInfo.InvariantCulture);
            if (at >= sinceUtc)
            {
                return (at - sinceUtc).TotalMilliseconds;
            }
        }
        return null;
    }

    [GeneratedRegex(
        @"^(?<at>\d{4}-\d\d-\d\dT[\d:.]+Z) .*(No leader known|Leader: )",
        RegexOptions.ExplicitCapture,
        1_000
    )]
    private static partial Regex Line();
}
