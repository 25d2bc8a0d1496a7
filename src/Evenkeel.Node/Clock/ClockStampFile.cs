using System.Globalization;
using System.IO.Hashing;
using System.Text;

namespace Evenkeel.Node.Clock;

/// <summary>
/// Keeps the <see cref="ClockStamp"/> in one small text file (docs/formats/clock.md). A damaged or
/// missing file is no stamp: the clock then judges by the log alone.
/// </summary>
internal sealed class ClockStampFile(string path)
{
    private const string Magic = "evenkeel-clock-1";

    public ClockStamp? Read()
    {
        if (!File.Exists(path))
        {
            return null;
        }
        string[] lines = File.ReadAllLines(path);
        if (
            lines.Length != 6
            || !string.Equals(lines[0], Magic, StringComparison.Ordinal)
            || !string.Equals(lines[5], Sum(lines.AsSpan(0, 5)), StringComparison.Ordinal)
        )
        {
            return null;
        }
        return
            TryNumber(lines[2], out ulong boot)
            && TryNumber(lines[3], out ulong wall)
            && TryNumber(lines[4], out ulong skew)
            ? new ClockStamp(lines[1], boot, wall, skew)
            : null;
    }

    /// <summary>Replaces the file. Not synced: an older stamp after a power cut does no harm.</summary>
    public void Write(ClockStamp stamp)
    {
        string[] lines =
        [
            Magic,
            stamp.BootId,
            stamp.BootNs.ToString(CultureInfo.InvariantCulture),
            stamp.WallNs.ToString(CultureInfo.InvariantCulture),
            stamp.SkewNs.ToString(CultureInfo.InvariantCulture),
        ];
        string temporary = path + ".new";
        File.WriteAllText(temporary, string.Join('\n', [.. lines, Sum(lines)]) + "\n");
        File.Move(temporary, path, overwrite: true);
    }

    private static bool TryNumber(string text, out ulong value) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);

    private static string Sum(ReadOnlySpan<string> lines) =>
        XxHash3
            .HashToUInt64(Encoding.UTF8.GetBytes(string.Join('\n', lines.ToArray())))
            .ToString("x16", CultureInfo.InvariantCulture);
}
