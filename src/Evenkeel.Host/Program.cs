using System.Globalization;
using Evenkeel.Host.CommandLine;

var language = Languages.Choose(args, Environment.GetEnvironmentVariable);
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
CultureInfo.CurrentUICulture = language;
CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
CultureInfo.DefaultThreadCurrentUICulture = language;

var parsed = Commands.Root(null!).Parse(args);
var exitCode = await parsed.InvokeAsync().ConfigureAwait(false);
return Exit.Code(parsed, exitCode);
