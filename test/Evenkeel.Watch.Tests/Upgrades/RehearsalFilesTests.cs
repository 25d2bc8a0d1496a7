using Evenkeel.Watch.Upgrades;
using Xunit;

namespace Evenkeel.Watch.Tests.Upgrades;

public sealed class RehearsalFilesTests : IDisposable
{
    private readonly string _folder = Directory
        .CreateTempSubdirectory("evenkeel-reports-")
        .FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_newest_report_of_exactly_these_two_programs_is_found()
    {
        RehearsalFiles.Write(_folder, Report(passed: false, day: 1));
        RehearsalFiles.Write(_folder, Report(passed: true, day: 2));

        Assert.True(RehearsalFiles.FindNewest(_folder, "current", "candidate")!.Passed);
        Assert.Null(RehearsalFiles.FindNewest(_folder, "current", "another"));
        Assert.Null(RehearsalFiles.FindNewest(_folder, "another", "candidate"));
        Assert.Null(
            RehearsalFiles.FindNewest(Path.Combine(_folder, "none"), "current", "candidate")
        );
    }

    [Fact]
    public void A_report_that_was_changed_afterwards_counts_as_none()
    {
        var path = RehearsalFiles.Write(_folder, Report(passed: false, day: 1));
        var text = File.ReadAllText(path);
        File.WriteAllText(
            path,
            text.Replace("\"passed\": false", "\"passed\": true", StringComparison.Ordinal)
        );

        Assert.NotEqual(text, File.ReadAllText(path));
        Assert.Null(RehearsalFiles.FindNewest(_folder, "current", "candidate"));
    }

    private static RehearsalReport Report(bool passed, int day) =>
        new()
        {
            Format = RehearsalReport.CurrentFormat,
            Passed = passed,
            StartedAt = new DateTimeOffset(2026, 11, day, 0, 0, 0, TimeSpan.Zero),
            Current = new RehearsedProgram("/old/evenkeel", "current", StateVersionMax: 1),
            Candidate = new RehearsedProgram("/new/evenkeel", "candidate", StateVersionMax: 2),
            Lineage = new string('1', 32),
            StartEntry = 0,
            LastEqualEntry = 10,
            EntriesCompared = 10,
            EventsCompared = 100,
            StatesCompared = 1,
            Seconds = 1.5,
            Difference = passed
                ? null
                : new RehearsalDifference
                {
                    Entry = 11,
                    Kind = "results",
                    Detail = "they differ",
                },
        };
}
