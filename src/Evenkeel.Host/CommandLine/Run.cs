using System.CommandLine;
using Evenkeel.Import;

namespace Evenkeel.Host.CommandLine;

/// <summary>Runs a command's action and turns every expected failure into words and an exit code.</summary>
internal static class Run
{
    public static void Does(
        this Command command,
        Func<ParseResult, Terminal, CancellationToken, Task<int>> action
    ) =>
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var terminal = Terminal.Of(parsed);
                try
                {
                    return await action(parsed, terminal, cancellationToken).ConfigureAwait(false);
                }
                catch (CommandFailedException e)
                {
                    terminal.Complain(e.Message);
                    return e.ExitCode;
                }
                catch (ImportFailedException e)
                {
                    terminal.Complain(Describe(e));
                    return e.Kind == ImportFailureKind.Unknown
                        ? ExitCode.Unknown
                        : ExitCode.NotDone;
                }
                catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
                {
                    terminal.Complain(Text.Interrupted);
                    return ExitCode.Unknown;
                }
                catch (IOException e)
                {
                    terminal.Complain(e.Message);
                    return ExitCode.NotDone;
                }
                catch (UnauthorizedAccessException e)
                {
                    terminal.Complain(e.Message);
                    return ExitCode.NotDone;
                }
            }
        );

    private static string Describe(ImportFailedException e) =>
        e.Kind switch
        {
            ImportFailureKind.FileMissing => Text.ImportFileMissing(e.Subject, e.Detail),
            ImportFailureKind.FileFormat => Text.ImportFileFormat(e.Subject, e.Detail),
            ImportFailureKind.Row => Text.ImportRow(e.Subject, e.Line, e.Detail),
            ImportFailureKind.OtherContent => Text.ImportOtherContent(e.Subject),
            ImportFailureKind.Refused => Text.ImportRefused(e.Subject, e.Detail)
                + Environment.NewLine
                + Text.ImportAgainHint,
            ImportFailureKind.Unknown => Text.ImportUnknown(e.Subject, e.Detail)
                + Environment.NewLine
                + Text.ImportAgainHint,
            _ => e.Message,
        };
}
