using System.Globalization;
using System.Text.RegularExpressions;

namespace Evenkeel.Watch.Drills.Measuring;

/// <summary>One time that a node took the lead, as its log says.</summary>
public sealed record Leadership(string Node, ulong Term, DateTimeOffset BeginUtc)
{
    /// <summary>Null while it lasts, or when the process died in it.</summary>
    public DateTimeOffset? EndUtc { get; init; }
}

/// <summary>A span in which an election has a cause.</summary>
public sealed record Cause(string What, DateTimeOffset FromUtc, DateTimeOffset ToUtc);

/// <summary>Who led when, from the logs of the nodes.</summary>
public static partial class Leaderships
{
    /// <param name="logs">File of each node, by its name. A file that is not there yet is empty.</param>
    public static async Task<IReadOnlyList<Leadership>> ReadAsync(
        IEnumerable<(string Node, string LogFile)> logs,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(logs);
        List<Leadership> all = [];
        foreach (var (node, file) in logs)
        {
            if (File.Exists(file))
            {
                string[] lines = await File.ReadAllLinesAsync(file, cancellationToken);
                all.AddRange(Read(node, lines));
            }
        }
        return [.. all.OrderBy(l => l.BeginUtc)];
    }

    public static IReadOnlyList<Leadership> Read(string node, IEnumerable<string> lines)
    {
        ArgumentNullException.ThrowIfNull(lines);
        List<Leadership> found = [];
        foreach (string line in lines)
        {
            Match match = Line().Match(line);
            if (!match.Success)
            {
                continue;
            }
            DateTimeOffset at = DateTimeOffset.Parse(
                match.Groups["at"].Value,
                CultureInfo.InvariantCulture
            );
            ulong term = ulong.Parse(match.Groups["term"].Value, CultureInfo.InvariantCulture);
            if (match.Groups["end"].Success)
            {
                int i = found.FindLastIndex(l => l.Term == term);
                if (i >= 0)
                {
                    found[i] = found[i] with { EndUtc = at };
                }
            }
            else
            {
                found.Add(new Leadership(node, term, at));
            }
        }
        return found;
    }

    /// <summary>Terms that two nodes led in. Always 0, or consensus is broken.</summary>
    public static int TermsWithTwoLeaders(IEnumerable<Leadership> leaderships) =>
        leaderships
            .GroupBy(l => l.Term)
            .Count(g => g.DistinctBy(l => l.Node, StringComparer.Ordinal).Skip(1).Any());

    /// <summary>Leaderships that began while nothing was wrong.</summary>
    public static IReadOnlyList<Leadership> WithoutCause(
        IEnumerable<Leadership> leaderships,
        IReadOnlyList<Cause> causes
    ) =>
        [
            .. leaderships.Where(l =>
                !causes.Any(c => c.FromUtc <= l.BeginUtc && l.BeginUtc <= c.ToUtc)
            ),
        ];

    [GeneratedRegex(
        @"^(?<at>\d{4}-\d\d-\d\dT[\d:.]+Z) .*(?:(?<end>No longer leading)|Leading) in term (?<term>\d+)$",
        RegexOptions.ExplicitCapture,
        1_000
    )]
    private static partial Regex Line();
}
