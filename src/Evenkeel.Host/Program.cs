using System.CommandLine;
using Evenkeel.Host.CommandLine;

ParseResult parsed = Commands.Root().Parse(args);
int exitCode = await parsed.InvokeAsync().ConfigureAwait(false);
return parsed.Errors.Count > 0 ? ExitCode.Usage : exitCode;
