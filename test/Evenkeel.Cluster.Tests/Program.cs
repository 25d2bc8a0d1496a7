using Evenkeel.Cluster.Tests;
using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

if (Environment.GetEnvironmentVariable(NodeProcess.DirectoryVariable) is { Length: > 0 } directory)
{
    await NodeProcess.ServeAsync(directory);
    return 0;
}
return args.Contains("--server", StringComparer.Ordinal)
    ? await TestPlatformTestFramework.RunAsync(
        args,
        SelfRegisteredExtensions.AddSelfRegisteredExtensions
    )
    : await ConsoleRunner.Run(args);
