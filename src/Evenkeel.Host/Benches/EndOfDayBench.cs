using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using Evenkeel.Banking;
using Evenkeel.Banking.Accounts;
using Evenkeel.Banking.Customers;
using Evenkeel.Banking.Desk;
using Evenkeel.Banking.EndOfDay;
using Evenkeel.Host.CommandLine;
using Evenkeel.Node;
using Evenkeel.Payments;

namespace Evenkeel.Host.Benches;

/// <param name="Clients">Payments under way at a time.</param>
/// <param name="Seconds">Of payments before any day is closed.</param>
internal sealed record EndOfDayBenchOptions(int Accounts, int Clients, int Seconds);

/// <summary>Payments while something else went on, or nothing.</summary>
internal sealed record PaymentsBeside(
    int Payments,
    int Refused,
    double PerSecond,
    double P50Ms,
    double P99Ms,
    double MaxMs
);

internal sealed record EndOfDayStepTime(string Step, double Seconds, int Handled);

/// <param name="AccountsPerSecond">All accounts over the whole end of day.</param>
/// <param name="RatioToBefore">Rate of payments while the day was closed over the rate before.</param>
internal sealed record EndOfDayMeasured(
    string Day,
    bool IsMonthEnd,
    double Seconds,
    double AccountsPerSecond,
    IReadOnlyList<EndOfDayStepTime> Steps,
    PaymentsBeside Payments,
    double RatioToBefore
);

internal sealed record EndOfDayResult(
    int Accounts,
    int Clients,
    PaymentsBeside Before,
    IReadOnlyList<EndOfDayMeasured> Days
);

/// <summary>
/// Closes an ordinary day and a month's end of a bank with many accounts while customers pay as fast as
/// they can. Node and bank are this process, on the disk and flushed before each answer.
/// </summary>
internal sealed class EndOfDayBench
{
    private const long BalanceMinor = 1_000_000_00;
    private const int AccountsPerCustomer = 50;
    private const int WarmUpSeconds = 2;

    // The day after is a month's end, so that both kinds of day come one after the other.
    private static readonly DateOnly FirstDay = new(2026, 1, 30);

    private readonly EndOfDayBenchOptions _options;
    private readonly ScratchBank _scratch;
    private readonly (CustomerId Holder, AccountNumber Number)[] _accounts;
    private long _serial;

    private EndOfDayBench(EndOfDayBenchOptions options, ScratchBank scratch)
    {
        _options = options;
        _scratch = scratch;
        _accounts = new (CustomerId, AccountNumber)[options.Accounts];
    }

    public static async Task<EndOfDayResult> RunAsync(
        EndOfDayBenchOptions options,
        string folder,
        Action<string> say,
        CancellationToken cancellationToken
    )
    {
        var scratch = await ScratchBank
            .StartAsync(folder, "end-of-day", FirstDay, withCards: false, cancellationToken)
            .ConfigureAwait(false);
        await using (scratch.ConfigureAwait(false))
        {
            EndOfDayBench bench = new(options, scratch);
            await bench.OpenAsync(cancellationToken).ConfigureAwait(false);
            _ = await bench.PayForAsync(WarmUpSeconds, cancellationToken).ConfigureAwait(false);
            var before = await bench
                .PayForAsync(options.Seconds, cancellationToken)
                .ConfigureAwait(false);
            say(Text.BenchEndOfDayPayments(before.PerSecond, before.P50Ms, before.P99Ms));
            List<EndOfDayMeasured> days = [];
            for (var date = FirstDay; date <= FirstDay.AddDays(1); date = date.AddDays(1))
            {
                var day = await bench
                    .CloseAsync(date, before, cancellationToken)
                    .ConfigureAwait(false);
                days.Add(day);
                say(
                    Text.BenchEndOfDayClosed(
                        day.Day,
                        day.Seconds,
                        day.AccountsPerSecond,
                        day.RatioToBefore,
                        day.Payments.P99Ms
                    )
                );
            }
            return new EndOfDayResult(options.Accounts, options.Clients, before, days);
        }
    }

    private Task OpenAsync(CancellationToken cancellationToken) =>
        ScratchBank.ForEachAsync(
            Enumerable.Range(0, _options.Accounts).Chunk(AccountsPerCustomer),
            OpenAsync,
            cancellationToken
        );

    /// <summary>One company with some accounts, every fourth of them savings.</summary>
    private async Task OpenAsync(int[] serials, CancellationToken cancellationToken)
    {
        var holder = await _scratch
            .OpenCompanyAsync(serials[0].ToString(CultureInfo.InvariantCulture), cancellationToken)
            .ConfigureAwait(false);
        foreach (var serial in serials)
        {
            var number = await _scratch
                .OpenAccountAsync(
                    holder,
                    serial % 4 == 3 ? "savings" : "current",
                    serial.ToString(CultureInfo.InvariantCulture),
                    BalanceMinor,
                    cancellationToken
                )
                .ConfigureAwait(false);
            _accounts[serial] = (holder, number);
        }
    }

    private async Task<PaymentsBeside> PayForAsync(int seconds, CancellationToken cancellationToken)
    {
        using var time = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var stream = PayAsync(time.Token, cancellationToken);
        await Task.Delay(TimeSpan.FromSeconds(seconds), cancellationToken).ConfigureAwait(false);
        await time.CancelAsync().ConfigureAwait(false);
        return await stream.ConfigureAwait(false);
    }

    private async Task<EndOfDayMeasured> CloseAsync(
        DateOnly date,
        PaymentsBeside before,
        CancellationToken cancellationToken
    )
    {
        using StepTimes times = new();
        using var open = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var stream = PayAsync(open.Token, cancellationToken);
        var began = Stopwatch.GetTimestamp();
        var closed = await _scratch
            .Bank.EndOfDay.CloseAsync(date, next: null, cancellationToken)
            .ConfigureAwait(false);
        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        await open.CancelAsync().ConfigureAwait(false);
        var payments = await stream.ConfigureAwait(false);
        return new EndOfDayMeasured(
            date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            closed.Next.Day == 1,
            seconds,
            _options.Accounts / seconds,
            [
                .. closed.Steps.Select(step => new EndOfDayStepTime(
                    step.Name,
                    times.Of(step.Name),
                    step.Handled
                )),
            ],
            payments,
            payments.PerSecond / before.PerSecond
        );
    }

    /// <summary>Payments between random accounts, each client one after the other, until told to stop.</summary>
    private async Task<PaymentsBeside> PayAsync(
        CancellationToken until,
        CancellationToken cancellationToken
    )
    {
        ConcurrentBag<double> latencies = [];
        var refused = 0;
        var began = Stopwatch.GetTimestamp();
        await Task.WhenAll(
                Enumerable.Range(0, _options.Clients).Select(i => Task.Run(() => ClientAsync(i)))
            )
            .ConfigureAwait(false);
        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        double[] sorted = [.. latencies.Order()];
        return new PaymentsBeside(
            sorted.Length,
            refused,
            sorted.Length / seconds,
            sorted.ElementAtOrDefault(sorted.Length / 2),
            sorted.ElementAtOrDefault(sorted.Length * 99 / 100),
            sorted.LastOrDefault()
        );

        async Task ClientAsync(int client)
        {
            var random = new Random(client);
            while (!until.IsCancellationRequested)
            {
                var from = random.Next(_accounts.Length);
                var to = (from + 1 + random.Next(_accounts.Length - 1)) % _accounts.Length;
                var asked = Stopwatch.GetTimestamp();
                if (
                    await _scratch
                        .Bank.Payments.SubmitAsync(PaymentOf(from, to), cancellationToken)
                        .ConfigureAwait(false)
                    is not PaymentOutcome.Done
                )
                {
                    Interlocked.Increment(ref refused);
                }
                latencies.Add(Stopwatch.GetElapsedTime(asked).TotalMilliseconds);
            }
        }
    }

    private PaymentInstruction PaymentOf(int from, int to) =>
        new()
        {
            Id = InstructionId.From(
                Channel.Api,
                "bench",
                Interlocked.Increment(ref _serial).ToString(CultureInfo.InvariantCulture)
            ),
            Actor = new Actor.ApiClient("bench", _accounts[from].Holder),
            Origin = new Origin(Channel.Api),
            Movement = new Movement.CreditTransfer(
                _accounts[from].Number,
                new Creditor.Here(_accounts[to].Number)
            ),
            Amount = new Payments.Money(1, ScratchBank.Currency),
            AskedAt = TimeProvider.System.GetUtcNow(),
        };

    /// <summary>Adds up what the bank itself measures of each step.</summary>
    private sealed class StepTimes : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly ConcurrentDictionary<string, double> _seconds = new(
            StringComparer.Ordinal
        );

        public StepTimes()
        {
            _listener.InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Name is EndOfDayDesk.BatchDurationMetric)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<double>(
                (_, seconds, tags, _) =>
                    _seconds.AddOrUpdate((string)tags[0].Value!, seconds, (_, sum) => sum + seconds)
            );
            _listener.Start();
        }

        public double Of(string step) => _seconds.GetValueOrDefault(step);

        public void Dispose() => _listener.Dispose();
    }
}
