using System.Runtime.InteropServices;

namespace Evenkeel.Import.Berka;

/// <summary>A movement as the ledger answered it.</summary>
/// <param name="ValueDate">YYYYMMDD.</param>
/// <param name="Amount">Minor units; above zero in favour of the customer.</param>
internal readonly record struct LedgerMovement(ulong AccountId, uint ValueDate, long Amount);

/// <summary>
/// Compares what the ledger answered with the balances on the source's rows, by two methods.
/// </summary>
/// <remarks>
/// The order of rows within a day is not the order of booking, so that no row's balance can be taken
/// for the closing one. Both methods therefore compare with the nearest of the day's balances. After
/// a day the daily method goes on from the balance that it matched, or after a break from the day's
/// last row.
/// </remarks>
internal sealed class BerkaComparison
{
    /// <summary>Minor units by which the source's own rounding moves a balance.</summary>
    public const long Rounding = 10;

    private readonly SortedDictionary<(ulong Account, uint Date), Day> _days = [];
    private int _movements;

    /// <summary>What the source states, in the order of its rows.</summary>
    public void AddSourceBalance(ulong accountId, uint date, long balance) =>
        DayOf(accountId, date).Balances.Add(balance);

    public void AddLedgerMovement(LedgerMovement movement)
    {
        var day = DayOf(movement.AccountId, movement.ValueDate);
        day.Sum += movement.Amount;
        day.HasMovements = true;
        _movements++;
    }

    public BerkaReport Compare(int accounts, int accountsOutOfBalance)
    {
        Tally daily = new();
        Tally running = new();
        SortedDictionary<uint, int> breaksByDate = [];
        var accountDays = 0;
        var unmatched = 0;
        ulong current = 0;
        long closing = 0;
        long sum = 0;
        foreach (var ((account, date), day) in _days)
        {
            if (account != current)
            {
                (current, closing, sum) = (account, 0, 0);
            }
            sum += day.Sum;
            accountDays += day.HasMovements ? 1 : 0;
            if (!day.HasMovements || day.Balances.Count == 0)
            {
                unmatched++;
                continue;
            }

            var expected = closing + day.Sum;
            closing = Nearest(day.Balances, expected);
            if (!daily.Add(expected - closing))
            {
                closing = day.Balances[^1];
                breaksByDate[date] = breaksByDate.GetValueOrDefault(date) + 1;
            }
            running.Add(sum - Nearest(day.Balances, sum));
        }
        return new BerkaReport
        {
            Accounts = accounts,
            Movements = _movements,
            AccountDays = accountDays,
            Daily = daily.ToCounts(),
            Running = running.ToCounts(),
            DailyBreaksByDate = breaksByDate,
            UnmatchedDays = unmatched,
            AccountsOutOfBalance = accountsOutOfBalance,
        };
    }

    /// <summary>The first of the nearest, so that the answer does not depend on anything but the rows.</summary>
    private static long Nearest(List<long> balances, long expected)
    {
        var nearest = balances[0];
        foreach (var balance in CollectionsMarshal.AsSpan(balances))
        {
            if (Math.Abs(balance - expected) < Math.Abs(nearest - expected))
            {
                nearest = balance;
            }
        }
        return nearest;
    }

    private Day DayOf(ulong accountId, uint date)
    {
        if (!_days.TryGetValue((accountId, date), out var day))
        {
            day = new Day();
            _days.Add((accountId, date), day);
        }
        return day;
    }

    private sealed class Day
    {
        public List<long> Balances { get; } = [];

        public long Sum { get; set; }

        public bool HasMovements { get; set; }
    }

    private struct Tally
    {
        private int _exact;
        private int _withinRounding;
        private int _breaks;

        /// <summary>False when it is a break.</summary>
        public bool Add(long difference)
        {
            switch (Math.Abs(difference))
            {
                case 0:
                    _exact++;
                    return true;
                case <= Rounding:
                    _withinRounding++;
                    return true;
                default:
                    _breaks++;
                    return false;
            }
        }

        public readonly DayCounts ToCounts() => new(_exact, _withinRounding, _breaks);
    }
}
