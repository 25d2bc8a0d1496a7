using System.Threading.Channels;
using Evenkeel.Journal;
using Xunit;

namespace Evenkeel.Records.Tests;

/// <summary>Hot totals: bounded, and no reason to decide anew.</summary>
public sealed class CounterTests : IDisposable
{
    private static readonly RecordKey Day = new("limit", "day");

    private readonly Bank _bank = new();

    /// <summary>
    /// Many decide at once, without having seen each other. Each adds 3, the bound is 100.
    /// </summary>
    [Fact]
    public async Task Counter_stays_within_bounds_however_many_add_at_once()
    {
        var log = Channel.CreateBounded<Operation>(10);
        var proposers = Enumerable
            .Range(1, 10)
            .Select(proposer =>
                Task.Run(async () =>
                {
                    for (var i = 0; i < 10; i++)
                    {
                        await log.Writer.WriteAsync(Add((proposer * 100) + i, 3));
                    }
                })
            )
            .ToArray();
        var results = new List<OperationResult>();
        while (results.Count < 100)
        {
            results.Add(_bank.ApplyOne(await log.Reader.ReadAsync()));
        }

        await Task.WhenAll(proposers);
        Assert.Equal(33, results.Count(result => result.Status == OperationStatus.Done));
        Assert.Equal(
            67,
            results.Count(result => result.Status == OperationStatus.CounterOutOfBounds)
        );
        Assert.Equal(99, _bank.Reader.ReadCounter(Day));
        Assert.True(_bank.Reader.Scrub(CancellationToken.None).IsClean);
    }

    [Fact]
    public void Two_operations_of_one_entry_see_each_others_additions()
    {
        var results = _bank.Apply(Add(1, 60), Add(2, 60), Add(3, 40));
        Assert.Equal(
            [OperationStatus.Done, OperationStatus.CounterOutOfBounds, OperationStatus.Done],
            results.Select(result => result.Status)
        );
        Assert.Equal(100, _bank.Reader.ReadCounter(Day));
    }

    [Fact]
    public void Refusal_by_a_counter_names_the_guard_and_is_final()
    {
        var add = Bank.Operation(1) with
        {
            Guards =
            [
                new Guard.Absent(new("customer", "x")),
                new Guard.Counter(Day, Delta: 101, Min: 0, Max: 100),
            ],
        };
        var refused = _bank.ApplyOne(add);
        Assert.Equal(OperationStatus.CounterOutOfBounds, refused.Status);
        Assert.Equal(1, refused.FailedIndex);

        // Room was made since, but whoever asked was told "no".
        _bank.ApplyOne(
            Bank.Operation(2) with
            {
                Guards = [new Guard.Counter(Day, Delta: -50, Min: -100, Max: 100)],
            }
        );
        Assert.Equal(refused with { Replayed = true }, _bank.ApplyOne(add));
    }

    [Fact]
    public void Stale_guard_goes_before_a_bound_so_that_no_refusal_rests_on_old_limits()
    {
        var result = _bank.ApplyOne(
            Bank.Operation(1) with
            {
                Guards =
                [
                    new Guard.Counter(Day, Delta: 101, Min: 0, Max: 100),
                    new Guard.Version(new("limit", "day"), 1),
                ],
            }
        );
        Assert.Equal(OperationStatus.StaleGuard, result.Status);
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    public void Counter_at_the_end_of_its_range_refuses_instead_of_wrapping(long edge)
    {
        var unbounded = new Guard.Counter(Day, edge, long.MinValue, long.MaxValue);
        Assert.Equal(
            OperationStatus.Done,
            _bank.ApplyOne(Bank.Operation(1) with { Guards = [unbounded] }).Status
        );
        Assert.Equal(
            OperationStatus.CounterOutOfBounds,
            _bank.ApplyOne(Bank.Operation(2) with { Guards = [unbounded] }).Status
        );
        Assert.Equal(edge, _bank.Reader.ReadCounter(Day));
    }

    public void Dispose() => _bank.Dispose();

    private static Operation Add(int id, long delta) =>
        Bank.Operation((UInt128)id) with
        {
            Guards = [new Guard.Counter(Day, delta, Min: 0, Max: 100)],
        };
}
