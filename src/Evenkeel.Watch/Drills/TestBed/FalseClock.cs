using System.Globalization;

namespace Evenkeel.Watch.Drills.TestBed;

/// <summary>
/// The wall clock of one process, moved at any moment by libfaketime; time that only runs is left
/// alone, as on a machine whose clock is set.
/// </summary>
public sealed class FalseClock
{
    private static readonly string[] Libraries =
    [
        "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1",
        "/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1",
        "/usr/lib64/faketime/libfaketime.so.1",
        "/usr/lib/faketime/libfaketime.so.1",
    ];

    private readonly string _file;

    /// <param name="file">Where the process reads how far its clock is off.</param>
    public FalseClock(string file)
    {
        _file = file;
        SetOffset(TimeSpan.Zero);
    }

    /// <summary>False where libfaketime is not installed: such tests are skipped.</summary>
    public static bool IsPossible => Library is not null;

    private static string? Library { get; } = Array.Find(Libraries, File.Exists);

    /// <summary>Gives the node's next process this clock.</summary>
    public void GiveTo(TestNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        node.Environment["LD_PRELOAD"] = Library!;
        node.Environment["FAKETIME_TIMESTAMP_FILE"] = _file;
        // Reading the file at each call would slow the process to a crawl.
        node.Environment["FAKETIME_CACHE_DURATION"] = "1";
        node.Environment["DONT_FAKE_MONOTONIC"] = "1";
        node.Environment["FAKETIME_DONT_FAKE_MONOTONIC"] = "1";
    }

    public void SetOffset(TimeSpan offset)
    {
        string aside = _file + ".tmp";
        File.WriteAllText(
            aside,
            string.Create(
                CultureInfo.InvariantCulture,
                $"{offset.TotalSeconds:+0.###;-0.###;+0}s\n"
            )
        );
        File.Move(aside, _file, overwrite: true);
    }
}
