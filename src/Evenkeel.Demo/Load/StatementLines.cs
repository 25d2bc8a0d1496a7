using System.Collections.Concurrent;
using Evenkeel.Payments;

namespace Evenkeel.Demo.Load;

/// <summary>The statements of all accounts that a truth log names, by instruction.</summary>
internal sealed class StatementLines
{
    private const int AtOnce = 16;
    private const int PageLines = 500;

    /// <summary>Business dates may lie beside the clock's.</summary>
    private const int DaysBeside = 3;

    private readonly ConcurrentDictionary<
        (string Account, string Instruction),
        List<long>
    > _amounts = new();
    private long _lines;

    private StatementLines(int accounts) => Accounts = accounts;

    public int Accounts { get; }

    public long Lines => _lines;

    /// <summary>Amounts that an instruction moved on an account, minor units; negative out of it.</summary>
    public IReadOnlyList<long> Of(string account, string instruction) =>
        _amounts.TryGetValue((account, instruction), out var amounts) ? amounts : [];

    /// <summary>What is left of it on all its accounts, with what took it back.</summary>
    public long Moved(Remembered one) =>
        one.Sides.Sum(side =>
            Math.Abs(
                Of(side.Account, one.Id).Sum()
                    + (one.Told?.Reversal is { } back ? Of(side.Account, back).Sum() : 0)
            )
        );

    /// <exception cref="InvalidOperationException">The bank could not be asked.</exception>
    public static async Task<StatementLines> ReadAsync(
        IAccountQueries bank,
        Actor asker,
        IReadOnlyCollection<Remembered> all,
        CancellationToken cancellationToken
    )
    {
        var accounts = all.SelectMany(static one => one.Sides)
            .Select(static side => side.Account)
            .Distinct(StringComparer.Ordinal)
            .ToArray();
        StatementLines lines = new(accounts.Length);
        if (accounts.Length == 0)
        {
            return lines;
        }
        var from = DayOf(all.Min(static one => one.Asked.At)).AddDays(-DaysBeside);
        var to = DayOf(all.Max(static one => (one.Told ?? one.Asked).At)).AddDays(DaysBeside);
        await Parallel.ForEachAsync(
            accounts,
            new ParallelOptions
            {
                MaxDegreeOfParallelism = AtOnce,
                CancellationToken = cancellationToken,
            },
            async (account, token) =>
            {
                string? after = null;
                do
                {
                    var page = Page(
                        await bank.GetStatementAsync(
                            asker,
                            new StatementQuery(
                                AccountNumber.Parse(account),
                                from,
                                to,
                                after,
                                PageLines
                            ),
                            token
                        )
                    );
                    lines.Add(account, page.Lines);
                    after = page.Next;
                } while (after is not null);
            }
        );
        return lines;
    }

    private void Add(string account, IReadOnlyList<StatementLine> page)
    {
        foreach (var line in page)
        {
            Interlocked.Increment(ref _lines);
            if (line.Instruction is { } instruction)
            {
                // One account is read by one task: its lists have one writer.
                _amounts
                    .GetOrAdd((account, instruction.ToString()), static _ => [])
                    .Add(line.Amount.Minor);
            }
        }
    }

    private static StatementPage Page(QueryAnswer<StatementPage> answer) =>
        answer switch
        {
            QueryAnswer<StatementPage>.Found found => found.Value,
            QueryAnswer<StatementPage>.Refused refused => throw new InvalidOperationException(
                $"A statement could not be read: {refused.Reason}."
            ),
            _ => throw new InvalidOperationException("A third kind of answer."),
        };

    private static DateOnly DayOf(DateTimeOffset at) => DateOnly.FromDateTime(at.UtcDateTime);
}
