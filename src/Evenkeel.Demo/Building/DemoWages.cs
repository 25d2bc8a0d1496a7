using System.Globalization;
using System.Text;
using Evenkeel.Banking;
using Evenkeel.Banking.Bulk;
using Evenkeel.Demo.Plan;
using Evenkeel.Payments;
using static Evenkeel.Demo.DemoOutcomes;

namespace Evenkeel.Demo.Building;

/// <summary>Payroll files of the factory and the shops: brought by a program, released by a person.</summary>
internal sealed class DemoWages(Bank bank, DemoPlan plan, DemoDirectory directory)
{
    private const int LookMs = 20;

    /// <summary>Seconds in which a file is paid; only the resolver pays it.</summary>
    private const int PaidSecondsMax = 60;

    private readonly Dictionary<string, DemoCustomer> _holders = plan
        .Customers.SelectMany(static c => c.Accounts, static (c, a) => (a.Reference, Customer: c))
        .ToDictionary(static p => p.Reference, static p => p.Customer, StringComparer.Ordinal);

    /// <summary>The wages of a day from all employers; returns when each line is paid or returned.</summary>
    public async Task PayAsync(DateOnly date, CancellationToken token)
    {
        List<(Actor Actor, string Run)> released = [];
        foreach (
            var wages in plan
                .Routines.Where(static r => r.Kind == DemoRoutineKind.Salary)
                .GroupBy(static r => r.Payer, StringComparer.Ordinal)
        )
        {
            var employer = directory.Customers[_holders[wages.Key].Reference];
            Actor program = new Actor.ApiClient(_holders[wages.Key].Reference, employer);
            Actor person = new Actor.Customer(employer, Assurance.Strong);
            var file = Encoding.UTF8.GetBytes(FileOf(wages.Key, [.. wages], date));
            var run = await bank.Bulk.UploadAsync(program, file, token) switch
            {
                BulkUpload.Taken taken => taken.Run,
                BulkUpload.Known known => known.Run,
                BulkUpload.Faulty faulty => throw new InvalidOperationException(
                    $"The payroll of {wages.Key} is faulty: {faulty.Fault} in line {faulty.Line}."
                ),
                BulkUpload.NotDone no => throw NotBuilt(wages.Key, no.Reason),
                _ => throw new InvalidOperationException("A fifth kind of upload."),
            };
            if (run.State == BulkState.AwaitingRelease)
            {
                _ = Done(
                    await bank.Bulk.ReleaseAsync(person, run.Id, acceptOverlap: false, token),
                    wages.Key
                );
            }
            released.Add((person, run.Id));
        }
        foreach (var (actor, run) in released)
        {
            await PaidAsync(actor, run, token);
        }
    }

    private async Task PaidAsync(Actor actor, string run, CancellationToken token)
    {
        var tries = PaidSecondsMax * 1_000 / LookMs;
        while (
            await bank.Bulk.FindAsync(actor, run, token)
                is { State: BulkState.Scheduled or BulkState.Paying, Reason: OutcomeReason.None }
        )
        {
            if (--tries == 0)
            {
                throw new InvalidOperationException($"The payroll {run} is not being paid.");
            }
            await Task.Delay(LookMs, token);
        }
    }

    private string FileOf(string payer, DemoRoutine[] wages, DateOnly date) =>
        PayrollFile.Text(
            string.Create(CultureInfo.InvariantCulture, $"wages-{date:yyyyMM}"),
            directory.Accounts[payer],
            date,
            [
                .. wages.Select(wage =>
                {
                    var payee = _holders[wage.Payee];
                    return new PayrollLine(
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"WAGE-{date:yyyyMM}-{payee.Reference}"
                        ),
                        directory.Accounts[wage.Payee],
                        payee.Name,
                        wage.AmountMinor
                    );
                }),
            ]
        );
}
