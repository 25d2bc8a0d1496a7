using System.CommandLine;
using System.Text;
using Evenkeel.Host.CommandLine;

namespace Evenkeel.Host.LedgerExec;

/// <summary><c>evenkeel ledger exec FILE</c>.</summary>
internal static class LedgerCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = Text.ExecFileArgument };
        var exec = new Command("exec", Text.ExecDescription) { file };
        exec.SetAction(parsed => Run(parsed.GetRequiredValue(file)));
        return new Command("ledger", Text.LedgerDescription) { exec };
    }

    private static int Run(string file)
    {
        using var exec = new ExecSession();
        using var output = new StreamWriter(
            Console.OpenStandardOutput(),
            new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
            bufferSize: 1 << 16
        );
        if (file is "-")
        {
            // Somebody may be waiting for each answer.
            output.AutoFlush = true;
            using var standardInput = new StreamReader(Console.OpenStandardInput(), Encoding.UTF8);
            exec.Run(standardInput, output);
            return ExitCode.Ok;
        }

        try
        {
            using var input = new StreamReader(file, Encoding.UTF8);
            exec.Run(input, output);
            return ExitCode.Ok;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine(Text.ErrorPrefix(Text.CannotRead(file, e.Message)));
            return ExitCode.NotDone;
        }
    }
}
