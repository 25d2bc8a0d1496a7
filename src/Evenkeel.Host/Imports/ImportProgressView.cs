using Evenkeel.Host.CommandLine;
using Evenkeel.Import;
using Spectre.Console;

namespace Evenkeel.Host.Imports;

/// <summary>Progress on standard error: bars on a terminal, lines in a file or a pipe.</summary>
internal static class ImportProgressView
{
    /// <summary>Lines in a file: one for each so many percent of a stage.</summary>
    private const int PercentPerLine = 10;

    public static Task<T> ShowAsync<T>(
        Terminal terminal,
        Func<IProgress<ImportStep>, Task<T>> import
    ) =>
        terminal.Error.Profile.Capabilities.Interactive
            ? WithBarsAsync(terminal, import)
            : import(new Lines(terminal));

    private static Task<T> WithBarsAsync<T>(
        Terminal terminal,
        Func<IProgress<ImportStep>, Task<T>> import
    ) =>
        terminal
            .Error.Progress()
            .Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left },
                new ProgressBarColumn(),
                new PercentageColumn(),
                new ElapsedTimeColumn()
            )
            .StartAsync(context => import(new Bars(context)));

    private static string Name(ImportStage stage) =>
        stage switch
        {
            ImportStage.Reading => Text.StageReading,
            ImportStage.Records => Text.StageRecords,
            ImportStage.Openings => Text.StageOpenings,
            ImportStage.Movements => Text.StageMovements,
            ImportStage.Report => Text.StageReport,
            _ => stage.ToString(),
        };

    private sealed class Bars(ProgressContext context) : IProgress<ImportStep>
    {
        private readonly Dictionary<ImportStage, ProgressTask> _tasks = [];

        public void Report(ImportStep value)
        {
            if (!_tasks.TryGetValue(value.Stage, out var task))
            {
                task = context.AddTask(Markup.Escape(Name(value.Stage)), maxValue: value.Total);
                _tasks.Add(value.Stage, task);
            }
            task.Value = value.Done;
        }
    }

    private sealed class Lines(Terminal terminal) : IProgress<ImportStep>
    {
        private (ImportStage Stage, long Tenth) _last = (ImportStage.Reading, -1);

        public void Report(ImportStep value)
        {
            var percent = value.Total == 0 ? 100 : value.Done * 100 / value.Total;
            var now = (value.Stage, percent / PercentPerLine);
            if (now != _last)
            {
                _last = now;
                terminal.Remark(Text.ProgressLine(Name(value.Stage), value.Done, value.Total));
            }
        }
    }
}
