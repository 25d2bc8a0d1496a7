using Evenkeel.Payments;

namespace Evenkeel.Demo.Load;

/// <summary>What the bank says now against what its customers were told then.</summary>
/// <param name="Asked">Instructions that were asked.</param>
/// <param name="Unanswered">Of those, never told anything: the asker or the line died.</param>
/// <param name="Lost">Told done, and the bank does not say so.</param>
/// <param name="Reborn">Told not done, and the bank did it.</param>
/// <param name="Open">Still being resolved.</param>
public sealed record TruthReport(
    long Asked,
    long Unanswered,
    IReadOnlyList<string> Lost,
    IReadOnlyList<string> Reborn,
    long Open
)
{
    public bool IsKept => Lost.Count == 0 && Reborn.Count == 0;
}

/// <summary>Holds a truth log against the bank, instruction by instruction.</summary>
public static class TruthCheck
{
    private const int AtOnce = 32;

    private static readonly Actor Checker = new Actor.Staff("truth-check", "demo");

    /// <exception cref="InvalidOperationException">The bank could not be asked.</exception>
    public static async Task<TruthReport> RunAsync(
        string path,
        IAccountQueries bank,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(bank);
        // The last that was told counts: "being resolved" becomes one of the others.
        Dictionary<string, TruthLine?> told = new(StringComparer.Ordinal);
        foreach (var line in TruthLog.Read(path))
        {
            told[line.Id] = line is { Event: "told" } ? line : told.GetValueOrDefault(line.Id);
        }
        List<string> lost = [];
        List<string> reborn = [];
        var open = 0L;
        Lock sync = new();
        await Parallel.ForEachAsync(
            told,
            new ParallelOptions
            {
                MaxDegreeOfParallelism = AtOnce,
                CancellationToken = cancellationToken,
            },
            async (pair, token) =>
            {
                var state = await StateAsync(bank, pair.Key, token);
                lock (sync)
                {
                    switch (pair.Value?.Outcome)
                    {
                        case "done" when state is not InstructionState.Done:
                            lost.Add(pair.Key);
                            break;
                        case "notDone" when state is InstructionState.Done:
                            reborn.Add(pair.Key);
                            break;
                    }
                    open += state == InstructionState.BeingResolved ? 1 : 0;
                }
            }
        );
        return new TruthReport(
            told.Count,
            told.Values.LongCount(static line => line is null),
            lost,
            reborn,
            open
        );
    }

    private static async Task<InstructionState> StateAsync(
        IAccountQueries bank,
        string id,
        CancellationToken cancellationToken
    ) =>
        await bank.TraceAsync(Checker, id, cancellationToken) switch
        {
            QueryAnswer<IReadOnlyList<InstructionTrace>>.Found { Value: [var trace] } =>
                trace.State,
            QueryAnswer<IReadOnlyList<InstructionTrace>>.Found => InstructionState.None,
            QueryAnswer<IReadOnlyList<InstructionTrace>>.Refused refused =>
                throw new InvalidOperationException(
                    $"The bank could not be asked: {refused.Reason}."
                ),
            _ => throw new InvalidOperationException("A third kind of answer."),
        };
}
