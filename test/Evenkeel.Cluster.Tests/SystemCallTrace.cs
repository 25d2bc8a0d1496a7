using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Evenkeel.Cluster.Tests;

/// <summary>What a process wrote, flushed, received and sent, from a trace of strace.</summary>
internal sealed partial class SystemCallTrace
{
    private readonly List<SystemCall> _calls;
    private readonly string _directory;

    /// <summary>Files whose writes return when they are on the disk.</summary>
    private readonly HashSet<string> _synchronous;

    private SystemCallTrace(List<SystemCall> calls, HashSet<string> synchronous, string directory)
    {
        _calls = calls;
        _synchronous = synchronous;
        _directory = string.Concat(Encoding.UTF8.GetBytes(directory).Select(b => $"\\x{b:x2}"));
    }

    /// <summary>One call from its beginning to its return, seconds since the epoch.</summary>
    /// <param name="Target">Path of the file, or the two ends of the connection.</param>
    /// <param name="Text">The arguments with their bytes in hexadecimal.</param>
    private sealed record SystemCall(
        string Name,
        double Begin,
        double End,
        string Target,
        string Text
    );

    /// <param name="directory">Of the consensus log: only files below it count.</param>
    public static SystemCallTrace Read(string file, string directory)
    {
        List<SystemCall> calls = [];
        HashSet<string> synchronous = new(StringComparer.Ordinal);
        Dictionary<string, (double Begin, string Head)> unfinished = new(StringComparer.Ordinal);
        foreach (string line in File.ReadLines(file))
        {
            Match match = Line().Match(line);
            if (!match.Success)
            {
                continue;
            }
            string thread = match.Groups["thread"].Value;
            double at = double.Parse(match.Groups["at"].Value, CultureInfo.InvariantCulture);
            string rest = match.Groups["rest"].Value;
            if (rest.EndsWith("<unfinished ...>", StringComparison.Ordinal))
            {
                unfinished[thread] = (at, rest[..^"<unfinished ...>".Length]);
                continue;
            }
            double begin = at;
            double end = at + TookOf(rest);
            if (rest.StartsWith("<... ", StringComparison.Ordinal))
            {
                if (!unfinished.Remove(thread, out var head))
                {
                    continue;
                }
                begin = head.Begin;
                end = at;
                rest = head.Head + rest[(rest.IndexOf('>', StringComparison.Ordinal) + 1)..];
            }
            Match opened = Opened().Match(rest);
            if (opened.Success)
            {
                synchronous.Add(opened.Groups["path"].Value);
                continue;
            }
            Match call = Call().Match(rest);
            if (call.Success)
            {
                calls.Add(
                    new SystemCall(
                        call.Groups["name"].Value,
                        begin,
                        end,
                        call.Groups["target"].Value,
                        rest
                    )
                );
            }
        }
        return new SystemCallTrace([.. calls.OrderBy(c => c.Begin)], synchronous, directory);
    }

    /// <summary>
    /// When the bytes of a transfer were safe in the node's log: a synchronous write returned, or a
    /// flush of the file after the write. Null when that is not in the trace.
    /// </summary>
    public double? FlushedAt(UInt128 id)
    {
        string wanted = Hexadecimal(id);
        SystemCall? write = _calls.FirstOrDefault(c =>
            c.Name.StartsWith("pwrite", StringComparison.Ordinal)
            && c.Target.StartsWith(_directory, StringComparison.Ordinal)
            && c.Text.Contains(wanted, StringComparison.Ordinal)
        );
        if (write is null || _synchronous.Contains(write.Target))
        {
            return write?.End;
        }
        return _calls
            .Where(c =>
                c.Name is "fsync" or "fdatasync"
                && c.Begin >= write.End
                && string.Equals(c.Target, write.Target, StringComparison.Ordinal)
            )
            .Select(c => (double?)c.End)
            .FirstOrDefault();
    }

    /// <summary>
    /// When the answer to what carried a transfer began to leave, on a connection to this port of
    /// the node. Null when that is not in the trace.
    /// </summary>
    public double? AnsweredAt(UInt128 id, int port)
    {
        string wanted = Hexadecimal(id);
        string own = string.Create(CultureInfo.InvariantCulture, $":{port}->");
        string ownLast = string.Create(CultureInfo.InvariantCulture, $":{port}]");
        SystemCall? received = _calls.FirstOrDefault(c =>
            c.Name.StartsWith("recv", StringComparison.Ordinal)
            && (
                c.Target.Contains(own, StringComparison.Ordinal)
                || c.Target.Contains(ownLast, StringComparison.Ordinal)
            )
            && c.Text.Contains(wanted, StringComparison.Ordinal)
        );
        return received is null
            ? null
            : _calls
                .Where(c =>
                    c.Name.StartsWith("send", StringComparison.Ordinal)
                    && c.Begin >= received.End
                    && string.Equals(c.Target, received.Target, StringComparison.Ordinal)
                )
                .Select(c => (double?)c.Begin)
                .FirstOrDefault();
    }

    private static double TookOf(string rest)
    {
        Match took = Took().Match(rest);
        return took.Success
            ? double.Parse(took.Groups["took"].Value, CultureInfo.InvariantCulture)
            : 0;
    }

    /// <summary>The id's bytes as strace prints them, little-endian as on the wire.</summary>
    private static string Hexadecimal(UInt128 id)
    {
        StringBuilder text = new();
        for (int i = 0; i < 16; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"\\x{(byte)((id >> (8 * i)) & 0xFF):x2}");
        }
        return text.ToString();
    }

    [GeneratedRegex(
        @"^(?<thread>\d+) +(?<at>\d+\.\d+) (?<rest>.*)$",
        RegexOptions.ExplicitCapture,
        10_000
    )]
    private static partial Regex Line();

    [GeneratedRegex(
        @"^(?<name>\w+)\(\d+<(?<target>[^<>]*?(->[^<>]*)?)>",
        RegexOptions.ExplicitCapture,
        10_000
    )]
    private static partial Regex Call();

    [GeneratedRegex(
        @"^openat\(.*O_D?SYNC.* = \d+<(?<path>[^<>]*)>",
        RegexOptions.ExplicitCapture,
        10_000
    )]
    private static partial Regex Opened();

    [GeneratedRegex(@"<(?<took>\d+\.\d+)>$", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex Took();
}
