namespace Evenkeel.Gateway.Tests;

/// <summary>Waits for a condition, with an end.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Max = TimeSpan.FromSeconds(20);

    public static Task TrueAsync(string what, Func<bool> condition) =>
        TrueAsync(what, () => Task.FromResult(condition()));

    public static async Task TrueAsync(string what, Func<Task<bool>> condition)
    {
        using var late = new CancellationTokenSource(Max);
        while (!await condition())
        {
            if (late.IsCancellationRequested)
            {
                throw new TimeoutException($"Never became true: {what}.");
            }
            await Task.Delay(TimeSpan.FromMilliseconds(5), CancellationToken.None);
        }
    }
}
