using Evenkeel.Banking;
using Evenkeel.CardKeys;
using Evenkeel.Payments;

namespace Evenkeel.Demo.Month;

/// <summary>
/// A month of a small bank: payments, notes at counter and machine, purchases by card, paydays, standing orders, sweeps, loans, credit lines, corrections
/// with older value dates, and the end of day on each day. The clock is the business date. Killed at any
/// point and run again on the same bank it goes on, and ends in the same books.
/// </summary>
public sealed class SimulatedMonth(Bank bank, MonthOptions options, SoftwareCardKeys keys)
{
    private const int NightPayments = 4;
    private readonly MonthSubmission _submission = new(bank, options);
    private readonly MonthCash _cash = new(bank, options, keys);

    private static readonly int[] Paydays = [10, 25];

    /// <param name="onDay">Told each day that was closed.</param>
    /// <exception cref="InvalidOperationException">The bank refused what it must not.</exception>
    public async Task<MonthReport> RunAsync(
        Action<DateOnly>? onDay,
        CancellationToken cancellationToken
    )
    {
        var cast = await new MonthBank(bank, options).OpenAsync(cancellationToken);
        if (await DateAsync(cancellationToken) == options.FirstDay)
        {
            await _cash.OpenAsync(cast, cancellationToken);
        }
        while (true)
        {
            var date = await DateAsync(cancellationToken);
            // What a stop left half done, with the customers of the new day beside it.
            await Task.WhenAll(
                bank.EndOfDay.ResumeAsync(cancellationToken),
                NightAsync(cast, date, cancellationToken)
            );
            if (date > options.LastDay)
            {
                break;
            }
            await DayAsync(cast, date, cancellationToken);
            await bank.EndOfDay.RetryWaitingAsync(cancellationToken);
            await Task.WhenAll(
                bank.EndOfDay.CloseAsync(date, next: null, cancellationToken),
                NightAsync(cast, date.AddDays(1), cancellationToken)
            );
            onDay?.Invoke(date);
        }
        return await new MonthCheck(bank, options, cast).ReportAsync(cancellationToken);
    }

    private async Task<DateOnly> DateAsync(CancellationToken cancellationToken) =>
        await bank.EndOfDay.BusinessDateAsync(cancellationToken)
        ?? throw new InvalidOperationException("The bank has no business date.");

    private async Task DayAsync(MonthCast cast, DateOnly date, CancellationToken token)
    {
        if (Paydays.Contains(date.Day))
        {
            for (var i = 0; i < cast.Persons.Count; i++)
            {
                await PayAsync(
                    $"{date:O}/salary/{i}",
                    new Actor.ApiClient("month-payroll", cast.Employer),
                    cast.EmployerAccount,
                    cast.Persons[i].Salary,
                    250_000 + (i * 13_337),
                    MonthBank.Cny,
                    date,
                    token
                );
            }
        }
        var random = new Random(HashCode(options.Seed, date.DayNumber));
        for (var i = 0; i < options.PaymentsADay; i++)
        {
            var from = cast.Persons[random.Next(cast.Persons.Count)];
            var to = cast.Persons[random.Next(cast.Persons.Count)];
            var source = from.CreditLine is { } line && random.Next(2) == 0 ? line : from.Salary;
            var minor = random.Next(100, 60_000);
            // Now and then the bank was late, and makes good by the value date.
            var back = random.Next(10) == 0 ? random.Next(1, 12) : 0;
            if (source != to.Salary)
            {
                await PayAsync(
                    $"{date:O}/{i}",
                    back == 0
                        ? new Actor.Customer(from.Customer, Assurance.Strong)
                        : MonthBank.Officer,
                    source,
                    to.Salary,
                    minor,
                    MonthBank.Cny,
                    date,
                    token,
                    back == 0 ? null : date.AddDays(-back)
                );
            }
        }
        await _cash.DayAsync(cast, date, token);
    }

    /// <summary>Payments of a day while the day before is still being closed.</summary>
    private async Task NightAsync(MonthCast cast, DateOnly date, CancellationToken token)
    {
        while (await DateAsync(token) < date)
        {
            await Task.Delay(1, token);
        }
        if (date == options.FirstDay)
        {
            return;
        }
        var random = new Random(HashCode(options.Seed, -date.DayNumber));
        for (var i = 0; i < NightPayments; i++)
        {
            await PayAsync(
                $"{date:O}/night/{i}",
                new Actor.Customer(cast.NightOwl, Assurance.Strong),
                cast.Night[i % 2],
                cast.Night[1 - (i % 2)],
                random.Next(1, 1_000_000),
                MonthBank.Hkd,
                date,
                token
            );
        }
    }

    private Task<PaymentOutcome> PayAsync(
        string reference,
        Actor actor,
        AccountNumber from,
        AccountNumber to,
        long minor,
        uint currency,
        DateOnly date,
        CancellationToken token,
        DateOnly? valueDate = null
    ) =>
        _submission.SubmitAsync(
            _submission.Of(
                reference,
                actor,
                Channel.Online,
                new Movement.CreditTransfer(from, new Creditor.Here(to)),
                minor,
                date,
                currency,
                valueDate
            ),
            token
        );

    private static int HashCode(int seed, int day) =>
        unchecked((seed * 486_187_739) + (day * 16_777_619)) & int.MaxValue;
}
