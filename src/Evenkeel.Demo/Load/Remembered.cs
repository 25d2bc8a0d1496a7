namespace Evenkeel.Demo.Load;

/// <summary>One instruction as its asker remembers it: what was asked, and what was told last.</summary>
/// <param name="Told">Null where nothing was told: the asker or the line died.</param>
internal sealed record Remembered(string Id, TruthLine Asked, TruthLine? Told)
{
    /// <summary>Accounts at this bank that it moves, and in which direction.</summary>
    public IEnumerable<(string Account, int Sign)> Sides
    {
        get
        {
            if (Asked.Debtor is { } debtor)
            {
                yield return (debtor, -1);
            }
            if (Asked.Creditor is { } creditor)
            {
                yield return (creditor, 1);
            }
        }
    }

    /// <summary>The last that was told counts: "being resolved" becomes one of the others.</summary>
    public static IReadOnlyCollection<Remembered> Read(string path)
    {
        Dictionary<string, Remembered> all = new(StringComparer.Ordinal);
        foreach (var line in TruthLog.Read(path))
        {
            all[line.Id] = string.Equals(line.Event, "told", StringComparison.Ordinal)
                // Told without having asked is a lie, and is found as one.
                ? (all.GetValueOrDefault(line.Id) ?? new Remembered(line.Id, line, null)) with
                {
                    Told = line,
                }
                : new Remembered(line.Id, line, all.GetValueOrDefault(line.Id)?.Told);
        }
        return all.Values;
    }
}
