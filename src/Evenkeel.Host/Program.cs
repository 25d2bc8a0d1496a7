using System.CommandLine;
using System.Globalization;
using Evenkeel.Host.Banks;
using Evenkeel.Host.Clusters;
using Evenkeel.Host.CommandLine;

var language = Languages.Choose(args, Environment.GetEnvironmentVariable);
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
CultureInfo.CurrentUICulture = language;
CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
CultureInfo.DefaultThreadCurrentUICulture = language;

ParentWatch.StartIfSupervised();
BankDoor door = new(Environment.GetEnvironmentVariable);
var parsed = Commands.Root(door, door).Parse(args);
var exitCode = await parsed
    .InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = Stopping.TimeMax })
    .ConfigureAwait(false);
return Exit.Code(parsed, exitCode);
