namespace Evenkeel.Host.Clusters;

/// <summary>
/// A supervised process ends when its supervisor does, however that one died: its standard input
/// is a pipe that the supervisor holds open, and the operating system closes it.
/// </summary>
internal static class ParentWatch
{
    /// <summary>Set by the supervisor for its children.</summary>
    public const string Variable = "EVENKEEL_SUPERVISED";

    private const int PatienceMs = 8_000;

    public static void StartIfSupervised()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not "1")
        {
            return;
        }
        var watch = new Thread(Watch) { IsBackground = true, Name = "parent watch" };
        watch.Start();
    }

    private static void Watch()
    {
        try
        {
            using var input = Console.OpenStandardInput();
            var buffer = new byte[16];
            while (input.Read(buffer) > 0)
            {
                // Nothing is said on this line; only its end counts.
            }
        }
        catch (IOException)
        {
            // As good as the end.
        }
        // The ordinary way of stopping first.
        Signals.AskToEnd(Environment.ProcessId);
        Thread.Sleep(PatienceMs);
        Environment.Exit(1);
    }
}
