namespace Evenkeel.Watch.Drills.Checking;

/// <summary>A movement with the time span in which it took effect, if it did.</summary>
/// <param name="AcknowledgedNs">The greatest value when nobody was told.</param>
internal readonly record struct TimedMovement(Movement Movement, long StartNs, long AcknowledgedNs);

/// <summary>Linearizable reads: never behind what was known before, never ahead of what was asked.</summary>
internal sealed class ReadChecks(
    IReadOnlyCollection<ReadCall> reads,
    Action<ViolationKind, string> report
)
{
    /// <summary>A read that began after another one ended shows at least as much.</summary>
    public void CheckMonotonic()
    {
        ReadCall[] byStart = [.. reads.OrderBy(r => r.StartNs)];
        ReadCall[] byEnd = [.. reads.OrderBy(r => r.EndNs)];
        Dictionary<UInt128, SeenAccount> most = [];
        int ended = 0;
        foreach (ReadCall read in byStart)
        {
            for (; ended < byEnd.Length && byEnd[ended].EndNs < read.StartNs; ended++)
            {
                foreach (SeenAccount account in byEnd[ended].Accounts)
                {
                    SeenAccount known = most.GetValueOrDefault(account.Id);
                    most[account.Id] = new(
                        account.Id,
                        UInt128.Max(account.Debits, known.Debits),
                        UInt128.Max(account.Credits, known.Credits)
                    );
                }
            }
            foreach (SeenAccount account in read.Accounts)
            {
                SeenAccount known = most.GetValueOrDefault(account.Id);
                if (account.Debits < known.Debits || account.Credits < known.Credits)
                {
                    report(
                        ViolationKind.ReadWentBack,
                        $"{read.By}: {account} after {known} had been read"
                    );
                }
            }
        }
    }

    /// <summary>
    /// Each read lies between what was acknowledged before it began and what was asked for before it
    /// ended.
    /// </summary>
    public void CheckBounds(IReadOnlyList<TimedMovement> movements)
    {
        Sums least = new([
            .. movements
                .Where(m => m.AcknowledgedNs != long.MaxValue)
                .Select(m => (m.AcknowledgedNs, m.Movement))
                .OrderBy(m => m.AcknowledgedNs),
        ]);
        foreach (ReadCall read in reads.OrderBy(r => r.StartNs))
        {
            least.AdvanceTo(read.StartNs);
            foreach (SeenAccount account in read.Accounts)
            {
                SeenAccount bound = least.Of(account.Id);
                if (account.Debits < bound.Debits || account.Credits < bound.Credits)
                {
                    report(
                        ViolationKind.StaleRead,
                        $"{read.By}: {account}, acknowledged were {bound}"
                    );
                }
            }
        }
        Sums greatest = new([
            .. movements.Select(m => (m.StartNs, m.Movement)).OrderBy(m => m.StartNs),
        ]);
        foreach (ReadCall read in reads.OrderBy(r => r.EndNs))
        {
            greatest.AdvanceTo(read.EndNs);
            foreach (SeenAccount account in read.Accounts)
            {
                SeenAccount bound = greatest.Of(account.Id);
                if (account.Debits > bound.Debits || account.Credits > bound.Credits)
                {
                    report(ViolationKind.ReadAhead, $"{read.By}: {account}, asked were {bound}");
                }
            }
        }
    }

    /// <summary>Totals of each account as time goes on.</summary>
    private sealed class Sums((long AtNs, Movement Movement)[] inOrder)
    {
        private readonly Dictionary<UInt128, SeenAccount> _sums = [];
        private int _next;

        public void AdvanceTo(long beforeNs)
        {
            for (; _next < inOrder.Length && inOrder[_next].AtNs < beforeNs; _next++)
            {
                Movement movement = inOrder[_next].Movement;
                SeenAccount debit = Of(movement.Debit);
                _sums[movement.Debit] = debit with { Debits = debit.Debits + movement.Amount };
                SeenAccount credit = Of(movement.Credit);
                _sums[movement.Credit] = credit with { Credits = credit.Credits + movement.Amount };
            }
        }

        public SeenAccount Of(UInt128 account) =>
            _sums.TryGetValue(account, out SeenAccount sum) ? sum : new(account, 0, 0);
    }
}
