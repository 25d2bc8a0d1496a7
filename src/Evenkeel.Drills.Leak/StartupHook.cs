using System.Globalization;

/// <summary>
/// A slow leak for drills of bad upgrades: loaded into a node's process only when the runtime is told
/// to (DOTNET_STARTUP_HOOKS), as a drill's candidate does. The program itself has no switch for faults.
/// </summary>
#pragma warning disable CA1050, MA0047 // The runtime looks for exactly this name, without a namespace.
internal static class StartupHook
#pragma warning restore CA1050, MA0047
{
    private const string BytesVariable = "EVENKEEL_DRILL_LEAK_BYTES_PER_SECOND";
    private const int StepsPerSecond = 10;

    private static readonly List<byte[]> s_kept = [];

    /// <summary>Called by the runtime before the program's own entry point.</summary>
    public static void Initialize()
    {
        if (
            int.TryParse(
                Environment.GetEnvironmentVariable(BytesVariable),
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out int bytesPerSecond
            )
        )
        {
            var thread = new Thread(() => Leak(bytesPerSecond / StepsPerSecond))
            {
                IsBackground = true,
                Name = "drill: leak",
            };
            thread.Start();
        }
    }

    private static void Leak(int bytes)
    {
        while (true)
        {
            byte[] kept = new byte[bytes];
            // Touched, so that it is memory and no promise.
            Array.Fill(kept, (byte)1);
            s_kept.Add(kept);
            Thread.Sleep(1_000 / StepsPerSecond);
        }
    }
}
