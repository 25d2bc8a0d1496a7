using Evenkeel.Replication;
using Evenkeel.Replication.Tests;
using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

if (Environment.GetEnvironmentVariable(CrashHost.Variable) is { Length: > 0 } directory)
{
    await CrashHost.RunAsync(directory);
    return 0;
}
if (Environment.GetEnvironmentVariable(GuardTests.UnguardedFlushVariable) is { Length: > 0 } other)
{
    await GuardTests.ManyWaitForFlushesAsync(other, new GuardSwitches { SerialFlush = false });
    return 0;
}
return args.Contains("--server", StringComparer.Ordinal)
    ? await TestPlatformTestFramework.RunAsync(
        args,
        SelfRegisteredExtensions.AddSelfRegisteredExtensions
    )
    : await ConsoleRunner.Run(args);
